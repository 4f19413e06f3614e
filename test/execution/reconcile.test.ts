import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AgentRun } from '../../src/agent/agent.ts';
import type { AttemptId } from '../../src/base/ids.ts';
import {
  Listing,
  queryDigest,
  RECONCILE_RULES,
  type LedgerKnows,
  type Unknown,
} from '../../src/execution/reconcile.ts';
import { TAGS } from '../../src/execution/tags.ts';

const NOW = Date.parse('2026-11-22T09:00:00Z');
const MINUTE = 60_000;
const STATE = 'state-of-ours';
const NOTHING: LedgerKnows = { attempts: new Set(), agentRunIds: new Set() };

const id = (name: string): AttemptId => name.padEnd(32, '0') as AttemptId;

const unknown = (name: string, intendedMs = NOW): Unknown => ({
  attempt: id(name),
  intendedMs,
  asks: queryDigest('Who?'),
});

/** An agent run as the list shows it; `createdMs` is counted from the intent. */
const listed = (runId: string, createdMs: number, fields: Partial<AgentRun> = {}): AgentRun => ({
  id: runId,
  status: 'running',
  stopReason: null,
  createdAt: new Date(NOW + createdMs).toISOString(),
  completedAt: null,
  request: { query: 'Who?' },
  output: { text: '', structured: null, grounding: [] },
  usage: { agentComputeUnits: 0, searches: 0, emails: 0, phoneNumbers: 0 },
  ...fields,
});

const tagged = (
  runId: string,
  attempt: string,
  createdMs = 1_000,
  fields: Partial<AgentRun> = {},
): AgentRun =>
  listed(runId, createdMs, {
    request: {
      query: 'Who?',
      metadata: { [TAGS.attempt]: id(attempt), [TAGS.state]: STATE, [TAGS.question]: 'k' },
    },
    ...fields,
  });

const old = (runId: string): AgentRun => tagged(runId, `other-${runId}`, -60 * MINUTE);

interface Given {
  readonly unknowns?: readonly Unknown[];
  readonly rules?: Partial<typeof RECONCILE_RULES>;
  readonly aheadMs?: number;
  readonly known?: LedgerKnows;
}

/** Reads pages as they are asked for. Gives the listing and how many were read. */
function read(
  pages: readonly (readonly AgentRun[])[],
  { unknowns = [unknown('a')], rules = {}, aheadMs }: Given = {},
): { readonly listing: Listing; readonly pages: number } {
  const listing = new Listing(unknowns, STATE, { ...RECONCILE_RULES, ...rules });
  let count = 0;
  while (listing.reading.kind === 'more') {
    const runs = pages[count] ?? [];
    count++;
    const nextCursor = count < pages.length ? `page-${count}` : undefined;
    const receivedMs = NOW + 2 * MINUTE;
    listing.add(
      { runs, nextCursor, ...(aheadMs !== undefined && { serverTimeMs: receivedMs + aheadMs }) },
      receivedMs,
    );
  }
  return { listing, pages: count };
}

const verdict = (pages: readonly (readonly AgentRun[])[], given: Given = {}) => {
  const { listing } = read(pages, given);
  const [first = unknown('a')] = given.unknowns ?? [];
  return listing.verdict(first, given.known ?? NOTHING);
};

