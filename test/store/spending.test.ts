import { join } from 'node:path';
import fc from 'fast-check';
import { open as openEnvironment } from 'lmdb';
import { describe, expect, onTestFinished, test } from 'vitest';
import { microdollars } from '../../src/base/money.ts';
import type { PeriodCaps } from '../../src/cost/cap.ts';
import { committed, NO_SPEND } from '../../src/cost/spend.ts';
import { LedgerSums } from '../../src/store/ledger-sums.ts';
import type { Store } from '../../src/store/store.ts';
import { collect, created, ended, intended } from './samples.ts';
import type { StoreUnderTest } from './store.cases.ts';
import { lmdbStore, memoryStore, openLmdb, overlayOn } from './stores.ts';
import { temporaryFolder } from './temporary-folder.ts';

const day = (date: string): string => `${date}T12:00:00.000Z`;
const money = microdollars;

const caps = (of: { readonly day?: number; readonly month?: number }): PeriodCaps => ({
  ...(of.day !== undefined && { day: { amount: money(of.day), name: 'day', help: '' } }),
  ...(of.month !== undefined && { month: { amount: money(of.month), name: 'month', help: '' } }),
});

const within = (of: Parameters<typeof caps>[0], openEnded = false) => ({
  caps: caps(of),
  openEnded,
});

/** One attempt from its intent to its end; `reported` null ends it without a word on its cost. */
async function attempt(
  store: Store,
  name: string,
  of: { readonly at: string; readonly reserved: number; readonly reported: number | null },
): Promise<void> {
  await store.intend(intended(name, { at: of.at, reserved: money(of.reserved) }));
  await store.created(created(name));
  const reported = of.reported === null ? null : money(of.reported);
  await store.settle(ended(name, { at: of.at, reported }), []);
}

const KINDS: readonly (readonly [string, () => Promise<StoreUnderTest>])[] = [
  ['in memory', memoryStore],
  ['in LMDB', lmdbStore],
];

