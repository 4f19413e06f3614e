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

/** How attempts ended, and what that cost. */
const ends = async (story: Story): Promise<readonly (readonly [string, number | null])[]> =>
  (await story.ledger()).flatMap((it) =>
    it.type === 'attempt-ended' ? [[it.status, it.reported] as const] : [],
  );

/** How agent runs were found: undefined for those whose create was answered. */
const created = async (story: Story): Promise<readonly (string | undefined)[]> =>
  (await story.ledger()).flatMap((it) => (it.type === 'attempt-created' ? [it.found] : []));

/** Milliseconds of the story's time that `work` takes. */
async function took(story: Story, work: () => Promise<unknown>): Promise<number> {
  const before = story.clock.now();
  await work();
  return story.clock.now() - before;
}

/** What dies in a request or on the disk has its own file. */
describe('one paid agent run, after a crash', () => {
  test('1 before the intent is written, is created', async () => {
    const story = begin();
    expect(await story.live({ dies: at('intend', 'before') })).toBe('died');
    expect(story.remote.counts.create).toBe(0);
    expect(await story.ledger()).toEqual([]);
    expect((await story.run()).exit).toBe(0);
    expect(story.remote.counts).toMatchObject({ create: 1, list: 0 });
    await bought(story);
  });

  test('2 inside the write of the intent, is created: nothing was sent', async () => {
    const story = begin();
    expect(await story.live({ dies: at('intend', 'unsynced') })).toBe('died');
    expect(await story.open()).toEqual([]);
    expect(story.remote.counts.create).toBe(0);
    await story.run();
    expect(story.remote.counts).toMatchObject({ create: 1, list: 0 });
    await bought(story);
  });

  test('3 with an intent that is written and not synced, is created: the send waits for the disk', async () => {
    const story = begin();
    const sync = ({ name }: Write): Promise<void> =>
      name === 'intend' ? new Promise(() => undefined) : Promise.resolve();
    expect(await story.live({ sync, diesAfterMs: 60_000 })).toBe('died');
    expect(story.remote.counts.create).toBe(0);
    expect(await story.open()).toEqual([]);
    await story.run();
    expect(story.remote.counts).toMatchObject({ create: 1, list: 0 });
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
    expect(await ends(story)).toEqual([
      ['absent', 0],
      ['completed', 25_000],
    ]);
    await bought(story);
  });

  test('7 with the request still on its way, is adopted: it is looked for when it must have arrived', async () => {
    const story = begin();
    story.remote.fates.push('dies and arrives late');
    await story.live();
    expect(story.remote.runs).toHaveLength(0);
    expect(await took(story, () => story.run())).toBeGreaterThanOrEqual(120_000);
    expect(story.remote.counts).toMatchObject({ create: 1, list: 1 });
    expect(await created(story)).toEqual(['listed']);
    await bought(story);
  });

  test('7 with the request lost on its way, is shown to be absent and then created', async () => {
    const story = begin();
    story.remote.fates.push('dies before it');
    expect(await story.live()).toBe('died');
    expect(await took(story, () => story.run())).toBeGreaterThanOrEqual(120_000);
    expect(story.remote.counts).toMatchObject({ create: 2, list: 1 });
    expect(await ends(story)).toEqual([
      ['absent', 0],
      ['completed', 25_000],
    ]);
    await bought(story);
  });

  test('8 with the answer on its way, is adopted', async () => {
    const story = begin();
    story.remote.fates.push('dies after it');
    await story.live();
    await story.run();
    expect(story.remote.counts.create).toBe(1);
    expect(await created(story)).toEqual(['listed']);
    expect(await ends(story)).toEqual([['completed', 25_000]]);
    await bought(story);
  });

  test.each(['before', 'unsynced'] as const)(
    '9 with the answer received and its id not written (%s), is adopted',
    async (moment) => {
      const story = begin();
      expect(await story.live({ dies: at('created', moment) })).toBe('died');
      expect(await story.open()).toMatchObject([{ agentRunId: undefined }]);
      await story.run();
      expect(story.remote.counts).toMatchObject({ create: 1, list: 1 });
      expect(await created(story)).toEqual(['listed']);
      await bought(story);
    },
  );

  test('10 with its id on disk, is waited for, and no list is read', async () => {
    const story = begin();
    expect(await story.live({ dies: at('created', 'unheard') })).toBe('died');
    expect(await story.open()).toMatchObject([{ agentRunId: 'run-1' }]);
    await story.run();
    expect(story.remote.counts).toMatchObject({ create: 1, list: 0 });
    expect(await created(story)).toEqual([undefined]);
    await bought(story);
  });

  test.each(['rate-limited', 'rejected'] as const)(
    '11 with a refusal received (%s) and not written, costs one look at the list',
    async (refusal) => {
      const story = begin();
      story.remote.fates.push(refusal);
      expect(await story.live({ dies: at('settle', 'before') })).toBe('died');
      expect(await story.open()).toMatchObject([{ agentRunId: undefined }]);
      expect(await took(story, () => story.run())).toBeGreaterThanOrEqual(120_000);
      expect(story.remote.counts).toMatchObject({ create: 2, list: 1 });
      expect(await ends(story)).toEqual([
        ['absent', 0],
        ['completed', 25_000],
      ]);
      await bought(story);
    },
  );

  test('12 while it is waited for, is waited for', async () => {
    const story = begin();
    expect(await story.live({ diesAfterMs: 5_000 })).toBe('died');
    expect(story.remote.runs).toMatchObject([{ status: 'running' }]);
    // It goes on where it was: 5 of its 10 seconds are left.
    expect(await took(story, () => story.run())).toBeLessThan(7_000);
    expect(story.remote.counts).toMatchObject({ create: 1, list: 0, cancel: 0 });
    await bought(story);
  });

  test('13 ended while no process was there, is collected', async () => {
    const story = begin();
    await story.live({ diesAfterMs: 5_000 });
    await story.clock.advance(3 * 86_400_000);
    const { get } = story.remote.counts;
    await story.run();
    // The first look shows the end.
    expect(story.remote.counts).toMatchObject({ create: 1, list: 0, get: get + 1, cancel: 0 });
    await bought(story);
  });

  test('18 with its end on disk and no table yet, is in the table without being asked for', async () => {
    const story = begin();
    expect(await story.live({ dies: at('settle', 'unheard') })).toBe('died');
    const store = await story.store();
    expect(await store.stepStates('test')).toEqual([]);
    expect(await ends(story)).toEqual([['completed', 25_000]]);
    const { get } = story.remote.counts;
    await story.run();
    expect(story.remote.counts).toMatchObject({ create: 1, get, list: 0 });
    await bought(story);
  });

  test('19 with its table written and not acknowledged, is in it once', async () => {
    const story = begin();
    expect(await story.live({ dies: at('publish', 'unheard') })).toBe('died');
    const before = [...story.disk.writes];
    const report = await story.run();
    expect(report.steps.get('firms')?.outcome).toBe('unchanged');
    expect(story.disk.writes).toEqual(before);
    expect(story.remote.counts).toMatchObject({ create: 1, list: 0 });
    await bought(story);
  });

  test.each([
    ['which has ended it', 'kill the process', 1],
    ['which nobody got', 'get lost with the process', 2],
  ] as const)(
    '20 with a cancel sent %s, and its answer lost, is cancelled for good and not bought again',
    async (_, cancels, times) => {
      const story = begin(`${ONE}\n    timeout: 5m`);
      story.remote.durationMs = Infinity;
      story.remote.cancels = cancels;
      expect(await story.live()).toBe('died');
      expect(story.remote.counts.cancel).toBe(1);
      expect(await story.open()).toMatchObject([{ agentRunId: 'run-1' }]);
      story.remote.cancels = 'end it';
      expect((await story.run()).exit).toBe(1);
      expect(story.remote.counts).toMatchObject({ create: 1, list: 0, cancel: times });
      expect((await story.run()).exit).toBe(1);
      expect(story.remote.counts).toMatchObject({ create: 1, cancel: times });
      expect(await ends(story)).toEqual([['cancelled', 10_000]]);
      expect(await story.open()).toEqual([]);
    },
  );

  test('21 during the look at the list, is looked for again', async () => {
    const story = begin();
    story.remote.fates.push('dies after it');
    await story.live();
    story.remote.diesAt = 'list';
    const before = await story.ledger();
    expect(await story.live()).toBe('died');
    // It only reads.
    expect(await story.ledger()).toEqual(before);
    story.remote.diesAt = undefined;
    await story.run();
    expect(story.remote.counts).toMatchObject({ create: 1, list: 2 });
    expect(await created(story)).toEqual(['listed']);
    await bought(story);
  });

  test('22 found in the list and not yet written, is found again in the same way', async () => {
    const story = begin();
    story.remote.fates.push('dies after it');
    await story.live();
    expect(await story.live({ dies: at('created', 'before') })).toBe('died');
    await story.run();
    expect(story.remote.counts).toMatchObject({ create: 1, list: 2 });
    expect(await created(story)).toEqual(['listed']);
    await bought(story);
  });

  test('23 shown to be absent and not yet intended anew, is created', async () => {
    const story = begin();
    story.remote.fates.push('dies before it');
    await story.live();
    expect(await story.live({ dies: at('settle', 'unheard') })).toBe('died');
    expect(await story.open()).toEqual([]);
    expect(await ends(story)).toEqual([['absent', 0]]);
    // Nobody waits or looks again for what is known to be absent.
    expect(await took(story, () => story.run())).toBeLessThan(120_000);
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