describe('an attempt in doubt', () => {
  test('is adopted where the list has its tag, whatever state its agent run is in', () => {
    for (const status of ['queued', 'running', 'completed', 'failed', 'cancelled', 'odd']) {
      const run = tagged('r1', 'a', 1_000, { status });
      expect(verdict([[run]])).toEqual({ kind: 'adopted', run, extras: [] });
    }
  });

  test('is adopted from a page far down', () => {
    const pages = [
      [tagged('r9', 'x', 90_000), tagged('r8', 'y', 80_000)],
      [tagged('r7', 'z', 70_000), tagged('r1', 'a', 10_000)],
      [old('r0')],
    ];
    expect(verdict(pages)).toMatchObject({ kind: 'adopted', run: { id: 'r1' } });
  });

  test('is absent once the whole list shows nothing', () => {
    expect(verdict([[]])).toEqual({ kind: 'absent' });
    expect(verdict([[tagged('r1', 'b')], [old('r0')]])).toEqual({ kind: 'absent' });
  });

  test('is served by the same listing as all others', () => {
    const unknowns = ['a', 'b', 'c'].map((name) => unknown(name));
    const { listing, pages } = read([[tagged('r2', 'c'), tagged('r1', 'a')]], { unknowns });
    expect(pages).toBe(1);
    expect(unknowns.map((one) => listing.verdict(one, NOTHING).kind)).toEqual([
      'adopted',
      'absent',
      'adopted',
    ]);
  });

  test('with two agent runs keeps the one that completed first', () => {
    const completed = (runId: string, minute: number): AgentRun =>
      tagged(runId, 'a', 1_000, {
        status: 'completed',
        completedAt: new Date(NOW + minute * MINUTE).toISOString(),
      });
    const running = tagged('r1', 'a', 500);
    expect(verdict([[running, completed('r2', 3), completed('r3', 2)]])).toMatchObject({
      run: { id: 'r3' },
      extras: [{ id: 'r2' }, { id: 'r1' }],
    });
    expect(verdict([[tagged('r2', 'a', 1_000), running]])).toMatchObject({ run: { id: 'r1' } });
  });

  test.each([
    ['no request', { request: null }],
    ['no metadata', { request: { query: 'Who?' } }],
    ['empty metadata', { request: { query: 'Who?', metadata: {} } }],
  ])('is held where an agent run with %s may be it', (_, fields) => {
    const found = verdict([[listed('r1', 1_000, fields), old('r0')]]);
    expect(found).toMatchObject({ kind: 'held', reason: 'ambiguous' });
    expect(found.kind === 'held' && found.candidates).toEqual([
      {
        agentRunId: 'r1',
        createdAt: new Date(NOW + 1_000).toISOString(),
        status: 'running',
        reported: null,
      },
    ]);
  });

  test.each([
    ['asks something else', listed('r1', 1_000, { request: { query: 'Where?' } })],
    [
      'has metadata of another program',
      listed('r1', 1_000, { request: { query: 'Who?', metadata: { team: 'x' } } }),
    ],
    ['is older than the intent and the margin', listed('r1', -6 * MINUTE, { request: null })],
  ])('is absent where the only agent run without a tag %s', (_, run) => {
    expect(verdict([[run]])).toEqual({ kind: 'absent' });
  });

  test('is absent where the agent run without a tag is one that the ledger has', () => {
    const known = { attempts: new Set<string>(), agentRunIds: new Set(['r1']) };
    expect(verdict([[listed('r1', 1_000, { request: null })]], { known })).toEqual({
      kind: 'absent',
    });
  });

  test('is held where an agent run without a tag has no time either', () => {
    const run = listed('r1', 0, { request: null, createdAt: 'soon' });
    expect(verdict([[run]])).toMatchObject({ kind: 'held', reason: 'ambiguous' });
  });

  test('of which the query was not written down is held by any agent run without a tag', () => {
    const unknowns = [{ ...unknown('a'), asks: undefined }];
    const run = listed('r1', 1_000, { request: { query: 'Where?' } });
    expect(verdict([[run]], { unknowns })).toMatchObject({ kind: 'held', reason: 'ambiguous' });
  });
});

