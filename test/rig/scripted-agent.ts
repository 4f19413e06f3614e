import { setMaxListeners } from 'node:events';
import type {
  AgentBackend,
  AgentOutput,
  AgentProblem,
  AgentRequest,
  AgentRun,
  AgentRunPage,
  Grounding,
} from '../../src/agent/agent.ts';
import { isTerminal } from '../../src/agent/agent.ts';
import { isoTime, type Clock } from '../../src/base/clock.ts';
import type { Json } from '../../src/base/json.ts';
import { fail, ok, type Result } from '../../src/base/result.ts';

type Outcome = Result<AgentRun, AgentProblem>;

/** What a test may say about the end of an agent run; the rest is empty. */
interface Completion {
  readonly dollars?: number;
  readonly text?: string;
  readonly stopReason?: string;
  readonly grounding?: readonly Grounding[];
}

/** One agent run in the hands of a test. */
export interface Call {
  readonly id: string;
  /** Undefined for a run that is waited for but was not created here. */
  readonly request: AgentRequest | undefined;
  /** Only with `holdCreates`: lets the create go through, or fail. */
  accept(): void;
  refuse(problem: Partial<AgentProblem>): void;
  complete(structured: Json, completion?: Completion): void;
  /** Ends the run as failed. */
  fail(message: string, completion?: Completion): void;
  /** Ends the waiting, not the run: it is active still. */
  problem(problem: Partial<AgentProblem>): void;
}

interface Entry {
  run: AgentRun;
  readonly metadata: AgentRequest['metadata'];
  waiting: ((outcome: Outcome) => void)[];
}

/**
 * An agent of which nothing finishes before the test says so: every interleaving can be written
 * down, and no test sleeps.
 */
export class ScriptedAgent implements AgentBackend {
  readonly name: string = 'scripted';
  readonly identity: string = 'scripted';
  ephemeral = false;
  priceBook: string | undefined = undefined;
  /** With it, a create does not return before `call.accept()` or `call.refuse()`. */
  holdCreates = false;
  readonly created: AgentRequest[] = [];
  readonly waitedFor: string[] = [];
  readonly cancelled: string[] = [];
  readonly #clock: Pick<Clock, 'now'>;
  readonly #runs = new Map<string, Entry>();
  readonly #calls: Call[] = [];
  readonly #wanted: ((call: Call) => void)[] = [];
  readonly #refusals: AgentProblem[] = [];

  constructor(clock: Pick<Clock, 'now'> = { now: () => Date.parse('2026-11-22T09:00:00Z') }) {
    this.#clock = clock;
  }

