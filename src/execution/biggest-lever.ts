import { formatMoney, microdollars, type Microdollars } from '../base/money.ts';
import type { PriceBook } from '../cost/price-book.ts';
import type { AgentStep } from '../pipeline/pipeline.ts';

/** The one change to a pipeline that would save most of what a plan is expected to cost. */
export interface Lever {
  readonly step: string;
  /** What to write: `effort: minimal`, `batch: 10`, `ttl: 60d`, `--limit 10`. */
  readonly change: string;
  readonly saves: Microdollars;
}

/** A step with agent runs to be started, and what it is expected to cost. */
export interface LeverStep {
  readonly step: AgentStep;
  readonly prices: PriceBook;
  readonly agentRuns: number;
  readonly expected: Microdollars;
  /** Answers that are asked for again only because they are old, and the age of the oldest. */
  readonly stale: { readonly count: number; readonly oldestMs: number };
}

const DAY_MS = 24 * 60 * 60 * 1_000;
/** Records in an agent run that are worth proposing. */
const BATCH = 10;
/** A first look at what comes back. */
const TRIAL = 10;

/** Undefined where nothing is worth a change. */
export function biggestLever(steps: readonly LeverStep[]): Lever | undefined {
  const levers = steps.flatMap((step) => [cheaperEffort(step), batch(step), ttl(step)]);
  return most(levers) ?? most(steps.map(trial));
}

const most = (levers: readonly (Lever | undefined)[]): Lever | undefined =>
  levers.reduce(
    (best, lever) => (lever !== undefined && lever.saves > (best?.saves ?? 0) ? lever : best),
    undefined,
  );

const each = ({ expected, agentRuns }: LeverStep): number => expected / agentRuns;

/** The dearest fixed price below what an agent run is expected to cost now. */
function cheaperEffort(of: LeverStep): Lever | undefined {
  const cheaper = Object.entries(of.prices.efforts)
    .flatMap(([effort, price]) => (price.kind === 'fixed' ? [{ effort, price: price.price }] : []))
    .filter(({ price }) => price < each(of))
    .sort((a, b) => b.price - a.price)
    .at(0);
  if (cheaper === undefined) return undefined;
  const saves = of.expected - cheaper.price * of.agentRuns;
  return lever(of, `effort: ${cheaper.effort}`, saves);
}

/** Only where the answer says by its keys which record is which, and the query is about many. */
function batch(of: LeverStep): Lever | undefined {
  const { step, agentRuns } = of;
  const single = step.query.names.some(({ path }) => path[0] === 'row');
  if (step.input?.batch !== 1 || single || step.key === undefined) return undefined;
  if (step.records.kind !== 'array') return undefined;
  return lever(of, `batch: ${BATCH}`, each(of) * (agentRuns - Math.ceil(agentRuns / BATCH)));
}

/** Long enough for all that is stale now. */
function ttl(of: LeverStep): Lever | undefined {
  const { count, oldestMs } = of.stale;
  if (count === 0) return undefined;
  const size = of.step.input?.batch ?? 1;
  const agentRuns = size === 'all' ? 1 : Math.floor(count / size);
  return lever(of, `ttl: ${Math.ceil(oldestMs / DAY_MS)}d`, each(of) * agentRuns);
}

function trial(of: LeverStep): Lever | undefined {
  if (of.agentRuns <= TRIAL) return undefined;
  return lever(of, `--limit ${TRIAL}`, each(of) * (of.agentRuns - TRIAL));
}

const lever = ({ step }: LeverStep, change: string, saves: number): Lever => ({
  step: step.name,
  change,
  saves: microdollars(Math.round(saves)),
});

/** `effort: minimal in people would save about $0.52`. */
export const leverText = ({ step, change, saves }: Lever): string =>
  `${change} in ${step} would save about ${formatMoney(saves)}`;
