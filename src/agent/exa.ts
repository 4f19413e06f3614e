import { isoTime, type Clock } from '../base/clock.ts';
import type { Json } from '../base/json.ts';
import type { Random } from '../base/random.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { fullJitter } from '../http/backoff.ts';
import { parseBaseUrl, type BaseUrl } from '../http/base-url.ts';
import { HttpClient, type HttpTimeouts } from '../http/client.ts';
import { cleanText } from '../http/problem.ts';
import type { Secret } from '../http/secret.ts';
import {
  isTerminal,
  type AgentBackend,
  type AgentProblem,
  type AgentRequest,
  type AgentRun,
  type AgentRunPage,
} from './agent.ts';
import { idOfPartial, parseCreated, pendingRun } from './exa-created.ts';
import { createProblem, readProblem } from './exa-problem.ts';
import { requestBody } from './exa-request.ts';
import { isRunId, parsePage, parseRun } from './exa-run.ts';
import { waitForRun, type Look } from './exa-wait.ts';
import { Durations } from './poll.ts';

export interface ExaOptions {
  /** The name used in pipeline files and reports. */
  readonly name: string;
  /** Already checked with `parseBaseUrl`; a wrong one is thrown. */
  readonly baseUrl: string;
  /** Undefined for a server on this machine that asks for none. */
  readonly key: Secret | undefined;
  /** Tokens for the header `Exa-Beta`, separated by commas. */
  readonly beta?: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Requests in flight at once. */
  readonly concurrency: number;
  /** The state of the API that the server speaks, by its month: `2026-05`, `2026-11`. */
  readonly contract: string;
  /** Price book of its costs; that of the contract where none is given. */
  readonly priceBook?: string;
  readonly timeouts?: Partial<HttpTimeouts>;
  /** Bytes of one answer. */
  readonly bodyLimit?: number;
}

const OFFICIAL_ORIGIN = 'https://api.exa.ai';
/** The contract of May 2026 wants this token on every request; later ones want none. */
const FIRST_CONTRACT = { month: '2026-05', beta: 'agent-2026-05-07' } as const;

/** How long a read is tried again before its problem is reported. */
const READ_PATIENCE_MS = 60_000;
/** While an agent run that costs money is waited for. */
const WAIT_PATIENCE_MS = 15 * 60_000;
/** Answers in a row that are JSON but not the run asked for. */
const ODD_TRIES = 5;
/** Runs created and not yet waited for, remembered to time the first look. */
const REMEMBERED_RUNS = 10_000;
/** What to ask for when a page of the list is larger than one body may be. */
const SMALLER_PAGES = [20, 5, 1] as const;

/** An agent behind the Agent API: Exa's own, or any other server with the same contract. */
export const openExaAgent = (options: ExaOptions): AgentBackend => new ExaAgent(options);

type Outcome = Result<AgentRun, AgentProblem>;

/** What is known of a run from its create until its wait. */
interface Begun {
  readonly at: number;
  readonly effort: string;
  /** A server may be done before it answers; then nobody needs to ask again. */
  readonly finished: AgentRun | undefined;
}

/**
 * Limits are the caller's: a refusal for going too fast comes back as `rate-limited` with the
 * server's wish, and whoever decides how many agent runs are open slows down. A second limit in
 * here would hide the first one's effect.
 */
class ExaAgent implements AgentBackend {
  readonly name: string;
  readonly identity: string;
  readonly ephemeral = false;
  readonly priceBook: string | undefined;
  readonly #http: HttpClient;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #key: Secret | undefined;
  readonly #begun = new Map<string, Begun>();
  readonly #durations = new Durations();

