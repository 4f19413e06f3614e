import { contactFields } from '../agent/output-schema.ts';
import type { Budget } from '../cost/budget.ts';
import { estimateAgentRun, FREE, type CostEstimate, type MeteredStep } from '../cost/estimate.ts';
import type { PriceBook } from '../cost/price-book.ts';
import type { AgentStep, Step } from '../pipeline/pipeline.ts';
import type { RunContext } from './context.ts';

/** What one agent run of a step costs; `prices` is undefined for an agent that is free. */
export function stepEstimate(step: AgentStep, prices: PriceBook | undefined): CostEstimate {
  if (prices === undefined) return FREE;
  const contacts =
    step.schema === undefined ? { emails: 0, phones: 0 } : contactFields(step.schema.json);
  return estimateAgentRun(prices, step.effort, contacts, step.maxCost);
}

/** The step's part of the run's budget. */
export const stepBudget = (whole: Budget, { name, budget }: AgentStep): Budget =>
  whole.part(
    name,
    budget === undefined
      ? undefined
      : {
          amount: budget,
          name: `the budget of step "${name}"`,
          help: `raise "budget" of the step`,
        },
  );

/**
 * Holds the ceilings of what earlier processes began and nobody saw the end of: until it is known
 * what became of them, they may have cost that much.
 */
export async function carryOpenAttempts(
  steps: readonly Step[],
  context: RunContext,
): Promise<void> {
  const byName = new Map(steps.map((step) => [step.name, step]));
  for (const open of await context.store.openAttempts()) {
    if (open.pipeline !== context.pipeline.name) continue;
    const step = byName.get(open.step);
    const budget =
      step?.kind === 'agent' ? stepBudget(context.budget, step) : context.budget.part(open.step);
    budget.carry(open.attempt, open.reserved);
  }
}

/** Steps by which a run could pass its budget, if at all. */
export async function meteredSteps(
  steps: readonly Step[],
  { agents, slots }: Pick<RunContext, 'agents' | 'slots'>,
): Promise<readonly MeteredStep[]> {
  const metered: MeteredStep[] = [];
  for (const step of steps) {
    if (step.kind === 'sql') continue;
    const agent = await agents.describe(step.agent);
    if (!agent.ok || agent.value.prices === undefined) continue;
    const { prices } = agent.value;
    const effort = step.effort ?? prices.defaultEffort;
    const { ceiling } = stepEstimate(step, prices);
    if (ceiling !== undefined && prices.efforts[effort]?.kind === 'fixed') continue;
    const atOnce = slots.widest(step.name, step.agent);
    metered.push({ step: step.name, effort, ceiling: ceiling ?? null, atOnce });
  }
  return metered;
}
