import { readFile, writeFile } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { isoTime } from '../base/clock.ts';
import { digestOf, fingerprintOf } from '../base/fingerprint.ts';
import type { Json } from '../base/json.ts';
import { addMoney } from '../base/money.ts';
import { fail, ok, type Result } from '../base/result.ts';
import type { PricedPlan } from '../execution/priced-plan.ts';
import type { AgentStep } from '../pipeline/pipeline.ts';
import { planFileMistake } from '../pipeline/validate.ts';
import { movedSince, type PlanFile, type PlanPins } from '../plan/plan-file.ts';
import type { Store } from '../store/store.ts';
import { usedSources } from './check-sources.ts';
import type { Io } from './io.ts';
import { makePlan, type PlanProblem } from './make-plan.ts';
import type { RunOptions } from './options.ts';
import type { PreparedRun } from './prepare-run.ts';
import { projectRoot } from './project-root.ts';

/** A plan file is named in the place of a pipeline. */
const isPlanPath = (path: string): boolean => path.endsWith('.json');

/** More than a project has. */
const MOST_RUNS = 1_000_000;

/** Larger files are no plans. */
const MOST_BYTES = 4 * 1024 * 1024;

/** Writes a plan to `path`, as it was typed. The error is for a person. */
export async function writePlanFile(
  path: string,
  prepared: PreparedRun,
  plan: PricedPlan,
  options: RunOptions,
  store: Store,
  io: Io,
): Promise<Result<undefined, string>> {
  if (!isPlanPath(path)) return fail(`The name of a plan file ends with .json; ${path} does not.`);
  const { pipeline, root, folder, path: shown } = prepared.opened;
  const { total } = plan;
  const content: PlanFile = {
    format: 'fieldwork-plan/1',
    pipeline: pipeline.name,
    file: relative(root, join(folder, basename(shown))).replaceAll('\\', '/'),
    madeAt: isoTime(io.clock.now()),
    options: {
      params: options.param,
      steps: options.step,
      refresh: options.refresh,
      retryFailed: options.retryFailed ?? false,
      limit: options.limit ?? null,
      maxCost: options.maxCost ?? null,
      maxRows: options.maxRows ?? null,
      agent: options.agent ?? null,
    },
    pins: await pinsOf(prepared, plan, store),
    total: {
      toRun: total.toRun,
      agentRuns: total.agentRuns,
      expected: total.expected ?? null,
      ceiling: total.ceiling ?? null,
      atMost: total.atMost ?? null,
      reserved: plan.reserved,
    },
  };
  try {
    await writeFile(resolve(io.cwd, path), `${JSON.stringify(content, null, 2)}\n`);
    return ok(undefined);
  } catch (error) {
    return fail(`The plan could not be written: ${messageOf(error)}.`);
  }
}

/** Reads a plan file. The error is for a person. */
async function readPlanFile(path: string, io: Io): Promise<Result<PlanFile, string>> {
  let text: string;
  try {
    const bytes = await readFile(resolve(io.cwd, path));
    if (bytes.length > MOST_BYTES) return fail(`${path} is too large for a plan.`);
    text = bytes.toString();
  } catch (error) {
    return fail(`The plan ${path} cannot be read: ${messageOf(error)}.`);
  }
  let content: Json;
  try {
    content = JSON.parse(text) as Json;
  } catch {
    return fail(`${path} is no plan: it is not JSON.`);
  }
  const mistake = await planFileMistake(content);
  if (mistake !== undefined) return fail(`${path} is no plan that can be carried out: ${mistake}.`);
  return ok(content as unknown as PlanFile);
}

/** The options that a plan was made with; its own ceiling comes to them. */
function optionsOf({ options, total }: PlanFile, asked: RunOptions): RunOptions {
  const { params, steps, refresh, retryFailed, limit, maxCost, maxRows, agent } = options;
  return {
    param: params,
    step: steps,
    refresh,
    ...(retryFailed ? { retryFailed } : {}),
    ...(limit === null ? {} : { limit }),
    ...(maxCost === null ? {} : { maxCost }),
    ...(maxRows === null ? {} : { maxRows }),
    ...(agent === null ? {} : { agent }),
    ...(total.atMost === null ? {} : { planned: addMoney(total.atMost, total.reserved) }),
    ...(asked.json === undefined ? {} : { json: asked.json }),
    ...(asked.record === undefined ? {} : { record: asked.record }),
    ...(asked.untrusted === undefined ? {} : { untrusted: asked.untrusted }),
  };
}

