import { formatMoney, type Microdollars } from '../base/money.ts';
import { spendText } from '../cost/cap.ts';
import { committed, type Spend } from '../cost/spend.ts';
import type { MeteredStep } from '../cost/estimate.ts';

/**
 * By how much the agent runs of steps without a fixed price could pass a budget at most; nothing
 * where all prices are fixed.
 */
export function overshootText(metered: readonly MeteredStep[]): string | undefined {
  const [first] = metered;
  if (first === undefined) return undefined;
  const open = metered.filter(({ ceiling }) => ceiling === null);
  if (open.length > 0) {
    const atOnce = Math.max(...open.map((step) => step.atOnce));
    const names = open.map(({ step }) => step).join(', ');
    return `Largest overshoot: no limit. Nothing bounds an agent run of ${names}; ${atOnce} can be under way when a budget is reached.`;
  }
  const caps = metered.map(
    ({ step, effort, ceiling }) => `${step} (${effort}) ${money(ceiling ?? 0)}`,
  );
  return `Largest overshoot: ${money(0)}. Reserved for each agent run that is paid by use: ${caps.join(', ')}.`;
}

/** What one step cost, in few words: `$0.10`, and `up to $0.05` for what did not say what it cost. */
export function costText(
  { reported, unknown }: Spend,
  written: (amount: Microdollars) => string = formatMoney,
): string {
  if (unknown === 0) return written(reported);
  const most = `up to ${written(unknown)}`;
  return reported === 0 ? most : `${written(reported)} and ${most}`;
}

/** `$0.10 reported, $0.05 reserved`, or undefined where there is no money in it. */
export const spentText = (spend: Spend): string | undefined =>
  committed(spend) === 0 ? undefined : spendText(spend);

/** What is spent of the ceilings for the present day and month; nothing where there are none. */
export function budgetLines(
  caps: { readonly day: Microdollars | undefined; readonly month: Microdollars | undefined },
  { day, month }: { readonly day: Spend; readonly month: Spend },
): readonly string[] {
  const line = (cap: Microdollars | undefined, spend: Spend, name: string): readonly string[] =>
    cap === undefined ? [] : [`${name}  ${spendText(spend)}, of ${money(cap)} (UTC)`];
  const lines = [...line(caps.day, day, 'Today     '), ...line(caps.month, month, 'This month')];
  return lines.length === 0 ? [] : ['', ...lines];
}

const money = (amount: number): string => formatMoney(amount as Spend['reported']);
