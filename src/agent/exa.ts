import { isoTime, type Clock } from '../base/clock.ts';
import type { Json } from '../base/json.ts';
import type { Random } from '../base/random.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { fullJitter } from '../http/backoff.ts';
import { parseBaseUrl, type BaseUrl } from '../http/base-url.ts';
import { HttpClient, type HttpTimeouts } from '../http/client.ts';
import type { HttpAnswer } from '../http/judge.ts';
import { maskedLine } from '../http/problem.ts';
import type { Secret } from '../http/secret.ts';
import type { Wire } from '../http/wire.ts';
import {
  isTerminal,
  type AgentBackend,
  type AgentProblem,
  type AgentRequest,
  type AgentRun,
  type AgentRunPage,
  type ListOptions,
} from './agent.ts';
import { ATTEMPT_TAG } from './attempt-tag.ts';
import { BegunRuns, type Begun } from './exa-begun.ts';
import { checkServer } from './exa-check.ts';
import { idOfPartial, parseCreated, pendingRun } from './exa-created.ts';
import { RunHints } from './exa-hints.ts';
import { accountOf, identityOf, OFFICIAL_ORIGIN } from './exa-identity.ts';
import { Pace } from './exa-pace.ts';
import { badResponse, createProblem, notAnId, readProblem, runProblem } from './exa-problem.ts';
import { requestBody } from './exa-request.ts';
import { isRunId, parsePage, parseRun } from './exa-run.ts';
import { waitForRun, type Look } from './exa-wait.ts';

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
  /**
   * Creates per second at most; that of a plain account at Exa's own address, no limit elsewhere.
   */
  readonly createsPerSecond?: number;
  /**
   * The server follows agent runs (`GET …/events?follow=true`), so that an end is heard of at once.
   * Left out by default: Exa's own address only replays what has happened, and a stream for each
   * agent run costs more than the few looks of an adaptive poll.
   */
  readonly followEvents?: boolean;
  readonly timeouts?: Partial<HttpTimeouts>;
  /** Bytes of one answer. */
  readonly bodyLimit?: number;
  /** In the place of sockets: a simulated network. */
  readonly wire?: Wire;
}

/** The contract of May 2026 wants this token on every request; later ones want none. */
const FIRST_CONTRACT = { month: '2026-05', beta: 'agent-2026-05-07' } as const;
/** A plain account may make 10 requests a second there, and a create counts as two. */
const OFFICIAL_CREATES_PER_SECOND = 5;

/** How long a read is tried again before its problem is reported. */
const READ_PATIENCE_MS = 60_000;
/** While an agent run that costs money is waited for. */
const WAIT_PATIENCE_MS = 15 * 60_000;
/** Answers in a row that are JSON but not the run asked for. */
const ODD_TRIES = 5;
/** What to ask for when a page of the list is larger than one body may be. */
const SMALLER_PAGES = [20, 5, 1] as const;

/** An agent behind the Agent API: Exa's own, or any other server with the same contract. */
export const openExaAgent = (options: ExaOptions): AgentBackend => new ExaAgent(options);

type Outcome = Result<AgentRun, AgentProblem>;

/**
 * How many agent runs are open is the caller's limit: a refusal for going too fast comes back as
 * `rate-limited` with the server's wish, and whoever decides how many there are slows down.
 */
class ExaAgent implements AgentBackend {
  readonly name: string;
  readonly identity: string;
  readonly account: string;
  readonly ephemeral = false;
  readonly priceBook: string | undefined;
  readonly #http: HttpClient;
  readonly #origin: string;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #key: Secret | undefined;
  readonly #pace: Pace | undefined;
  readonly #begun = new BegunRuns();
  #follows: boolean;
  /** Whether the server turned out to speak the Agent API; asked once, before the first create. */
  #isChecked = false;
  #checking: Promise<AgentProblem | undefined> | undefined;

