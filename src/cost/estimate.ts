import type { Microdollars } from '../base/money.ts';
import { microdollars } from '../base/money.ts';
import type { PriceBook } from './price-book.ts';

/** How many contact values one agent run can find at most; undefined where nothing bounds it. */
export interface ContactBounds {
  readonly emails: number | undefined;
  readonly phones: number | undefined;
}

/** What one agent run should cost, and what it can cost at most; undefined means unknown. */
export interface CostEstimate {
  readonly expected: Microdollars | undefined;
  readonly ceiling: Microdollars | undefined;
  /** Where the figures come from, for the plan. */
  readonly basis: 'free' | 'fixed price' | 'capped' | 'no cap' | 'unknown effort';
}

export const FREE: CostEstimate = {
  expected: microdollars(0),
  ceiling: microdollars(0),
  basis: 'free',
};

/**
 * Prices one agent run by the book.
 *
 * A fixed effort is expected at its price. A metered one is expected at its cap, since nothing
 * better is known before the first run. Contact values are paid on top and only by what is found,
 * so they raise the ceiling and not the expectation.
 */
export function estimateAgentRun(
  book: PriceBook,
  effort: string | undefined,
  contacts: ContactBounds,
  maxCost: Microdollars | undefined,
): CostEstimate {
  const price = book.efforts[effort ?? book.defaultEffort];
  if (price === undefined) {
    return { expected: undefined, ceiling: undefined, basis: 'unknown effort' };
  }
  if (price.kind === 'fixed') {
    const extra = contactCeiling(book, contacts);
    const ceiling = extra === undefined ? undefined : microdollars(price.price + extra);
    return { expected: price.price, ceiling, basis: 'fixed price' };
  }
  const honoured = book.takesBudget ? maxCost : undefined;
  const cap = minOf(honoured, price.cap);
  if (cap === undefined) return { expected: undefined, ceiling: undefined, basis: 'no cap' };
  const extra = contactCeiling(book, contacts);
  return {
    expected: cap,
    ceiling: extra === undefined ? undefined : microdollars(cap + extra),
    basis: 'capped',
  };
}

function contactCeiling(book: PriceBook, contacts: ContactBounds): Microdollars | undefined {
  if (contacts.emails === undefined || contacts.phones === undefined) return undefined;
  return microdollars(contacts.emails * book.email + contacts.phones * book.phoneNumber);
}

function minOf(a: Microdollars | undefined, b: Microdollars | undefined): Microdollars | undefined {
  if (a === undefined) return b;
  return b === undefined || a < b ? a : b;
}
