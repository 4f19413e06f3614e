import { isoTime, type Clock } from '../base/clock.ts';
import type { Result } from '../base/result.ts';
import {
  isTerminal,
  type AgentBackend,
  type AgentProblem,
  type AgentRequest,
  type AgentRun,
  type AgentRunPage,
  type EarlierRuns,
  type ListOptions,
} from './agent.ts';
import { cassetteHeader, cassetteLine } from './cassette.ts';

type Outcome = Result<AgentRun, AgentProblem>;

/**
 * The same agent, with every finished agent run written down once, as a line for a cassette.
 *
 * `append` gets whole lines, line break included, one after the other. Where it fails, the run
 * goes on, because its answers are paid for; `close` throws what it failed with.
 */
export function recordAgent(
  backend: AgentBackend,
  append: (line: string) => Promise<void>,
  clock: Pick<Clock, 'now'>,
): AgentBackend {
  return new Recorder(backend, append, clock);
}

class Recorder implements AgentBackend {
  readonly name: string;
  readonly identity: string;
  readonly ephemeral: boolean;
  readonly priceBook: string | undefined;
  readonly account?: string;
  readonly #backend: AgentBackend;
  readonly #append: (line: string) => Promise<void>;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #asked = new Map<string, AgentRequest>();
  readonly #written = new Set<string>();
  #begun = false;
  #tail: Promise<void> = Promise.resolve();
  #failure: { readonly reason: unknown } | undefined;

  constructor(
    backend: AgentBackend,
    append: (line: string) => Promise<void>,
    clock: Pick<Clock, 'now'>,
  ) {
    this.name = backend.name;
    this.identity = backend.identity;
    this.ephemeral = backend.ephemeral;
    this.priceBook = backend.priceBook;
    if (backend.account !== undefined) this.account = backend.account;
    this.#backend = backend;
    this.#append = append;
    this.#clock = clock;
  }

  async create(
    request: AgentRequest,
    signal: AbortSignal,
    earlier?: EarlierRuns,
  ): Promise<Outcome> {
    const outcome = await this.#backend.create(request, signal, earlier);
    if (outcome.ok) this.#asked.set(outcome.value.id, request);
    return this.#noted(outcome);
  }

  async get(id: string, signal: AbortSignal): Promise<Outcome> {
    return this.#noted(await this.#backend.get(id, signal));
  }

  async wait(
    id: string,
    signal: AbortSignal,
    onActive?: (run: AgentRun) => void,
  ): Promise<Outcome> {
    return this.#noted(await this.#backend.wait(id, signal, onActive));
  }

  async cancel(id: string, signal: AbortSignal): Promise<Outcome> {
    return this.#noted(await this.#backend.cancel(id, signal));
  }

  list(options: ListOptions, signal: AbortSignal): Promise<Result<AgentRunPage, AgentProblem>> {
    return this.#backend.list(options, signal);
  }

  async close(): Promise<void> {
    await this.#tail;
    await this.#backend.close();
    if (this.#failure !== undefined) {
      throw new Error('The cassette could not be written.', { cause: this.#failure.reason });
    }
  }

  /** Resolves when the run, if it is finished, is written. */
  async #noted(outcome: Outcome): Promise<Outcome> {
    if (!outcome.ok || !isTerminal(outcome.value)) return outcome;
    const run = outcome.value;
    // A run of an earlier process was not asked for here; the server knows what it was asked.
    const request = this.#asked.get(run.id) ?? run.request;
    if (request === null || this.#written.has(run.id)) return outcome;
    this.#written.add(run.id);
    this.#asked.delete(run.id);
    await this.#write(cassetteLine(request, run));
    return outcome;
  }

  #write(line: string): Promise<void> {
    const header = this.#begun ? '' : `${cassetteHeader(isoTime(this.#clock.now()), this.name)}\n`;
    this.#begun = true;
    this.#tail = this.#tail
      .then(() => this.#append(`${header}${line}\n`))
      .catch((reason: unknown) => {
        this.#failure ??= { reason };
      });
    return this.#tail;
  }
}
