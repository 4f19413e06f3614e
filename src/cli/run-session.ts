import { runId, type RunId } from '../base/ids.ts';
import { Budget } from '../cost/budget.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import type { RunContext } from '../execution/context.ts';
import type { Emit } from '../execution/events.ts';
import type { PlanNotes } from '../execution/plan-notes.ts';
import type { WholeTables } from '../execution/ports.ts';
import { Slots } from '../execution/slots.ts';
import type { Interrupt } from '../execution/interrupt.ts';
import { RECONCILE_RULES } from '../execution/reconcile.ts';
import { Stop } from '../execution/stop.ts';
import type { AgentStep, Pipeline, Step } from '../pipeline/pipeline.ts';
import type { Store } from '../store/store.ts';
import type { FileSourceReader } from '../tables/source-reader.ts';
import type { Io } from './io.ts';
import type { OpenPipeline } from './open-pipeline.ts';
import { ProjectAgents } from './project-agents.ts';
import type { RunOptions } from './options.ts';
import { periodCaps, runCap } from './run-budget.ts';
import { openScratch } from './scratch-folder.ts';

/** One run or plan of a pipeline: the chosen steps and all that they need from the world. */
export interface RunSession {
  readonly run: RunId;
  readonly steps: readonly Step[];
  readonly context: RunContext;
  close(): Promise<void>;
}

export interface SessionParts {
  readonly opened: OpenPipeline;
  readonly options: RunOptions;
  readonly store: Store;
  readonly plan: PlanNotes | undefined;
  readonly emit: Emit;
  /** Gets the lines of a cassette. */
  readonly record?: (line: string) => Promise<void>;
  readonly run: RunId;
  readonly sources: FileSourceReader;
  /** Of a run; a plan just ends. */
  readonly interrupt?: Interrupt;
  /** Of a plan; a run makes its own. */
  readonly budget?: Budget;
}

export const newRunId = (io: Io): RunId => runId(io.clock.now(), io.random);

/** The pipeline with `--agent` in the place of the agents that it names. */
export function withAgent(pipeline: Pipeline, agent: string | undefined): Pipeline {
  if (agent === undefined) return pipeline;
  const steps = pipeline.steps.map((step): Step =>
    step.kind === 'agent' ? ({ ...step, agent } satisfies AgentStep) : step,
  );
  return { ...pipeline, steps };
}

/** What a call asks of a pipeline; the error names what it does not have. */
export function chosenSteps(
  { pipeline, project }: OpenPipeline,
  { step: names, refresh, agent }: RunOptions,
): Result<readonly Step[], string> {
  const known = pipeline.steps.map(({ name }) => name);
  const unknown = [...names, ...refresh].find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const hint = didYouMean(unknown, known, 'steps', 'it has none');
    return fail(`Pipeline ${pipeline.name} has no step "${unknown}"; ${hint}`);
  }
  if (agent !== undefined && !project.agents.has(agent)) {
    const hint = didYouMean(agent, [...project.agents.keys()], 'agents');
    return fail(`There is no agent "${agent}"; ${hint}`);
  }
  if (names.length === 0) return ok(pipeline.steps);
  const wanted = new Set(names);
  for (const step of pipeline.steps.toReversed()) {
    if (wanted.has(step.name)) for (const need of step.needs) wanted.add(need);
  }
  return ok(pipeline.steps.filter(({ name }) => wanted.has(name)));
}

/** What keeps an agent of the steps from being asked at all, such as a corpus that is not there. */
export async function agentMistakes({ steps, context }: RunSession): Promise<readonly string[]> {
  const names = new Set(steps.flatMap((step) => (step.kind === 'agent' ? [step.agent] : [])));
  const mistakes: string[] = [];
  for (const name of names) {
    const agent = await context.agents.describe(name);
    if (!agent.ok) mistakes.push(agent.error.message);
  }
  return mistakes;
}

export function openSession(parts: SessionParts, steps: readonly Step[], io: Io): RunSession {
  const { opened, options, store, plan, emit, run, interrupt } = parts;
  const agents = new ProjectAgents(opened, io, parts.record);
  let tables: Promise<OpenTables> | undefined;
  const wholeTables = async (): Promise<WholeTables> => {
    tables ??= openTables(parts, io);
    return (await tables).tables;
  };
  const { pipeline } = opened;
  const context: RunContext = {
    run,
    pipeline,
    store,
    agents,
    sources: parts.sources,
    wholeTables,
    budget: parts.budget ?? new Budget(runCap(opened, options)),
    ...(plan === undefined ? { periods: periodCaps(opened) } : {}),
    slots: slotsOf(pipeline),
    clock: io.clock,
    random: io.random,
    signal: interrupt?.signal ?? io.signal,
    stop: interrupt?.stop ?? new Stop(),
    emit,
    refresh: new Set(options.refresh),
    retryFailed: options.retryFailed === true,
    ...reconcileOf(opened, steps),
    limit: options.limit,
    plan,
  };
  return {
    run,
    steps,
    context,
    close: async () => {
      await agents.close();
      await (await tables)?.close();
    },
  };
}

/** The longest settle time that an agent of these steps asks for. */
function reconcileOf(
  { project }: OpenPipeline,
  steps: readonly Step[],
): Pick<RunContext, 'reconcile'> {
  const asked = steps.flatMap((step) => {
    const agent = step.kind === 'agent' ? project.agents.get(step.agent) : undefined;
    return agent?.kind === 'exa' ? (agent.settleMs ?? RECONCILE_RULES.settleMs) : [];
  });
  return asked.length === 0 ? {} : { reconcile: { settleMs: Math.max(...asked) } };
}

interface OpenTables {
  readonly tables: WholeTables;
  close(): Promise<void>;
}

async function openTables(
  { store, opened, sources, run }: SessionParts,
  io: Io,
): Promise<OpenTables> {
  const { ProjectTables } = await import('../tables/project-tables.ts');
  const scratch = await openScratch(opened.root, run, io);
  try {
    const tables = await ProjectTables.open({
      store,
      folder: scratch.path,
      sources: opened.pipeline.sources.values(),
      reader: sources,
    });
    const close = async (): Promise<void> => {
      await tables.close();
      await scratch.remove();
    };
    return { tables, close };
  } catch (error) {
    await scratch.remove();
    throw error;
  }
}

function slotsOf(pipeline: Pipeline): Slots {
  const steps = new Map<string, number>();
  for (const step of pipeline.steps) {
    if (step.kind === 'agent' && step.concurrency !== undefined) {
      steps.set(step.name, step.concurrency);
    }
  }
  return new Slots({ all: pipeline.concurrency, steps });
}
