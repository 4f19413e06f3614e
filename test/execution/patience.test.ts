import { describe, expect, test } from 'vitest';
import type { AttemptEnded } from '../../src/store/store.ts';
import { ONE_FIRM } from '../rig/fault-stories.ts';
import { Story } from './crash-rig.ts';
import { socketWorld, THREE } from './socket-world.ts';

const MINUTE = 60_000;

const failures = ({ rig }: Story): readonly string[] =>
  rig?.eventsOf('task-failed').map(({ failure }) => failure) ?? [];

/** Its step gives it five minutes; so many it stands in a queue, and so many pass until its end. */
function queueStory(queuedMinutes: number, minutes: number): Story {
  const story = new Story(`${ONE_FIRM}\n    timeout: 5m`);
  story.remote.queuedMs = queuedMinutes * MINUTE;
  story.remote.durationMs = minutes * MINUTE;
  return story;
}

const endings = async (story: Story): Promise<readonly AttemptEnded[]> =>
  (await story.ledger()).filter((it) => it.type === 'attempt-ended');

describe('an agent run', () => {
  test.each([
    // It works four minutes after so long in the queue: within the five that its step gives it.
    [20, 24, 'completed'],
    [29, 33, 'completed'],
    // Of a longer time there half an hour is let off, and it is given up where it stands.
    [60, 35, 'timeout'],
  ])(
    'row 37: that stands %i minutes in a queue has its time counted from when it works',
    async (queued, minutes, end) => {
      const story = queueStory(queued, queued + 4);
      const before = story.clock.now();
      await story.run();
      expect((story.clock.now() - before) / MINUTE).toBeCloseTo(minutes, 0);
      expect((await endings(story)).map((it) => it.failure ?? it.status)).toEqual([end]);
      expect(story.remote.counts).toMatchObject({ create: 1, cancel: end === 'timeout' ? 1 : 0 });
    },
  );

  test('row 37: that works too long after the queue is given up when its time is over, and no sooner', async () => {
    const story = queueStory(10, 60);
    const before = story.clock.now();
    expect((await story.run()).exit).toBe(1);
    expect((story.clock.now() - before) / MINUTE).toBeCloseTo(15, 0);
    expect(failures(story)).toEqual(['timeout']);
    // What it says counts the time it was given, and not the queue.
    const [failed] = story.rig?.eventsOf('task-failed') ?? [];
    expect(failed?.message).toBe('no answer within 300 s; the agent run was cancelled');
  });

  test('row 37: that a later process finds in the queue still has its whole time as well', async () => {
    const story = queueStory(20, 24);
    expect(await story.live({ diesAfterMs: 2 * MINUTE })).toBe('died');
    await story.clock.advance(10 * MINUTE);
    expect((await story.run()).exit).toBe(0);
    expect(story.remote.counts).toMatchObject({ create: 1, cancel: 0 });
    expect(await story.booked()).toEqual([25_000]);
  });
});

test('row 37: over a real connection, the time in which it is shown as queued does not count', async () => {
  const world = await socketWorld({ durationMs: 12 * MINUTE });
  const queued = (run: Record<string, unknown>): unknown => ({ ...run, status: 'queued' });
  // A look every five seconds: about ten minutes.
  world.server.faults('get', 130, { type: 'change', change: queued });
  const one = THREE.replace(',{"id":"b"},{"id":"c"}', '');
  const before = world.clock.now();
  const report = await world.run(`${one}\n    timeout: 5m`);
  expect(report).toMatchObject({ exit: 0, spend: { reported: 25_000, reserved: 0 } });
  expect((world.clock.now() - before) / MINUTE).toBeCloseTo(12, 0);
  expect(world.server.counts).toMatchObject({ create: 1, cancel: 0 });
});
