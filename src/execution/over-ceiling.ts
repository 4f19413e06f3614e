import { formatMoney, type Microdollars } from '../base/money.ts';
import type { RunContext } from './context.ts';
import { stepEstimate } from './step-money.ts';

/** What one agent run cost, and what was reserved for it. */
interface Booked {
  readonly step: string;
  /** Empty where nobody asks for it any more. */
  readonly task: string;
  readonly agentRunId: string;
  readonly cost: Microdollars;
  readonly reserved: Microdollars;
}

/**
 * Tells where an agent run cost more than its ceiling: budgets count it as it is, but what they
 * hold for the next ones may be too little. Where nothing bounds an agent run of its step, what
 * was reserved is an expectation and no ceiling.
 */
export async function tellOverCeiling(
  { step: name, task, agentRunId, cost, reserved }: Booked,
  { pipeline, agents, emit }: RunContext,
): Promise<void> {
  if (cost <= reserved) return;
  const step = pipeline.steps.find((it) => it.name === name);
  if (step?.kind !== 'agent') return;
  const agent = await agents.describe(step.agent);
  if (!agent.ok || agent.value.prices === undefined) return;
  if (stepEstimate(step, agent.value.prices).ceiling === undefined) return;
  const message =
    `agent run ${agentRunId} cost ${formatMoney(cost)}, over its ceiling of ` +
    `${formatMoney(reserved)}; it is booked as reported`;
  emit({ type: 'warning', step: name, task, message });
}
