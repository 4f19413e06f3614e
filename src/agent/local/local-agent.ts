import { setMaxListeners } from 'node:events';
import { isoTime, type Clock } from '../../base/clock.ts';
import { ulid } from '../../base/ids.ts';
import type { JsonObject } from '../../base/json.ts';
import type { Random } from '../../base/random.ts';
import { fail, ok, type Result } from '../../base/result.ts';
import {
  isTerminal,
  type AgentBackend,
  type AgentOutput,
  type AgentProblem,
  type AgentRequest,
  type AgentRun,
  type AgentRunPage,
  type AgentUsage,
  type EarlierRuns,
} from '../agent.ts';
import { OutputSchema } from '../output-schema.ts';
import type { Refusal } from './answer/answer.ts';
import type { Continuation } from './answer/question.ts';
import { Continuations } from './continuations.ts';
import { Corpus } from './corpus/corpus.ts';
import {
  readCorpusFolder,
  type CorpusFolder,
  type CorpusFolderProblem,
} from './corpus/corpus-folder.ts';
import { ENGINE_VERSION } from './engine-version.ts';
import type { IndexPlace } from './corpus/index-place.ts';
import { SeenFiles } from './corpus/seen-files.ts';
import { answerRequest } from './engine.ts';
import { Linker } from './link/linker.ts';
import { placeOf } from './open-corpus.ts';
import { Topics } from './retrieve/topics.ts';
import { RunRegistry, startedRun, type LocalRun } from './run-registry.ts';
import { usageOf } from './usage.ts';

/** Agent runs that ended and can still be read and continued. */
const KEPT_RUNS = 1_000;

export interface LocalAgentOptions {
  /** The name used in pipeline files and reports. */
  readonly name: string;
  /** Absolute. Without one the agent has no sources, and every agent run fails and says so. */
  readonly corpusFolder: string | undefined;
  /** Absolute folder of indexes; without it the whole corpus is read each time. */
  readonly indexFolder?: string;
  readonly clock: Clock;
  readonly random: Random;
}

export type LocalAgentProblem = CorpusFolderProblem;

/** The agent in this process. */
export interface LocalAgent extends AgentBackend {
  /** Files of the corpus that are not used, and why; one sentence each. */
  readonly warnings: readonly string[];
  /**
   * Answers a request without making an agent run of it: for who keeps agent runs himself. Rejects
   * when `signal` aborts.
   */
  answer(
    request: AgentRequest,
    circumstances: {
      /** What "today" is to the answer. */
      readonly nowMs: number;
      /** Of the answer that this one follows. */
      readonly before: Continuation | undefined;
      readonly signal: AbortSignal;
    },
  ): Promise<Result<LocalAnswer, Refusal>>;
}

export interface LocalAnswer {
  readonly output: AgentOutput;
  readonly usage: AgentUsage;
  /** What a follow-up builds on; undefined where there is nothing. */
  readonly continuation: Continuation | undefined;
}

/**
 * Opens the agent that needs no key and no network: it answers from the files of a folder.
 *
 * Opening reads new and changed files once for their digest; they are parsed, and DuckDB is loaded,
 * when the first agent run is made. Agent runs are free and live in this process only.
 */
export async function openLocalAgent(
  options: LocalAgentOptions,
): Promise<Result<LocalAgent, LocalAgentProblem>> {
  const { corpusFolder } = options;
  if (corpusFolder === undefined) return ok(new OpenLocalAgent(options, undefined));
  const place = indexPlace(options);
  const seen = place === undefined ? undefined : await SeenFiles.open(place);
  const folder = await readCorpusFolder(corpusFolder, seen);
  return folder.ok ? ok(new OpenLocalAgent(options, folder.value)) : folder;
}

/** Finds what an answer builds on. */
type FindState = (
  signal: AbortSignal,
) => Promise<Result<Continuation | undefined, { readonly code: string; readonly message: string }>>;

const NOTHING_BEFORE: FindState = () => Promise.resolve(ok(undefined));

interface Loaded {
  readonly corpus: Corpus;
  readonly linker: Linker;
  readonly topics: Topics;
}

class OpenLocalAgent implements LocalAgent {
  readonly name: string;
  readonly identity: string;
  readonly ephemeral = true;
  readonly priceBook = undefined;
  readonly warnings: readonly string[];

  readonly #clock: Clock;
  readonly #random: Random;
  readonly #folder: CorpusFolder | undefined;
  readonly #options: LocalAgentOptions;
  readonly #runs = new RunRegistry(KEPT_RUNS);
  /** Of agent runs that this process did not make. */
  readonly #states = new Continuations(KEPT_RUNS);
  readonly #schemas = new WeakMap<JsonObject, AgentProblem | 'fine'>();
  readonly #active = new Set<LocalRun>();
  #loaded: Promise<Result<Loaded, string>> | undefined;

