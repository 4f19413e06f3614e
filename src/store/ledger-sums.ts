import type { Microdollars } from '../base/money.ts';
import { addEnd, addToldCost, type PeriodSum, type PeriodSums } from './spending.ts';
import type { LedgerEntry } from './store.ts';

/** The sums of a whole ledger, entry by entry in its order. */
export class LedgerSums {
  readonly #sums = new Map<string, PeriodSum>();
  readonly #open = new Map<string, Microdollars>();
  readonly #put: PeriodSums = {
    get: (period) => this.#sums.get(period),
    put: (period, sum) => this.#sums.set(period, sum),
  };

  get periods(): ReadonlyMap<string, PeriodSum> {
    return this.#sums;
  }

  add(entry: LedgerEntry): void {
    if (entry.type === 'attempt-intended') {
      this.#open.set(entry.attempt, entry.reserved);
    } else if (entry.type === 'cost-told') {
      addToldCost(this.#put, entry);
    } else if (entry.type === 'attempt-ended') {
      const reserved = this.#open.get(entry.attempt);
      // What is ended twice is counted once.
      if (reserved === undefined) return;
      this.#open.delete(entry.attempt);
      addEnd(this.#put, entry, reserved);
    }
  }
}
