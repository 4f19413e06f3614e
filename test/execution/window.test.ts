import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Window } from '../../src/execution/window.ts';
import { VirtualClock } from '../rig/virtual-clock.ts';

describe('a window', () => {
  test('never has more under way than its size, and loses nothing', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 8 }),
        fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 60 }),
        fc.integer({ min: 1, max: 3 }),
        async (size, naps, adders) => {
          const clock = new VirtualClock(0);
          const window = new Window(size);
          let open = 0;
          let most = 0;
          let ended = 0;
          const work = (ms: number) => async (): Promise<void> => {
            most = Math.max(most, ++open);
            await clock.sleep(ms);
            open--;
            ended++;
          };
          const add = async (adder: number): Promise<void> => {
            for (const [at, ms] of naps.entries()) {
              if (at % adders === adder) await window.add(work(ms));
            }
          };
          const all = Promise.all(Array.from({ length: adders }, (_, adder) => add(adder)));
          await clock.drive(all.then(() => window.drain()));
          expect(most).toBeLessThanOrEqual(size);
          if (naps.length >= size && naps.every((ms) => ms > 0)) expect(most).toBe(size);
          expect([open, ended]).toEqual([0, naps.length]);
        },
      ),
    );
  });

  test('throws the first error once all has ended, and keeps going until then; it tells each at once', async () => {
    const clock = new VirtualClock(0);
    const told: [number, string][] = [];
    const window = new Window(2, (error) => {
      if (error instanceof Error) told.push([clock.now(), error.message]);
    });
    const ended: string[] = [];
    const all = async (): Promise<void> => {
      await window.add(async () => {
        await clock.sleep(1);
        throw new Error('first');
      });
      await window.add(async () => {
        await clock.sleep(2);
        throw new Error('second');
      });
      await window.add(async () => {
        await clock.sleep(5);
        ended.push('third');
      });
      await window.drain();
    };
    await expect(clock.drive(all())).rejects.toThrow('first');
    expect(ended).toEqual(['third']);
    expect(told).toEqual([
      [1, 'first'],
      [2, 'second'],
    ]);
    await expect(window.idle()).resolves.toBeUndefined();
  });

  test('that is empty is drained at once', async () => {
    await expect(new Window(3).drain()).resolves.toBeUndefined();
  });
});
