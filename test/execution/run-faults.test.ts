import { describe, expect, test } from 'vitest';
import { fromDollars } from '../../src/base/money.ts';
import { ONE_FIRM, townStory } from '../rig/fault-stories.ts';
import { completed, dollars, failedRun, Story } from './crash-rig.ts';

const warnings = ({ rig }: Story): readonly string[] =>
  rig?.eventsOf('warning').map(({ message }) => message) ?? [];

/** Of the tasks that failed in the last run. */
const failures = ({ rig }: Story): readonly string[] =>
  rig?.eventsOf('task-failed').map(({ failure }) => failure) ?? [];

const overCeiling = (cost: string): string =>
  `cost ${cost}, over its ceiling of $0.025; it is booked as reported`;

const ONE_PRICE = `
effort: low
steps:
  prices:
    query: What does it cost?
    schema:
      type: object
      required: [price]
      properties: { price: { type: number, multipleOf: 0.01 } }`;

/** All answers at rest, in the order they were asked for. */
async function answers(story: Story): Promise<readonly unknown[]> {
  const store = await story.store();
  const asked = (await story.ledger()).flatMap((it) =>
    it.type === 'attempt-intended' ? it.fingerprints : [],
  );
  const known = await store.answersTo(asked);
  const stored = await store.answers(known.flatMap((it) => (it === undefined ? [] : [it.id])));
  return stored.map(({ output }) => output);
}

const kept = async (story: Story): Promise<readonly unknown[]> =>
  (await story.ledger()).flatMap((it) => (it.type === 'attempt-ended' ? [it.keptOutput] : []));

