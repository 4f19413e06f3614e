import type { Microdollars } from '../base/money.ts';
import { addMoney, microdollars } from '../base/money.ts';
import type { Ask } from './cap.ts';
import type { EffortPrice, PriceBook } from './price-book.ts';

/** How many contact values one agent run can find at most; undefined where nothing bounds it. */
export interface ContactBounds {
  readonly emails: number | undefined;
  readonly phones: number | undefined;
}

/** What one agent run should cost, and what it can cost at most; undefined means unknown. */
export interface CostEstimate {
  readonly expected: Microdollars | undefined;
  readonly ceiling: Microdollars | undefined;
  readonly basis: CostBasis;
  /** The part of the ceiling that is for contact values; undefined where nothing bounds them. */
  readonly contacts: Microdollars | undefined;
}

/** Where an expected cost comes from. */
export type CostBasis =
  | 'free'
  /** The price is fixed, and nothing is paid on top. */
  | 'exact'
  /** Paid by use, up to a cap that the agent keeps. */
  | 'ceiling'
  /** The median of earlier agent runs of the step. */
  | 'observed'
  /** Paid by use, and nothing bounds it. */
  | 'no ceiling'
  | 'unknown effort';

/** A step of which the book alone does not say what an agent run costs. */
export interface MeteredStep {
  readonly step: string;
  readonly effort: string;
  /** The most that one agent run can cost; null where nothing bounds it. */
  readonly ceiling: Microdollars | null;
  /** Agent runs that can be under way when a budget is reached. */
  readonly atOnce: number;
}

const NOTHING: Microdollars = microdollars(0);

export const FREE: CostEstimate = {
  expected: NOTHING,
  ceiling: NOTHING,
  basis: 'free',
  contacts: NOTHING,
};

/**
 * Prices one agent run by the book.
 *
 * A fixed effort is expected at its price. A metered one is expected at its cap, as long as nothing
 * better is known. Contact values are paid on top and only by what is found, so they raise the
 * ceiling and not the expectation.
 */
export function estimateAgentRun(
  book: PriceBook,
  effort: string | undefined,
  contacts: ContactBounds,
  maxCost: Microdollars | undefined,
): CostEstimate {
  const price = book.efforts[effort ?? book.defaultEffort];
  const extra = contactCeiling(book, contacts);
  if (price === undefined) {
    const basis = 'unknown effort';
    return { expected: undefined, ceiling: undefined, basis, contacts: extra };
  }
  const own = effortCeiling(book, price, maxCost);
  const ceiling = own === undefined || extra === undefined ? undefined : addMoney(own, extra);
  const basis = own === undefined ? 'no ceiling' : price.kind === 'fixed' ? 'exact' : 'ceiling';
  return { expected: own, ceiling, basis, contacts: extra };
}

/** The estimate with the median of earlier agent runs as what is to be expected. */
export function withObserved(
  estimate: CostEstimate,
  median: Microdollars | undefined,
): CostEstimate {
  const certain = estimate.basis === 'exact' && estimate.contacts === 0;
  if (median === undefined || certain || estimate.basis === 'free') return estimate;
  return { ...estimate, expected: median, basis: 'observed' };
}

/** What an agent run of this estimate asks a budget for. */
export const askOf = ({ expected, ceiling }: CostEstimate): Ask => ({
  held: ceiling ?? expected ?? NOTHING,
  openEnded: ceiling === undefined,
});

/**
 * The most that an effort costs without contact values. A ceiling that a request gives takes the
 * place of the cap, which is only what holds without one: it may be larger.
 */
function effortCeiling(
  book: PriceBook,
  price: EffortPrice,
  maxCost: Microdollars | undefined,
): Microdollars | undefined {
  if (price.kind === 'fixed') return price.price;
  return (book.takesBudget ? maxCost : undefined) ?? price.cap;
}

function contactCeiling(book: PriceBook, contacts: ContactBounds): Microdollars | undefined {
  if (contacts.emails === undefined || contacts.phones === undefined) return undefined;
  return microdollars(contacts.emails * book.email + contacts.phones * book.phoneNumber);
}
