import { decode, encode, nameKey } from './lmdb-encoding.ts';
import { openTables, SUMMED_KEY, type Table, type Tables, type TableSpace } from './lmdb-tables.ts';
import { LedgerSums } from './ledger-sums.ts';
import type { PeriodSum, PeriodSums } from './spending.ts';
import type { LedgerEntry } from './store.ts';

/**
 * The sums by period. They follow from the ledger and are kept beside it, because a ceiling is
 * looked up before every agent run and a ledger may be long.
 */
export function periodSums(tables: Tables): PeriodSums {
  const { spending, about } = tables;
  if (spending === undefined || about.get(SUMMED_KEY) === undefined) return foldedSums(tables);
  return {
    get: (period) => {
      const bytes = spending.getBinaryFast(nameKey(period));
      return bytes === undefined ? undefined : decode<PeriodSum>(bytes);
    },
    put: (period, sum) => {
      spending.putSync(nameKey(period), encode(sum));
    },
  };
}

/** Sums that one transaction changes: hundreds of attempts end in the same day and month. */
export class GroupedSums implements PeriodSums {
  readonly #below: PeriodSums;
  readonly #changed = new Map<string, PeriodSum>();

  constructor(tables: Tables) {
    this.#below = periodSums(tables);
  }

  get(period: string): PeriodSum | undefined {
    return this.#changed.get(period) ?? this.#below.get(period);
  }

  put(period: string, sum: PeriodSum): void {
    this.#changed.set(period, sum);
  }

  /** At the end of the transaction. */
  write(): void {
    for (const [period, sum] of this.#changed) this.#below.put(period, sum);
  }
}

/** The tables of a store that is written to; an older one gets what it has not. */
export function openFilled(space: TableSpace): Tables {
  const tables = openTables(space);
  fillSpending(tables);
  return tables;
}

/** Makes the sums of a store that has none yet. In a write transaction. */
function fillSpending(tables: Tables): void {
  const { spending, about } = tables;
  if (spending === undefined || about.get(SUMMED_KEY) !== undefined) return;
  for (const [period, sum] of sumsOf(tables.ledger)) {
    spending.putSync(nameKey(period), encode(sum));
  }
  about.putSync(SUMMED_KEY, Buffer.from('1'));
}

/** For reading a store that no newer program has opened for writing. */
function foldedSums({ ledger }: Tables): PeriodSums {
  const sums = sumsOf(ledger);
  return {
    get: (period) => sums.get(period),
    put: () => {
      throw new Error('The store was opened for reading only');
    },
  };
}

function sumsOf(ledger: Table<number>): ReadonlyMap<string, PeriodSum> {
  const sums = new LedgerSums();
  for (const { value } of ledger.getRange()) sums.add(decode<LedgerEntry>(value));
  return sums.periods;
}
