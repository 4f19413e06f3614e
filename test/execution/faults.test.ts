import { describe, expect, test } from 'vitest';
import type { AgentProblem } from '../../src/agent/agent.ts';
import { AgentHealth } from '../../src/execution/agent-health.ts';
import { failure } from '../../src/execution/failure.ts';
import { Refusals } from '../../src/execution/refusals.ts';
import { Slots } from '../../src/execution/slots.ts';
import { Stop } from '../../src/execution/stop.ts';
import { Tries } from '../../src/execution/tries.ts';
import { VirtualClock } from '../rig/virtual-clock.ts';
import { ONE_FIRM, townStory } from '../rig/fault-stories.ts';
import { Story, type CreateFate } from './crash-rig.ts';

const again = (count: number, fate: CreateFate): CreateFate[] =>
  Array.from({ length: count }, () => fate);

describe('a create that was surely not taken', () => {
  test('rows 1 and 10: refused, fails its task; the first three of a step for one cause stop the run', async () => {
    const story = townStory(8);
    story.remote.fates.push(...again(8, 'rejected'));
    const report = await story.run();
    expect(report).toMatchObject({ exit: 2, status: 'stopped' });
    expect(story.remote.counts.create).toBeLessThan(8);
    const one = townStory(8);
    one.remote.fates.push('answered', ...again(3, 'rejected'));
    expect((await one.run()).exit).toBe(1);
    expect(one.remote.runs).toHaveLength(5);
    expect(await one.booked()).toHaveLength(5);
  });

  test.each([
    ['rows 2, 17, 19 and 51: of an agent that is set up wrongly', 'misconfigured', 2],
    ['rows 3 and 4: without the right key', 'unauthorized', 4],
    ['row 5: without credit', 'credit-exhausted', 4],
  ] as const)('%s, stops the run at once', async (_, fate, exit) => {
    const story = townStory(8);
    story.remote.fates.push('answered', ...again(8, fate));
    const report = await story.run();
    expect(report).toMatchObject({ exit, status: 'stopped' });
    // What runs is collected all the same.
    expect(await story.booked()).toEqual([25_000]);
    expect(await story.open()).toEqual([]);
  });

  test('row 9: too large, fails its task alone', async () => {
    const story = townStory(4);
    story.remote.fates.push('answered', 'rejected');
    const report = await story.run();
    expect(report.steps.get('towns')?.counts).toMatchObject({ started: 4, failed: 1 });
  });

  test('rows 11 and 12: too busy, waits, and is no attempt of its task', async () => {
    const story = townStory(3);
    story.remote.fates.push(...again(9, 'rate-limited'));
    expect((await story.run()).exit).toBe(0);
    expect(story.remote.runs).toHaveLength(3);
  });

  test('row 12: too busy, has fewer agent runs under way from then on', async () => {
    const atOnce = async (fates: readonly CreateFate[]): Promise<number> => {
      // By the name under which the agent is asked, its places are counted.
      const story = townStory(8, '\n    agent: exa\n    budget: 9');
      story.remote.fates.push(...fates);
      const begunMs = story.clock.now();
      expect((await story.run()).exit).toBe(0);
      // Each takes ten seconds.
      return story.remote.runs.filter(({ createdAt }) => Date.parse(createdAt) < begunMs + 9_000)
        .length;
    };
    expect(await atOnce([])).toBe(4);
    expect(await atOnce(again(2, 'rate-limited'))).toBe(2);
  });

  test('row 12: too busy for half an hour, ends the run', async () => {
    const story = townStory(3);
    story.remote.fates.push(...again(900, 'rate-limited'));
    const before = story.clock.now();
    const report = await story.run();
    expect(report).toMatchObject({ exit: 5, status: 'stopped' });
    expect(story.clock.now() - before).toBeGreaterThanOrEqual(30 * 60_000);
    expect(story.remote.runs).toEqual([]);
    expect(await story.open()).toEqual([]);
  });

  test('row 18: without a connection, is tried for five minutes', async () => {
    const story = townStory(3);
    story.remote.fates.push(...again(9, 'unreachable'));
    expect((await story.run()).exit).toBe(0);
    const never = townStory(3);
    never.remote.fates.push(...again(900, 'unreachable'));
    const before = never.clock.now();
    expect((await never.run()).exit).toBe(5);
    const took = never.clock.now() - before;
    expect(took).toBeGreaterThanOrEqual(5 * 60_000);
    expect(took).toBeLessThan(7 * 60_000);
  });

  test('row 6: of a follow-up whose agent run is not found, looks at that one and tries once more', () => {
    const tries = new Tries({
      maximumAttempts: 5,
      initialIntervalMs: 1_000,
      backoffCoefficient: 2,
      maximumIntervalMs: 60_000,
    });
    const why = {
      ...failure('rejected', 'PREVIOUS_RUN_NOT_FOUND', true),
      again: 'parent',
    } as const;
    expect([tries.delay(why), tries.delay(why)]).toEqual([1_000, undefined]);
  });
});

