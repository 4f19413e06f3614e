import { addMoney, microdollars, type Microdollars } from '../base/money.ts';
import type { CapReached } from '../cost/cap.ts';
import {
  withObserved,
  type CostBasis,
  type CostEstimate,
  type MeteredStep,
} from '../cost/estimate.ts';
import type { PriceBook } from '../cost/price-book.ts';
import type { AgentStep, Step } from '../pipeline/pipeline.ts';
import { biggestLever, type Lever, type LeverStep } from './biggest-lever.ts';
import type { RunContext } from './context.ts';
import { NO_FACTS, readLedgerFacts, type LedgerFacts, type WantedStep } from './ledger-facts.ts';
import { boundOf, type TaskBound } from './plan-bounds.ts';
import type { PlanNotes, StepPlan } from './plan-notes.ts';
import { meteredSteps, stepEstimate } from './step-money.ts';

/** A step of a plan with its money. Undefined amounts are not known. */
export interface PricedStep extends StepPlan {
  readonly expected: Microdollars | undefined;
  readonly ceiling: Microdollars | undefined;
  /** Where `expected` comes from; undefined for a SQL step. */
  readonly basis: CostBasis | undefined;
  /** The part of `ceiling` that contact values (e-mail addresses, telephone numbers) can add. */
  readonly contacts: Microdollars | undefined;
  /** With what can follow from the steps that it waits for; undefined where nothing bounds that. */
  readonly atMost: (TaskBound & { readonly ceiling: Microdollars | undefined }) | undefined;
  /** What the answers that it uses again once cost. */
  readonly saved: Microdollars;
}

/** What a plan comes to over all steps. */
export interface PlanTotal {
  readonly toRun: number;
  readonly reused: number;
  readonly held: number;
  readonly left: number;
  /** Tasks for which a template has no text. */
  readonly unaskable: number;
  readonly agentRuns: number;
  readonly expected: Microdollars | undefined;
  readonly ceiling: Microdollars | undefined;
  /** With all that can follow; undefined where nothing bounds it. */
  readonly atMost: Microdollars | undefined;
  readonly saved: Microdollars;
  /** Tables that are made anew without asking anybody. */
  readonly remade: number;
  /** There is more to do than can be counted before the steps before it have run. */
  readonly open: boolean;
}

export interface PricedPlan {
  readonly steps: readonly PricedStep[];
  readonly total: PlanTotal;
  readonly lever: Lever | undefined;
  readonly metered: readonly MeteredStep[];
  /** The ceiling that ends the run before all is asked, if one does. */
  readonly stop: CapReached | undefined;
  /** Held for attempts of this pipeline that earlier runs left open. */
  readonly reserved: Microdollars;
}

interface Priced {
  readonly step: AgentStep;
  readonly agent: string;
  readonly prices: PriceBook | undefined;
  readonly estimate: CostEstimate;
}

const NOTHING = microdollars(0);

/** Puts prices to what a plan has noted. `context` is the one that it was made with. */
export async function pricePlan(
  notes: PlanNotes,
  steps: readonly Step[],
  context: RunContext,
): Promise<PricedPlan> {
  const plans = new Map(notes.steps.map((plan) => [plan.step, plan]));
  const priced = new Map<string, Priced>();
  for (const step of steps) {
    if (step.kind === 'sql') continue;
    const agent = await context.agents.describe(step.agent);
    if (!agent.ok) continue;
    const { name, prices } = agent.value;
    const estimate = stepEstimate(step, prices);
    priced.set(step.name, { step, agent: name, prices, estimate });
  }
  const facts = await factsOf(notes, plans, priced, context);
  const found = [...plans.values()].map((plan) =>
    pricedStep(plan, priced.get(plan.step), facts, steps, plans, context.limit),
  );
  const open = await context.store.openAttempts();
  return {
    steps: found,
    total: totalOf(found, priced),
    lever: biggestLever(
      found.flatMap((plan) => leverStep(plan, priced.get(plan.step), context.clock.now())),
    ),
    metered: await meteredSteps(steps, context),
    stop: notes.stop,
    reserved: open
      .filter(({ pipeline }) => pipeline === context.pipeline.name)
      .reduce((sum, { reserved }) => addMoney(sum, reserved), NOTHING),
  };
}

