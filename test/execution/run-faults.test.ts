import { describe, expect, test } from 'vitest';
import { fromDollars } from '../../src/base/money.ts';
import { ONE_FIRM, townStory } from '../rig/fault-stories.ts';
import { completed, dollars, failedRun, Story } from './crash-rig.ts';
import { FOUND } from './pipelines.ts';

describe('an agent run', () => {
  test('28: whose answer is too large to read is kept, counted as unknown, and not bought again', async () => {
    const story = new Story(ONE_FIRM);
    const { remote } = story;
    const seenBy = remote.seenBy.bind(remote);
    remote.seenBy = (life) => ({
      ...seenBy(life),
      wait: () =>
        Promise.resolve({
          ok: false,
          error: { kind: 'output-too-large', message: '65 MB', mayHaveCreated: false },
        }),
    });
    expect((await story.run()).exit).toBe(1);
    expect(await story.booked()).toEqual([null]);
    expect((await story.run()).exit).toBe(1);
    expect(remote.counts.create).toBe(1);
  });

  test('36: that never ends is warned of, cancelled after 90 minutes, and what it came to is booked', async () => {
    const story = new Story(ONE_FIRM);
    story.remote.durationMs = Infinity;
    const before = story.clock.now();
    expect((await story.run()).exit).toBe(1);
    expect(story.clock.now() - before).toBe(90 * 60_000);
    expect(story.rig?.eventsOf('warning')).toHaveLength(1);
    expect(story.remote.counts).toMatchObject({ create: 1, cancel: 1 });
    expect(await story.booked()).toEqual([10_000]);
  });

  test('36: that does not end even then is held after two hours, its ceiling reserved', async () => {
    const story = new Story(ONE_FIRM);
    story.remote.durationMs = Infinity;
    story.remote.cancels = 'are not heard';
    const before = story.clock.now();
    const report = await story.run();
    expect(story.clock.now() - before).toBe(120 * 60_000);
    expect(report.exit).toBe(6);
    expect(report.spend).toMatchObject({ reported: 0, reserved: 25_000 });
    expect(await story.open()).toMatchObject([{ held: { reason: 'no-end' } }]);
    expect((await story.run()).exit).toBe(6);
    expect(story.remote.counts).toMatchObject({ create: 1, cancel: 1 });
  });

  test('37: that stands in a queue is not cancelled for want of time before half an hour', async () => {
    const story = new Story(`${ONE_FIRM}\n    timeout: 5m`);
    story.remote.durationMs = 20 * 60_000;
    const { remote } = story;
    const add = remote.add.bind(remote);
    remote.add = (request, fields) => add(request, { ...fields, status: 'queued' });
    expect((await story.run()).exit).toBe(0);
    expect(remote.counts.cancel).toBe(0);
    const longer = new Story(`${ONE_FIRM}\n    timeout: 5m`);
    longer.remote.durationMs = 60 * 60_000;
    const addLonger = longer.remote.add.bind(longer.remote);
    longer.remote.add = (request, fields) => addLonger(request, { ...fields, status: 'queued' });
    const before = longer.clock.now();
    expect((await longer.run()).exit).toBe(1);
    expect(longer.clock.now() - before).toBe(30 * 60_000);
  });

  test('38: that failed for nothing is tried once more, and by the next run', async () => {
    const story = new Story(ONE_FIRM);
    story.remote.answer = () => failedRun(0);
    expect((await story.run()).exit).toBe(1);
    expect(story.remote.counts.create).toBe(2);
    story.remote.answer = () => completed({ found: [{ name: 'X' }] });
    expect((await story.run()).exit).toBe(0);
    expect(story.remote.counts.create).toBe(3);
  });

  test.each([
    ['for money', 0.01],
    ['without a word on its cost', undefined],
  ])('39: that failed %s is not tried again, unless the user says so', async (_, cost) => {
    const story = new Story(ONE_FIRM);
    story.remote.answer = () => failedRun(cost);
    expect((await story.run()).exit).toBe(1);
    expect((await story.run()).exit).toBe(1);
    expect(story.remote.counts.create).toBe(1);
    const [plan] = (await story.rig?.plan(ONE_FIRM)) ?? [];
    expect(plan).toMatchObject({
      toRun: 0,
      kept: 1,
      why: [{ reason: 'failed before, kept: agent-failed', count: 1 }],
    });
    story.remote.answer = () => completed({ found: [{ name: 'X' }] });
    expect((await story.run({ retryFailed: true })).exit).toBe(0);
    expect(story.remote.counts.create).toBe(2);
  });

  test('40: that somebody cancelled is final', async () => {
    const story = new Story(ONE_FIRM);
    story.remote.answer = () => ({
      status: 'cancelled',
      stopReason: 'cancelled',
      costDollars: dollars(0),
    });
    await story.run();
    expect((await story.run()).exit).toBe(1);
    expect(story.remote.counts.create).toBe(1);
  });

  test.each(['budget_reached', 'time_limit_reached', 'stopped'])(
    '41: that ended early (%s) gives its answer, marked',
    async (stopReason) => {
      const story = new Story(ONE_FIRM);
      story.remote.answer = () => completed({ found: [{ name: 'X' }] }, { stopReason });
      expect((await story.run()).exit).toBe(0);
      expect(story.rig?.eventsOf('task-answered')).toMatchObject([{ stopReason }]);
      const [known] = await story.table('firms');
      expect(known).toEqual({ name: 'X' });
    },
  );

  test.each([
    ['42: without a structured answer', null],
    ['43: whose answer does not fit the schema', { found: 'X' }],
  ])('%s is kept and not bought again', async (_, structured) => {
    const story = new Story(ONE_FIRM);
    story.remote.answer = () => completed(structured);
    expect((await story.run()).exit).toBe(1);
    expect((await story.run()).exit).toBe(1);
    expect(story.remote.counts.create).toBe(1);
    expect(await story.booked()).toEqual([25_000]);
  });

  test('35: gives the first end that was seen, whatever it says later', async () => {
    const story = new Story(ONE_FIRM);
    await story.run();
    const [first] = story.remote.runs;
    if (first?.request) story.remote.add(first.request, { status: 'failed' });
    story.remote.delete('run-1');
    expect((await story.run()).exit).toBe(0);
    expect(await story.table('firms')).toEqual([{ name: 'X' }]);
  });

  test('45: that says nothing of its cost keeps its ceiling', async () => {
    const story = new Story(ONE_FIRM);
    story.remote.answer = () => {
      const { costDollars: _, ...free } = completed({ found: [{ name: 'X' }] });
      return free;
    };
    const report = await story.run();
    expect(report.spend).toMatchObject({ reported: 0, unknown: 25_000 });
    expect(await story.booked()).toEqual([null]);
  });

  test('45: that costs more than its ceiling is booked as it is, and counts against the budget', async () => {
    const story = townStory(8);
    story.remote.answer = () => completed({ town: 'Oslo' }, { costDollars: dollars(0.2) });
    const report = await story.run({ cap: fromDollars(0.15) });
    expect(report.exit).toBe(3);
    expect(report.spend.reported).toBe(800_000);
  });
});

