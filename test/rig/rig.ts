import { setMaxListeners } from 'node:events';
import { mkdtemp, mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { AgentBackend } from '../../src/agent/agent.ts';
import type { Clock } from '../../src/base/clock.ts';
import { comparePaths } from '../../src/base/compare-paths.ts';
import { runId } from '../../src/base/ids.ts';
import type { JsonObject } from '../../src/base/json.ts';
import type { Microdollars } from '../../src/base/money.ts';
import type { Random } from '../../src/base/random.ts';
import { ok } from '../../src/base/result.ts';
import { NodeProjectFiles } from '../../src/cli/node-project-files.ts';
import { Budget } from '../../src/cost/budget.ts';
import type { PeriodCaps } from '../../src/cost/cap.ts';
import type { PriceBook } from '../../src/cost/price-book.ts';
import { renderDiagnostic } from '../../src/diagnostics/render.ts';
import { sqlTables } from '../../src/duckdb/sql-tables.ts';
import type { RunContext } from '../../src/execution/context.ts';
import type { RunEvent, UntimedEvent } from '../../src/execution/events.ts';
import { PlanNotes, type StepPlan } from '../../src/execution/plan-notes.ts';
import type { SourceReader, WholeTables } from '../../src/execution/ports.ts';
import type { ReconcileRules } from '../../src/execution/reconcile.ts';
import { runPipeline, type RunReport } from '../../src/execution/run-pipeline.ts';
import { Slots } from '../../src/execution/slots.ts';
import { Stop } from '../../src/execution/stop.ts';
import { loadPipeline } from '../../src/pipeline/load.ts';
import type { Pipeline } from '../../src/pipeline/pipeline.ts';
import { loadProject } from '../../src/pipeline/project-file.ts';
import { tableRecords } from '../../src/execution/step-output.ts';
import { OutputSchema } from '../../src/agent/output-schema.ts';
import type { RecordShape } from '../../src/plan/take-records.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { OverlayStore } from '../../src/store/overlay-store.ts';
import type { StepState, Store } from '../../src/store/store.ts';
import { seededRandom } from './seeded-random.ts';

export interface RigOptions {
  readonly agent: AgentBackend;
  /** Agents of other names than the pipeline's own. */
  readonly agents?: Readonly<Record<string, AgentBackend>>;
  readonly store?: Store;
  readonly clock?: Clock;
  readonly prices?: PriceBook;
  readonly sources?: SourceReader;
  readonly wholeTables?: () => Promise<WholeTables>;
  /** Another process has other random ids: give it another seed. */
  readonly seed?: number;
  /** Other rules than the usual ones for finding lost agent runs. */
  readonly reconcile?: Partial<ReconcileRules>;
}

export interface RunWith {
  readonly refresh?: readonly string[];
  readonly limit?: number;
  readonly cap?: Microdollars;
  /** Ceilings over all pipelines of the store. */
  readonly periods?: PeriodCaps;
  readonly params?: Readonly<Record<string, string>>;
  readonly steps?: readonly string[];
  readonly retryFailed?: boolean;
}

const START = Date.parse('2026-11-22T09:00:00Z');

/** The runner in memory: a test says what the pipeline is and what the agent answers. */
export class Rig {
  readonly store: Store;
  readonly events: UntimedEvent[] = [];
  /** Hears of each event as it comes. */
  onEvent: (event: UntimedEvent) => void = () => undefined;
  readonly abort = new AbortController();
  /** Milliseconds since 1970; a test may set it forward. */
  nowMs = START;
  readonly #options: RigOptions;
  readonly #random: Random;
  #folder: string | undefined;

  constructor(options: RigOptions) {
    this.#options = options;
    // Every agent run that is waited for listens to it.
    setMaxListeners(0, this.abort.signal);
    this.store = options.store ?? new MemoryStore();
    this.#random = seededRandom(options.seed ?? 7);
  }

  /** A folder with these files, made anew on disk; its path. */
  async write(files: Readonly<Record<string, string>>): Promise<string> {
    this.#folder ??= await mkdtemp(join(tmpdir(), 'fieldwork-rig-'));
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(this.#folder, path)), { recursive: true });
      await writeFile(join(this.#folder, path), text);
    }
    return this.#folder;
  }

  /** The pipeline of a YAML text without its head, or an error that shows what is wrong with it. */
  async pipeline(yaml: string, params: Readonly<Record<string, string>> = {}): Promise<Pipeline> {
    const text = yaml.includes('version: 1')
      ? yaml
      : `version: 1\nname: test\nagent: local\n${yaml}`;
    const folder = await this.write({ 'pipeline.yaml': text });
    const files = await NodeProjectFiles.open(folder, folder);
    const project = await loadProject(files);
    if (!project.ok) throw new Error(project.error.map((it) => renderDiagnostic(it)).join('\n'));
    const loaded = await loadPipeline('pipeline.yaml', {
      files,
      project: project.value,
      params,
      sqlTables,
    });
    if (!loaded.ok) throw new Error(loaded.error.map((it) => renderDiagnostic(it)).join('\n'));
    return loaded.value.pipeline;
  }

  async run(yaml: string, options: RunWith = {}): Promise<RunReport> {
    const pipeline = await this.pipeline(yaml, options.params);
    return this.runLoaded(pipeline, options);
  }

  runLoaded(pipeline: Pipeline, options: RunWith = {}): Promise<RunReport> {
    return this.#go(pipeline, this.store, options, undefined);
  }

  async plan(yaml: string, options: RunWith = {}): Promise<readonly StepPlan[]> {
    const notes = new PlanNotes();
    const pipeline = await this.pipeline(yaml, options.params);
    await this.#go(pipeline, new OverlayStore(this.store), options, notes);
    return notes.steps;
  }

  #go(
    pipeline: Pipeline,
    store: Store,
    options: RunWith,
    plan: PlanNotes | undefined,
  ): Promise<RunReport> {
    const { agent, agents, prices } = this.#options;
    const clock: Clock = this.#options.clock ?? {
      now: () => this.nowMs,
      sleep: (ms, signal) => (ms < NEVER_MS ? Promise.resolve() : aborted(signal)),
    };
    const context: RunContext = {
      run: runId(clock.now(), this.#random),
      pipeline,
      store,
      agents: {
        describe: (name) => {
          const { identity, ephemeral } = agents?.[name] ?? agent;
          return Promise.resolve(ok({ name, identity, ephemeral, prices }));
        },
        open: (name) => Promise.resolve(ok(agents?.[name] ?? agent)),
      },
      sources: this.#options.sources ?? NO_SOURCES,
      wholeTables: this.#options.wholeTables ?? noTables,
      budget: new Budget(
        options.cap === undefined
          ? undefined
          : { amount: options.cap, name: 'the cap', help: 'raise it' },
      ),
      ...(options.periods !== undefined && { periods: options.periods }),
      slots: new Slots({ all: pipeline.concurrency }),
      clock,
      random: this.#random,
      signal: this.abort.signal,
      stop: new Stop(),
      emit: (event) => {
        this.events.push(event);
        this.onEvent(event);
      },
      refresh: new Set(options.refresh),
      ...(options.retryFailed === true && { retryFailed: true }),
      ...(this.#options.reconcile !== undefined && { reconcile: this.#options.reconcile }),
      limit: options.limit,
      plan,
    };
    const steps = pipeline.steps.filter(({ name }) => options.steps?.includes(name) ?? true);
    return runPipeline(steps, 'pipeline.yaml', context);
  }

  /** The records of a step's present table, in row order. */
  async table(step: string): Promise<readonly JsonObject[]> {
    const state = await this.state(step);
    const at = state.layout.records as unknown as RecordShape['at'];
    const schema = state.layout.schema === null ? undefined : compiled(state.layout.schema);
    const shape: RecordShape = { at, key: state.layout.key ?? undefined, schema };
    const rows: { path: readonly number[]; record: JsonObject }[] = [];
    for await (const members of this.store.members(state.version)) {
      for (const member of members) {
        const [answer] =
          member.answer === undefined ? [] : await this.store.answers([member.answer]);
        const output = answer?.output ?? {
          text: '',
          structured: member.rows ?? null,
          grounding: [],
        };
        if (answer !== undefined || member.rows !== undefined) {
          rows.push(...tableRecords(shape, member, output));
        }
      }
    }
    return rows.sort((a, b) => comparePaths(a.path, b.path)).map(({ record }) => record);
  }

  async state(step: string): Promise<StepState> {
    const state = await this.store.stepState('test', step);
    if (state === undefined) throw new Error(`Step ${step} has no table`);
    return state;
  }

  /** Reasons of the tasks that were started, as `step task: reason`. */
  started(): readonly string[] {
    return this.eventsOf('task-started').map(
      ({ step, task, reason }) => `${step} ${task}: ${reason.kind}`,
    );
  }

  failures(): readonly string[] {
    return this.eventsOf('task-failed').map(
      ({ step, task, failure, message }) => `${step} ${task}: ${failure}: ${message}`,
    );
  }

  eventsOf<T extends RunEvent['type']>(type: T): readonly Extract<UntimedEvent, { type: T }>[] {
    return this.events.filter(
      (event): event is Extract<UntimedEvent, { type: T }> => event.type === type,
    );
  }
}

/** Time stands still, and what is soon is at once; for what is this far off nobody waits. */
const NEVER_MS = 30 * 60_000;

const aborted = (signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted === true) resolve();
    else signal?.addEventListener('abort', () => resolve(), { once: true });
  });

function compiled(schema: JsonObject): OutputSchema {
  const result = OutputSchema.compile(schema);
  if (!result.ok) throw new Error(result.error.map(({ message }) => message).join('\n'));
  return result.value;
}

const NO_SOURCES: SourceReader = {
  check: () => Promise.resolve(ok([])),
  digest: () => Promise.resolve(''),
  read: () => {
    throw new Error('This test has no sources');
  },
};

const noTables = (): Promise<WholeTables> => Promise.reject(new Error('This test has no database'));
