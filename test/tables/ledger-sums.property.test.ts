import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fingerprintOf } from '../../src/base/fingerprint.ts';
import { microdollars } from '../../src/base/money.ts';
import type { AttemptEnded, LedgerEntry } from '../../src/store/store.ts';
import { OutputRig, PIPELINE } from './output-rig.ts';

/** What attempts came to, state by state, by nothing but the ledger. */
function sumsOf(entries: readonly LedgerEntry[]): Record<string, bigint> {
  const sums = { attempts: 0n, reported: 0n, reserved: 0n, unknown: 0n };
  const ends = new Map<string, AttemptEnded>();
  for (const entry of entries) if (entry.type === 'attempt-ended') ends.set(entry.attempt, entry);
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

const ATTEMPT = fc.record({
  pipeline: fc.constantFrom(PIPELINE, PIPELINE, 'other'),
  step: fc.constantFrom('people', 'firms'),
  how: fc.constantFrom('open', 'known', 'known', 'free', 'unknown', 'failed'),
  // Odd amounts: a sum of dollars as floating-point numbers would not be exact.
  cost: fc.integer({ min: 1, max: 9_007_199_254 }),
});

test('the costs table adds up to the ledger, in each of the three states of money', async () => {
  const law = fc.asyncProperty(fc.array(ATTEMPT, { maxLength: 30 }), async (attempts) => {
    const rig = await OutputRig.create();
    await rig.step('people', {}, []);
    await rig.step('firms', {}, []);
    for (const [at, { pipeline, step, how, cost }] of attempts.entries()) {
      const reported = how === 'unknown' ? null : microdollars(how === 'free' ? 0 : cost);
      const failure = { kind: 'agent-failed', message: 'It gave up', attempts: 1 };
      await rig.attempt(pipeline, step, `t${at}`, [fingerprintOf({ at })], {
        open: how === 'open',
        items: [],
        ended: { reported },
        ...(how === 'failed' && { failure }),
      });
    }
    await rig.write();
    expect(await costsOf(rig)).toEqual(sumsOf(await ledgerOf(rig)));
  });
  await fc.assert(law, { numRuns: 12 });
}, 60_000);