/** The ledger is only read where a step uses paid answers again or has no fixed price. */
async function factsOf(
  notes: PlanNotes,
  plans: ReadonlyMap<string, StepPlan>,
  priced: ReadonlyMap<string, Priced>,
  { store, pipeline }: RunContext,
): Promise<LedgerFacts> {
  const wanted = [...priced.values()].flatMap(({ step, agent, estimate }): WantedStep[] => {
    const { reused = 0, agentRuns = 0 } = plans.get(step.name) ?? {};
    const uncertain = agentRuns > 0 && (estimate.basis !== 'exact' || estimate.contacts !== 0);
    if (estimate.basis === 'free' || !(reused > 0 || uncertain)) return [];
    return [{ step: step.name, agent, effort: step.effort }];
  });
  return wanted.length === 0 ? NO_FACTS : readLedgerFacts(store, pipeline.name, wanted, notes);
}

function pricedStep(
  plan: StepPlan,
  priced: Priced | undefined,
  { medians, saved }: LedgerFacts,
  steps: readonly Step[],
  plans: ReadonlyMap<string, StepPlan>,
  limit: number | undefined,
): PricedStep {
  if (priced === undefined) {
    const none = { expected: NOTHING, ceiling: NOTHING, contacts: NOTHING, saved: NOTHING };
    return { ...plan, ...none, basis: undefined, atMost: undefined };
  }
  const estimate = withObserved(priced.estimate, medians.get(plan.step));
  const bound =
    plan.waitsFor.length === 0 ? undefined : boundOf(priced.step, plan, limit, { steps, plans });
  return {
    ...plan,
    expected: times(estimate.expected, plan.agentRuns),
    ceiling: times(estimate.ceiling, plan.agentRuns),
    basis: estimate.basis,
    contacts: times(estimate.contacts, plan.agentRuns),
    atMost: bound && { ...bound, ceiling: times(estimate.ceiling, bound.agentRuns) },
    saved: saved.get(plan.step) ?? NOTHING,
  };
}

/** Nothing bought costs nothing, whatever one would cost. */
function times(each: Microdollars | undefined, count: number): Microdollars | undefined {
  if (count === 0) return NOTHING;
  return each === undefined ? undefined : microdollars(each * count);
}

function leverStep(
  plan: PricedStep,
  priced: Priced | undefined,
  nowMs: number,
): readonly LeverStep[] {
  const { agentRuns, expected, why, staleSince } = plan;
  if (priced?.prices === undefined || agentRuns === 0 || expected === undefined) return [];
  const count = why.find(({ reason }) => reason === 'stale')?.count ?? 0;
  const oldestMs = staleSince === undefined ? 0 : nowMs - Date.parse(staleSince);
  const stale = { count, oldestMs };
  return [{ step: priced.step, prices: priced.prices, agentRuns, expected, stale }];
}

function totalOf(steps: readonly PricedStep[], priced: ReadonlyMap<string, Priced>): PlanTotal {
  const sum = (of: (step: PricedStep) => number): number =>
    steps.reduce((total, step) => total + of(step), 0);
  const money = (of: (step: PricedStep) => Microdollars | undefined): Microdollars | undefined =>
    steps.reduce<Microdollars | undefined>((total, step) => {
      const own = of(step);
      return total === undefined || own === undefined ? undefined : addMoney(total, own);
    }, NOTHING);
  return {
    toRun: sum(({ toRun }) => toRun),
    reused: sum(({ reused }) => reused),
    held: sum(({ held }) => held),
    left: sum(({ left }) => left),
    unaskable: sum(({ unaskable }) => unaskable?.tasks ?? 0),
    remade: steps.filter(isRemade).length,
    agentRuns: sum(({ agentRuns }) => agentRuns),
    expected: money(({ expected }) => expected),
    ceiling: money(({ ceiling }) => ceiling),
    atMost: money((step) => {
      const isOpen = step.waitsFor.length > 0 && step.kind === 'agent';
      const free = priced.get(step.step)?.estimate.basis === 'free';
      return isOpen && !free ? step.atMost?.ceiling : step.ceiling;
    }),
    saved: microdollars(sum(({ saved }) => saved)),
    open: steps.some(({ waitsFor }) => waitsFor.length > 0),
  };
}

/** The table is made anew without asking anybody. */
export const isRemade = ({ toRun, waitsFor, unchanged, held, left }: StepPlan): boolean =>
  toRun === 0 && waitsFor.length === 0 && !unchanged && held === 0 && left === 0;
