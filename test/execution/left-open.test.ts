import { describe, expect, test } from 'vitest';
import { completed, Story } from './crash-rig.ts';
import { FOUND } from './pipelines.ts';

const asks = (query: string, more = ''): string => `
effort: low
steps:
  firms:
    query: ${query}${FOUND}
    key: name${more}`;

const FIRMS = asks('Find a firm.');
const BANKS = asks('Find a bank.');
const MINUTE = 60_000;

/** A process asked and died, and its question is not asked any more: its agent run never ends. */
async function deserted(yaml = FIRMS): Promise<Story> {
  const story = new Story(yaml);
  story.remote.durationMs = Infinity;
  await story.live({ diesAfterMs: MINUTE });
  story.remote.durationMs = 10_000;
  return story;
}

const later = async ({ clock }: Story, ms: number): Promise<void> => clock.advance(ms);

/** When the first cancel comes. */
const cancelTime = ({ remote, clock }: Story): Promise<number> =>
  new Promise((resolve) => {
    const seenBy = remote.seenBy.bind(remote);
    remote.seenBy = (life) => {
      const agent = seenBy(life);
      return {
        ...agent,
        cancel: (id, signal) => {
          resolve(clock.now());
          return agent.cancel(id, signal);
        },
      };
    };
  });

describe('an agent run that was left open and that nobody asks for any more', () => {
  test('gives its answer once it has ended, and is not waited for', async () => {
    const story = new Story(FIRMS);
    story.remote.durationMs = 5 * MINUTE;
    await story.live({ diesAfterMs: MINUTE });
    story.remote.durationMs = 10_000;
    expect((await story.run({ yaml: BANKS })).exit).toBe(0);
    expect(await story.open()).toMatchObject([{ agentRunId: 'run-1', held: undefined }]);
    await later(story, 5 * MINUTE);
    await story.run({ yaml: BANKS });
    expect(await story.open()).toEqual([]);
    expect(await story.booked()).toEqual([25_000, 25_000]);
    // Asked again, it has its answer.
    expect((await story.run()).exit).toBe(0);
    expect(story.remote.counts).toMatchObject({ create: 2, cancel: 0 });
  });

  test('is cancelled 90 minutes after its intent, and what it came to is booked', async () => {
    const story = await deserted();
    await later(story, 88 * MINUTE);
    await story.run({ yaml: BANKS });
    expect(story.remote.counts.cancel).toBe(0);
    await later(story, MINUTE);
    const before = story.clock.now();
    expect((await story.run({ yaml: BANKS })).exit).toBe(0);
    expect(story.clock.now() - before).toBeLessThan(MINUTE);
    expect(story.remote.counts).toMatchObject({ create: 2, cancel: 1 });
    expect(await story.open()).toEqual([]);
    expect(await story.booked()).toEqual([25_000, 10_000]);
    const ended = (await story.ledger()).findLast((it) => it.type === 'attempt-ended');
    expect(ended).toMatchObject({ agentRunId: 'run-1', failure: 'timeout' });
    // As with one that was asked for: asked again, it is not bought again unless the user says so.
    expect((await story.run()).exit).toBe(1);
    expect(story.remote.counts.create).toBe(2);
  });

  test('is cancelled while a run of other questions goes on', async () => {
    const story = await deserted();
    await later(story, 60 * MINUTE);
    story.remote.durationMs = 50 * MINUTE;
    const begunMs = story.clock.now();
    const cancelledMs = cancelTime(story);
    expect((await story.run({ yaml: BANKS })).exit).toBe(0);
    expect((await cancelledMs) - begunMs).toBe(29 * MINUTE);
    expect(await story.open()).toEqual([]);
    expect(story.remote.counts.cancel).toBe(1);
  });

  test.each([
    ['works', 0, 5],
    ['stands in a queue, row 37: half an hour later', Infinity, 35],
  ])('that %s has the time of its step while a run goes on', async (_, queuedMs, minutes) => {
    const timeout = '\n    timeout: 40m';
    const story = new Story(FIRMS + timeout);
    story.remote.durationMs = Infinity;
    story.remote.queuedMs = queuedMs;
    await story.live({ diesAfterMs: MINUTE });
    await later(story, 34 * MINUTE);
    story.remote.durationMs = 38 * MINUTE;
    story.remote.queuedMs = 0;
    const begunMs = story.clock.now();
    const cancelledMs = cancelTime(story);
    expect((await story.run({ yaml: BANKS + timeout })).exit).toBe(0);
    expect(((await cancelledMs) - begunMs) / MINUTE).toBe(minutes);
    expect(story.remote.counts).toMatchObject({ create: 2, cancel: 1 });
    expect(await story.open()).toEqual([]);
  });

  test('that does not end even then is held half an hour later, its ceiling reserved', async () => {
    const story = await deserted();
    story.remote.cancels = 'are not heard';
    await later(story, 90 * MINUTE);
    const before = story.clock.now();
    const report = await story.run({ yaml: BANKS });
    expect(story.clock.now() - before).toBeGreaterThanOrEqual(30 * MINUTE);
    expect(story.clock.now() - before).toBeLessThan(32 * MINUTE);
    expect(report.spend).toMatchObject({ reserved: 25_000 });
    expect(await story.open()).toMatchObject([{ agentRunId: 'run-1', held: { reason: 'no-end' } }]);
    await story.run({ yaml: BANKS });
    expect(story.remote.counts.cancel).toBe(1);
  });

  test('is told to end beside all others, which are waited for together', async () => {
    const story = new Story(asks('Find {{row.n}}.', '\n    input: [{ n: 1 }, { n: 2 }, { n: 3 }]'));
    story.remote.durationMs = Infinity;
    story.remote.cancels = 'are not heard';
    await story.live({ diesAfterMs: MINUTE });
    story.remote.durationMs = 10_000;
    await later(story, 90 * MINUTE);
    const before = story.clock.now();
    await story.run({ yaml: BANKS });
    expect(story.clock.now() - before).toBeLessThan(32 * MINUTE);
    expect(await story.open()).toMatchObject(Array(3).fill({ held: { reason: 'no-end' } }));
  });

  test('has the time that its step gives it', async () => {
    const longer = '\n    timeout: 3h';
    const story = await deserted(FIRMS + longer);
    await later(story, 120 * MINUTE);
    await story.run({ yaml: BANKS + longer });
    expect(story.remote.counts.cancel).toBe(0);
    await later(story, 60 * MINUTE);
    await story.run({ yaml: BANKS + longer });
    expect(story.remote.counts.cancel).toBe(1);
    expect(await story.open()).toEqual([]);
  });

  test('of a batch is cancelled like any other; its answer would have been left for the step', async () => {
    const batch = '\n    input: { from: [{ name: A }, { name: B }], batch: 2 }';
    const rows = (yaml: string): string => yaml.replace('key: name', `key: name${batch}`);
    const story = await deserted(rows(FIRMS));
    await later(story, 90 * MINUTE);
    story.remote.answer = ({ input }) => completed({ found: input?.data ?? [] });
    expect((await story.run({ yaml: rows(BANKS) })).exit).toBe(0);
    expect(story.remote.counts.cancel).toBe(1);
    expect(await story.open()).toEqual([]);
  });

  test('is left alone where the user interrupts the waiting', async () => {
    const story = await deserted();
    story.remote.cancels = 'are not heard';
    await later(story, 90 * MINUTE);
    const before = story.clock.now();
    void story.clock.sleep(5 * MINUTE).then(() => story.rig?.abort.abort('detach'));
    expect((await story.run({ yaml: BANKS })).exit).toBe(0);
    expect(story.clock.now() - before).toBe(5 * MINUTE);
    expect(await story.open()).toMatchObject([{ held: undefined }]);
  });
});