  constructor(options: ExaOptions) {
    const { name, contract, key, clock, random } = options;
    const base = parseBaseUrl(options.baseUrl);
    if (!base.ok) throw new Error(`The base URL was not checked: ${base.error}.`);
    this.name = name;
    this.identity = identityOf(contract, base.value);
    this.account = accountOf(base.value, key);
    this.priceBook = options.priceBook ?? `exa-${contract}`;
    this.#origin = base.value.origin;
    this.#clock = clock;
    this.#random = random;
    this.#key = key;
    this.#pace = paceOf(options, base.value);
    this.#follows = options.followEvents ?? false;
    this.#http = clientOf(options, base.value);
  }

  async create(request: AgentRequest, signal: AbortSignal): Promise<Outcome> {
    if (!this.#isChecked) {
      const problem = await this.#check(signal);
      if (problem !== undefined) return fail(problem);
    }
    if (this.#pace !== undefined) await this.#pace.turn(signal);
    const body = requestBody(request);
    const attempt = request.metadata?.[ATTEMPT_TAG];
    const answer = await this.#http.postPaid('/agent/runs', body, attempt, signal);
    const now = this.#clock.now();
    if (!answer.ok) {
      const id = idOfPartial(answer.error);
      return id === undefined
        ? fail(createProblem(answer.error, Buffer.byteLength(body)))
        : this.#created(pendingRun(id, request, isoTime(now)), request, now);
    }
    const run = parseCreated(answer.value.json, request, isoTime(now));
    if (run.ok) return this.#created(this.#clean(run.value), request, now);
    return fail(badResponse(`The answer to a create is not an agent run: ${run.error}.`, true));
  }

  async get(id: string, signal: AbortSignal): Promise<Outcome> {
    return (await this.#read(id, signal, READ_PATIENCE_MS)).outcome;
  }

  async wait(
    id: string,
    signal: AbortSignal,
    onActive?: (run: AgentRun) => void,
  ): Promise<Outcome> {
    const begun = this.#begun.find(id);
    const outcome =
      begun?.finished === undefined
        ? await this.#poll(id, begun, signal, onActive)
        : ok(begun.finished);
    this.#begun.end(id, outcome.ok ? outcome.value : undefined);
    return outcome;
  }

  async cancel(id: string, signal: AbortSignal): Promise<Outcome> {
    if (!isRunId(id)) return fail(notAnId());
    const answer = await this.#http.post(`/agent/runs/${id}/cancel`, '', signal);
    return answer.ok ? this.#parse(answer.value.json, id) : fail(runProblem(answer.error));
  }

  async list(
    options: ListOptions,
    signal: AbortSignal,
  ): Promise<Result<AgentRunPage, AgentProblem>> {
    const { cursor, isHasty = false } = options;
    const patienceMs = isHasty ? 0 : READ_PATIENCE_MS;
    const after = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    for (const limit of [options.limit, ...SMALLER_PAGES]) {
      if (limit > options.limit) continue;
      const path = `/agent/runs?limit=${limit}${after}`;
      const answer = await this.#http.get(path, signal, patienceMs);
      if (answer.ok) return this.#page(answer.value, cursor);
      if (answer.error.kind !== 'too-large' || limit === 1) return fail(readProblem(answer.error));
    }
    return fail(badResponse('A list of agent runs has at least one run a page.'));
  }

  close(): Promise<void> {
    return this.#http.close();
  }

  /** One request for all creates that wait for it; what passes is asked again by the next one. */
  async #check(signal: AbortSignal): Promise<AgentProblem | undefined> {
    const [http, origin, clock, random] = [this.#http, this.#origin, this.#clock, this.#random];
    this.#checking ??= checkServer({ http, origin, clock, random, signal });
    const problem = await this.#checking;
    if (problem === undefined) this.#isChecked = true;
    else if (problem.kind !== 'misconfigured') this.#checking = undefined;
    return problem;
  }

  #created(run: AgentRun, request: AgentRequest, at: number): Outcome {
    this.#begun.add(run, request.effort, at);
    return ok(run);
  }

  async #poll(
    id: string,
    begun: Begun | undefined,
    signal: AbortSignal,
    onActive: ((run: AgentRun) => void) | undefined,
  ): Promise<Outcome> {
    const hints = this.#hints(id, signal);
    const outcome = await waitForRun({
      look: async () => {
        const look = await this.#read(id, signal, WAIT_PATIENCE_MS);
        const { outcome: seen } = look;
        if (seen.ok && !isTerminal(seen.value)) onActive?.(seen.value);
        return look;
      },
      begunAt: begun?.at,
      typicalMs: this.#begun.typicalMs(begun),
      clock: this.#clock,
      random: this.#random,
      pause: (ms) => hints?.sleep(ms) ?? this.#clock.sleep(ms, signal),
    });
    hints?.close();
    return outcome;
  }