describe('a follow-up', () => {
  const CHAIN = `
effort: low
steps:
  firms:
    query: Find a firm.${FOUND}
    key: name
  more:
    continue: firms
    query: Find another.${FOUND}
    key: name`;

  test('is sent only once its parent is on disk', async () => {
    const story = new Story(CHAIN);
    story.remote.answer = ({ query }) =>
      completed({ found: [{ name: query === 'Find a firm.' ? 'X' : 'Y' }] });
    const dies = ({ name }: { name: string }) =>
      name === 'settle' ? ('unsynced' as const) : undefined;
    await story.live({ dies });
    expect(story.remote.counts.create).toBe(1);
    expect((await story.run()).exit).toBe(0);
    expect(story.remote.runs.map(({ request }) => request?.previousRunId)).toEqual([
      undefined,
      'run-1',
    ]);
  });

  test('that runs on under the id of its parent keeps both answers, and books only what was added', async () => {
    const story = new Story(CHAIN);
    const { remote } = story;
    remote.answer = () => completed({ found: [{ name: 'X' }] });
    const add = remote.add.bind(remote);
    remote.add = (request, fields) => {
      if (request.previousRunId === undefined) return add(request, fields);
      remote.answer = () => completed({ found: [{ name: 'Y' }] }, { costDollars: dollars(0.06) });
      return add(request, { ...fields, id: request.previousRunId });
    };
    const seenBy = remote.seenBy.bind(remote);
    remote.seenBy = (life) => {
      const agent = seenBy(life);
      // The second life of the agent run is the one that is seen.
      const last = (id: string): string =>
        remote.runs.length > 1 && id === 'run-1' ? 'run-2' : id;
      return {
        ...agent,
        wait: async (id, signal) => {
          const run = await agent.wait(last(id), signal);
          return run.ok ? { ok: true, value: { ...run.value, id } } : run;
        },
      };
    };
    expect((await story.run()).exit).toBe(0);
    expect(await story.table('firms')).toEqual([{ name: 'X' }]);
    expect(await story.table('more')).toEqual([{ name: 'Y' }]);
    const ends = (await story.ledger()).flatMap((it) =>
      it.type === 'attempt-ended' ? [[it.agentRunId, it.reported, it.estimated ?? false]] : [],
    );
    expect(ends).toEqual([
      ['run-1', 25_000, false],
      ['run-1', 35_000, true],
    ]);
  });
});