describe('the list', () => {
  const newest = [tagged('r9', 'x', 90_000), tagged('r8', 'y', 80_000)];

  test('is read down to the intent less a margin of five minutes, and little further', () => {
    const within = tagged('r7', 'z', -4 * MINUTE);
    const below = (count: number): AgentRun[] =>
      Array.from({ length: count }, (_, nth) => old(`below-${nth}`));
    expect(read([newest, [within], below(10), [old('r5')]]).pages).toBe(3);
    expect(read([newest, below(10), [tagged('r1', 'a')]]).pages).toBe(2);
    expect(read([newest, below(9), [old('r5')], [tagged('r1', 'a')]]).pages).toBe(3);
  });

  test('whose neighbours stand the wrong way round over the edge of a page is read on', () => {
    const pages = [
      [tagged('r3', 'x', 90_000), old('r1')],
      [tagged('r2', 'a'), old('r0')],
    ];
    expect(verdict(pages, { rules: { pageSize: 2 } })).toMatchObject({ kind: 'adopted' });
  });

  test('is read by the clock that is behind, ours or the server’s', () => {
    // The server says that it is an hour ahead: what it calls 10:00 is our 9:00.
    const run = tagged('r1', 'a', 60 * MINUTE);
    const before = tagged('r0', 'b', 50 * MINUTE);
    const options = { aheadMs: 60 * MINUTE };
    expect(verdict([[run, before], [old('r-1')]], options)).toMatchObject({ kind: 'adopted' });
    // Only what passes the answer on is: then its agent runs have our time.
    const untagged = listed('r2', 1_000, { request: null });
    expect(verdict([[untagged], [old('r-1')]], options)).toMatchObject({ reason: 'ambiguous' });
    // An hour behind: what we intended at 9:00 it made at 8:00.
    const behind = tagged('r1', 'a', -60 * MINUTE);
    const list = [[tagged('r2', 'b', -59 * MINUTE)], [behind], [old('r0')]];
    expect(verdict(list, { aheadMs: -60 * MINUTE })).toMatchObject({ kind: 'adopted' });
  });

  test('that is not newest first is read on through three full pages below the floor', () => {
    const pages = [
      [old('r1'), tagged('r2', 'x')],
      ...Array.from({ length: 5 }, (_, page) => [old(`p${page}`), old(`q${page}`)]),
      [tagged('r3', 'a')],
    ];
    expect(read(pages, { rules: { pageSize: 2 } }).pages).toBe(4);
    expect(read([[old('r1')], [tagged('r2', 'a')]], { rules: { pageSize: 1 } }).pages).toBe(2);
    expect(verdict([[old('r1')], [tagged('r2', 'a')]], { rules: { pageSize: 1 } })).toMatchObject({
      kind: 'adopted',
    });
  });

  test('whose cursor goes in a circle tells of nobody that is not in it', () => {
    const listing = new Listing([unknown('a'), unknown('b')], STATE, RECONCILE_RULES);
    for (const nextCursor of ['one', 'two', 'one']) {
      listing.add({ runs: [tagged('r1', 'b')], nextCursor }, NOW);
    }
    expect(listing.reading).toEqual({ kind: 'broken', why: 'its cursor goes in a circle' });
    expect(listing.verdict(unknown('a'), NOTHING)).toMatchObject({
      kind: 'held',
      reason: 'not-listed',
    });
    // What it has shown is there all the same.
    expect(listing.verdict(unknown('b'), NOTHING)).toMatchObject({ kind: 'adopted' });
  });

  test('of more pages than anybody reads tells of nobody', () => {
    const rules = { maxPages: 3 };
    const pages = Array.from({ length: 9 }, (_, n) => [tagged(`r${n}`, `x${n}`, 9_000 - n)]);
    const read3 = read(pages, { rules });
    expect(read3.pages).toBe(3);
    expect(read3.listing.reading).toEqual({ kind: 'broken', why: 'it has more than 3 pages' });
    expect(RECONCILE_RULES.maxPages).toBe(500);
  });

  test('that was given up tells of nobody', () => {
    const listing = new Listing([unknown('a')], STATE, RECONCILE_RULES);
    listing.broken('bad gateway');
    expect(listing.verdict(unknown('a'), NOTHING)).toEqual({
      kind: 'held',
      reason: 'not-listed',
      message: 'the list of agent runs does not tell: bad gateway',
      candidates: [],
    });
  });

  test('shows strays: with the tag of our state folder, and unknown to its ledger', () => {
    const foreign = listed('r4', 1_000, {
      request: { query: 'Who?', metadata: { [TAGS.attempt]: id('f'), [TAGS.state]: 'theirs' } },
    });
    const { listing } = read([
      [tagged('r1', 'lost'), tagged('r2', 'known'), tagged('r3', 'a'), foreign],
    ]);
    const known = { attempts: new Set<string>([id('known')]), agentRunIds: new Set<string>() };
    expect(listing.suspects.attempts).toEqual(new Set([id('lost'), id('known')]));
    expect(listing.strays(known).map((run) => run.id)).toEqual(['r1']);
  });
});

test('never calls absent what the list has, however it is cut into pages', () => {
  const run = fc.record({ minute: fc.integer({ min: -30, max: 3 }), own: fc.boolean() });
  const swaps = fc.constantFrom(undefined, 0, 1);
  fc.assert(
    fc.property(
      fc.array(run, { maxLength: 30 }),
      fc.integer({ min: 1, max: 7 }),
      swaps,
      (given, size, swapsFrom) => {
        const runs = given
          .toSorted((a, b) => b.minute - a.minute)
          .map(({ minute, own }, n) => tagged(`r${n}`, own ? 'a' : `x${n}`, minute * MINUTE));
        if (swapsFrom !== undefined) swapNeighbours(runs, swapsFrom);
        const pages: AgentRun[][] = [];
        for (let at = 0; at < runs.length; at += size) pages.push(runs.slice(at, at + size));
        const found = verdict(pages, { rules: { pageSize: size } });
        const isThere = given.some(({ minute, own }) => own && minute >= -5);
        if (isThere) expect(found.kind).toBe('adopted');
        else expect(['absent', 'adopted']).toContain(found.kind);
      },
    ),
  );
});

/** Each with the next, from a place on. */
function swapNeighbours(runs: AgentRun[], from: number): void {
  for (let at = from; at + 1 < runs.length; at += 2) {
    runs.splice(at, 2, ...runs.slice(at, at + 2).reverse());
  }
}
