import { describe, expect, test } from 'vitest';
import type { AgentOutput } from '../../src/agent/agent.ts';
import { isoTime } from '../../src/base/clock.ts';
import { html, status } from '../agent/exa-faults.ts';
import type { Fault } from '../rig/agent-api-faults.ts';
import { ONE_FIRM } from '../rig/fault-stories.ts';
import { completed, Story } from './crash-rig.ts';
import { socketWorld, THREE, type SocketWorld } from './socket-world.ts';

// What goes wrong with reads and lists, by the rows of the fault matrix: whole runs.

const ONE = THREE.replace(',{"id":"b"},{"id":"c"}', '');

const MINUTE = 60_000;

const change = (to: (run: Record<string, unknown>) => unknown): Fault => ({
  type: 'change',
  change: to,
});

const failures = ({ rig }: SocketWorld): readonly string[] =>
  rig()
    .eventsOf('task-failed')
    .map(({ failure }) => failure);

const warnings = ({ rig }: SocketWorld): readonly string[] =>
  rig()
    .eventsOf('warning')
    .map(({ message }) => message);

describe('a look at an agent run', () => {
  test.each<readonly [row: string, fault: Fault]>([
    ['row 11: that is told to wait (429)', status(429, 'X', { 'retry-after': '2' })],
    ['row 13: that is misdirected (421)', status(421, 'X')],
    ['row 14: that came too slowly (408)', status(408, 'X')],
    ['row 15: that meets a server error (500)', status(500, 'SERVER_ERROR')],
    ['row 16: that meets a bad gateway (502)', html(502)],
    ['row 20: whose connection is reset', { type: 'reset', processed: true }],
    ['row 22: without headers in time', { type: 'stall', at: 'headers' }],
    ['row 23: whose body stalls', { type: 'stall', at: 'body' }],
    ['row 24: whose body is cut', { type: 'cut', framing: 'length' }],
    ['row 25: whose body is cut without a sign', { type: 'cut', framing: 'close' }],
    ['row 26: that gives a web page', html(200)],
    ['row 29: compressed', { type: 'text', text: 'x', headers: { 'content-encoding': 'gzip' } }],
    ['row 48: that shows another agent run', change((run) => ({ ...run, id: 'agent_run_x' }))],
  ])('%s is tried again', async (_, fault) => {
    const world = await socketWorld();
    world.server.faults('get', 4, fault);
    expect(await world.run(ONE)).toMatchObject({ exit: 0, spend: { reported: 25_000 } });
    expect(world.server.counts.create).toBe(1);
  });

  test.each<readonly [row: string, fault: Fault, says: string]>([
    ['row 26: that only ever gives web pages', html(200), 'HTML or XML in place of JSON'],
    // One alone may be a slip on the way: an answer is not given up over it.
    [
      'row 28: that only ever gives JSON nested without measure',
      { type: 'text', text: `${'['.repeat(300)}${']'.repeat(300)}` },
      'nested deeper than 200 levels',
    ],
    [
      'row 48: that only ever shows another agent run',
      change((run) => ({ ...run, id: 'agent_run_x' })),
      'another agent run',
    ],
    [
      'row 27: that only ever shows something without an id',
      change(() => ({ status: 'running' })),
      'no valid id',
    ],
  ])('%s: is tried five times, then its task is held and no other', async (_, fault, says) => {
    const world = await socketWorld();
    world.server.faults('get', 5, fault);
    const report = await world.run();
    expect(report).toMatchObject({ exit: 6, spend: { reported: 50_000, reserved: 25_000 } });
    expect(failures(world)).toEqual(['unreadable']);
    const [open] = await world.open();
    const itself = { agentRunId: open?.agentRunId, status: 'not known', reported: null };
    expect(open?.held).toMatchObject({ reason: 'unreadable', candidates: [itself] });
    expect(open?.held?.message).toContain(says);
    // A look costs nothing: the next run takes it where it can be read then, and buys nothing.
    expect(await world.run()).toMatchObject({ exit: 0 });
    expect(world.server.counts.create).toBe(3);
    expect(await world.open()).toEqual([]);
  });

  test('row 30: with a status that nobody knows is waited for through 70 minutes, then held', async () => {
    const world = await socketWorld();
    world.server.faults(
      'get',
      2_000,
      change((run) => ({ ...run, status: 'hibernating', stopReason: 'moon_phase', mood: 1 })),
    );
    const before = world.clock.now();
    const report = await world.run(ONE);
    expect(report).toMatchObject({ exit: 6, spend: { reported: 0, reserved: 25_000 } });
    const minutes = (world.clock.now() - before) / MINUTE;
    expect(minutes).toBeGreaterThan(70);
    expect(minutes).toBeLessThan(71);
    // Told once, however often it is seen.
    expect(warnings(world)[0]).toMatch(
      /^agent run \S+ has an unknown status, "hibernating"; it is taken to go on$/,
    );
    expect(warnings(world)).toHaveLength(1);
    const [open] = await world.open();
    expect(open?.held?.reason).toBe('unreadable');
    expect(open?.held?.message).toContain('hibernating');
    expect(world.server.counts).toMatchObject({ create: 1, cancel: 0 });
    // Held still: found out at once, whatever its age, and told nothing.
    const again = world.clock.now();
    expect((await world.run(ONE)).exit).toBe(6);
    expect(world.clock.now() - again).toBeLessThan(MINUTE);
    await world.clock.advance(60 * MINUTE);
    expect((await world.run(ONE)).exit).toBe(6);
    expect(world.server.counts).toMatchObject({ create: 1, cancel: 0 });
  });

  test('row 30: with a stop reason and fields that nobody knows keeps them as they are', async () => {
    const world = await socketWorld({
      answer: () => ({ structured: { town: 'Oslo' }, dollars: 0.025, stopReason: 'moon_phase' }),
    });
    expect((await world.run()).exit).toBe(0);
    const reason = { stopReason: 'moon_phase' };
    expect(world.rig().eventsOf('task-answered')).toMatchObject([reason, reason, reason]);
    expect(warnings(world)).toHaveLength(1);
    expect(warnings(world)[0]).toContain('ended for an unknown reason, "moon_phase"');
  });

  test('row 7: that finds none three times over two minutes ends its task, and it is not bought again', async () => {
    const world = await socketWorld();
    world.server.faults('get', 3, status(404, 'RUN_NOT_FOUND'));
    const before = world.clock.now();
    expect(await world.run(ONE)).toMatchObject({ exit: 1, spend: { unknown: 25_000 } });
    expect(world.clock.now() - before).toBeGreaterThanOrEqual(2 * MINUTE);
    expect(failures(world)).toEqual(['run-gone']);
    expect((await world.run(ONE)).exit).toBe(1);
    expect(world.server.counts.create).toBe(1);
  });

  test.each<readonly [row: string, fault: Fault, exit: number]>([
    ['row 3: without the right key (401)', status(401, 'TEAM_NOT_FOUND'), 4],
    ['row 4: without the right to it (403)', status(403, 'X'), 4],
    ['row 17: that is redirected', status(308, 'X', { location: 'https://x.example/' }), 2],
  ])('%s stops the run; its id is kept and the next run takes it', async (_, fault, exit) => {
    const world = await socketWorld();
    world.server.fault('get', 1, fault);
    expect(await world.run()).toMatchObject({ exit, status: 'stopped' });
    expect(await world.open()).toMatchObject([{ held: undefined }]);
    expect(world.server.counts.create).toBe(1);
    expect((await world.run()).exit).toBe(0);
    expect(world.server.counts.create).toBe(3);
  });

  test('row 15: that fails for a quarter of an hour ends the run, and the next run takes it', async () => {
    const world = await socketWorld();
    world.server.faults('get', 60, status(500, 'SERVER_ERROR'));
    const before = world.clock.now();
    expect((await world.run(ONE)).exit).toBe(5);
    const minutes = (world.clock.now() - before) / MINUTE;
    expect(minutes).toBeGreaterThan(13);
    expect(minutes).toBeLessThan(16);
    world.server.heal();
    expect((await world.run(ONE)).exit).toBe(0);
    expect(world.server.counts.create).toBe(1);
  });

  test('row 28: that never comes to an end gives up its answer, and the list says what it cost', async () => {
    const world = await socketWorld({ durationMs: 10 }, { bodyLimit: 100_000 });
    world.server.faults('get', 9, { type: 'endless' });
    expect(await world.run(ONE)).toMatchObject({
      exit: 1,
      spend: { reported: 25_000, reserved: 0, unknown: 0 },
    });
    expect(failures(world)).toEqual(['output-too-large']);
    expect(world.server.counts).toMatchObject({ create: 1 });
    expect((await world.run(ONE)).exit).toBe(1);
    expect(world.server.counts).toMatchObject({ create: 1 });
  });

  const ODD = [
    { field: 'structured.town', citations: [{ url: 'javascript:alert(1)', title: 'T' }] },
    { field: 'structured.town', citations: [{ url: 7, title: 'A book' }, 'https://b.example/'] },
  ];

  test.each<readonly [string, unknown, readonly unknown[]]>([
    ['missing', undefined, []],
    ['no list', 'yes', []],
    [
      'about a field that was not asked for',
      [{ field: 'structured.mayor', citations: [{ url: 'https://a.example/' }] }],
      [{ field: 'structured.mayor', citations: [{ url: 'https://a.example/' }] }],
    ],
    [
      'odd, and with it what may not be followed,',
      ODD,
      [
        ODD[0],
        {
          field: 'structured.town',
          citations: [{ url: '', title: 'A book' }, { url: 'https://b.example/' }],
        },
      ],
    ],
  ])('row 44: whose grounding is %s is kept with its answer', async (_, given, kept) => {
    const world = await socketWorld();
    const odd = change((run) => ({
      ...run,
      output: { ...Object(run['output']), grounding: given },
    }));
    world.server.faults('get', 100, odd);
    expect((await world.run(ONE)).exit).toBe(0);
    expect(await world.rig().table('towns')).toEqual([{ town: 'Oslo' }]);
    // As it came: what of it becomes a link is decided where tables are made of it.
    expect((await storedOutput(world)).grounding).toEqual(kept);
  });
});