describe('an agent run', () => {
  test('row 36: that never ends is warned of, cancelled after 90 minutes, and what it came to is booked', async () => {
    const story = new Story(ONE_FIRM);
    story.remote.durationMs = Infinity;
    const before = story.clock.now();
    expect((await story.run()).exit).toBe(1);
    expect(story.clock.now() - before).toBe(90 * 60_000);
    expect(warnings(story)).toEqual(['agent run run-1 has not ended after 75 minutes']);
    expect(story.remote.counts).toMatchObject({ create: 1, cancel: 1 });
    expect(story.remote.asked.slice(-2)).toEqual(['cancel', 'get']);
    expect(await story.booked()).toEqual([10_000]);
  });

  test('row 36: that does not end even then is held after two hours, its ceiling reserved', async () => {
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

  test('row 38: that failed for nothing is tried once more, and by the next run', async () => {
    const story = new Story(ONE_FIRM);
    story.remote.answer = () => failedRun(0);
    expect((await story.run()).exit).toBe(1);
    expect(story.remote.counts.create).toBe(2);
    story.remote.answer = () => completed({ found: [{ name: 'X' }] });
    expect((await story.run()).exit).toBe(0);
    expect(story.remote.counts.create).toBe(3);
  });

  test('row 38: five in a row that fail for nothing pause the creates for two minutes', async () => {
    const story = townStory(8);
    story.remote.answer = () => failedRun(0);
    const { clock, remote } = story;
    const times: number[] = [];
    const add = remote.add.bind(remote);
    remote.add = (request, fields) => {
      times.push(clock.now());
      if (times.length > 8) remote.answer = () => completed({ town: 'Oslo' });
      return add(request, fields);
    };
    expect(await story.run()).toMatchObject({ exit: 0, spend: { reported: 200_000 } });
    expect(times).toHaveLength(16);
    const pauses = times.filter((ms, at) => ms - (times[at - 1] ?? ms) >= 100_000);
    expect(pauses).toHaveLength(1);
    // Each task had one more create, and each of them is in the ledger.
    expect([...(await story.booked())].toSorted((a, b) => Number(a) - Number(b))).toEqual([
      ...Array.from({ length: 8 }, () => 0),
      ...Array.from({ length: 8 }, () => 25_000),
    ]);
  });

  test('row 38: fifteen in a row that fail for nothing end the run', async () => {
    const story = townStory(40);
    story.remote.answer = () => failedRun(0);
    expect(await story.run()).toMatchObject({ exit: 5, status: 'stopped' });
    // Those that had begun before the last pause are heard out.
    expect(story.remote.counts.create).toBeLessThan(15 + 4);
    expect(await story.open()).toEqual([]);
  });

  test.each([
    ['for money', 0.01],
    ['without a word on its cost', undefined],
  ])('row 39: that failed %s is not tried again, unless the user says so', async (_, cost) => {
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

  test('row 40: that somebody cancelled is final', async () => {
    const story = new Story(ONE_FIRM);
    story.remote.answer = () => ({
      status: 'cancelled',
      stopReason: 'cancelled',
      costDollars: dollars(0),
      output: { text: 'half of it', structured: null, grounding: [] },
    });
    await story.run();
    expect((await story.run()).exit).toBe(1);
    expect(story.remote.counts.create).toBe(1);
    expect(await kept(story)).toEqual([{ text: 'half of it', structured: null }]);
    // Only who says so buys it again.
    story.remote.answer = () => completed({ found: [{ name: 'X' }] });
    expect((await story.run({ retryFailed: true })).exit).toBe(0);
    expect(story.remote.counts.create).toBe(2);
  });

  test.each(['budget_reached', 'time_limit_reached', 'stopped'])(
    'row 41: that ended early (%s) gives its answer, marked',
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
    ['row 42: without a structured answer', 'empty-output', null],
    ['row 43: whose answer does not fit the schema', 'invalid-output', { found: 'X' }],
  ])('%s fails its task as %s, is kept and not bought again', async (_, kind, structured) => {
    const story = new Story(ONE_FIRM);
    const output = { text: 'X, I think', structured, grounding: [] };
    story.remote.answer = () => completed(null, { output });
    for (let run = 1; run <= 2; run++) {
      expect((await story.run()).exit).toBe(1);
      expect(failures(story)).toEqual([kind]);
    }
    expect(story.remote.counts.create).toBe(1);
    expect(await story.booked()).toEqual([25_000]);
    const stored = await answers(story);
    expect(stored).toMatchObject([output]);
  });

  test.each([
    ['continue', 1, 12],
    // Those whose place was free before the answer was read.
    ['stop', 1, 8],
  ])(
    'row 43: whose answer does not fit the schema, where the step says on_error: %s',
    async (policy, exit, created) => {
      const story = townStory(12, `\n    on_error: ${policy}`);
      story.remote.answer = ({ query }) =>
        completed(query.includes('r0') ? { town: 7 } : { town: 'Oslo' });
      expect((await story.run()).exit).toBe(exit);
      expect(failures(story)).toEqual(['invalid-output']);
      expect(story.remote.counts.create).toBe(created);
    },
  );

  test('row 43: whose price is a multiple of 0.01 fits a schema that says so', async () => {
    for (const [value, exit] of [
      [0.07, 0],
      [123_456.78, 0],
      [0.075, 1],
    ] as const) {
      const story = new Story(ONE_PRICE);
      story.remote.answer = () => completed({ price: value });
      expect((await story.run()).exit).toBe(exit);
    }
  });

  test('row 35: gives the first end that was seen, whatever it says later', async () => {
    const story = new Story(ONE_FIRM);
    await story.run();
    const [first] = story.remote.runs;
    if (first?.request) story.remote.add(first.request, { status: 'failed' });
    story.remote.delete('run-1');
    expect((await story.run()).exit).toBe(0);
    expect(await story.table('firms')).toEqual([{ name: 'X' }]);
  });

  test('row 45: that says nothing of its cost keeps its ceiling', async () => {
    const story = new Story(ONE_FIRM);
    story.remote.answer = () => {
      const { costDollars: _, ...free } = completed({ found: [{ name: 'X' }] });
      return free;
    };
    const report = await story.run();
    expect(report.spend).toMatchObject({ reported: 0, unknown: 25_000 });
    expect(await story.booked()).toEqual([null]);
  });

  test('row 45: that costs more than its ceiling is booked as it is, and counts against the budget', async () => {
    const story = townStory(8);
    story.remote.answer = () => completed({ town: 'Oslo' }, { costDollars: dollars(0.2) });
    const report = await story.run({ cap: fromDollars(0.15) });
    expect(report.exit).toBe(3);
    expect(report.spend.reported).toBe(800_000);
    // Each is told: the prices that the plan was made with do not hold.
    const nth = [1, 2, 3, 4];
    expect(warnings(story)).toEqual(nth.map((n) => `agent run run-${n} ${overCeiling('$0.20')}`));
  });
});

test('row 45: a cost over the ceiling that is told late, or of an agent run nobody asks for, is told as well', async () => {
  const late = new Story(ONE_FIRM);
  late.remote.answer = () => {
    const { costDollars: _, ...unsaid } = completed({ found: [{ name: 'X' }] });
    return unsaid;
  };
  await late.run();
  const [run] = late.remote.runs;
  if (run?.request == null) throw new Error('Nothing was created');
  const seenBy = late.remote.seenBy.bind(late.remote);
  late.remote.seenBy = (life) => ({
    ...seenBy(life),
    get: () => Promise.resolve({ ok: true, value: { ...run, costDollars: dollars(0.3) } }),
  });
  expect((await late.run()).exit).toBe(0);
  expect(warnings(late)).toEqual([`agent run run-1 ${overCeiling('$0.30')}`]);

  const left = new Story(ONE_FIRM);
  left.remote.answer = () => completed({ found: [{ name: 'X' }] }, { costDollars: dollars(0.4) });
  expect(await left.live({ diesAfterMs: 5_000 })).toBe('died');
  await left.clock.advance(60_000);
  // Its step asks for something else by now.
  const edited = ONE_FIRM.replace('a firm', 'another firm');
  left.remote.answer = () => completed({ found: [{ name: 'Y' }] });
  expect((await left.run({ yaml: edited })).exit).toBe(0);
  expect(warnings(left)).toEqual([`agent run run-1 ${overCeiling('$0.40')}`]);
  expect(await left.booked()).toEqual(expect.arrayContaining([400_000, 25_000]));
});

test('row 45: a cost of an agent run without a ceiling is over none', async () => {
  // As many mail addresses as it likes, each of which costs something.
  const mails = 'mails: { type: array, items: { type: string, format: email } }';
  const story = new Story(ONE_FIRM.replace(/size: \{.*?\}/, mails));
  story.remote.answer = () => completed({ found: [{ name: 'X' }] }, { costDollars: dollars(30) });
  expect((await story.run({ cap: fromDollars(100) })).spend.reported).toBe(30_000_000);
  expect(warnings(story)).toEqual([]);
});
