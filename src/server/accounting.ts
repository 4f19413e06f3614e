import type { AgentCost, AgentRequest, AgentUsage } from '../agent/agent.ts';
import {
  addMoney,
  fromDollars,
  microdollars,
  toDollars,
  type Microdollars,
} from '../base/money.ts';
import type { EffortPrice, PriceBook } from '../cost/price-book.ts';

export const NO_USAGE: AgentUsage = {
  agentComputeUnits: 0,
  searches: 0,
  emails: 0,
  phoneNumbers: 0,
};

export const NO_COST: AgentCost = {
  total: 0,
  agentCompute: 0,
  search: 0,
  emails: 0,
  phoneNumbers: 0,
};

/** What a run costs, and whether that is all it may cost. */
export interface Bill {
  readonly cost: AgentCost;
  /** More was used than may be charged: the run should have ended. */
  readonly reached: boolean;
}

type Parts = Record<Exclude<keyof AgentCost, 'total'>, Microdollars>;

/**
 * What the use of a run costs by a price book.
 *
 * A fixed price is charged whole, as compute, for a run that completed; a run that did not is
 * charged what it used, at most that price. By use, an effort's cap in the book bounds compute and
 * searches, and contacts come on top; a budget bounds everything. The total is the sum of the
 * parts, to the millionth of a dollar.
 */
export function billOf(
  usage: AgentUsage,
  { effort, budget }: Pick<AgentRequest, 'effort' | 'budget'>,
  prices: PriceBook,
  { completed, takesBudget }: { readonly completed: boolean; readonly takesBudget: boolean },
): Bill {
  const parts: Parts = {
    agentCompute: times(prices.agentComputeUnit, usage.agentComputeUnits),
    search: times(prices.search, usage.searches),
    emails: times(prices.email, usage.emails),
    phoneNumbers: times(prices.phoneNumber, usage.phoneNumbers),
  };
  const price = prices.efforts[effort ?? prices.defaultEffort] ?? UNBOUNDED;
  if (price.kind === 'fixed') {
    if (completed) {
      parts.agentCompute = price.price;
      parts.search = microdollars(0);
    } else bound(parts, ['agentCompute', 'search'], price.price);
    return { cost: costOf(parts), reached: false };
  }
  const own = takesBudget ? budget?.maxCostDollars : undefined;
  const cut =
    own === undefined
      ? bound(parts, ['agentCompute', 'search'], price.cap)
      : bound(parts, ['emails', 'phoneNumbers', 'search', 'agentCompute'], fromDollars(own));
  return { cost: costOf(parts), reached: cut };
}

const UNBOUNDED: EffortPrice = { kind: 'metered', cap: undefined };

const times = (price: Microdollars, count: number): Microdollars =>
  microdollars(Math.round(price * count));

/** Cuts parts, in this order of precedence, to a sum. Says whether there was anything to cut. */
function bound(
  parts: Parts,
  names: readonly (keyof Parts)[],
  cap: Microdollars | undefined,
): boolean {
  if (cap === undefined) return false;
  let left = cap;
  let cut = false;
  for (const name of names) {
    if (parts[name] > left) {
      parts[name] = left;
      cut = true;
    }
    left = microdollars(left - parts[name]);
  }
  return cut;
}

function costOf(parts: Parts): AgentCost {
  const total = Object.values(parts).reduce(addMoney, microdollars(0));
  return {
    total: toDollars(total),
    agentCompute: toDollars(parts.agentCompute),
    search: toDollars(parts.search),
    emails: toDollars(parts.emails),
    phoneNumbers: toDollars(parts.phoneNumbers),
  };
}
