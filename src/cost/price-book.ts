import { fromDollars, type Microdollars } from '../base/money.ts';

/** What one agent run of an effort costs. */
export type EffortPrice =
  /** The same for every run. */
  | { readonly kind: 'fixed'; readonly price: Microdollars }
  /**
   * By use, up to `cap` where the request gives no ceiling of its own; undefined where nothing but
   * such a ceiling bounds it.
   */
  | { readonly kind: 'metered'; readonly cap: Microdollars | undefined };

/** Dated prices of an agent. Bills come from the agent; a book is for plans and ceilings. */
export interface PriceBook {
  readonly id: string;
  /** The day from which they hold: `2026-11-10`. */
  readonly date: string;
  readonly efforts: Readonly<Record<string, EffortPrice>>;
  /** The effort that a request without one gets. */
  readonly defaultEffort: string;
  readonly email: Microdollars;
  readonly phoneNumber: Microdollars;
  readonly search: Microdollars;
  readonly agentComputeUnit: Microdollars;
  /** True where a caller's ceiling for one agent run is honoured with a metered effort. */
  readonly takesBudget: boolean;
}

const fixed = (dollars: number): EffortPrice => ({ kind: 'fixed', price: fromDollars(dollars) });
const metered = (dollars?: number): EffortPrice => ({
  kind: 'metered',
  cap: dollars === undefined ? undefined : fromDollars(dollars),
});

/** The public beta's prices of May 2026: everything by use, each effort with a cap but `auto`. */
const EXA_2026_05: PriceBook = {
  id: 'exa-2026-05',
  date: '2026-05-07',
  efforts: {
    low: metered(0.025),
    medium: metered(0.1),
    high: metered(0.5),
    xhigh: metered(2),
    auto: metered(),
  },
  defaultEffort: 'auto',
  email: fromDollars(0.02),
  phoneNumber: fromDollars(0.07),
  search: fromDollars(0.007),
  agentComputeUnit: fromDollars(0.0001),
  takesBudget: false,
};

/** Prices of November 2026: a fixed price an effort; `auto` and `ultra` by use, with a cap. */
const EXA_2026_11: PriceBook = {
  id: 'exa-2026-11',
  date: '2026-11-10',
  efforts: {
    minimal: fixed(0.012),
    low: fixed(0.025),
    medium: fixed(0.1),
    high: fixed(0.5),
    xhigh: fixed(1),
    auto: metered(5),
    ultra: metered(20),
    max: metered(20),
  },
  defaultEffort: 'auto',
  email: fromDollars(0.02),
  phoneNumber: fromDollars(0.07),
  search: fromDollars(0.005),
  agentComputeUnit: fromDollars(0.1),
  takesBudget: true,
};

export const PRICE_BOOKS: readonly PriceBook[] = [EXA_2026_05, EXA_2026_11];
export const CURRENT_PRICE_BOOK: PriceBook = EXA_2026_11;

export const priceBook = (id: string): PriceBook | undefined =>
  PRICE_BOOKS.find((book) => book.id === id);