  /** The next agent run that was created, or waited for without one. */
  nextCall(): Promise<Call> {
    const call = this.#calls.shift();
    return call === undefined
      ? new Promise((resolve) => this.#wanted.push(resolve))
      : Promise.resolve(call);
  }

  /** Calls that nobody has taken with `nextCall`. */
  get untaken(): number {
    return this.#calls.length;
  }

  /** Refuses the next create; several stand in line. */
  refuseNext(problem: Partial<AgentProblem>): void {
    this.#refusals.push(problemOf(problem));
  }

  /** Makes an agent run known that an earlier process created. */
  adopt(run: AgentRun): void {
    this.#runs.set(run.id, { run, metadata: run.request?.metadata, waiting: [] });
  }

  create(request: AgentRequest, signal: AbortSignal): Promise<Outcome> {
    if (signal.aborted) return Promise.resolve(fail(stopped(false)));
    const refusal = this.#refusals.shift();
    if (refusal !== undefined) return Promise.resolve(fail(refusal));
    const id = `run-${this.created.push(request)}`;
    const run = activeRun(id, request, isoTime(this.#clock.now()));
    this.#runs.set(id, { run, metadata: request.metadata, waiting: [] });
    return new Promise((resolve) => {
      if (!this.holdCreates) resolve(ok(run));
      this.#offer(id, request, resolve);
    });
  }

  get(id: string): Promise<Outcome> {
    const entry = this.#runs.get(id);
    return Promise.resolve(entry === undefined ? fail(unknownRun(id)) : ok(entry.run));
  }

  wait(id: string, signal: AbortSignal): Promise<Outcome> {
    this.waitedFor.push(id);
    if (signal.aborted) return Promise.resolve(fail(stopped(false)));
    let entry = this.#runs.get(id);
    if (entry === undefined) {
      const run = activeRun(id, { query: '' }, isoTime(this.#clock.now()));
      entry = { run: { ...run, request: null }, metadata: undefined, waiting: [] };
      this.#runs.set(id, entry);
      this.#offer(id, undefined, () => undefined);
    }
    if (isTerminal(entry.run)) return Promise.resolve(ok(entry.run));
    const { waiting } = entry;
    setMaxListeners(0, signal);
    return new Promise((resolve) => {
      const onAbort = (): void => resolve(fail(stopped(false)));
      signal.addEventListener('abort', onAbort, { once: true });
      waiting.push((outcome) => {
        signal.removeEventListener('abort', onAbort);
        resolve(outcome);
      });
    });
  }

  cancel(id: string): Promise<Outcome> {
    const entry = this.#runs.get(id);
    if (entry === undefined) return Promise.resolve(fail(unknownRun(id)));
    this.cancelled.push(id);
    if (!isTerminal(entry.run)) this.#end(id, { status: 'cancelled', stopReason: 'cancelled' });
    return Promise.resolve(ok(entry.run));
  }

  list(options: {
    readonly limit: number;
    readonly cursor?: string;
  }): Promise<Result<AgentRunPage, AgentProblem>> {
    const runs = [...this.#runs.values()].map((entry) => entry.run).reverse();
    return Promise.resolve(ok(pageOf(runs, options)));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #offer(id: string, request: AgentRequest | undefined, created: (outcome: Outcome) => void): void {
    const call: Call = {
      id,
      request,
      accept: () => {
        const entry = this.#runs.get(id);
        if (entry !== undefined) created(ok(entry.run));
      },
      refuse: (problem) => {
        this.#runs.delete(id);
        created(fail(problemOf(problem)));
      },
      complete: (structured, completion = {}) =>
        this.#end(id, {
          status: 'completed',
          stopReason: completion.stopReason ?? 'schema_satisfied',
          output: {
            text: completion.text ?? '',
            structured,
            grounding: completion.grounding ?? [],
          },
          ...costOf(completion.dollars),
        }),
      fail: (message, completion = {}) =>
        this.#end(id, {
          status: 'failed',
          stopReason: completion.stopReason ?? 'error',
          error: { message },
          ...costOf(completion.dollars),
        }),
      problem: (problem) => this.#release(id, fail(problemOf(problem))),
    };
    const wanted = this.#wanted.shift();
    if (wanted === undefined) this.#calls.push(call);
    else wanted(call);
  }

  #end(id: string, end: Partial<AgentRun>): void {
    const entry = this.#runs.get(id);
    if (entry === undefined || isTerminal(entry.run)) return;
    entry.run = { ...entry.run, completedAt: isoTime(this.#clock.now()), ...end };
    this.#release(id, ok(entry.run));
  }

  #release(id: string, outcome: Outcome): void {
    const entry = this.#runs.get(id);
    if (entry === undefined) return;
    const { waiting } = entry;
    entry.waiting = [];
    for (const resume of waiting) resume(outcome);
  }
}

export interface FunctionAgentOptions {
  readonly clock?: Clock;
  /** From create to end; needs a clock. */
  readonly latencyMs?: number;
  /** Finished runs that can still be read; older ones are forgotten. */
  readonly keep?: number;
  readonly dollars?: number;
}

/** What a function may answer with besides a plain structured output. */
export class Answered {
  readonly end: Partial<AgentRun>;

  constructor(end: Partial<AgentRun>) {
    this.end = end;
  }
}

/** An agent that answers by a function, in flat memory however many requests it gets. */
export function functionAgent(
  answer: (request: AgentRequest) => Json | Answered,
  options: FunctionAgentOptions = {},
): AgentBackend {
  return new FunctionAgent(answer, options);
}

class FunctionAgent implements AgentBackend {
  readonly name = 'function';
  readonly identity = 'function';
  readonly ephemeral = true;
  readonly priceBook = undefined;
  readonly #answer: (request: AgentRequest) => Json | Answered;
  readonly #options: FunctionAgentOptions;
  readonly #runs = new Map<string, { run: AgentRun; readonly endsAt: number }>();
  #created = 0;

  constructor(answer: (request: AgentRequest) => Json | Answered, options: FunctionAgentOptions) {
    this.#answer = answer;
    this.#options = options;
  }

  create(request: AgentRequest, signal: AbortSignal): Promise<Outcome> {
    if (signal.aborted) return Promise.resolve(fail(stopped(false)));
    const { keep = 1_000, latencyMs = 0 } = this.#options;
    const id = `run-${++this.#created}`;
    const run = activeRun(id, request, isoTime(this.#now()));
    this.#runs.set(id, { run, endsAt: this.#now() + latencyMs });
    for (const [old, entry] of this.#runs) {
      if (this.#runs.size <= keep || !isTerminal(entry.run)) break;
      this.#runs.delete(old);
    }
    return Promise.resolve(ok(run));
  }

  get(id: string): Promise<Outcome> {
    return Promise.resolve(this.#look(id));
  }

  async wait(id: string, signal: AbortSignal): Promise<Outcome> {
    const entry = this.#runs.get(id);
    if (entry === undefined) return fail(unknownRun(id));
    if (!isTerminal(entry.run)) {
      await this.#options.clock?.sleep(entry.endsAt - this.#now(), signal);
    }
    return signal.aborted && !isTerminal(entry.run) ? fail(stopped(false)) : this.#look(id);
  }

  cancel(id: string): Promise<Outcome> {
    const looked = this.#look(id);
    if (!looked.ok || isTerminal(looked.value)) return Promise.resolve(looked);
    return Promise.resolve(this.#end(id, { status: 'cancelled', stopReason: 'cancelled' }));
  }

  list(options: {
    readonly limit: number;
    readonly cursor?: string;
  }): Promise<Result<AgentRunPage, AgentProblem>> {
    const runs = [...this.#runs.values()].map((entry) => entry.run).reverse();
    return Promise.resolve(ok(pageOf(runs, options)));
  }

  close(): Promise<void> {
    this.#runs.clear();
    return Promise.resolve();
  }

  #now(): number {
    return this.#options.clock?.now() ?? 0;
  }

  #look(id: string): Outcome {
    const entry = this.#runs.get(id);
    if (entry === undefined) return fail(unknownRun(id));
    if (isTerminal(entry.run) || this.#now() < entry.endsAt) return ok(entry.run);
    const answered = this.#answer(entry.run.request ?? { query: '' });
    if (answered instanceof Answered) return this.#end(id, answered.end);
    const output: AgentOutput = { text: '', structured: answered, grounding: [] };
    return this.#end(id, {
      status: 'completed',
      stopReason: 'schema_satisfied',
      output,
      ...costOf(this.#options.dollars),
    });
  }

  #end(id: string, end: Partial<AgentRun>): Outcome {
    const entry = this.#runs.get(id);
    if (entry === undefined) return fail(unknownRun(id));
    entry.run = { ...entry.run, completedAt: isoTime(this.#now()), ...end };
    return ok(entry.run);
  }
}

const activeRun = (id: string, request: AgentRequest, createdAt: string): AgentRun => ({
  id,
  status: 'running',
  stopReason: null,
  createdAt,
  completedAt: null,
  request,
  output: { text: '', structured: null, grounding: [] },
  usage: { agentComputeUnits: 0, searches: 0, emails: 0, phoneNumbers: 0 },
});

function costOf(dollars: number | undefined): Pick<AgentRun, 'costDollars'> {
  if (dollars === undefined) return {};
  const none = { search: 0, emails: 0, phoneNumbers: 0 };
  return { costDollars: { total: dollars, agentCompute: dollars, ...none } };
}

function pageOf(
  newestFirst: readonly AgentRun[],
  { limit, cursor }: { readonly limit: number; readonly cursor?: string },
): AgentRunPage {
  const start = cursor === undefined ? 0 : newestFirst.findIndex((run) => run.id === cursor) + 1;
  const runs = newestFirst.slice(start, start + limit);
  const more = start + limit < newestFirst.length;
  return { runs, nextCursor: more ? runs.at(-1)?.id : undefined };
}

const problemOf = (problem: Partial<AgentProblem>): AgentProblem => ({
  kind: 'unreachable',
  message: 'The agent cannot be reached.',
  mayHaveCreated: false,
  ...problem,
});

const stopped = (mayHaveCreated: boolean): AgentProblem => ({
  kind: 'cancelled',
  message: 'The request was given up.',
  mayHaveCreated,
});

const unknownRun = (id: string): AgentProblem => ({
  kind: 'not-found',
  message: `There is no agent run ${id}.`,
  mayHaveCreated: false,
});
