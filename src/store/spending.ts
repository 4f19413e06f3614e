import { addMoney, microdollars, type Microdollars } from '../base/money.ts';
import { capReached, type CapReached, type PeriodCaps } from '../cost/cap.ts';
import { NO_SPEND, type Spend } from '../cost/spend.ts';

/**
 * What was spent over all pipelines in a day and its month, both in UTC. An attempt counts for the
 * day on which it ended; one that is open counts for the present day, whenever it began.
 */
export interface PeriodSpending {
  readonly day: Spend;
  readonly month: Spend;
}

/** What an intent has to keep to. */
export interface SpendingLimit {
  readonly caps: PeriodCaps;
  /** Nothing bounds the cost of the agent run. */
  readonly openEnded: boolean;
}

/** Money of the attempts that ended in one period. */
export type PeriodSum = Pick<Spend, 'reported' | 'unknown'>;

const NOTHING: PeriodSum = { reported: NO_SPEND.reported, unknown: NO_SPEND.unknown };

/** The day and the month that a time is in: `2026-11-22` and `2026-11`. */
const periodsOf = (at: string): readonly [string, string] => [at.slice(0, 10), at.slice(0, 7)];

/** Sums by period, wherever they are kept. */
export interface PeriodSums {
  get(period: string): PeriodSum | undefined;
  put(period: string, sum: PeriodSum): void;
}

/** Counts the end of an attempt; `reserved` is the ceiling that was held for it. */
export function addEnd(
  sums: PeriodSums,
  { at, reported }: { readonly at: string; readonly reported: Microdollars | null },
  reserved: Microdollars,
): void {
  if (reported === 0 || (reported === null && reserved === 0)) return;
  for (const period of periodsOf(at)) {
    const before = sums.get(period) ?? NOTHING;
    sums.put(
      period,
      reported === null
        ? { ...before, unknown: addMoney(before.unknown, reserved) }
        : { ...before, reported: addMoney(before.reported, reported) },
    );
  }
}

/** Puts a cost that was told late in the place of the ceiling, on the day the attempt ended. */
export function addToldCost(
  sums: PeriodSums,
  {
    endedAt,
    reported,
    reserved,
  }: {
    readonly endedAt: string;
    readonly reported: Microdollars;
    readonly reserved: Microdollars;
  },
): void {
  for (const period of periodsOf(endedAt)) {
    const before = sums.get(period) ?? NOTHING;
    sums.put(period, {
      reported: addMoney(before.reported, reported),
      unknown: microdollars(before.unknown - reserved),
    });
  }
}

export function spendingAt(sums: PeriodSums, at: string, reserved: Microdollars): PeriodSpending {
  const [day, month] = periodsOf(at).map((period) => ({
    ...(sums.get(period) ?? NOTHING),
    reserved,
  }));
  return { day: day ?? NO_SPEND, month: month ?? NO_SPEND };
}

/** Which ceiling has no room for the agent run of an intent, if any. */
export function limitReached(
  { caps, openEnded }: SpendingLimit,
  { reserved }: { readonly reserved: Microdollars },
  { day, month }: PeriodSpending,
): CapReached | undefined {
  const ask = { held: reserved, openEnded };
  return capReached(caps.day, day, ask) ?? capReached(caps.month, month, ask);
}
