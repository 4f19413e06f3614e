import { expect, test } from 'vitest';
import { FINISH_MS, Interrupt, isCancelling } from '../../src/execution/interrupt.ts';
import { VirtualClock } from '../rig/virtual-clock.ts';

function begin(): { interrupt: Interrupt; clock: VirtualClock; stages: string[] } {
  const clock = new VirtualClock();
  const stages: string[] = [];
  return { interrupt: new Interrupt(clock, (stage) => stages.push(stage)), clock, stages };
}

test('asked once, nothing new starts, and what runs has 20 seconds before it is cancelled', async () => {
  const { interrupt, clock, stages } = begin();
  const begun = clock.now();
  interrupt.ask();
  expect(interrupt.stop.cause).toBe('interrupted');
  expect(interrupt.stop.signal.aborted).toBe(true);
  expect(interrupt.signal.aborted).toBe(false);
  const cancelled = new Promise((resolve) => {
    interrupt.signal.addEventListener('abort', resolve);
  });
  await clock.drive(cancelled);
  expect(clock.now() - begun).toBe(FINISH_MS);
  expect(isCancelling(interrupt.signal)).toBe(true);
  expect(stages).toEqual(['finishing', 'cancelling']);
});

test('asked twice, what runs is cancelled at once; more often changes nothing', () => {
  const { interrupt, stages } = begin();
  interrupt.ask();
  interrupt.ask();
  interrupt.ask();
  expect(isCancelling(interrupt.signal)).toBe(true);
  expect(stages).toEqual(['finishing', 'cancelling']);
});

test('a machine that ends the process: nobody waits, and nothing is cancelled', () => {
  const { interrupt, stages } = begin();
  interrupt.detach();
  interrupt.detach();
  interrupt.ask();
  expect(interrupt.stop.cause).toBe('terminated');
  expect(interrupt.signal.aborted).toBe(true);
  expect(isCancelling(interrupt.signal)).toBe(false);
  expect(stages).toEqual(['detached']);
});

test('a machine that does not wait for a person either', async () => {
  const { interrupt, clock, stages } = begin();
  interrupt.ask();
  interrupt.detach();
  expect(interrupt.signal.aborted).toBe(true);
  await clock.drive(clock.sleep(2 * FINISH_MS));
  expect(isCancelling(interrupt.signal)).toBe(false);
  expect(interrupt.stop.cause).toBe('interrupted');
  expect(stages).toEqual(['finishing', 'detached']);
});

test('once the run is over, no time runs out any more and nothing is told', async () => {
  const { interrupt, clock, stages } = begin();
  interrupt.ask();
  interrupt.end();
  await clock.drive(clock.sleep(2 * FINISH_MS));
  interrupt.ask();
  interrupt.detach();
  expect(interrupt.signal.aborted).toBe(false);
  expect(stages).toEqual(['finishing']);
});