describe('a create without a clear answer', () => {
  test('rows 8, 13 to 16 and 20 to 27: is looked for and adopted, and nothing is sent again', async () => {
    const story = townStory(6);
    story.remote.fates.push('answer lost', 'answered', 'answer lost');
    expect((await story.run()).exit).toBe(0);
    expect(story.remote.counts.create).toBe(6);
    expect(await story.booked()).toEqual(Array.from({ length: 6 }, () => 25_000));
    expect(story.rig?.eventsOf('attempt-found').map(({ verdict }) => verdict)).toEqual([
      'adopted',
      'adopted',
    ]);
    // Both were looked for with one listing.
    expect(story.remote.counts.list).toBe(1);
  });

  test('holds up nobody else, and keeps its place', async () => {
    const story = townStory(6);
    story.remote.fates.push('answer lost');
    await story.run();
    const events = story.rig?.events ?? [];
    const found = events.findIndex(({ type }) => type === 'attempt-found');
    const before = events.slice(0, found).filter(({ type }) => type === 'task-answered');
    expect(before).toHaveLength(5);
  });

  test('row 15: is created twice at most', async () => {
    const story = new Story(ONE_FIRM);
    story.remote.fates.push(...again(5, 'request lost'));
    expect((await story.run()).exit).toBe(1);
    expect(story.remote.counts).toMatchObject({ create: 2, list: 2 });
    expect(await story.open()).toEqual([]);
    // It cost nothing, so the next run asks again.
    story.remote.fates.length = 0;
    expect((await story.run()).exit).toBe(0);
  });

  test('rows 15 and 16: five in a row pause the creates for two minutes; three pauses end the run', async () => {
    const clock = new VirtualClock();
    const stop = new Stop();
    const health = new AgentHealth({ clock, stop });
    const waits = async (): Promise<number> => {
      const before = clock.now();
      await clock.drive(health.admit());
      return clock.now() - before;
    };
    for (let n = 0; n < 4; n++) health.fails('bad gateway');
    expect(await waits()).toBe(0);
    health.fails('bad gateway');
    expect(await waits()).toBe(120_000);
    health.works();
    for (let n = 0; n < 10; n++) health.fails('bad gateway');
    expect(stop.cause).toBeUndefined();
    for (let n = 0; n < 5; n++) health.fails('bad gateway');
    expect(stop.cause).toBe('unreachable');
  });

  test('row 17: that was sent elsewhere by a redirect stops the run, and is looked for', async () => {
    const story = new Story(ONE_FIRM);
    const redirected: Partial<AgentProblem> = { kind: 'misconfigured', mayHaveCreated: true };
    const { remote } = story;
    const seenBy = remote.seenBy.bind(remote);
    remote.seenBy = (life) => ({
      ...seenBy(life),
      create: () =>
        Promise.resolve({
          ok: false,
          error: {
            kind: 'misconfigured',
            message: 'redirected',
            mayHaveCreated: true,
            ...redirected,
          },
        }),
    });
    expect((await story.run()).exit).toBe(2);
    expect(remote.counts.list).toBe(1);
    expect(await story.open()).toEqual([]);
  });

  test('whose list is not shown for 15 minutes is held, and looked for by the next run', async () => {
    const story = new Story(ONE_FIRM);
    story.remote.fates.push('answer lost');
    story.remote.listProblems = again(90, 'unreachable') as AgentProblem['kind'][];
    expect((await story.run()).exit).toBe(6);
    expect(await story.open()).toMatchObject([{ held: { reason: 'not-listed' } }]);
    story.remote.listProblems = [];
    expect((await story.run()).exit).toBe(0);
    expect(story.remote.counts.create).toBe(1);
  });

  test('row 49: whose list is not a list is held after five looks', async () => {
    const story = new Story(ONE_FIRM);
    story.remote.fates.push('answer lost');
    story.remote.listProblems = again(5, 'bad-response') as AgentProblem['kind'][];
    expect((await story.run()).exit).toBe(6);
    expect(story.remote.counts.list).toBe(5);
  });

  test('whose list may not be read stays open until it may', async () => {
    const story = new Story(ONE_FIRM);
    story.remote.fates.push('answer lost');
    story.remote.listProblems = ['unauthorized'];
    expect((await story.run()).exit).toBe(4);
    expect(await story.open()).toMatchObject([{ held: undefined, agentRunId: undefined }]);
    expect((await story.run()).exit).toBe(0);
    expect(story.remote.counts.create).toBe(1);
  });

  test('and without a tag in the list is held for a person; other tasks go on', async () => {
    const story = townStory(4);
    story.remote.fates.push('answer lost');
    story.remote.listed = (runs) => runs.map((run) => ({ ...run, request: null }));
    const report = await story.run();
    expect(report.exit).toBe(6);
    expect(report.steps.get('towns')?.counts).toMatchObject({ failed: 1 });
    expect(report.spend).toMatchObject({ reported: 75_000, reserved: 25_000 });
    const [held] = await story.open();
    // Of the four in the list, the ledger has three.
    expect(held?.held).toMatchObject({
      reason: 'ambiguous',
      candidates: [{ agentRunId: 'run-1' }],
    });
    expect((await story.run()).exit).toBe(6);
    expect(story.remote.counts.create).toBe(4);
  });

  test.each([
    ['an hour behind', -3_600_000, 0],
    ['an hour ahead', 3_600_000, 0],
    ['two days behind', -172_800_000, 1],
    ['two days ahead', 172_800_000, 1],
  ])('row 47: is found by a server whose clock is %s', async (_, aheadMs, warnings) => {
    const story = new Story(ONE_FIRM);
    story.remote.aheadMs = aheadMs;
    story.remote.fates.push('answer lost');
    expect((await story.run()).exit).toBe(0);
    expect(story.remote.counts.create).toBe(1);
    const said = story.rig?.eventsOf('warning').map(({ message }) => message);
    const expected = "this machine's clock and the agent's are 48 hours apart";
    expect(said).toEqual(Array.from({ length: warnings }, () => expected));
  });
});

test('requests of a step that are refused for different causes do not stop the run', () => {
  const stop = new Stop();
  const refusals = new Refusals(stop);
  for (const cause of ['one', 'one', 'two', 'one', 'one', 'one']) refusals.refused('a', cause);
  refusals.refused('b', 'one');
  refusals.taken('b');
  for (let n = 0; n < 5; n++) refusals.refused('b', 'one');
  expect(stop.cause).toBeUndefined();
  for (let n = 0; n < 3; n++) refusals.refused('c', 'one');
  expect(stop.cause).toBe('misconfigured');
});

test('an agent that is too busy gets one agent run less at a time, and one more after each round', () => {
  const slots = new Slots({ all: 3 });
  expect(slots.widest('s', 'exa')).toBe(3);
  for (let n = 0; n < 5; n++) slots.narrow('exa');
  expect(slots.widest('s', 'exa')).toBe(1);
  slots.widen('exa');
  expect(slots.widest('s', 'exa')).toBe(2);
  slots.widen('exa');
  expect(slots.widest('s', 'exa')).toBe(2);
  for (let n = 0; n < 20; n++) slots.widen('exa');
  expect(slots.widest('s', 'exa')).toBe(3);
  expect(slots.widest('s', 'other')).toBe(3);
});