  constructor(options: LocalAgentOptions, folder: CorpusFolder | undefined) {
    this.name = options.name;
    this.identity = `local/${ENGINE_VERSION}/${folder?.digest ?? 'no-corpus'}`;
    this.warnings = folder?.skipped ?? [];
    this.#clock = options.clock;
    this.#random = options.random;
    this.#folder = folder;
    this.#options = options;
  }

  async create(
    request: AgentRequest,
    signal: AbortSignal,
    earlier?: EarlierRuns,
  ): Promise<Result<AgentRun, AgentProblem>> {
    if (signal.aborted) return fail(CANCELLED);
    const problem = this.#refusal(request);
    if (problem !== undefined) return fail(problem);
    const before = await this.#before(request, earlier);
    if (!before.ok) return before;
    const nowMs = this.#clock.now();
    const id = `agent_run_${ulid(nowMs, this.#random)}`;
    const abort = new AbortController();
    setMaxListeners(0, abort.signal);
    const local: LocalRun = {
      run: startedRun(id, isoTime(nowMs), request),
      abort,
      done: Promise.resolve(),
      continuation: undefined,
    };
    this.#runs.add(local);
    this.#active.add(local);
    local.done = this.#work(local, request, before.value, nowMs).finally(() => {
      this.#active.delete(local);
    });
    return ok(local.run);
  }

  get(id: string, signal: AbortSignal): Promise<Result<AgentRun, AgentProblem>> {
    if (signal.aborted) return Promise.resolve(fail(CANCELLED));
    const local = this.#runs.get(id);
    return Promise.resolve(local === undefined ? fail(notFound(id)) : ok(local.run));
  }

  async wait(id: string, signal: AbortSignal): Promise<Result<AgentRun, AgentProblem>> {
    const local = this.#runs.get(id);
    if (local === undefined) return fail(notFound(id));
    if (!isTerminal(local.run)) await doneOrAborted(local.done, signal);
    return isTerminal(local.run) ? ok(local.run) : fail(CANCELLED);
  }

  cancel(id: string, _signal: AbortSignal): Promise<Result<AgentRun, AgentProblem>> {
    const local = this.#runs.get(id);
    if (local === undefined) return Promise.resolve(fail(notFound(id)));
    if (!isTerminal(local.run)) {
      this.#end(local, { status: 'cancelled', stopReason: 'cancelled' });
      local.abort.abort();
    }
    return Promise.resolve(ok(local.run));
  }

  list(
    { limit, cursor }: { readonly limit: number; readonly cursor?: string },
    signal: AbortSignal,
  ): Promise<Result<AgentRunPage, AgentProblem>> {
    if (signal.aborted) return Promise.resolve(fail(CANCELLED));
    const all = this.#runs.newest().map(({ run }) => run);
    const start = cursor === undefined ? 0 : all.findIndex(({ id }) => id === cursor) + 1;
    const runs = all.slice(start, start + limit);
    const last = runs.at(-1);
    const rest = all.length > start + runs.length;
    return Promise.resolve(ok({ runs, nextCursor: rest ? last?.id : undefined }));
  }

  async answer(
    request: AgentRequest,
    { nowMs, before, signal }: Parameters<LocalAgent['answer']>[1],
  ): Promise<Result<LocalAnswer, Refusal>> {
    const loaded = await this.#load();
    if (!loaded.ok) return fail({ code: 'NO_SOURCE', message: loaded.error });
    const answered = await answerRequest(request, before, { ...loaded.value, nowMs, signal });
    if (!answered.ok) return answered;
    const { output, continuation } = answered.value;
    const { skipped } = loaded.value.corpus;
    const text = [output.text, ...skipped].join(' ');
    return ok({
      output: { ...output, text },
      usage: usageOf(answered.value, request),
      continuation,
    });
  }

  async close(): Promise<void> {
    const active = [...this.#active];
    for (const local of active) await this.cancel(local.run.id, local.abort.signal);
    await Promise.all(active.map(({ done }) => done));
    const loaded = await this.#loaded;
    this.#loaded = undefined;
    if (loaded?.ok === true) await loaded.value.corpus.close();
  }

  #refusal(request: AgentRequest): AgentProblem | undefined {
    if (request.query.trim() === '') return rejected('INVALID_REQUEST', 'The query is empty.');
    const { outputSchema } = request;
    if (outputSchema === undefined) return undefined;
    const problem = this.#schemaProblem(outputSchema);
    return problem === 'fine' ? undefined : problem;
  }

  /** What a request builds on: nothing, a run of this process, or one of a process before it. */
  async #before(
    { previousRunId: id }: AgentRequest,
    earlier: EarlierRuns | undefined,
  ): Promise<Result<FindState, AgentProblem>> {
    if (id === undefined) return ok(NOTHING_BEFORE);
    const before = this.#runs.get(id);
    if (before !== undefined) {
      const { run, continuation } = before;
      if (run.status === 'completed') return ok(() => Promise.resolve(ok(continuation)));
      return fail(rejected('PREVIOUS_RUN_NOT_COMPLETED', `The agent run ${id} is not completed.`));
    }
    const chain = await earlier?.();
    if (chain === undefined) {
      const message = `There is no agent run ${id}, nor is it known any more what it was asked.`;
      return fail(rejected('PREVIOUS_RUN_NOT_FOUND', message));
    }
    return ok((signal) =>
      this.#states.after(
        id,
        () => Promise.resolve(chain),
        ({ request, startedMs: nowMs }, state) =>
          this.answer(request, { nowMs, before: state, signal }),
      ),
    );
  }

  /** Tasks of a step share one schema, so it is looked at once. */
  #schemaProblem(schema: JsonObject): AgentProblem | 'fine' {
    let known = this.#schemas.get(schema);
    if (known === undefined) {
      const compiled = OutputSchema.compile(schema);
      known = compiled.ok
        ? 'fine'
        : rejected(
            'INVALID_OUTPUT_SCHEMA',
            compiled.error.map(({ message }) => message).join('; '),
          );
      this.#schemas.set(schema, known);
    }
    return known;
  }

  async #work(
    local: LocalRun,
    request: AgentRequest,
    findState: FindState,
    nowMs: number,
  ): Promise<void> {
    const { signal } = local.abort;
    try {
      const before = await findState(signal);
      if (!before.ok) return this.#refuse(local, before.error);
      const answered = await this.answer(request, { nowMs, before: before.value, signal });
      if (isTerminal(local.run)) return;
      if (answered.ok) this.#complete(local, answered.value);
      else this.#refuse(local, answered.error);
    } catch (error) {
      // A cancelled run has ended already; anything else is a bug, told by the run that met it.
      if (isTerminal(local.run)) return;
      const message = error instanceof Error ? error.message : String(error);
      this.#end(local, {
        status: 'failed',
        stopReason: 'error',
        error: { type: 'SERVER_ERROR', code: 'SERVER_ERROR', message },
      });
    }
  }

  #complete(local: LocalRun, { output, usage, continuation }: LocalAnswer): void {
    local.continuation = continuation;
    this.#end(local, { status: 'completed', stopReason: 'schema_satisfied', output, usage });
  }

  #refuse(local: LocalRun, { code, message }: { code: string; message: string }): void {
    if (isTerminal(local.run)) return;
    this.#end(local, {
      status: 'failed',
      stopReason: 'error',
      error: { type: 'INVALID_REQUEST', code, message },
    });
  }

  #end(local: LocalRun, end: Partial<AgentRun>): void {
    local.run = { ...local.run, ...end, completedAt: isoTime(this.#clock.now()) };
  }

  #load(): Promise<Result<Loaded, string>> {
    this.#loaded ??=
      this.#folder === undefined ? Promise.resolve(NO_CORPUS) : load(this.#folder, this.#options);
    return this.#loaded;
  }
}

