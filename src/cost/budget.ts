import { microdollars, type Microdollars } from '../base/money.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { capReached, type Ask, type Cap, type CapReached } from './cap.ts';
import { NO_SPEND, type Spend } from './spend.ts';

/** Money held for one agent run. */
export interface Reservation {
  readonly held: Microdollars;
}

/**
 * A ceiling on spending, kept by holding each agent run's ceiling before it starts and putting the
 * true amount in its place afterwards. Spent, held and unknown together never pass it, unless an
 * agent run has no ceiling or costs more than its own.
 *
 * Budgets form a tree: what a part holds and spends counts in the whole too.
 */
export class Budget {
  readonly cap: Cap | undefined;
  readonly #within: Budget | undefined;
  readonly #parts = new Map<string, Budget>();
  /** Reservations of attempts that an earlier process began and that have not ended. */
  readonly #carried = new Map<string, Reservation>();
  #reported: number;
  #held: number;
  #unknown: number;

  /** `within` is the budget that this one is a part of, and `before` what it has spent already. */
  constructor(cap?: Cap, within?: Budget, before: Spend = NO_SPEND) {
    this.cap = cap;
    this.#within = within;
    this.#reported = before.reported;
    this.#held = before.reserved;
    this.#unknown = before.unknown;
  }

  get spend(): Spend {
    return {
      reported: microdollars(this.#reported),
      reserved: microdollars(this.#held),
      unknown: microdollars(this.#unknown),
    };
  }

  /** The part of this name; `cap` counts when it is made. */
  part(name: string, cap?: Cap): Budget {
    let part = this.#parts.get(name);
    if (part === undefined) {
      part = new Budget(cap, this);
      this.#parts.set(name, part);
    }
    return part;
  }

  /** Holds what is asked, here and in the whole, or says which ceiling has no room for it. */
  reserve(ask: Ask): Result<Reservation, CapReached> {
    const reached = this.#reached(ask);
    if (reached !== undefined) return fail(reached);
    return ok(this.#hold(ask.held));
  }

  /**
   * Holds money for an attempt that an earlier process began, whatever the ceiling says: until it
   * is settled it may have cost that much.
   */
  carry(attempt: string, held: Microdollars): void {
    if (!this.#carried.has(attempt)) this.#carried.set(attempt, this.#hold(held));
  }

  /**
   * Gives the reservation of an attempt that was carried over, to be settled or released; the same
   * one to whoever takes it up after somebody who has not seen its end.
   */
  takeUp(attempt: string, held: Microdollars): Reservation {
    const carried = this.#carried.get(attempt) ?? this.#hold(held);
    this.#carried.set(attempt, carried);
    return carried;
  }

  /** Replaces what was held by what it cost. Where that is unknown it counts as spent in full. */
  settle(reservation: Reservation, cost: Microdollars | undefined): void {
    this.#within?.settle(reservation, cost);
    this.#held -= reservation.held;
    if (cost === undefined) this.#unknown += reservation.held;
    else this.#reported += cost;
  }

  /** What one cost that was settled without a word on that: no longer its ceiling. */
  tell(reservation: Reservation, cost: Microdollars): void {
    this.#within?.tell(reservation, cost);
    this.#unknown -= reservation.held;
    this.#reported += cost;
  }

  /** Gives back what was held for an agent run that never came to be. */
  release(reservation: Reservation): void {
    this.#within?.release(reservation);
    this.#held -= reservation.held;
  }

  /** Of several ceilings without room the smallest is named. */
  #reached(ask: Ask): CapReached | undefined {
    const own = capReached(this.cap, this.spend, ask);
    const outer = this.#within === undefined ? undefined : this.#within.#reached(ask);
    if (own === undefined || outer === undefined) return own ?? outer;
    return outer.cap.amount < own.cap.amount ? outer : own;
  }

  #hold(held: Microdollars): Reservation {
    if (this.#within !== undefined) this.#within.#hold(held);
    this.#held += held;
    return { held };
  }
}
