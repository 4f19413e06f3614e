import type { Microdollars } from '../base/money.ts';
import type { JsonObject } from '../base/json.ts';

/**
 * A plan that was written down, so that a run can carry out just this. Mirrors
 * `schemas/plan.schema.json`. Amounts are whole microdollars; null where one is not known.
 */
export interface PlanFile {
  readonly format: 'fieldwork-plan/1';
  readonly pipeline: string;
  /** The pipeline file, as it was named. */
  readonly file: string;
  /** ISO-8601 UTC. */
  readonly madeAt: string;
  readonly options: PlanOptions;
  readonly pins: PlanPins;
  readonly total: {
    readonly toRun: number;
    readonly agentRuns: number;
    readonly expected: Microdollars | null;
    /** Of what is known now. */
    readonly ceiling: Microdollars | null;
    /** With all that can follow; null where nothing bounds it. */
    readonly atMost: Microdollars | null;
    /** Held for agent runs that earlier runs left open; it comes on top. */
    readonly reserved: Microdollars;
  };
}

/** What was asked for on the command line. */
interface PlanOptions {
  readonly params: Readonly<Record<string, string>>;
  readonly steps: readonly string[];
  readonly refresh: readonly string[];
  readonly retryFailed: boolean;
  readonly limit: number | null;
  readonly maxCost: number | null;
  readonly maxRows: number | null;
  readonly agent: string | null;
}

/** All that decides what a run does, as short texts that can be compared. */
export interface PlanPins {
  /** Digest of the pipeline file's text. */
  readonly pipeline: string;
  readonly params: JsonObject;
  /** Digest of each source that the steps read, by its path. */
  readonly sources: Readonly<Record<string, string>>;
  /** Digest of each step's output schema. */
  readonly schemas: Readonly<Record<string, string>>;
  readonly prices: { readonly id: string; readonly digest: string };
  /** Where the state stands: the last run of the pipeline, and what it has open. */
  readonly state: { readonly run: string | null; readonly open: readonly string[] };
  readonly steps: Readonly<Record<string, PinnedStep>>;
}

interface PinnedStep {
  /** Digest of the set of questions to run. */
  readonly tasks: string;
  readonly toRun: number;
  readonly reused: number;
  readonly agentRuns: number;
  readonly ceiling: Microdollars | null;
}

/** What is not as it was when the plan was made, for a person; empty where all is. */
export function movedSince(before: PlanPins, now: PlanPins): readonly string[] {
  return [
    ...(before.pipeline === now.pipeline ? [] : ['the pipeline file']),
    ...changedNames(before.params, now.params).map((name) => `the parameter ${name}`),
    ...changedNames(before.sources, now.sources).map((path) => `the source ${path}`),
    ...changedNames(before.schemas, now.schemas).map((step) => `the schema of step ${step}`),
    ...(before.prices.digest === now.prices.digest ? [] : [movedPrices(before, now)]),
    ...movedState(before, now),
    ...changedNames(before.steps, now.steps).map((step) => movedStep(step, before, now)),
  ];
}

/** Names whose values differ, or that only one side has. */
function changedNames(
  before: Readonly<Record<string, unknown>>,
  now: Readonly<Record<string, unknown>>,
): readonly string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(now)]);
  return [...names].filter((name) => textOf(before, name) !== textOf(now, name));
}

const textOf = (of: Readonly<Record<string, unknown>>, name: string): string | undefined =>
  Object.hasOwn(of, name) ? JSON.stringify(of[name]) : undefined;

const movedPrices = ({ prices: before }: PlanPins, { prices: now }: PlanPins): string =>
  before.id === now.id ? `the prices ${now.id}` : `the prices (${before.id}, now ${now.id})`;

function movedState({ state: before }: PlanPins, { state: now }: PlanPins): readonly string[] {
  if (before.run !== now.run) return [`the state (run ${now.run ?? 'none'} came after the plan)`];
  return JSON.stringify(before.open) === JSON.stringify(now.open)
    ? []
    : ['the state (agent runs that were left open)'];
}

function movedStep(step: string, { steps: before }: PlanPins, { steps: now }: PlanPins): string {
  const [was, is] = [before[step], now[step]];
  if (was === undefined || is === undefined) return `step ${step} (it is new, or gone)`;
  if (was.toRun !== is.toRun) return `step ${step} (${is.toRun} tasks to run, not ${was.toRun})`;
  if (was.tasks !== is.tasks) return `step ${step} (other tasks)`;
  if (was.ceiling !== is.ceiling) return `step ${step} (another ceiling)`;
  return `step ${step} (other answers to reuse)`;
}
