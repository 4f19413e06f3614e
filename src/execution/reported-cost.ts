import type { AgentRun } from '../agent/agent.ts';
import { fromDollars, microdollars, type Microdollars } from '../base/money.ts';

/**
 * What an agent run says it cost, less what was booked for it before. Null where it does not say:
 * unknown, not free.
 */
export function reportedCost(
  run: AgentRun,
  { bookedBefore = 0 }: { readonly bookedBefore?: number },
): Microdollars | null {
  if (run.costDollars === undefined) return null;
  return microdollars(Math.max(0, fromDollars(run.costDollars.total) - bookedBefore));
}
