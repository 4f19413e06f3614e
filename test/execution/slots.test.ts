import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Slots } from '../../src/execution/slots.ts';
import { VirtualClock } from '../rig/virtual-clock.ts';

class Gauge {
  #now = 0;
  most = 0;

  enter(): void {
    this.most = Math.max(this.most, ++this.#now);
  }

  leave(): void {
    this.#now--;
  }
}

const STEPS = ['a', 'b', 'c'];
const AGENTS = ['x', 'y'];

describe('slots', () => {
  test('know how many agent runs are under way, whatever becomes of them', async () => {
    const slots = new Slots({ all: 2 });
    const held: (() => void)[] = [];
    const wait = (): Promise<void> => new Promise((resolve) => void held.push(resolve));
    const all = [slots.whileUnderWay(wait), slots.whileUnderWay(wait)];
    const lost = slots.whileUnderWay(() => Promise.reject(new Error('lost')));
    expect(slots.agentRuns).toBe(3);
    await expect(lost).rejects.toThrow('lost');
    held[0]?.();
    await all[0];
    expect(slots.agentRuns).toBe(1);
    held[1]?.();
    await all[1];
    expect(slots.agentRuns).toBe(0);
  });

  test('keep every limit under any load, and serve all of it', async () => {
    const limit = fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined });
    const load = fc.record({
      step: fc.constantFrom(...STEPS),
      agent: fc.constantFrom(...AGENTS),
      ms: fc.integer({ min: 0, max: 9 }),
      pause: fc.integer({ min: 0, max: 3 }),
      fails: fc.boolean(),
    });
    const limits = (
      names: readonly string[],
      values: readonly (number | undefined)[],
    ): Map<string, number> =>
      new Map(
        names.flatMap((name, at) =>
          values[at] === undefined ? [] : [[name, values[at]] as const],
        ),
      );
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.tuple(limit, limit, limit),
        fc.tuple(limit, limit),
        fc.array(load, { maxLength: 60 }),
        async (all, bySteps, byAgents, loads) => {
          const clock = new VirtualClock(0);
          const steps = limits(STEPS, bySteps);
          const agents = limits(AGENTS, byAgents);
          const slots = new Slots({ all, steps, agents });
          const gauges = new Map(['all', ...STEPS, ...AGENTS].map((name) => [name, new Gauge()]));
          const work = async ({
            step,
            agent,
            ms,
            fails,
          }: (typeof loads)[number]): Promise<string> => {
            const mine = ['all', step, agent].map((name) => gauges.get(name));
            for (const gauge of mine) gauge?.enter();
            await clock.sleep(ms);
            for (const gauge of mine) gauge?.leave();
            if (fails) throw new Error('failed');
            return 'ok';
          };
          const results: Promise<string>[] = [];
          const offer = async (): Promise<void> => {
            for (const it of loads) {
              results.push(slots.use(it.step, it.agent, () => work(it)).catch(() => 'failed'));
              await clock.sleep(it.pause);
            }
          };
          await clock.drive(offer().then(() => Promise.all(results)));
          expect(await Promise.all(results)).toEqual(
            loads.map(({ fails }) => (fails ? 'failed' : 'ok')),
          );
          expect(gauges.get('all')?.most ?? 0).toBeLessThanOrEqual(all);
          for (const [name, most] of [...steps, ...agents]) {
            expect(gauges.get(name)?.most ?? 0).toBeLessThanOrEqual(most);
          }
        },
      ),
    );
  });

  test('that a step cannot use are free for another step', async () => {
    const clock = new VirtualClock(0);
    const slots = new Slots({ all: 2, steps: new Map([['narrow', 1]]) });
    const begun: string[] = [];
    const use = (step: string, name: string): Promise<void> =>
      slots.use(step, 'x', async () => {
        begun.push(`${clock.now()} ${name}`);
        await clock.sleep(10);
      });
    const narrow = [use('narrow', 'n1'), use('narrow', 'n2'), use('narrow', 'n3')];
    await clock.advance(0);
    const all = Promise.all([...narrow, use('wide', 'w1'), use('wide', 'w2')]);
    await clock.drive(all);
    expect(begun).toEqual(['0 n1', '0 w1', '10 w2', '10 n2', '20 n3']);
  });

  test('say how many one step can have', () => {
    const slots = new Slots({ all: 8, steps: new Map([['a', 3]]), agents: new Map([['x', 5]]) });
    expect([slots.widest('a', 'x'), slots.widest('b', 'x'), slots.widest('b', 'y')]).toEqual([
      3, 5, 8,
    ]);
    expect(slots.widest('a', 'y')).toBe(3);
  });
});