describe.each(KINDS)('what was spent, by a store %s', (_, make) => {
  async function begin(): Promise<StoreUnderTest> {
    const under = await make();
    onTestFinished(() => under.dispose());
    return under;
  }

  test('is told by the day and the month on which attempts ended', async () => {
    const { store, reopen } = await begin();
    await attempt(store, 'a', { at: day('2026-11-21'), reserved: 30, reported: 25 });
    await attempt(store, 'b', { at: day('2026-11-22'), reserved: 30, reported: 20 });
    await attempt(store, 'c', { at: day('2026-12-01'), reserved: 30, reported: 7 });
    const again = await reopen();
    expect(await again.spending(day('2026-11-22'))).toEqual({
      day: { ...NO_SPEND, reported: 20 },
      month: { ...NO_SPEND, reported: 45 },
    });
    expect((await again.spending(day('2026-12-01'))).month.reported).toBe(7);
    expect((await again.spending(day('2026-12-02'))).day).toEqual(NO_SPEND);
  });

  test('counts what is open as reserved, whenever it began, until it has ended', async () => {
    const { store, reopen } = await begin();
    await store.intend(intended('a', { at: day('2026-10-01'), reserved: money(30) }));
    expect((await store.spending(day('2026-11-22'))).day.reserved).toBe(30);
    const again = await reopen();
    expect((await again.spending(day('2026-11-22'))).month.reserved).toBe(30);
    await again.settle(ended('a', { at: day('2026-11-22'), reported: money(4) }), []);
    expect((await again.spending(day('2026-11-22'))).day).toEqual({ ...NO_SPEND, reported: 4 });
    expect((await again.spending(day('2026-10-01'))).month).toEqual(NO_SPEND);
  });

  test('keeps the ceiling of what ended without a word on its cost', async () => {
    const { store } = await begin();
    await attempt(store, 'a', { at: day('2026-11-22'), reserved: 30, reported: null });
    expect((await store.spending(day('2026-11-22'))).day).toEqual({ ...NO_SPEND, unknown: 30 });
  });

  test('puts a cost that is told late in the place of the ceiling, on the day of the end', async () => {
    const { store, reopen } = await begin();
    await attempt(store, 'a', { at: day('2026-11-22'), reserved: 30, reported: null });
    const { attempt: id, run, pipeline, step, reserved } = intended('a', { reserved: money(30) });
    await store.note({
      type: 'cost-told',
      at: day('2026-11-24'),
      attempt: id,
      run,
      pipeline,
      step,
      reported: money(12),
      endedAt: day('2026-11-22'),
      reserved,
    });
    const again = await reopen();
    expect((await again.spending(day('2026-11-22'))).day).toEqual({ ...NO_SPEND, reported: 12 });
    expect((await again.spending(day('2026-11-24'))).day).toEqual(NO_SPEND);
    const sums = new LedgerSums();
    for (const entry of await collect(again.ledger())) sums.add(entry);
    expect(sums.periods.get('2026-11')).toEqual({ reported: 12, unknown: 0 });
  });

  test('counts an attempt once that is ended twice', async () => {
    const { store } = await begin();
    await attempt(store, 'a', { at: day('2026-11-22'), reserved: 30, reported: 25 });
    await store.settle(ended('a', { at: day('2026-11-22'), reported: money(25) }), []);
    expect((await store.spending(day('2026-11-22'))).day.reported).toBe(25);
  });

  test('lets an intent through up to the ceiling, and writes nothing of one that goes past it', async () => {
    const { store } = await begin();
    await attempt(store, 'a', { at: day('2026-11-22'), reserved: 60, reported: 50 });
    await store.intend(intended('b', { at: day('2026-11-22'), reserved: money(30) }));
    const wish = intended('c', { at: day('2026-11-22'), reserved: money(21) });
    expect(await store.intend(wish, within({ day: 100, month: 500 }))).toMatchObject({
      cap: { name: 'day', amount: 100 },
      spend: { reported: 50, reserved: 30, unknown: 0 },
      ask: { held: 21, openEnded: false },
    });
    expect(await store.openAttempts()).toHaveLength(1);
    expect(await store.intend(wish, within({ month: 100 }))).toMatchObject({
      cap: { name: 'month' },
    });
    expect(await store.intend(wish, within({ day: 101, month: 101 }))).toBeUndefined();
    expect(await store.openAttempts()).toHaveLength(2);
  });

  test('lets what nothing bounds through while anything is left', async () => {
    const { store } = await begin();
    const wish = (name: string) => intended(name, { at: day('2026-11-22'), reserved: money(0) });
    expect(await store.intend(wish('a'), within({ day: 1 }, true))).toBeUndefined();
    await attempt(store, 'b', { at: day('2026-11-22'), reserved: 5, reported: 5 });
    expect(await store.intend(wish('c'), within({ day: 5 }, true))).toBeDefined();
    expect(await store.intend(wish('d'), within({ day: 5 }, false))).toBeUndefined();
  });

  test('is what the ledger adds up to, and never passes a ceiling', async () => {
    const step = fc.record({
      name: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
      date: fc.constantFrom('2026-11-29', '2026-11-30', '2026-12-01'),
      reserved: fc.nat(60),
      percent: fc.option(fc.nat(100), { nil: null }),
      ends: fc.boolean(),
    });
    const law = fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const under = await make();
      const { store } = under;
      const limit = within({ day: 100, month: 150 });
      try {
        let last = '2026-11-29';
        for (const [at, { name, date, reserved, percent, ends }] of steps.entries()) {
          last = date > last ? date : last;
          const id = `${name}${at % 3}`;
          const open = await store.openAttempts();
          const mine = open.find(({ task }) => task === id);
          if (ends && mine !== undefined) {
            const cost = percent === null ? null : Math.floor((mine.reserved * percent) / 100);
            const reported = cost === null ? null : money(cost);
            await store.settle(ended(id, { at: day(last), reported }), []);
          } else if (mine === undefined) {
            await store.intend(intended(id, { at: day(last), reserved: money(reserved) }), limit);
          }
          const spending = await store.spending(day(last));
          expect(committed(spending.day)).toBeLessThanOrEqual(100);
          expect(committed(spending.month)).toBeLessThanOrEqual(150);
        }
        const sums = new LedgerSums();
        for (const entry of await collect(store.ledger())) sums.add(entry);
        const held = (await store.openAttempts()).reduce((sum, { reserved }) => sum + reserved, 0);
        const none = { reported: 0, unknown: 0 };
        expect(await store.spending(day(last))).toEqual({
          day: { ...none, ...sums.periods.get(last), reserved: held },
          month: { ...none, ...sums.periods.get(last.slice(0, 7)), reserved: held },
        });
      } finally {
        await under.dispose();
      }
    });
    await fc.assert(law, { numRuns: 15 });
  }, 60_000);
});