  #hints(id: string, signal: AbortSignal): RunHints | undefined {
    if (!this.#follows || !isRunId(id)) return undefined;
    const onUseless = (): void => void (this.#follows = false);
    const [http, clock, random] = [this.#http, this.#clock, this.#random];
    return new RunHints({ http, id, clock, random, signal, onUseless });
  }

  /** One GET that gives the run asked for, or the problem that remains after trying again. */
  async #read(id: string, signal: AbortSignal, patienceMs: number): Promise<Look> {
    if (!isRunId(id)) return { outcome: fail(notAnId()) };
    for (let attempt = 0; ; attempt++) {
      const answer = await this.#http.get(`/agent/runs/${id}`, signal, patienceMs);
      if (!answer.ok) return { outcome: fail(runProblem(answer.error)) };
      const outcome = this.#parse(answer.value.json, id);
      if (outcome.ok || attempt + 1 >= ODD_TRIES) {
        const { retryAfterMs } = answer.value;
        return { outcome, ...(retryAfterMs !== undefined && { retryAfterMs }) };
      }
      await this.#clock.sleep(fullJitter(this.#random, attempt, 1_000, 60_000), signal);
    }
  }

  #page(
    { json, date = '' }: HttpAnswer,
    cursor: string | undefined,
  ): Result<AgentRunPage, AgentProblem> {
    const page = parsePage(json, cursor);
    if (!page.ok) {
      return fail(badResponse(`The list of agent runs is not as agreed: ${page.error}.`));
    }
    const serverTimeMs = Date.parse(date);
    const runs = page.value.runs.map((run) => this.#clean(run));
    return ok({ ...page.value, runs, ...(!Number.isNaN(serverTimeMs) && { serverTimeMs }) });
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
      maskedLine(text, this.#key, 400),
    ]);
    return { ...run, error: Object.fromEntries(fields) as NonNullable<AgentRun['error']> };
  }
}

function paceOf({ createsPerSecond, clock }: ExaOptions, base: BaseUrl): Pace | undefined {
  const usual = base.origin === OFFICIAL_ORIGIN ? OFFICIAL_CREATES_PER_SECOND : undefined;
  const perSecond = createsPerSecond ?? usual;
  return perSecond === undefined ? undefined : new Pace(perSecond, clock);
}

function clientOf(options: ExaOptions, base: BaseUrl): HttpClient {
  const { key, contract, concurrency, clock, random, timeouts, bodyLimit, wire } = options;
  const beta =
    options.beta ?? (contract === FIRST_CONTRACT.month ? FIRST_CONTRACT.beta : undefined);
  return new HttpClient({
    base,
    key,
    headers: beta === undefined ? {} : { 'exa-beta': beta },
    connections: concurrency,
    clock,
    random,
    ...(timeouts !== undefined && { timeouts }),
    ...(bodyLimit !== undefined && { bodyLimit }),
    ...(wire !== undefined && { wire }),
  });
}
