import { formatMoney, type Microdollars } from '../base/money.ts';
import { committed, type Spend } from './spend.ts';

/** A ceiling that somebody set. */
export interface Cap {
  readonly amount: Microdollars;
  /** What people call it: `--max-cost`, `the budget of step "people"`. */
  readonly name: string;
  /** What to do once it is reached. */
  readonly help: string;
}

/** Ceilings over all pipelines of a project, for the present day and month in UTC. */
export interface PeriodCaps {
  readonly day?: Cap;
  readonly month?: Cap;
}

/** What one more agent run asks for. */
export interface Ask {
  /** Held while it is under way: its ceiling, or where it has none what it should cost. */
  readonly held: Microdollars;
  /** Nothing bounds its cost: it may start while anything is left, and end past the ceiling. */
  readonly openEnded: boolean;
}

/** Why an agent run may not start. */
export interface CapReached {
  readonly cap: Cap;
  readonly spend: Spend;
  readonly ask: Ask;
}

/** Undefined where `cap` has room for one more agent run beside what was spent. */
export function capReached(cap: Cap | undefined, spend: Spend, ask: Ask): CapReached | undefined {
  if (cap === undefined) return undefined;
  const before = committed(spend);
  const full = before + ask.held > cap.amount || (ask.openEnded && before >= cap.amount);
  return full ? { cap, spend, ask } : undefined;
}

/** The smallest of several ceilings; the first of equal ones. */
export const smallestCap = (caps: readonly (Cap | undefined)[]): Cap | undefined =>
  caps
    .filter((cap) => cap !== undefined)
    .reduce<Cap | undefined>(
      (least, cap) => (least === undefined || cap.amount < least.amount ? cap : least),
      undefined,
    );

/** The refusal in one sentence: which ceiling, what is spent, what was asked for, what to do. */
export function capReachedText({ cap, spend, ask }: CapReached): string {
  const next = ask.openEnded ? 'the next has no ceiling' : `the next can cost ${money(ask.held)}`;
  return `${cap.name} (${money(cap.amount)}) has no room for another agent run: ${spendText(spend)}; ${next}; ${cap.help}`;
}

/** `$0.10 reported, $0.05 reserved, at most $0.02 unknown`; what is nothing is left out. */
export function spendText({ reported, reserved, unknown }: Spend): string {
  return [
    `${money(reported)} reported`,
    ...(reserved === 0 ? [] : [`${money(reserved)} reserved`]),
    ...(unknown === 0 ? [] : [`at most ${money(unknown)} unknown`]),
  ].join(', ');
}

const money = formatMoney;
