import { describe, expect, test } from 'vitest';
import type { Write, WriteName } from '../rig/crashing-store.ts';
import { completed, dollars, Story } from './crash-rig.ts';
import { FOUND } from './pipelines.ts';

/** One paid question. */
const ONE = `
effort: low
steps:
  firms:
    query: Find a firm.${FOUND}
    key: name`;

/** For `dies`: at the nth write of this name. */
const at =
  (name: WriteName, moment: 'before' | 'unsynced' | 'unheard' | 'heard', nth = 1) =>
  (write: Write) => {
    if (write.name !== name) return undefined;
    nth--;
    return nth === 0 ? moment : undefined;
  };

const begin = (yaml = ONE): Story => new Story(yaml);

/** What must hold however the process died: one agent run, its answer, its cost, nothing open. */
async function bought(story: Story, times = 1): Promise<void> {
  expect(story.remote.runs).toHaveLength(times);
  expect(await story.table('firms')).toEqual([{ name: 'X' }]);
  expect(await story.open()).toEqual([]);
  expect(await story.booked()).toEqual(Array.from({ length: times }, () => 25_000));
}

/** Milliseconds of the story's time that `work` takes. */
async function took(story: Story, work: () => Promise<unknown>): Promise<number> {
  const before = story.clock.now();
  await work();
  return story.clock.now() - before;
}

