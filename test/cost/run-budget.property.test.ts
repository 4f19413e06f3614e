import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { microdollars } from '../../src/base/money.ts';
import { committed } from '../../src/cost/spend.ts';
import { CURRENT_PRICE_BOOK } from '../../src/cost/price-book.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import type { Store } from '../../src/store/store.ts';
import { Rig } from '../rig/rig.ts';
import { ScriptedAgent, type Call } from '../rig/scripted-agent.ts';

/** `low` by the book. */
const CEILING = 25_000;

/** How agent runs end, one after the other: which of those under way, and what it then cost. */
const END = fc.record({
  which: fc.nat(7),
  how: fc.constantFrom('answered', 'answered', 'unknown', 'failed', 'failed-paid'),
  percent: fc.nat(100),
});
type End = typeof END extends fc.Arbitrary<infer T> ? T : never;

const CAP = fc.option(fc.integer({ min: 0, max: 16 * CEILING }), { nil: undefined });

/** A pipeline of two steps that run at the same time. */
const yaml = (name: string, steps: readonly (number | undefined)[]): string =>
  `version: 1
name: ${name}
agent: local
concurrency: 5
steps:${steps
    .map(
      (cap, at) => `
  s${at}:
    input: ${JSON.stringify([1, 2, 3, 4, 5, 6].map((id) => ({ id: `${name}${at}${id}` })))}
    query: About {{row.id}}.
    effort: low${cap === undefined ? '' : `\n    budget: ${cap / 1e6}`}`,
    )
    .join('')}`;

/** What an agent run may have cost so far, as the agent itself knows it. */
class Bill {
  readonly #of = new Map<string, number>();

  begin(pipeline: string): void {
    this.#add(pipeline, CEILING);
  }

  end(pipeline: string, cost: number): void {
    this.#add(pipeline, cost - CEILING);
  }

  of(name: string): number {
    return this.#of.get(name) ?? 0;
  }

  #add(pipeline: string, amount: number): void {
    for (const name of [pipeline, 'all']) this.#of.set(name, this.of(name) + amount);
  }
}

const WRITES: readonly string[] = ['intend', 'created', 'settle'];

/** A store whose writes take their time, each another: so many turns of the event loop. */
function slow(store: MemoryStore, turns: readonly number[]): Store {
  let writes = 0;
  return new Proxy<Store>(store, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      const call = (...args: unknown[]): unknown => Reflect.apply(method, target, args);
      if (!WRITES.includes(String(name))) return call;
      return async (...args: unknown[]) => {
        const wait = turns[writes++ % turns.length] ?? 0;
        for (let turn = 0; turn < wait; turn++) await setImmediate();
        const result = await call(...args);
        for (let turn = 0; turn < (wait * 7) % 5; turn++) await setImmediate();
        return result;
      };
    },
  });
}

/** Ends agent runs in the order that `ends` says, until both runs are over; tells each state. */
async function drive(
  agents: Readonly<Record<string, ScriptedAgent>>,
  done: Promise<unknown>,
  ends: readonly End[],
  check: (bill: Bill) => void,
): Promise<void> {
  let over = false;
  void done.then(() => (over = true));
  const bill = new Bill();
  const open: { readonly call: Call; readonly pipeline: string }[] = [];
  for (let at = 0; !over; at++) {
    for (let turn = 0; turn < 3; turn++) await setImmediate();
    for (const [pipeline, agent] of Object.entries(agents)) {
      while (agent.untaken > 0) {
        open.push({ call: await agent.nextCall(), pipeline });
        bill.begin(pipeline);
      }
    }
    check(bill);
    const { which, how, percent } = ends[at % ends.length] ?? {
      which: 0,
      how: 'answered',
      percent: 0,
    };
    const [one] = open.splice(which % Math.max(1, open.length), 1);
    if (one === undefined) continue;
    const cost = how === 'failed' ? 0 : Math.floor((CEILING * percent) / 100);
    bill.end(one.pipeline, how === 'unknown' ? CEILING : cost);
    const completion = how === 'unknown' ? {} : { dollars: cost / 1e6 };
    if (how.startsWith('failed')) one.call.fail('It gave up', completion);
    else one.call.complete(null, { ...completion, text: 'Found.' });
  }
}

test('no run passes its ceilings, nor several at once those of the day, in whatever order agent runs end and writes are done', async () => {
  const law = fc.asyncProperty(
    fc.record({
      a: CAP,
      b: CAP,
      day: CAP,
      step: CAP,
      ends: fc.array(END, { minLength: 1, maxLength: 40 }),
      turns: fc.array(fc.nat(9), { minLength: 1, maxLength: 12 }),
    }),
    async ({ a, b, day, step, ends, turns }) => {
      const store = slow(new MemoryStore(), turns);
      const agents = { a: new ScriptedAgent(), b: new ScriptedAgent() };
      const periods =
        day === undefined ? {} : { day: { amount: microdollars(day), name: 'day', help: '' } };
      const runs = (['a', 'b'] as const).map((name, at) => {
        const rig = new Rig({
          agent: agents[name],
          store,
          prices: CURRENT_PRICE_BOOK,
          seed: at + 7,
        });
        const cap = { a, b }[name];
        return rig.run(yaml(name, [step, undefined]), {
          periods,
          ...(cap !== undefined && { cap: microdollars(cap) }),
        });
      });
      const done = Promise.all(runs);
      const most = { a: a ?? Infinity, b: b ?? Infinity, all: day ?? Infinity };
      await drive(agents, done, ends, (bill) => {
        for (const [name, cap] of Object.entries(most)) {
          expect({ name, fits: bill.of(name) <= cap }).toEqual({ name, fits: true });
        }
      });
      const [ofA, ofB] = await done;
      expect(committed(ofA?.spend ?? NONE)).toBeLessThanOrEqual(most.a);
      expect(committed(ofB?.spend ?? NONE)).toBeLessThanOrEqual(most.b);
      const { day: today } = await store.spending('2026-11-22T23:00:00.000Z');
      expect(committed(today)).toBeLessThanOrEqual(most.all);
      expect(today.reserved).toBe(0);
    },
  );
  await fc.assert(law, { numRuns: 60 });
}, 120_000);

const NONE = { reported: microdollars(0), reserved: microdollars(0), unknown: microdollars(0) };
