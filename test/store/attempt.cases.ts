import { expect } from 'vitest';
import { microdollars } from '../../src/base/money.ts';
import type { Known, Store } from '../../src/store/store.ts';
import {
  answer,
  attemptId,
  collect,
  created,
  doubted,
  ended,
  failed,
  fingerprint,
  held,
  intended,
  time,
} from './samples.ts';
import type { Each } from './store.cases.ts';

const NOTHING = { answer: undefined, open: undefined, failed: undefined };

export async function lookOne(store: Store, name: string): Promise<Known | undefined> {
  const [known] = await store.look([fingerprint(name)]);
  return known;
}

/** What every store promises about attempts and the ledger. */
export function attemptCases(each: Each): void {
  each('knows nothing of a fingerprint that was never asked', async ({ store }) => {
    expect(await store.look([fingerprint('a'), fingerprint('b')])).toEqual([NOTHING, NOTHING]);
    expect(await store.look([])).toEqual([]);
  });

  each('keeps an attempt open from its intent to its end', async ({ store, reopen }) => {
    await store.intend(intended('a', { at: time(5) }));
    const open = {
      attempt: attemptId('a'),
      run: intended('a').run,
      pipeline: 'leads',
      step: 'people',
      task: 'a',
      agent: 'exa',
      effort: 'low',
      fingerprints: [fingerprint('a')],
      intendedAt: time(5),
      reserved: 25_000,
      agentRunId: undefined,
      held: undefined,
    };
    expect(await store.openAttempts()).toEqual([open]);
    expect(await lookOne(store, 'a')).toEqual({ ...NOTHING, open });
    await store.created(created('a'));
    const known = { ...open, agentRunId: 'run-of-a' };
    const later = await reopen();
    expect(await later.openAttempts()).toEqual([known]);
    expect(await lookOne(later, 'a')).toEqual({ ...NOTHING, open: known });
    await later.settle(ended('a'), [answer('a')]);
    expect(await later.openAttempts()).toEqual([]);
    expect((await lookOne(later, 'a'))?.open).toBeUndefined();
  });

  each('lists open attempts oldest first', async ({ store }) => {
    for (const [name, second] of [
      ['c', 2],
      ['a', 3],
      ['b', 1],
    ] as const) {
      await store.intend(intended(name, { at: time(second) }));
    }
    const names = (await store.openAttempts()).map(({ attempt }) => attempt);
    expect(names).toEqual([attemptId('b'), attemptId('c'), attemptId('a')]);
  });

  each('shows the newest of several open attempts for one fingerprint', async ({ store }) => {
    const fingerprints = [fingerprint('shared')];
    for (const [name, second] of [
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ] as const) {
      await store.intend(intended(name, { fingerprints, at: time(second) }));
    }
    await store.settle(failed('b'), []);
    expect((await lookOne(store, 'shared'))?.open?.attempt).toBe(attemptId('c'));
    await store.settle(failed('c'), []);
    expect((await lookOne(store, 'shared'))?.open?.attempt).toBe(attemptId('a'));
    await store.settle(failed('a'), []);
    expect((await lookOne(store, 'shared'))?.open).toBeUndefined();
  });

  each('keeps the ledger in the order of events', async ({ store, reopen }) => {
    const entries = [intended('a'), intended('b'), created('b'), created('a')] as const;
    await store.intend(entries[0]);
    await store.intend(entries[1]);
    await store.created(entries[2]);
    await store.created(entries[3]);
    await store.settle(failed('b', { keptOutput: { text: 'paid for' } }), []);
    await store.settle(ended('a'), [answer('a')]);
    const all = [...entries, failed('b', { keptOutput: { text: 'paid for' } }), ended('a')];
    expect(await collect(store.ledger())).toEqual(all);
    expect(await store.ledgerLength()).toBe(all.length);
    expect(await collect(store.ledger(1))).toEqual(all.slice(1));
    expect(await collect(store.ledger(all.length))).toEqual([]);
    const later = await reopen();
    await later.created(created('late'));
    expect(await collect(later.ledger())).toEqual([...all, created('late')]);
  });

  each(
    'keeps an attempt in doubt open, and holds it with what there is to choose from',
    async ({ store, reopen }) => {
      await store.intend(intended('a'));
      await store.note(doubted('a'));
      expect((await lookOne(store, 'a'))?.open).toMatchObject({
        agentRunId: undefined,
        held: undefined,
      });
      await store.note(held('a'));
      const later = await reopen();
      const { type: _, attempt: __, ...hold } = held('a');
      expect((await lookOne(later, 'a'))?.open?.held).toEqual(hold);
      expect((await later.openAttempts()).map((open) => open.held)).toEqual([hold]);
      expect(await collect(later.ledger())).toEqual([intended('a'), doubted('a'), held('a')]);
    },
  );

  each(
    'holds an attempt whose agent run is known, and forgets the hold with a new word',
    async ({ store, reopen }) => {
      await store.intend(intended('a'));
      await store.created(created('a'));
      await store.note(held('a', { reason: 'no-end' }));
      const later = await reopen();
      expect(await later.openAttempts()).toMatchObject([
        { agentRunId: 'run-of-a', held: { reason: 'no-end' } },
      ]);
      await later.created({ ...created('a', 'run-chosen'), found: 'chosen' });
      expect(await later.openAttempts()).toMatchObject([
        { agentRunId: 'run-chosen', held: undefined },
      ]);
      await later.note(held('a'));
      await later.settle(ended('a'), [answer('a')]);
      expect(await later.openAttempts()).toEqual([]);
      await later.note(held('a'));
      expect(await later.openAttempts()).toEqual([]);
    },
  );

  each('remembers whether what failed was paid for', async ({ store, reopen }) => {
    const ends = {
      paid: failed('paid'),
      free: failed('free', { reported: microdollars(0) }),
      unknown: failed('unknown', { reported: null }),
      unsent: failed('unsent', { reported: null, agentRunId: null }),
    };
    for (const [name, entry] of Object.entries(ends)) {
      await store.intend(intended(name));
      await store.settle(entry, []);
    }
    const later = await reopen();
    const known = await later.look(Object.keys(ends).map(fingerprint));
    expect(known.map((one) => one.failed?.charged)).toEqual([true, false, true, false]);
  });

  each('has an id of its own that never changes', async ({ store, reopen }) => {
    expect(await store.stateId('first')).toBe('first');
    expect(await store.stateId('second')).toBe('first');
    expect(await (await reopen()).stateId('third')).toBe('first');
  });

  each('takes a late word about an attempt that has ended as a mere fact', async ({ store }) => {
    await store.intend(intended('a'));
    const [id] = await store.settle(ended('a'), [answer('a')]);
    await store.created(created('a'));
    await store.settle(failed('a'), []);
    expect(await store.openAttempts()).toEqual([]);
    expect(await lookOne(store, 'a')).toMatchObject({ failed: undefined, answer: { id } });
    expect(await collect(store.ledger())).toHaveLength(4);
  });
}
