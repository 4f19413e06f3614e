import { formatMoney, microdollars, moneyOfTable, type Microdollars } from '../base/money.ts';
import { capReachedText } from '../cost/cap.ts';
import { leverText } from '../execution/biggest-lever.ts';
import {
  isRemade,
  type PlanTotal,
  type PricedPlan,
  type PricedStep,
} from '../execution/priced-plan.ts';
import { overshootText } from './render-money.ts';
import { textTable } from './text-table.ts';

/** The plan for a person: a table of steps, one of costs, and a last line to read first. */
export function renderPlan(
  pipeline: string,
  file: string,
  plan: PricedPlan,
  prices: string,
): string {
  const { steps, total } = plan;
  return [
    `${pipeline}   ${file}`,
    '',
    ...stepTable(steps),
    ...(total.agentRuns > 0 ? ['', ...costTable(steps, total)] : []),
    ...notes(plan, prices),
    '',
    lastLine(plan),
    '',
  ].join('\n');
}

function stepTable(steps: readonly PricedStep[]): readonly string[] {
  const anyLeft = steps.some(({ left }) => left > 0);
  return textTable(
    [
      { title: '' },
      { title: 'step' },
      { title: 'agent' },
      { title: 'tasks', align: 'right' },
      { title: 'run', align: 'right' },
      { title: 'reuse', align: 'right' },
      ...(anyLeft ? [{ title: 'left', align: 'right' } as const] : []),
      { title: 'why' },
    ],
    steps.map((step) => {
      const counted = counts(step).slice(0, anyLeft ? 4 : 3);
      return [mark(step), step.step, agentOf(step), ...counted, why(step)];
    }),
  );
}

function counts(step: PricedStep): readonly string[] {
  if (step.kind === 'sql') return ['–', '–', '–', '–'];
  const more = step.waitsFor.length > 0 ? '+' : '';
  const left = step.left === 0 ? '–' : String(step.left);
  return [`${step.tasks}${more}`, `${step.toRun}${more}`, String(step.reused), left];
}

function mark(step: PricedStep): string {
  if (step.toRun > 0 || step.waitsFor.length > 0 || isRemade(step)) return '~';
  return step.held > 0 || step.unaskable !== undefined ? '!' : '';
}

const agentOf = ({ kind, agent, effort }: PricedStep): string =>
  kind === 'sql' ? 'sql' : effort === undefined ? (agent ?? '') : `${agent ?? ''} · ${effort}`;

function why(step: PricedStep): string {
  const reasons = step.why.map(({ reason, count }) => `${reason} ${count}`);
  if (step.held > 0) reasons.push(`held ${step.held}`);
  if (step.unaskable !== undefined) reasons.push(`cannot be asked ${step.unaskable.tasks}`);
  if (step.waitsFor.length > 0) {
    const most = step.atMost === undefined ? '' : `, at most ${step.atMost.tasks}`;
    reasons.push(`depends on ${step.waitsFor.join(', ')}${most}`);
  }
  if (reasons.length > 0) return reasons.join(', ');
  if (step.unchanged) return 'unchanged';
  if (step.left > 0) return 'left out';
  return step.kind === 'sql' ? 'made anew, free' : 'table made anew, free';
}

function costTable(steps: readonly PricedStep[], total: PlanTotal): readonly string[] {
  const priced = steps.filter(({ agentRuns }) => agentRuns > 0);
  const amounts = [...priced, total].flatMap(({ expected, ceiling }) => [expected, ceiling]);
  const written = moneyOfTable([...amounts, ...priced.map(each)]);
  const cell = (amount: Microdollars | undefined): string =>
    amount === undefined ? 'unknown' : written(amount);
  const rows = priced.map((step) => [
    step.step,
    String(step.agentRuns),
    cell(each(step)),
    cell(step.expected),
    cell(step.ceiling),
    basisOf(step),
  ]);
  const sum = ['total', String(total.agentRuns), '', cell(total.expected), cell(total.ceiling), ''];
  return textTable(
    [
      { title: 'cost' },
      { title: 'agent runs', align: 'right' },
      { title: 'each', align: 'right' },
      { title: 'expected', align: 'right' },
      { title: 'at most', align: 'right' },
      { title: 'basis' },
    ],
    priced.length > 1 ? [...rows, sum] : rows,
  );
}