  constructor(options: ExaOptions) {
    const base = parseBaseUrl(options.baseUrl);
    if (!base.ok) throw new Error(`The base URL was not checked: ${base.error}.`);
    const beta =
      options.beta ?? (options.contract === FIRST_CONTRACT.month ? FIRST_CONTRACT.beta : undefined);
    this.name = options.name;
    this.identity = identityOf(options.contract, base.value);
    this.priceBook = options.priceBook ?? `exa-${options.contract}`;
    this.#clock = options.clock;
    this.#random = options.random;
    this.#key = options.key;
    this.#http = new HttpClient({
      base: base.value,
      key: options.key,
      headers: beta === undefined ? {} : { 'exa-beta': beta },
      connections: options.concurrency,
      clock: options.clock,
      random: options.random,
      ...(options.timeouts !== undefined && { timeouts: options.timeouts }),
      ...(options.bodyLimit !== undefined && { bodyLimit: options.bodyLimit }),
    });
  }

  async create(request: AgentRequest, signal: AbortSignal): Promise<Outcome> {
    const body = requestBody(request);
    const answer = await this.#http.post('/agent/runs', body, signal);
    if (!answer.ok) {
      const id = idOfPartial(answer.error);
      return id === undefined
        ? fail(createProblem(answer.error, Buffer.byteLength(body)))
        : this.#created(pendingRun(id, request, isoTime(this.#clock.now())), request);
    }
    const run = parseCreated(answer.value.json, request, isoTime(this.#clock.now()));
    if (run.ok) return this.#created(this.#clean(run.value), request);
    return fail(badResponse(`The answer to a create is not an agent run: ${run.error}.`, true));
  }

  async get(id: string, signal: AbortSignal): Promise<Outcome> {
    return (await this.#read(id, signal, READ_PATIENCE_MS)).outcome;
  }

  async wait(id: string, signal: AbortSignal): Promise<Outcome> {
    const begun = this.#begun.get(id);
    const outcome =
      begun?.finished === undefined ? await this.#poll(id, begun, signal) : ok(begun.finished);
    this.#begun.delete(id);
    if (outcome.ok) this.#learn(outcome.value, begun);
    return outcome;
  }

  async cancel(id: string, signal: AbortSignal): Promise<Outcome> {
    if (!isRunId(id)) return fail(notAnId());
    const answer = await this.#http.post(`/agent/runs/${id}/cancel`, '', signal);
    if (!answer.ok) return fail(notFoundWhere404(readProblem(answer.error)));
    return this.#parse(answer.value.json, id);
  }

  async list(
    options: { readonly limit: number; readonly cursor?: string },
    signal: AbortSignal,
  ): Promise<Result<AgentRunPage, AgentProblem>> {
    const { cursor } = options;
    const after = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    for (const limit of [options.limit, ...SMALLER_PAGES]) {
      if (limit > options.limit) continue;
      const path = `/agent/runs?limit=${limit}${after}`;
      const answer = await this.#http.get(path, signal, READ_PATIENCE_MS);
      if (answer.ok) {
        const page = parsePage(answer.value.json, cursor);
        if (page.ok)
          return ok({ ...page.value, runs: page.value.runs.map((run) => this.#clean(run)) });
        return fail(badResponse(`The list of agent runs is not as agreed: ${page.error}.`));
      }
      if (answer.error.kind !== 'too-large' || limit === 1) return fail(readProblem(answer.error));
    }
    return fail(badResponse('A list of agent runs has at least one run a page.'));
  }

  close(): Promise<void> {
    return this.#http.close();
  }

  #created(run: AgentRun, request: AgentRequest): Outcome {
    if (this.#begun.size >= REMEMBERED_RUNS) {
      for (const oldest of this.#begun.keys()) {
        this.#begun.delete(oldest);
        break;
      }
    }
    this.#begun.set(run.id, {
      at: this.#clock.now(),
      effort: request.effort ?? '',
      finished: isTerminal(run) ? run : undefined,
    });
    return ok(run);
  }

  #poll(id: string, begun: Begun | undefined, signal: AbortSignal): Promise<Outcome> {
    return waitForRun({
      look: () => this.#read(id, signal, WAIT_PATIENCE_MS),
      begunAt: begun?.at,
      typicalMs: begun === undefined ? undefined : this.#durations.typical(begun.effort),
      clock: this.#clock,
      random: this.#random,
      signal,
    });
  }

  /** One GET that gives the run asked for, or the problem that remains after trying again. */
  async #read(id: string, signal: AbortSignal, patienceMs: number): Promise<Look> {
    if (!isRunId(id)) return { outcome: fail(notAnId()) };
    for (let attempt = 0; ; attempt++) {
      const answer = await this.#http.get(`/agent/runs/${id}`, signal, patienceMs);
      if (!answer.ok) return { outcome: fail(notFoundWhere404(readProblem(answer.error))) };
      const outcome = this.#parse(answer.value.json, id);
      if (outcome.ok || attempt + 1 >= ODD_TRIES) {
        const { retryAfterMs } = answer.value;
        return { outcome, ...(retryAfterMs !== undefined && { retryAfterMs }) };
      }
      await this.#clock.sleep(fullJitter(this.#random, attempt, 1_000, 60_000), signal);
    }
  }

  #parse(json: Json, id: string): Outcome {
    const run = parseRun(json);
    if (!run.ok) return fail(badResponse(`The answer is not an agent run: ${run.error}.`));
    if (run.value.id !== id) {
      return fail(badResponse(`The server answered with another agent run than ${id}.`));
    }
    return ok(this.#clean(run.value));
  }

  /** An error's text may quote what was sent, and ends in ledgers and reports. */
  #clean(run: AgentRun): AgentRun {
    if (run.error === undefined) return run;
    const fields = Object.entries(run.error).map(([name, text]) => [
      name,
      cleanText(text, this.#key, 400),
    ]);
    return { ...run, error: Object.fromEntries(fields) as NonNullable<AgentRun['error']> };
  }

  /** By the server's own times, which no clock difference and no late look falsifies. */
  #learn(run: AgentRun, begun: Begun | undefined): void {
    // One that an earlier process began tells how long nobody looked, not how long such runs take.
    if (begun === undefined || run.status !== 'completed' || run.completedAt === null) return;
    const { effort } = begun;
    this.#durations.add(effort, Date.parse(run.completedAt) - Date.parse(run.createdAt));
  }
}

/**
 * Two servers may answer differently, so answers of one do not stand in for those of the other:
 * the place is part of the identity. Exa's own place is left out, so that its answers stay known
 * if its address changes.
 */
function identityOf(contract: string, base: BaseUrl): string {
  const place = base.origin + base.path;
  return place === OFFICIAL_ORIGIN ? `exa/${contract}` : `exa/${contract}@${place}`;
}

const badResponse = (message: string, mayHaveCreated = false): AgentProblem => ({
  kind: 'bad-response',
  message,
  mayHaveCreated,
});

const notAnId = (): AgentProblem => ({
  kind: 'not-found',
  message: 'That is not the id of an agent run.',
  mayHaveCreated: false,
});

const notFoundWhere404 = (problem: AgentProblem): AgentProblem =>
  problem.httpStatus === 404 ? { ...problem, kind: 'not-found' } : problem;
