import { describe, expect, test } from 'vitest';
import type { Fingerprint } from '../../src/base/fingerprint.ts';
import type { AttemptId, RunId } from '../../src/base/ids.ts';
import { microdollars } from '../../src/base/money.ts';
import { changedParts } from '../../src/plan/changed-parts.ts';
import { decide, type DecideOptions } from '../../src/plan/decide.ts';
import type { AnswerId, HoldReason, Known, OpenAttempt } from '../../src/store/store.ts';

const NOW = Date.parse('2026-11-22T09:00:00Z');
const DAY = 86_400_000;

const answer: NonNullable<Known['answer']> = {
  id: 7 as AnswerId,
  answeredAt: '2026-11-20T09:00:00.000Z',
  digest: 'd',
  agentRunId: 'r1',
};
const failed = { kind: 'agent-failed', at: '2026-11-21T09:00:00.000Z', charged: false };
const paid = { ...failed, charged: true };
const open = (agentRunId: string | undefined, held?: HoldReason): OpenAttempt => ({
  attempt: 'a1' as AttemptId,
  run: '20261122-0800-aaaaaa' as RunId,
  task: 'a',
  effort: null,
  held:
    held === undefined
      ? undefined
      : { at: '2026-11-22T08:05:00.000Z', reason: held, message: 'm', candidates: [] },
  pipeline: 'test',
  step: 'find',
  agent: 'exa',
  fingerprints: ['f' as Fingerprint],
  intendedAt: '2026-11-22T08:00:00.000Z',
  reserved: microdollars(25_000),
  agentRunId,
});

type Given = Partial<Omit<DecideOptions, 'known'>> & { readonly known?: Partial<Known> };

const decided = ({ known, ...options }: Given): string => {
  const decision = decide({
    known: { answer: undefined, open: undefined, failed: undefined, ...known },
    nowMs: NOW,
    ttlMs: undefined,
    refresh: false,
    retryFailed: false,
    ephemeral: false,
    before: { hadTask: false, changed: [] },
    ...options,
  });
  const { reason } = decision;
  return `${decision.kind}: ${reason.kind === 'changed' ? `${reason.parts.join(', ')} changed` : reason.kind}`;
};

const had = { hadTask: true, changed: [] };

describe('what is done with a question', () => {
  test.each<[string, Given, string]>([
    ['that nobody asked', {}, 'run: new'],
    ['that is answered', { known: { answer } }, 'reuse: answered'],
    ['whose answer is young enough', { known: { answer }, ttlMs: 3 * DAY }, 'reuse: answered'],
    [
      'whose answer is just as old as it may be',
      { known: { answer }, ttlMs: 2 * DAY },
      'reuse: answered',
    ],
    ['whose answer is too old', { known: { answer }, ttlMs: 2 * DAY - 1 }, 'run: stale'],
    ['that is to be refreshed', { known: { answer }, refresh: true }, 'run: refresh'],
    [
      'that is to be refreshed and is too old',
      { known: { answer }, refresh: true, ttlMs: 1 },
      'run: refresh',
    ],
    ['that is new and to be refreshed', { refresh: true }, 'run: refresh'],
    ['that failed', { known: { failed } }, 'run: failed-before'],
    ['that failed after it had been answered', { known: { answer, failed } }, 'reuse: answered'],
    [
      'whose answer is too old and that failed since',
      { known: { answer, failed }, ttlMs: DAY },
      'run: stale',
    ],
    [
      'that failed, of a record there was before',
      { known: { failed }, before: had },
      'run: failed-before',
    ],
    ['that is under way', { known: { open: open('r1') } }, 'resume: interrupted'],
    [
      'that is under way and answered',
      { known: { open: open('r1'), answer } },
      'resume: interrupted',
    ],
    [
      'that is under way and to be refreshed',
      { known: { open: open('r1') }, refresh: true },
      'resume: interrupted',
    ],
    ['that may be under way', { known: { open: open(undefined) } }, 'resume: in-doubt'],
    [
      'that may be under way and is to be refreshed',
      { known: { open: open(undefined) }, refresh: true },
      'resume: in-doubt',
    ],
    ...(['ambiguous', 'stray', 'no-end'] as const).map((why): [string, Given, string] => [
      `that waits for a person, ${why}`,
      { known: { open: open(undefined, why) }, refresh: true },
      'hold: held',
    ]),
    [
      'whose agent run does not end',
      { known: { open: open('r1', 'no-end'), answer } },
      'hold: held',
    ],
    ...(['other-account', 'not-listed'] as const).map((why): [string, Given, string] => [
      `that was held and may have cleared up, ${why}`,
      { known: { open: open(undefined, why) } },
      'resume: in-doubt',
    ]),
    ['that failed and was paid for', { known: { failed: paid } }, 'keep: failed-kept'],
    [
      'that failed, was paid for and is asked for again',
      { known: { failed: paid }, retryFailed: true },
      'run: retry-failed',
    ],
    [
      'that failed, was paid for and is to be refreshed',
      { known: { failed: paid }, refresh: true },
      'run: refresh',
    ],
    [
      'that failed and was paid for, of an agent in this process',
      { known: { failed: paid }, ephemeral: true },
      'run: failed-before',
    ],
    ...['agent-cancelled', 'timeout', 'run-gone', 'skipped'].map(
      (kind): [string, Given, string] => [
        `that ended as ${kind}, though for nothing`,
        { known: { failed: { ...failed, kind } } },
        'keep: failed-kept',
      ],
    ),
    [
      'that a person has given up as held',
      { known: { failed: { ...paid, kind: 'rebuy' } } },
      'run: failed-before',
    ],
    [
      'that failed, free, and is asked for again',
      { known: { failed }, retryFailed: true },
      'run: failed-before',
    ],
    [
      'that was under way in a process that is gone',
      { known: { open: open('r1') }, ephemeral: true },
      'run: new',
    ],
    [
      'that may have been in a process that is gone',
      { known: { open: open(undefined) }, ephemeral: true },
      'run: new',
    ],
    [
      'answered, after a process that is gone',
      { known: { open: open('r1'), answer }, ephemeral: true },
      'reuse: answered',
    ],
    [
      'whose query is another one',
      { before: { hadTask: true, changed: ['query', 'effort'] } },
      'run: query, effort changed',
    ],
    ['whose record is another one', { before: had }, 'run: input changed'],
    [
      'whose query is another one, and that is answered',
      { known: { answer }, before: { hadTask: true, changed: ['query'] } },
      'reuse: answered',
    ],
  ])('%s', (_, given, expected) => {
    expect(decided(given)).toBe(expected);
  });
});

describe('what changed between two requests', () => {
  const before = {
    query: 'q',
    system: null,
    schema: 's',
    effort: null,
    agent: 'a',
    exclusions: null,
    continued: null,
  };

  test('is nothing where they are equal', () => {
    expect(changedParts(before, { ...before })).toEqual([]);
    expect(changedParts({}, {})).toEqual([]);
  });

  test.each(['query', 'system', 'schema', 'effort', 'agent', 'exclusions', 'continued'])(
    'is the %s',
    (part) => {
      expect(changedParts(before, { ...before, [part]: 'other' })).toEqual([part]);
    },
  );

  test('is all that differs, in a fixed order', () => {
    expect(changedParts(before, { ...before, agent: 'b', query: 'p' })).toEqual(['query', 'agent']);
  });

  test('does not count a part that one of them has never heard of', () => {
    expect(changedParts({ query: 'q' }, { query: 'q', system: null })).toEqual([]);
  });
});