/** What is found of contact values is paid on top of an exact price. */
const basisOf = ({ basis, contacts: extra }: PricedStep): string =>
  basis === 'exact' && extra !== 0 ? 'exact, and contacts on top' : (basis ?? '');

const each = ({ expected, agentRuns }: PricedStep): Microdollars | undefined =>
  expected === undefined ? undefined : microdollars(Math.round(expected / agentRuns));

function notes(plan: PricedPlan, prices: string): readonly string[] {
  const { steps, total, lever, metered, stop, reserved } = plan;
  const priced = steps.some(({ agentRuns, basis }) => agentRuns > 0 && basis !== 'free');
  const lines = [
    ...(priced ? [`Prices: ${prices}.`] : []),
    ...contacts(steps),
    ...(lever === undefined
      ? []
      : [`Biggest lever: ${leverText(lever)}${share(lever.step, plan)}.`]),
    ...(total.saved === 0
      ? []
      : [`Reuse saves ${money(total.saved)}, what the answers that are used again once cost.`]),
    ...(reserved === 0 ? [] : [`Reserved: ${money(reserved)} for what earlier runs left open.`]),
    ...(priced ? [overshootText(metered) ?? ''] : []),
    ...(stop === undefined ? [] : [`${early(total)}: ${capReachedText(stop)}.`]),
  ].filter((line) => line !== '');
  const gap = lines.length > 0 && total.agentRuns === 0 ? [''] : [];
  return [...gap, ...lines.map((line) => `  ${line}`)];
}

/** A ceiling that is reached by what agent runs can cost need not be reached by what they do. */
const early = ({ expected, ceiling }: PlanTotal): string =>
  expected === ceiling ? 'Ends early' : 'May end early';

/** What part of the whole expected cost the step of the lever is. */
function share(name: string, { steps, total }: PricedPlan): string {
  const step = steps.find((it) => it.step === name);
  if (step?.expected === undefined || !total.expected || step.expected === total.expected)
    return '';
  return `; the step is ${Math.round((100 * step.expected) / total.expected)} % of what is expected`;
}

function contacts(steps: readonly PricedStep[]): readonly string[] {
  const paid = steps.filter(({ agentRuns, contacts: extra }) => agentRuns > 0 && extra !== 0);
  return paid.map(({ step, contacts: extra }) =>
    extra === undefined
      ? `Contacts: ${step} has e-mail addresses or telephone numbers without "maxItems"; each one found is paid on top.`
      : `Contacts: at most ${money(extra)} of ${step} is for e-mail addresses and telephone numbers that are found.`,
  );
}

const money = (amount: Microdollars | undefined): string =>
  amount === undefined ? 'unknown' : formatMoney(amount);

function lastLine({ total, steps }: PricedPlan): string {
  const unaskable = total.unaskable > 0 ? `, ${total.unaskable} cannot be asked` : '';
  const held = (total.held > 0 ? `, ${total.held} held` : '') + unaskable;
  const left = total.left > 0 ? `, ${total.left} left for another run` : '';
  const { remade } = total;
  const tables = remade === 0 ? '' : `, ${remade} ${remade === 1 ? 'table' : 'tables'} made anew`;
  if (total.toRun === 0 && !total.open) {
    const nothing = remade === 0 ? 'run' : 'ask';
    return `Plan: nothing to ${nothing}, ${total.reused} reused${held}${left}${tables}.`;
  }
  const cost =
    total.agentRuns === 0
      ? ''
      : ` Expected ${money(total.expected)}, at most ${money(total.ceiling)}.`;
  return `Plan: ${total.toRun} to run, ${total.reused} reused${held}${left}.${cost}${more(total, steps)}`;
}

function more({ atMost, ceiling }: PlanTotal, steps: readonly PricedStep[]): string {
  if (!steps.some(({ kind, waitsFor }) => kind === 'agent' && waitsFor.length > 0)) return '';
  const bound =
    atMost === undefined || atMost === ceiling ? '' : `, at most ${money(atMost)} in all`;
  return ` More follows from their answers${bound}.`;
}