describe('one paid agent run, after a crash', () => {
  test('1 before the intent is written, is created', async () => {
    const story = begin();
    expect(await story.live({ dies: at('intend', 'before') })).toBe('died');
    expect(story.remote.counts.create).toBe(0);
    expect((await story.run()).exit).toBe(0);
    expect(story.remote.counts.list).toBe(0);
    await bought(story);
  });

  test('2 inside the write of the intent, is created: nothing was sent', async () => {
    const story = begin();
    await story.live({ dies: at('intend', 'unsynced') });
    expect(await story.open()).toEqual([]);
    expect(story.remote.counts.create).toBe(0);
    await story.run();
    await bought(story);
  });

  test('3 with an intent that is written and not synced, is created: the send waits for the disk', async () => {
    const story = begin();
    const sync = ({ name }: Write): Promise<void> =>
      name === 'intend' ? new Promise(() => undefined) : Promise.resolve();
    await story.live({ sync, diesAfterMs: 60_000 });
    expect(story.remote.counts.create).toBe(0);
    expect(await story.open()).toEqual([]);
    await story.run();
    await bought(story);
  });

  test('4 between the intent and the connection, is shown to be absent and then created', async () => {
    const story = begin();
    await story.live({ dies: at('intend', 'unheard') });
    expect(story.remote.counts.create).toBe(0);
    expect(await story.open()).toHaveLength(1);
    // Nothing is sent before the time in which an earlier request would have shown has passed.
    expect(await took(story, () => story.run())).toBeGreaterThanOrEqual(120_000);
    expect(story.remote.counts).toMatchObject({ create: 1, list: 1 });
    const ends = (await story.ledger()).flatMap((it) =>
      it.type === 'attempt-ended' ? [[it.status, it.reported]] : [],
    );
    expect(ends).toEqual([
      ['absent', 0],
      ['completed', 25_000],
    ]);
    await bought(story);
  });

  test('5 while it connects, is shown to be absent and then created', async () => {
    const story = begin();
    story.remote.fates.push('dies before it');
    await story.live();
    await story.run();
    expect(story.remote.counts).toMatchObject({ create: 2, list: 1 });
    await bought(story);
  });

  test('6 with a part of the request written, which the agent cannot have understood, is created again', async () => {
    const story = begin();
    story.remote.fates.push('dies before it');
    await story.live();
    const [open] = await story.open();
    expect(open).toMatchObject({ agentRunId: undefined, held: undefined });
    await story.run();
    await bought(story);
  });

  test('7 with the request still on its way, is adopted: it is looked for when it must have arrived', async () => {
    const story = begin();
    story.remote.fates.push('dies and arrives late');
    await story.live();
    expect(story.remote.runs).toHaveLength(0);
    await story.run();
    expect(story.remote.counts).toMatchObject({ create: 1, list: 1 });
    await bought(story);
  });

  test('8 with the answer on its way, is adopted', async () => {
    const story = begin();
    story.remote.fates.push('dies after it');
    await story.live();
    await story.run();
    expect(story.remote.counts.create).toBe(1);
    const found = (await story.ledger()).flatMap((it) =>
      it.type === 'attempt-created' ? [it.found] : [],
    );
    expect(found).toEqual(['listed']);
    await bought(story);
  });

  test.each(['before', 'unsynced'] as const)(
    '9 with the answer received and its id not written (%s), is adopted',
    async (moment) => {
      const story = begin();
      await story.live({ dies: at('created', moment) });
      await story.run();
      expect(story.remote.counts.create).toBe(1);
      await bought(story);
    },
  );

  test('10 with its id on disk, is waited for, and no list is read', async () => {
    const story = begin();
    await story.live({ dies: at('created', 'unheard') });
    await story.run();
    expect(story.remote.counts).toMatchObject({ create: 1, list: 0 });
    await bought(story);
  });

  test('11 with a refusal received and not written, costs one look at the list', async () => {
    const story = begin();
    story.remote.fates.push('rate-limited');
    await story.live({ dies: at('settle', 'before') });
    await story.run();
    expect(story.remote.counts).toMatchObject({ create: 2, list: 1 });
    await bought(story);
  });

  test('12 while it is waited for, is waited for', async () => {
    const story = begin();
    await story.live({ diesAfterMs: 5_000 });
    await story.run();
    expect(story.remote.counts).toMatchObject({ create: 1, list: 0 });
    await bought(story);
  });

  test('13 ended while no process was there, is collected', async () => {
    const story = begin();
    await story.live({ diesAfterMs: 5_000 });
    await story.clock.advance(3 * 86_400_000);
    await story.run();
    expect(story.remote.counts).toMatchObject({ create: 1, cancel: 0 });
    await bought(story);
  });

  test('14 with its end half received, is asked for again', async () => {
    const story = begin();
    story.remote.diesAt = 'end of wait';
    await story.live();
    story.remote.diesAt = undefined;
    await story.run();
    expect(story.remote.counts.create).toBe(1);
    await bought(story);
  });

  test.each([
    ['15 with its answer not yet written', 'before'],
    [
      '16 with its answer written and its end missing, which one transaction makes impossible',
      'unsynced',
    ],
    ['17 with its end half written', 'unsynced'],
  ] as const)('%s, is asked for again', async (_, moment) => {
    const story = begin();
    await story.live({ dies: at('settle', moment) });
    // Either both are there or neither is.
    expect(await story.booked()).toEqual([]);
    expect(await story.open()).toHaveLength(1);
    await story.run();
    expect(story.remote.counts.create).toBe(1);
    await bought(story);
  });

  test('18 with its end on disk and no table yet, is in the table without being asked for', async () => {
    const story = begin();
    await story.live({ dies: at('settle', 'unheard') });
    const { get } = story.remote.counts;
    await story.run();
    expect(story.remote.counts).toMatchObject({ create: 1, get });
    await bought(story);
  });

  test('19 with its table written and not acknowledged, is in it once', async () => {
    const story = begin();
    await story.live({ dies: at('publish', 'unheard') });
    const report = await story.run();
    expect(report.steps.get('firms')?.outcome).toBe('unchanged');
    await bought(story);
  });

  test('20 cancelled with the answer lost, is cancelled for good and not bought again', async () => {
    const story = begin(`${ONE}\n    timeout: 5m`);
    story.remote.durationMs = Infinity;
    story.remote.cancels = 'kill the process';
    expect(await story.live()).toBe('died');
    story.remote.cancels = 'end it';
    expect((await story.run()).exit).toBe(1);
    expect((await story.run()).exit).toBe(1);
    expect(story.remote.counts.create).toBe(1);
    expect(await story.booked()).toEqual([10_000]);
    expect(await story.open()).toEqual([]);
  });

  test('21 during the look at the list, is looked for again', async () => {
    const story = begin();
    story.remote.fates.push('dies after it');
    await story.live();
    story.remote.diesAt = 'list';
    expect(await story.live()).toBe('died');
    story.remote.diesAt = undefined;
    await story.run();
    expect(story.remote.counts.create).toBe(1);
    await bought(story);
  });

  test('22 found in the list and not yet written, is found again in the same way', async () => {
    const story = begin();
    story.remote.fates.push('dies after it');
    await story.live();
    expect(await story.live({ dies: at('created', 'before') })).toBe('died');
    await story.run();
    expect(story.remote.counts).toMatchObject({ create: 1, list: 2 });
    await bought(story);
  });

  test('23 shown to be absent and not yet intended anew, is created', async () => {
    const story = begin();
    story.remote.fates.push('dies before it');
    await story.live();
    expect(await story.live({ dies: at('settle', 'unheard') })).toBe('died');
    expect(await story.open()).toEqual([]);
    await story.run();
    expect(story.remote.counts).toMatchObject({ create: 2, list: 1 });
    await bought(story);
  });

  test('24 deleted at the agent, is counted as paid and never bought again', async () => {
    const story = begin();
    await story.live({ diesAfterMs: 5_000 });
    story.remote.delete('run-1');
    const report = await story.run();
    expect(report.exit).toBe(1);
    expect(report.spend).toMatchObject({ reported: 0, reserved: 0, unknown: 25_000 });
    expect(await story.booked()).toEqual([null]);
    expect((await story.run()).exit).toBe(1);
    expect(story.remote.counts.create).toBe(1);
    // Unless the user says so.
    expect((await story.run({ retryFailed: true })).exit).toBe(0);
    expect(story.remote.counts.create).toBe(2);
  });
});

describe('two agent runs of one attempt', () => {
  test('give one answer; the other is cancelled, and what it cost is booked', async () => {
    const story = begin();
    story.remote.durationMs = 3_600_000;
    story.remote.answer = () => completed({ found: [{ name: 'X' }] });
    story.remote.fates.push('dies after it');
    await story.live();
    const [first] = story.remote.runs;
    // A proxy on the way has sent it twice.
    if (first?.request) story.remote.add(first.request, { costDollars: dollars(0.01) });
    const report = await story.run();
    expect(report.exit).toBe(0);
    expect(story.remote.counts).toMatchObject({ create: 1, cancel: 1 });
    expect(new Set(await story.booked())).toEqual(new Set([10_000, 25_000]));
    expect(await story.open()).toEqual([]);
    expect(await story.table('firms')).toEqual([{ name: 'X' }]);
  });
});
