import { addMoney, formatMoney, microdollars, type Microdollars } from '../base/money.ts';
import type { StepPlan } from '../execution/plan-notes.ts';
import { textTable } from './text-table.ts';

/** What a plan comes to over all steps. */
export interface PlanTotal {
  readonly toRun: number;
  readonly reused: number;
  readonly held: number;
  readonly agentRuns: number;
  /** Undefined where a price is not known. */
  readonly expected: Microdollars | undefined;
  readonly ceiling: Microdollars | undefined;
  /** Tables that are made anew without asking anybody. */
  readonly remade: number;
  /** There is more to do than can be counted before the steps before it have run. */
  readonly open: boolean;
}

export function planTotal(steps: readonly StepPlan[]): PlanTotal {
  const sum = (of: (step: StepPlan) => number): number =>
    steps.reduce((total, step) => total + of(step), 0);
  const money = (of: (step: StepPlan) => Microdollars | undefined): Microdollars | undefined =>
    steps.reduce<Microdollars | undefined>((total, step) => {
      const own = of(step);
      return total === undefined || own === undefined ? undefined : addMoney(total, own);
    }, microdollars(0));
  return {
    toRun: sum(({ toRun }) => toRun),
    reused: sum(({ reused }) => reused),
    held: sum(({ held }) => held),
    remade: steps.filter(isRemade).length,
    agentRuns: sum(({ agentRuns }) => agentRuns),
    expected: money(({ expected }) => expected),
    ceiling: money(({ ceiling }) => ceiling),
    open: steps.some(({ waitsFor }) => waitsFor.length > 0),
  };
}

/** The plan for a person: a table of steps, one of costs, and a last line to read first. */
export function renderPlan(
  pipeline: string,
  file: string,
  steps: readonly StepPlan[],
  prices: string,
): string {
  const total = planTotal(steps);
  return [
    `${pipeline}   ${file}`,
    '',
    ...stepTable(steps),
    ...(total.agentRuns > 0 ? ['', ...costTable(steps, total, prices)] : []),
    '',
    lastLine(total),
    '',
  ].join('\n');
}

function stepTable(steps: readonly StepPlan[]): readonly string[] {
  return textTable(
    [
      { title: '' },
      { title: 'step' },
      { title: 'agent' },
      { title: 'tasks', align: 'right' },
      { title: 'run', align: 'right' },
      { title: 'reuse', align: 'right' },
      { title: 'why' },
    ],
    steps.map((step) => {
      const more = step.waitsFor.length > 0 && step.kind === 'agent' ? '+' : '';
      const counted = step.kind === 'sql' ? ['–', '–', '–'] : counts(step, more);
      return [mark(step), step.step, agentOf(step), ...counted, why(step)];
    }),
  );
}

const counts = (step: StepPlan, more: string): readonly string[] => [
  `${step.tasks}${more}`,
  `${step.toRun}${more}`,
  String(step.reused),
];

function mark(step: StepPlan): string {
  if (step.toRun > 0 || step.waitsFor.length > 0 || isRemade(step)) return '~';
  return step.held > 0 ? '!' : '';
}

const isRemade = ({ toRun, waitsFor, unchanged, held }: StepPlan): boolean =>
  toRun === 0 && waitsFor.length === 0 && !unchanged && held === 0;

const agentOf = ({ kind, agent, effort }: StepPlan): string =>
  kind === 'sql' ? 'sql' : effort === undefined ? (agent ?? '') : `${agent ?? ''} · ${effort}`;

function why(step: StepPlan): string {
  const reasons = step.why.map(({ reason, count }) => `${reason} ${count}`);
  if (step.held > 0) reasons.push(`held ${step.held}`);
  if (step.waitsFor.length > 0) reasons.push(`depends on ${step.waitsFor.join(', ')}`);
  if (reasons.length > 0) return reasons.join(', ');
  if (step.unchanged) return 'unchanged';
  return step.kind === 'sql' ? 'made anew, free' : 'table made anew, free';
}

function costTable(
  steps: readonly StepPlan[],
  total: PlanTotal,
  prices: string,
): readonly string[] {
  const priced = steps.filter(({ agentRuns }) => agentRuns > 0);
  const rows = priced.map((step) => [
    step.step,
    String(step.agentRuns),
    money(step.expected),
    money(step.ceiling),
    step.basis ?? '',
  ]);
  const sum = ['total', String(total.agentRuns), money(total.expected), money(total.ceiling), ''];
  return [
    ...textTable(
      [
        { title: 'cost' },
        { title: 'agent runs', align: 'right' },
        { title: 'expected', align: 'right' },
        { title: 'at most', align: 'right' },
        { title: 'basis' },
      ],
      priced.length > 1 ? [...rows, sum] : rows,
    ),
    ...(priced.some(({ basis }) => basis !== 'free') ? [`  Prices: ${prices}.`] : []),
  ];
}

const money = (amount: Microdollars | undefined): string =>
  amount === undefined ? 'unknown' : formatMoney(amount);

function lastLine(total: PlanTotal): string {
  const held = total.held > 0 ? `, ${total.held} held` : '';
  const more = total.open ? ' More follows from their answers.' : '';
  const { remade } = total;
  const tables = remade === 0 ? '' : `, ${remade} ${remade === 1 ? 'table' : 'tables'} made anew`;
  if (total.toRun === 0 && !total.open) {
    const nothing = remade === 0 ? 'run' : 'ask';
    return `Plan: nothing to ${nothing}, ${total.reused} reused${held}${tables}.`;
  }
  const cost =
    total.agentRuns === 0
      ? ''
      : ` Expected ${money(total.expected)}, at most ${money(total.ceiling)}.`;
  return `Plan: ${total.toRun} to run, ${total.reused} reused${held}.${cost}${more}`;
}