/** The one answer that a world has stored. */
async function storedOutput({ store }: SocketWorld): Promise<AgentOutput> {
  for await (const entries of store.ledger()) {
    for (const entry of entries) {
      if (entry.type !== 'attempt-intended') continue;
      const [known] = await store.answersTo(entry.fingerprints);
      const [answer] = known === undefined ? [] : await store.answers([known.id]);
      if (answer !== undefined) return answer.output;
    }
  }
  throw new Error('No answer is stored');
}

test.each<readonly [string, unknown]>([
  ['missing', undefined],
  ['null', null],
  ['below nothing', { total: -1 }],
  ['text', { total: '0.02' }],
])('row 45: a cost that is %s is unknown, and its ceiling stays taken', async (_, costDollars) => {
  const world = await socketWorld({ durationMs: 0 });
  world.server.faults(
    'get',
    20,
    change((run) => ({ ...run, costDollars })),
  );
  expect(await world.run(ONE)).toMatchObject({
    exit: 0,
    spend: { reported: 0, reserved: 0, unknown: 25_000 },
  });
  expect(await world.rig().table('towns')).toEqual([{ town: 'Oslo' }]);
});

describe('the list that shows what became of a create', () => {
  test.each<readonly [row: string, fault: Fault]>([
    [
      'row 49: whose cursor stands still',
      change((page) => ({ ...page, hasMore: true, nextCursor: 'c' })),
    ],
    [
      'row 49: that says there is more and not where',
      change((page) => ({ ...page, hasMore: true, nextCursor: null })),
    ],
  ])('%s: its task is held', async (_, fault) => {
    const world = await socketWorld();
    world.server.fault('create', 1, { type: 'reset', processed: false });
    for (let nth = 2; nth < 20; nth++) world.server.fault('list', nth, fault);
    expect((await world.run()).exit).toBe(6);
    expect(await world.open()).toMatchObject([{ held: { reason: 'not-listed' } }]);
    expect(world.server.counts.create).toBe(3);
  });

  /** Agent runs of others, an hour old; what was lost lies under the first `above` of them. */
  async function mixedOrder(above: number): Promise<Story> {
    const story = new Story(ONE_FIRM);
    const { remote, clock } = story;
    const createdAt = isoTime(clock.now() - 60 * MINUTE);
    const metadata = { team: 'others' };
    for (let n = 0; n < 500; n++)
      remote.add({ query: 'Q', metadata }, { createdAt, status: 'failed' });
    remote.listed = (runs) => {
      const [own, others] = [runs.filter(isOurs), runs.filter((run) => !isOurs(run))];
      const newer = others.map((run, n) =>
        n === 0 ? { ...run, createdAt: isoTime(clock.now() - 120 * MINUTE) } : run,
      );
      return [...newer.slice(0, above), ...own, ...newer.slice(above)];
    };
    remote.fates.push('answer lost');
    return story;
  }
  const isOurs = ({ request }: { request: { query: string } | null }): boolean =>
    request?.query === 'Find a firm.';

  test('row 50: and is not newest first is read on through three full pages of old ones', async () => {
    const story = await mixedOrder(299);
    story.remote.answer = () => completed({ found: [{ name: 'X' }] });
    expect((await story.run()).exit).toBe(0);
    // What is found among old ones begins the count of them anew: all six pages were read.
    expect(story.remote.counts).toMatchObject({ create: 1, list: 6 });
    expect(story.rig?.eventsOf('attempt-found')).toMatchObject([{ verdict: 'adopted' }]);
  });

  test('row 50: and no further than that', async () => {
    const story = await mixedOrder(400);
    expect((await story.run()).exit).toBe(0);
    expect(story.rig?.eventsOf('attempt-found')).toMatchObject([{ verdict: 'absent' }]);
    expect(story.remote.counts).toMatchObject({ create: 2, list: 3 });
  });
});
