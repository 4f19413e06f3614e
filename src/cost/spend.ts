import { addMoney, microdollars, type Microdollars } from '../base/money.ts';

/**
 * Money in its three states, which are never added up for a person: each is true in another way.
 * A ceiling is kept against the sum of all three.
 */
export interface Spend {
  /** What agents said their agent runs cost. */
  readonly reported: Microdollars;
  /** Ceilings of agent runs that are under way, or of which nobody knows whether they are. */
  readonly reserved: Microdollars;
  /** Ceilings of agent runs that ended without a word on their cost: at most this much. */
  readonly unknown: Microdollars;
}

const NONE: Microdollars = microdollars(0);

export const NO_SPEND: Spend = { reported: NONE, reserved: NONE, unknown: NONE };

export const addSpend = (a: Spend, b: Spend): Spend => ({
  reported: addMoney(a.reported, b.reported),
  reserved: addMoney(a.reserved, b.reserved),
  unknown: addMoney(a.unknown, b.unknown),
});

/** What counts against a ceiling. */
export const committed = ({ reported, reserved, unknown }: Spend): Microdollars =>
  microdollars(reported + reserved + unknown);
