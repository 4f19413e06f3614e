import { microdollars, type Microdollars } from '../base/money.ts';

/** Money held for one agent run. */
export interface Reservation {
  readonly held: Microdollars;
}

/**
 * A cap on spending, kept by holding each agent run's ceiling before it starts and putting the
 * true amount in its place afterwards. Held plus spent never passes the cap.
 *
 * An agent run whose cost is unknown keeps what was held for it.
 */
export class Budget {
  readonly cap: Microdollars | undefined;
  readonly #within: Budget | undefined;
  #spent = 0;
  #held = 0;

  /** `within` is the budget that this one is a part of: what it holds and spends counts there too. */
  constructor(cap: Microdollars | undefined, within?: Budget) {
    this.cap = cap;
    this.#within = within;
  }

  get spent(): Microdollars {
    return microdollars(this.#spent);
  }

  get held(): Microdollars {
    return microdollars(this.#held);
  }

  /**
   * Holds `ceiling`, or gives undefined when the cap has no room for it. A run without a known
   * ceiling is let through while anything is left: the cap then bounds when runs start, not what
   * the last ones cost.
   */
  reserve(ceiling: Microdollars | undefined): Reservation | undefined {
    const held = ceiling ?? microdollars(0);
    if (this.cap !== undefined) {
      const after = this.#spent + this.#held + held;
      const full = ceiling === undefined ? after >= this.cap : after > this.cap;
      if (full) return undefined;
    }
    if (this.#within !== undefined && this.#within.reserve(ceiling) === undefined) return undefined;
    this.#held += held;
    return { held };
  }

  /** Holds money for an agent run that is under way already, whatever the cap says. */
  adopt(held: Microdollars): Reservation {
    this.#within?.adopt(held);
    this.#held += held;
    return { held };
  }

  /** Replaces what was held by what it cost; undefined leaves it held. */
  settle(reservation: Reservation, cost: Microdollars | undefined): void {
    if (cost === undefined) return;
    this.#within?.settle(reservation, cost);
    this.#held -= reservation.held;
    this.#spent += cost;
  }

  /** Gives back what was held for a run that never came to be. */
  release(reservation: Reservation): void {
    this.#within?.release(reservation);
    this.#held -= reservation.held;
  }
}
