import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fingerprintOf } from '../../src/base/fingerprint.ts';
import { microdollars } from '../../src/base/money.ts';
import type { AttemptEnded, AttemptIntended, LedgerEntry } from '../../src/store/store.ts';
import { OutputRig, PIPELINE } from './output-rig.ts';

/** What attempts came to, state by state, by nothing but the ledger. */
function sumsOf(entries: readonly LedgerEntry[]): Record<string, bigint> {
  const sums = { attempts: 0n, reported: 0n, reserved: 0n, unknown: 0n };
  const ends = new Map<string, AttemptEnded>();
  for (const entry of entries) {
    if (entry.type === 'attempt-ended') ends.set(entry.attempt, entry);
    const end = entry.type === 'cost-told' ? ends.get(entry.attempt) : undefined;
    if (end !== undefined && entry.type === 'cost-told') {
      ends.set(entry.attempt, { ...end, reported: entry.reported });
    }
  }
  for (const entry of entries) {
    if (entry.type !== 'attempt-intended' || entry.pipeline !== PIPELINE) continue;
    const end = ends.get(entry.attempt);
    sums.attempts++;
    if (end === undefined) sums.reserved += BigInt(entry.reserved);
    else if (end.reported === null) sums.unknown += BigInt(entry.reserved);
    else sums.reported += BigInt(end.reported);
  }
  return sums;
}

async function ledgerOf(rig: OutputRig): Promise<readonly LedgerEntry[]> {
  const all: LedgerEntry[] = [];
  for await (const entries of rig.store.ledger()) all.push(...entries);
  return all;
}

/** The costs table, added up column by column; what is null is nothing. */
async function costsOf(rig: OutputRig): Promise<Record<string, bigint>> {
  const rows = await rig.read('_costs');
  const sum = (column: string): bigint =>
    rows.reduce((total, row) => total + ((row[column] ?? 0n) as bigint), 0n);
  return {
    attempts: BigInt(rows.length),
    reported: sum('reported_microdollars'),
    reserved: sum('reserved_microdollars'),
    unknown: sum('unknown_microdollars'),
  };
}

/** The agent says late what an attempt cost. */
const tell = (rig: OutputRig, intended: AttemptIntended, cost: number): Promise<void> =>
  rig.store.note({
    type: 'cost-told',
    at: intended.at,
    attempt: intended.attempt,
    run: intended.run,
    pipeline: intended.pipeline,
    step: intended.step,
    reported: microdollars(cost),
    endedAt: intended.at,
    reserved: intended.reserved,
  });

const howOf = <T>(task: string, attempts: readonly T[]): T | undefined =>
  attempts[Number(task.slice(1))];

const ATTEMPT = fc.record({
  pipeline: fc.constantFrom(PIPELINE, PIPELINE, 'other'),
  step: fc.constantFrom('people', 'firms'),
  how: fc.constantFrom('open', 'known', 'known', 'free', 'unknown', 'told', 'failed'),
  // Odd amounts: a sum of dollars as floating-point numbers would not be exact.
  cost: fc.integer({ min: 1, max: 9_007_199_254 }),
});

test('the costs table adds up to the ledger, in each of the three states of money', async () => {
  const law = fc.asyncProperty(fc.array(ATTEMPT, { maxLength: 30 }), async (attempts) => {
    const rig = await OutputRig.create();
    await rig.step('people', {}, []);
    await rig.step('firms', {}, []);
    for (const [at, { pipeline, step, how, cost }] of attempts.entries()) {
      const unsaid = how === 'unknown' || how === 'told';
      const reported = unsaid ? null : microdollars(how === 'free' ? 0 : cost);
      const failure = { kind: 'agent-failed', message: 'It gave up', attempts: 1 };
      await rig.attempt(pipeline, step, `t${at}`, [fingerprintOf({ at })], {
        open: how === 'open',
        items: [],
        ended: { reported },
        ...(how === 'failed' && { failure }),
      });
    }
    for (const entry of await ledgerOf(rig)) {
      const how = entry.type === 'attempt-intended' ? howOf(entry.task, attempts) : undefined;
      if (entry.type === 'attempt-intended' && how?.how === 'told')
        await tell(rig, entry, how.cost);
    }
    await rig.write();
    expect(await costsOf(rig)).toEqual(sumsOf(await ledgerOf(rig)));
  });
  await fc.assert(law, { numRuns: 12 });
}, 60_000);
