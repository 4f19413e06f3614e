import { describe, expect, test } from 'vitest';
import { Deadlines } from '../../src/execution/deadlines.ts';
import { VirtualClock } from '../rig/virtual-clock.ts';

const START = 1_000_000;

function opened(): { clock: VirtualClock; above: AbortController; deadlines: Deadlines } {
  const clock = new VirtualClock(START);
  const above = new AbortController();
  return { clock, above, deadlines: new Deadlines(clock, above.signal) };
}

describe('deadlines', () => {
  test('are met in time, each on its own, in whatever order they were made', async () => {
    const { clock, deadlines } = opened();
    const waits = [30, 10, 20, 10].map((ms) => deadlines.at(START + ms));
    const met = (): boolean[] => waits.map(({ signal }) => signal.aborted);
    await clock.advance(9);
    expect(met()).toEqual([false, false, false, false]);
    await clock.advance(1);
    expect(met()).toEqual([false, true, false, true]);
    await clock.advance(10);
    expect(met()).toEqual([false, true, true, true]);
    await clock.advance(10);
    expect(met()).toEqual([true, true, true, true]);
    expect(clock.sleepers).toBe(0);
  });

  test('that were closed are never met, and nothing sleeps for them', async () => {
    const { clock, deadlines } = opened();
    const [first, second] = [deadlines.at(START + 10), deadlines.at(START + 20)];
    first.close();
    expect(clock.sleepers).toBe(1);
    await clock.advance(10);
    second.close();
    expect(clock.sleepers).toBe(0);
    await clock.advance(100);
    expect([first.signal.aborted, second.signal.aborted]).toEqual([false, false]);
  });

  test('that were postponed are met at their new time, and never sooner than they were', async () => {
    const { clock, deadlines } = opened();
    const [moved, other] = [deadlines.at(START + 10), deadlines.at(START + 15)];
    moved.postpone(START + 30);
    moved.postpone(START + 5);
    await clock.advance(15);
    expect([moved.signal.aborted, other.signal.aborted]).toEqual([false, true]);
    await clock.advance(14);
    expect(moved.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(moved.signal.aborted).toBe(true);
  });

  test('take hundreds of waits with one sleep', () => {
    const { clock, deadlines } = opened();
    const waits = Array.from({ length: 300 }, (_, i) => deadlines.at(START + 1_000 + i));
    expect(clock.sleepers).toBe(1);
    for (const wait of waits) wait.close();
    expect(clock.sleepers).toBe(0);
  });

  test('give a signal to the next wait that nobody listens to any more', async () => {
    const { clock, deadlines } = opened();
    const closed = deadlines.at(START + 10);
    closed.close();
    const next = deadlines.at(START + 50);
    await clock.advance(10);
    expect(next.signal.aborted).toBe(false);
    await clock.advance(40);
    expect(next.signal.aborted).toBe(true);
    next.close();
    const after = deadlines.at(START + 100);
    expect(after.signal.aborted).toBe(false);
    after.close();
  });

  test('end with the signal above them, with its reason', () => {
    const { clock, above, deadlines } = opened();
    const [open, closed] = [deadlines.at(START + 10), deadlines.at(START + 10)];
    closed.close();
    above.abort('cancel');
    expect([open.signal.reason, closed.signal.aborted]).toEqual(['cancel', false]);
    const late = deadlines.at(START + 10);
    expect(late.signal.reason).toBe('cancel');
    open.close();
    late.close();
    expect(clock.sleepers).toBe(0);
  });
});