/** What of a call has no place beside a plan, which says it all; undefined where nothing has. */
function optionBesidePlan(options: RunOptions): string | undefined {
  const given: readonly (readonly [string, boolean])[] = [
    ['--param', Object.keys(options.param).length > 0],
    ['--step', options.step.length > 0],
    ['--refresh', options.refresh.length > 0],
    ['--retry-failed', options.retryFailed !== undefined],
    ['--limit', options.limit !== undefined],
    ['--max-cost', options.maxCost !== undefined],
    ['--max-rows', options.maxRows !== undefined],
    ['--agent', options.agent !== undefined],
  ];
  return given.find(([, isGiven]) => isGiven)?.[0];
}

/** What a call of `run` is about: a pipeline, or a plan of one. */
export interface AskedRun {
  /** Of the pipeline. */
  readonly path: string;
  readonly options: RunOptions;
  readonly plan: PlanFile | undefined;
}

/** Reads the plan file where one is named. The error is for a person. */
export async function askedRun(
  path: string,
  options: RunOptions,
  io: Io,
): Promise<Result<AskedRun, string>> {
  if (!isPlanPath(path)) return ok({ path, options, plan: undefined });
  const plan = await readPlanFile(path, io);
  if (!plan.ok) return plan;
  const beside = optionBesidePlan(options);
  if (beside !== undefined) {
    return fail(`${path} says what to run; make another plan to use ${beside}.`);
  }
  const root = await projectRoot(io.cwd);
  return ok({
    path: join(root, plan.value.file),
    options: optionsOf(plan.value, options),
    plan: plan.value,
  });
}

/** Why the plan that was asked for no longer holds; undefined where it does. */
export async function planMoved(
  { plan: file, options }: AskedRun,
  prepared: PreparedRun,
  store: Store,
  io: Io,
): Promise<PlanProblem | undefined> {
  if (file === undefined) return undefined;
  // What is compared has to know no other ceilings than the plan did.
  const { planned: _, ...asBefore } = options;
  const plan = await makePlan(prepared, asBefore, store, io);
  if (!plan.ok) return plan.error;
  const moved = movedSince(file.pins, await pinsOf(prepared, plan.value.plan, store));
  if (moved.length === 0) return undefined;
  const message = `The plan no longer holds. Since it was made there moved: ${moved.join('; ')}. Nothing was run and nothing was spent. Make a new one: fieldwork plan ${file.pipeline} --out <file>`;
  return { mistakes: [], message };
}

async function pinsOf(
  { opened, steps, sources }: PreparedRun,
  plan: PricedPlan,
  store: Store,
): Promise<PlanPins> {
  const { pipeline, project } = opened;
  const digests: Record<string, string> = {};
  for (const source of usedSources(pipeline, steps)) {
    digests[source.shownPath] = await sources.digest(source);
  }
  const asking = steps.filter((step): step is AgentStep => step.kind === 'agent');
  const open = await store.openAttempts();
  const runs = await store.runs(MOST_RUNS);
  return {
    pipeline: digestOf(pipeline.file.text),
    params: pipeline.params,
    sources: digests,
    schemas: Object.fromEntries(
      asking.flatMap(({ name, schema }) => (schema === undefined ? [] : [[name, schema.digest]])),
    ),
    prices: { id: project.prices.id, digest: fingerprintOf(project.prices as unknown as Json) },
    state: {
      run: runs.find((run) => run.pipeline === pipeline.name)?.run ?? null,
      open: open
        .filter((attempt) => attempt.pipeline === pipeline.name)
        .map(({ attempt }) => attempt),
    },
    steps: Object.fromEntries(
      plan.steps.map(({ step, digest, toRun, reused, agentRuns, ceiling }) => [
        step,
        { tasks: digest, toRun, reused, agentRuns, ceiling: ceiling ?? null },
      ]),
    ),
  };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : 'unknown');
