import fc from 'fast-check';
import { expect, test } from 'vitest';
import { VirtualClock } from './virtual-clock.ts';

test('sleepers wake in order of time, and of lying down within one instant', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 200 }),
      async (naps) => {
        const clock = new VirtualClock(0);
        const woken: [at: number, nap: number][] = [];
        naps.forEach((ms, nap) => void clock.sleep(ms).then(() => woken.push([clock.now(), nap])));
        await clock.runUntilIdle();
        const order = naps.map((ms, nap): [number, number] => [ms, nap]);
        expect(woken).toEqual(order.toSorted(([a, i], [b, j]) => a - b || i - j));
        expect(clock.sleepers).toBe(0);
      },
    ),
  );
});

test('time stops exactly where it was told to', async () => {
  const clock = new VirtualClock(1_000);
  const woken: number[] = [];
  for (const ms of [10, 20, 30]) void clock.sleep(ms).then(() => woken.push(ms));
  await clock.advance(20);
  expect([clock.now(), woken, clock.sleepers]).toEqual([1_020, [10, 20], 1]);
});

test('an abort wakes at once, before and while asleep', async () => {
  const clock = new VirtualClock(0);
  const abort = new AbortController();
  const asleep = clock.sleep(1_000, abort.signal);
  abort.abort();
  await asleep;
  await clock.sleep(1_000, abort.signal);
  expect([clock.now(), clock.sleepers]).toEqual([0, 0]);
});

test('ten thousand chains of sleeps end at the same time in the same order, every time', async () => {
  const history = async (): Promise<number> => {
    const clock = new VirtualClock(0);
    let digest = 0;
    const chain = async (n: number): Promise<void> => {
      for (let i = 1; i <= 3; i++) {
        await clock.sleep(((n * 7 + i * 13) % 97) + 1);
        digest = (digest * 31 + n + clock.now()) % 1_000_000_007;
      }
    };
    const chains = Array.from({ length: 10_000 }, (_, n) => chain(n));
    await clock.drive(Promise.all(chains));
    return digest;
  };
  expect(await history()).toBe(await history());
});