const NO_CORPUS = fail(
  'The local agent has no sources. Name a folder with tables or documents as its corpus: CSV, JSON, Parquet, Markdown, HTML, text.',
);

function indexPlace(options: LocalAgentOptions): IndexPlace | undefined {
  const { corpusFolder: folder, indexFolder, clock, random } = options;
  return folder === undefined || indexFolder === undefined
    ? undefined
    : placeOf({ folder, indexFolder, clock, random });
}

async function load(
  folder: CorpusFolder,
  options: LocalAgentOptions,
): Promise<Result<Loaded, string>> {
  const loaded = await Corpus.load(folder, indexPlace(options));
  if (!loaded.ok) return loaded;
  const corpus = loaded.value;
  return ok({ corpus, linker: new Linker(corpus), topics: new Topics(corpus) });
}

const CANCELLED: AgentProblem = {
  kind: 'cancelled',
  message: 'Cancelled.',
  mayHaveCreated: false,
};

const notFound = (id: string): AgentProblem => ({
  kind: 'not-found',
  message: `There is no agent run ${JSON.stringify(id)}.`,
  mayHaveCreated: false,
  apiCode: 'RUN_NOT_FOUND',
});

const rejected = (apiCode: string, message: string): AgentProblem => ({
  kind: 'rejected',
  message,
  mayHaveCreated: false,
  apiCode,
});

/** Leaves no listener behind: a million waits may share one signal. */
async function doneOrAborted(done: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  // Many tasks of a run wait with one signal; that is no leak.
  setMaxListeners(0, signal);
  let stop = (): void => {};
  const abort = new Promise<void>((resolve) => {
    stop = resolve;
    signal.addEventListener('abort', stop, { once: true });
  });
  await Promise.race([done, abort]);
  signal.removeEventListener('abort', stop);
}
