import { contactFields } from '../agent/output-schema.ts';
import { formatMoney, fromDollars, type Microdollars } from '../base/money.ts';
import { estimateAgentRun, type ContactBounds } from '../cost/estimate.ts';
import type { EffortPrice } from '../cost/price-book.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import type { AgentStep, Step } from './pipeline.ts';
import type { Resolution } from './resolution.ts';

/** What the command line says about money, which a file need not say then. */
export interface MoneyOverrides {
  /** A ceiling for the run. */
  readonly maxCost?: Microdollars;
  /** Answers in the place of the agents that the steps name. */
  readonly agent?: string;
}

const NO_CONTACTS: ContactBounds = { emails: 0, phones: 0 };

/** What the checks of money go by; nothing is said of it where one of them is not known. */
const MONEY_KEYS = ['agent', 'effort', 'budget', 'max_cost'];

/** Reports paid steps without a ceiling, and ceilings under which no agent run could start. */
export function checkMoney(
  at: Resolution,
  steps: readonly Step[],
  overrides: MoneyOverrides = {},
): void {
  if (MONEY_KEYS.some((key) => at.isBroken(key))) return;
  const paid = steps.filter(
    (step): step is AgentStep =>
      step.kind === 'agent' &&
      !at.isStepBroken(step.name, ...MONEY_KEYS) &&
      at.project.agents.get(overrides.agent ?? step.agent)?.kind === 'exa',
  );
  const pipelineBudget = at.spec.budget === undefined ? undefined : fromDollars(at.spec.budget);
  const { run, day, month } = at.project.budget;
  checkContacts(at, steps, paid, overrides);
  const caps = [overrides.maxCost, pipelineBudget, run, day, month];
  const isCapped = caps.some((cap) => cap !== undefined);
  reportOpen(at, isCapped ? [] : paid.filter((step) => step.budget === undefined));
  for (const step of paid) {
    if (overrides.agent !== undefined) checkEffort(at, step);
    if (!checkMaxCost(at, step)) checkStart(at, step);
  }
}

/**
 * Contact values are charged one by one. A list of them without an end is only taken where its cost
 * is bounded otherwise: by a "max_cost" that the agent keeps (what another one comes to is told of
 * it), or where the caller accepts it with a ceiling of their own. A budget ends nothing that is
 * under way.
 */
function checkContacts(
  at: Resolution,
  steps: readonly Step[],
  paid: readonly AgentStep[],
  { maxCost }: MoneyOverrides,
): void {
  const asking = steps.filter((step) => step.kind === 'agent');
  const accepts = (step: AgentStep): boolean => (maxCost ?? step.maxCost) !== undefined;
  const wrong = paid
    .filter((step) => !accepts(step))
    .flatMap((step) => endless(at, step).map((it) => asError(at, step, it)));
  at.problems.push(...eachOnce(wrong, []));
  const free = asking.filter((step) => !paid.includes(step)).flatMap((step) => endless(at, step));
  at.warnings.push(...eachOnce(free, wrong));
}

const endless = (at: Resolution, { name }: AgentStep): readonly Diagnostic[] =>
  at.schemas.get(name)?.endless ?? [];

/** Of the steps that share a schema file the first is told, and not what is in `told` already. */
function eachOnce(
  found: readonly Diagnostic[],
  told: readonly Diagnostic[],
): readonly Diagnostic[] {
  const mark = ({ message, place }: Diagnostic): string =>
    `${message} ${place.kind === 'span' ? `${place.span.source.path} ${place.span.start}` : ''}`;
  const seen = new Set(told.map(mark));
  return found.filter((it) => {
    const isNew = !seen.has(mark(it));
    seen.add(mark(it));
    return isNew;
  });
}

function asError(at: Resolution, step: AgentStep, diagnostic: Diagnostic): Diagnostic {
  const { kind } = priceOf(at, step) ?? {};
  const other =
    kind === 'metered' && at.project.prices.takesBudget
      ? `give step "${step.name}" a "max_cost"`
      : 'accept whatever is found with --max-cost in the call';
  return { ...diagnostic, severity: 'error', help: `${diagnostic.help}, or ${other}` };
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
    'add "budget: <dollars>" at the top of the file, or give --max-cost',
  );
}

const priceOf = (at: Resolution, step: AgentStep): EffortPrice | undefined =>
  at.project.prices.efforts[step.effort ?? at.project.prices.defaultEffort];

/** Efforts were checked for the agents that the file names; another one may not know them. */
function checkEffort(at: Resolution, step: AgentStep): void {
  if (priceOf(at, step) !== undefined) return;
  const { id, efforts } = at.project.prices;
  const effort = step.effort ?? at.project.prices.defaultEffort;
  const message = `the prices ${id} do not know the effort "${effort}" of step "${step.name}"`;
  at.errorAt('E-Y27', step.span, message, didYouMean(effort, Object.keys(efforts), 'efforts'));
}

/**
 * A ceiling for one agent run means something only where the agent keeps it: with efforts that are
 * paid by use. Of a fixed price it can only say that nothing may start. Gives whether it is wrong.
 */
function checkMaxCost(at: Resolution, step: AgentStep): boolean {
  const { maxCost } = step;
  if (maxCost === undefined) return false;
  const contacts = step.schema === undefined ? NO_CONTACTS : contactFields(step.schema.json);
  const { prices } = at.project;
  const { ceiling } = estimateAgentRun(prices, step.effort, contacts, maxCost);
  const kept = priceOf(at, step)?.kind === 'metered' && prices.takesBudget;
  if (kept || (ceiling !== undefined && ceiling <= maxCost)) return false;
  const most = ceiling === undefined ? 'any amount' : formatMoney(ceiling);
  at.error(
    'E-Y48',
    ['steps', step.name, 'max_cost'],
    `one agent run of step "${step.name}" can cost ${most}, which is more than its "max_cost"`,
    'raise it, lower "effort", or bound e-mail addresses and telephone numbers with "maxItems"',
  );
  return true;
}

function checkStart(at: Resolution, step: AgentStep): void {
  const { ceiling } = estimateAgentRun(at.project.prices, step.effort, NO_CONTACTS, step.maxCost);
  if (ceiling === undefined) return;
  const inPipeline = at.spec.budget;
  const budgets = [
    { dollars: at.spec.steps[step.name]?.budget, path: ['steps', step.name, 'budget'] },
    { dollars: inPipeline, path: ['budget'] },
  ];
  for (const { dollars, path } of budgets) {
    if (dollars === undefined || fromDollars(dollars) >= ceiling) continue;
    at.error(
      'E-Y48',
      path,
      `the budget is smaller than the ceiling of one agent run of step "${step.name}" (${formatMoney(ceiling)})`,
      'raise it, or lower "effort" or "max_cost" of the step',
    );
    return;
  }
}