test('a plan sees what was spent, and spends nothing', async () => {
  const under = await overlayOn(memoryStore);
  await under.store.intend(intended('a', { reserved: money(30) }));
  expect((await under.store.spending(day('2026-11-22'))).day).toEqual(NO_SPEND);
  await under.dispose();
});

describe('in one state folder', () => {
  test('several processes together stay below a ceiling', async () => {
    const folder = await temporaryFolder();
    onTestFinished(() => folder.dispose());
    const path = join(folder.path, 'state');
    const first = await openLmdb(path);
    const second = await openLmdb(path);
    const wishes = Array.from({ length: 40 }, (_, at) =>
      (at % 2 === 0 ? first : second).intend(
        intended(`a${at}`, { at: day('2026-11-22'), reserved: money(7) }),
        within({ day: 100 }),
      ),
    );
    const refused = (await Promise.all(wishes)).filter((reached) => reached !== undefined);
    expect(refused).toHaveLength(40 - 14);
    const open = await second.openAttempts();
    // What another process began is known too, and can be ended by either.
    await first.settle(ended('a0', { at: day('2026-11-22'), reported: money(1) }), []);
    await second.settle(ended('a2', { at: day('2026-11-22'), reported: null }), []);
    expect(open).toHaveLength(14);
    await first.close();
    await second.close();
    // Two handles in one process share LMDB's snapshots, which two processes do not.
    const later = await openLmdb(path);
    expect((await later.spending(day('2026-11-22'))).day).toEqual({
      reported: 1,
      reserved: 84,
      unknown: 7,
    });
    await later.close();
  });

  test('a store that an older program made adds up its ledger once', async () => {
    const folder = await temporaryFolder();
    onTestFinished(() => folder.dispose());
    const path = join(folder.path, 'state');
    const store = await openLmdb(path);
    await attempt(store, 'a', { at: day('2026-11-22'), reserved: 30, reported: 25 });
    await attempt(store, 'b', { at: day('2026-11-22'), reserved: 30, reported: null });
    const before = await store.spending(day('2026-11-22'));
    await store.close();
    const root = openEnvironment({ path, overlappingSync: false, encoding: 'binary' });
    const options = { encoding: 'binary', keyEncoding: 'binary' } as const;
    await root.openDB<Buffer, Buffer>({ name: 'spending', ...options }).drop();
    await root.openDB<Buffer, Buffer>({ name: 'about', ...options }).remove(Buffer.from('summed'));
    await root.close();
    const reader = await openLmdb(path, { readOnly: true });
    expect(await reader.spending(day('2026-11-22'))).toEqual(before);
    await reader.close();
    const writer = await openLmdb(path);
    expect(await writer.spending(day('2026-11-22'))).toEqual(before);
    await attempt(writer, 'c', { at: day('2026-11-22'), reserved: 30, reported: 1 });
    expect((await writer.spending(day('2026-11-22'))).day.reported).toBe(26);
    await writer.close();
    const again = await openLmdb(path);
    expect((await again.spending(day('2026-11-22'))).day.reported).toBe(26);
    await again.close();
  });
});
