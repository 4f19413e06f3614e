import { formatMoney, type Microdollars } from '../base/money.ts';
import { estimateAgentRun } from '../cost/estimate.ts';
import type { AgentStep, Step } from './pipeline.ts';
import type { Resolution } from './resolution.ts';

/** Contact values are counted when the plan is made; here only the price of asking matters. */
const NO_CONTACTS = { emails: 0, phones: 0 } as const;

/** Reports paid steps without a ceiling, and budgets under which no agent run could start. */
export function checkMoney(at: Resolution, steps: readonly Step[]): void {
  const paid = steps.filter(
    (step): step is AgentStep =>
      step.kind === 'agent' && at.project.agents.get(step.agent)?.kind === 'exa',
  );
  const pipelineBudget =
    at.spec.budget === undefined ? undefined : ((at.spec.budget * 1e6) as Microdollars);
  const { run, day, month } = at.project.budget;
  const isCapped = [pipelineBudget, run, day, month].some((cap) => cap !== undefined);
  const open = isCapped ? [] : paid.filter((step) => step.budget === undefined);
  reportOpen(at, open);
  for (const step of paid) checkStart(at, step);
}

function reportOpen(at: Resolution, open: readonly AgentStep[]): void {
  const [first] = open;
  if (first === undefined) return;
  const metered = open.find(
    (step) => priceOf(at, step)?.kind === 'metered' && step.maxCost === undefined,
  );
  const names = open.map((step) => `"${step.name}"`).join(', ');
  const { prices } = at.project;
  const effort = metered === undefined ? undefined : (metered.effort ?? prices.defaultEffort);
  const price = metered === undefined ? undefined : priceOf(at, metered);
  const cap =
    price?.kind === 'metered' && price.cap !== undefined
      ? `up to ${formatMoney(price.cap)} each`
      : 'without a limit';
  at.errorAt(
    'E-Y47',
    (metered ?? first).span,
    metered === undefined
      ? `paid steps have no ceiling: ${names}`
      : `paid steps have no ceiling: ${names}; effort "${effort}" of "${metered.name}" is paid by use, ${cap}`,
    'add "budget: <dollars>" at the top of the file',
  );
}

const priceOf = (at: Resolution, step: AgentStep) =>
  at.project.prices.efforts[step.effort ?? at.project.prices.defaultEffort];

function checkStart(at: Resolution, step: AgentStep): void {
  const { ceiling } = estimateAgentRun(at.project.prices, step.effort, NO_CONTACTS, step.maxCost);
  if (ceiling === undefined) return;
  const inPipeline = at.spec.budget;
  const budgets = [
    { dollars: at.spec.steps[step.name]?.budget, path: ['steps', step.name, 'budget'] },
    { dollars: inPipeline, path: ['budget'] },
  ];
  for (const { dollars, path } of budgets) {
    if (dollars === undefined || dollars * 1e6 >= ceiling) continue;
    at.error(
      'E-Y48',
      path,
      `the budget is smaller than the ceiling of one agent run of step "${step.name}" (${formatMoney(ceiling)})`,
      'raise it, or lower "effort" or "max_cost" of the step',
    );
    return;
  }
}
