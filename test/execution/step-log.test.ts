import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Fingerprint } from '../../src/base/fingerprint.ts';
import { StepLog } from '../../src/execution/step-log.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import type { Member } from '../../src/store/store.ts';

const member = (n: number): Member => ({
  path: [n],
  task: `#${n}`,
  fingerprint: '' as Fingerprint,
  answer: undefined,
  answerDigest: undefined,
  dropped: [],
  failure: undefined,
});

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n);

/** Lets all promises go as far as they can. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function readAll(log: StepLog, seen: number[] = []): Promise<readonly number[]> {
  for await (const members of log.read()) {
    for (const { path } of members) seen.push(path[0] ?? -1);
  }
  return seen;
}

/** A store whose writes of members end when the test says so. */
class SlowStore extends MemoryStore {
  readonly pending: (() => void)[] = [];
  portions = 0;

  override async addMembers(
    version: string,
    portion: number,
    members: readonly Member[],
  ): Promise<void> {
    await new Promise<void>((resolve) => this.pending.push(resolve));
    this.portions++;
    await super.addMembers(version, portion, members);
  }
}

describe('a step log', () => {
  test('gives every reader every task once and in order, whenever it begins', async () => {
    const step = fc.oneof(
      {
        weight: 3,
        arbitrary: fc.record({ do: fc.constant('append'), by: fc.integer({ min: 1, max: 900 }) }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('read'), by: fc.constant(0) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('wait'), by: fc.constant(0) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('write'), by: fc.constant(0) }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const store = new SlowStore();
        const log = new StepLog(store, 'v');
        const readers: Promise<readonly number[]>[] = [readAll(log)];
        const appends: Promise<void>[] = [];
        let count = 0;
        for (const { do: what, by } of steps) {
          if (what === 'append')
            for (let i = 0; i < by; i++) appends.push(log.append(member(count++)));
          if (what === 'read') readers.push(readAll(log));
          if (what === 'write') store.pending.shift()?.();
          if (what === 'wait') await settled();
        }
        let over = false;
        const closed = Promise.all(appends).then(async () => {
          await log.close();
          over = true;
        });
        while (!over) {
          store.pending.shift()?.();
          await settled();
        }
        await closed;
        readers.push(readAll(log));
        for (const seen of await Promise.all(readers)) expect(seen).toEqual(numbers(count));
      }),
      { numRuns: 60 },
    );
  });

  test('shows a task to readers before it is in the store', async () => {
    const store = new SlowStore();
    const log = new StepLog(store, 'v');
    const seen: number[] = [];
    const done = readAll(log, seen);
    for (let n = 0; n < 1_000; n++) void log.append(member(n));
    await settled();
    expect(store.portions).toBe(0);
    expect(seen).toEqual(numbers(1_000));
    store.pending.shift()?.();
    await settled();
    await log.close();
    expect(await done).toHaveLength(1_000);
  });

  test('keeps in memory no more than one portion and those being written', async () => {
    const kept = new Set<Member>();
    const store = new MemoryStore();
    const put = store.addMembers.bind(store);
    store.addMembers = async (version, portion, members) => {
      await put(
        version,
        portion,
        members.map((it) => ({ ...it })),
      );
      for (const it of members) kept.delete(it);
    };
    const log = new StepLog(store, 'v');
    let most = 0;
    for (let n = 0; n < 25_000; n++) {
      const it = member(n);
      kept.add(it);
      await log.append(it);
      most = Math.max(most, kept.size);
    }
    await log.close();
    expect(most).toBeLessThanOrEqual(1_000);
    expect(kept.size).toBe(0);
    // A late reader gets all of it back from the store, a portion at a time.
    const sizes: number[] = [];
    for await (const members of log.read()) sizes.push(members.length);
    expect(Math.max(...sizes)).toBe(1_000);
    expect(sizes.reduce((a, b) => a + b, 0)).toBe(25_000);
  });

  test('that is given up lets its readers end', async () => {
    const log = new StepLog(new MemoryStore(), 'v');
    const done = readAll(log);
    await log.append(member(0));
    await settled();
    log.abandon();
    expect(await done).toEqual([0]);
  });
});
