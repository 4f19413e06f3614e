import type { Json, JsonObject } from '../base/json.ts';
import type { Result } from '../base/result.ts';

/** The body of `POST /agent/runs`. Field names are the API's own. */
export interface AgentRequest {
  readonly query: string;
  readonly systemPrompt?: string;
  readonly input?: {
    readonly data?: readonly JsonObject[];
    readonly exclusion?: readonly JsonObject[];
  };
  readonly outputSchema?: JsonObject;
  readonly effort?: string;
  readonly previousRunId?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly budget?: { readonly maxCostDollars?: number; readonly maxDurationSeconds?: number };
  /** Connected sources that the agent may use besides the web. */
  readonly dataSources?: readonly { readonly provider: string }[];
}

export type AgentRunStatus = 'queued' | 'running' | 'completed' | 'failed' | 'cancelled';

/** An agent run as the API reports it. Unknown statuses and stop reasons are kept as they came. */
export interface AgentRun {
  readonly id: string;
  readonly status: AgentRunStatus | (string & {});
  readonly stopReason: string | null;
  readonly createdAt: string;
  readonly completedAt: string | null;
  readonly request: AgentRequest | null;
  readonly output: AgentOutput;
  readonly usage: AgentUsage;
  /** Absent where the server reported no cost: unknown, which is not the same as free. */
  readonly costDollars?: AgentCost;
  /** Whether it was paid for, where the cost does not tell: a replayed run costs nothing again. */
  readonly charged?: boolean;
  readonly error?: { readonly type?: string; readonly code?: string; readonly message?: string };
}

export interface AgentOutput {
  readonly text: string;
  readonly structured: Json;
  readonly grounding: readonly Grounding[];
}

/** Which sources support one field of the output. */
export interface Grounding {
  /** A path into the output: `text`, or `structured.companies[0].website`. */
  readonly field: string;
  readonly citations: readonly Citation[];
  readonly confidence?: 'low' | 'medium' | 'high' | null;
}

export interface Citation {
  /** As the agent gave it, which may be anything: `citedSource` says what of it may be followed. */
  readonly url: string;
  readonly title?: string;
}

export interface AgentUsage {
  readonly agentComputeUnits: number;
  readonly searches: number;
  readonly emails: number;
  readonly phoneNumbers: number;
}

/** Dollars, as the API reports them. */
export interface AgentCost {
  readonly total: number;
  readonly agentCompute: number;
  readonly search: number;
  readonly emails: number;
  readonly phoneNumbers: number;
}

export const isTerminal = (run: AgentRun): boolean =>
  run.status === 'completed' || run.status === 'failed' || run.status === 'cancelled';

/** Why an agent could not do what it was asked. A closed union: callers switch on `kind`. */
export type AgentProblemKind =
  /** The agent refused the request: asking again unchanged is useless. */
  | 'rejected'
  /** Key missing or refused. */
  | 'unauthorized'
  /** Credit or budget of the account is used up. */
  | 'credit-exhausted'
  | 'rate-limited'
  /** No connection, or the server is failing. */
  | 'unreachable'
  /** The server answered something that is not the API. */
  | 'bad-response'
  /** No such agent run (any more). */
  | 'not-found'
  /**
   * Address, certificate, redirect or headers are wrong: every request meets it until somebody
   * changes how the agent is set up.
   */
  | 'misconfigured'
  /** The agent run's answer is larger than this program reads. The run itself is there. */
  | 'output-too-large'
  /** Replay: nothing was recorded for this request. */
  | 'no-recording'
  | 'cancelled';

/** A completed agent run that another one continues. */
export interface EarlierRun {
  readonly id: string;
  readonly request: AgentRequest;
  /** When work on it began: what "last year" meant to it. */
  readonly startedMs: number;
}

/**
 * The run that a request continues and those before it, the first one first; undefined where one is
 * gone.
 */
export type EarlierRuns = () => Promise<readonly EarlierRun[] | undefined>;

/** A call that failed, as a value. */
export interface AgentProblem {
  readonly kind: AgentProblemKind;
  /** For a person; carries no key and no other secret. */
  readonly message: string;
  /** For a create: whether a (paid) agent run may exist all the same. */
  readonly mayHaveCreated: boolean;
  readonly httpStatus?: number;
  /** The API's own code, such as `CONCURRENCY_LIMIT_REACHED`. */
  readonly apiCode?: string;
  /** What the server asked us to wait, in milliseconds. */
  readonly retryAfterMs?: number;
}

/** What is asked of a list. */
export interface ListOptions {
  readonly limit: number;
  readonly cursor?: string;
  /** A problem is told at once; else it is tried again for a minute or so. */
  readonly isHasty?: boolean;
}

export interface AgentRunPage {
  readonly runs: readonly AgentRun[];
  /** Give it back to get the page after this one; undefined on the last page. */
  readonly nextCursor: string | undefined;
  /**
   * The server's own clock when it made the page, in milliseconds since 1970 (the header `Date`).
   * Absent where the agent lives by this program's clock, or the server does not say.
   */
  readonly serverTimeMs?: number;
}

/**
 * Something that answers agent requests: the hosted API, the agent in this process, a cassette.
 *
 * Creating and waiting are apart because a run costs money: the caller writes the id down in
 * between, so that after a crash it waits for the run it has paid for and does not buy another.
 */
export interface AgentBackend {
  /** The name used in pipeline files and reports. */
  readonly name: string;
  /** What of the agent can change an answer (kind, contract, corpus digest); part of fingerprints. */
  readonly identity: string;
  /** True when its agent runs are gone once this process ends, so that nothing can be resumed. */
  readonly ephemeral: boolean;
  /** The price book id its costs follow, or undefined when it is free. */
  readonly priceBook: string | undefined;
  /**
   * Whose agent runs it sees: a digest of origin and key, from which neither can be read. Agent
   * runs that were created under another account are not in its list. Absent where no key and no
   * server are involved.
   */
  readonly account?: string;
  /**
   * May stand in line, for a connection or because the agent is busy; `signal` ends that, and
   * nothing was created then. A create that was sent is heard out whatever the signal says: given
   * up, it would leave an agent run that is paid for and whose id nobody knows.
   *
   * An agent whose runs end with the process asks `earlier` for what it does not know any more.
   */
  create(
    request: AgentRequest,
    signal: AbortSignal,
    earlier?: EarlierRuns,
  ): Promise<Result<AgentRun, AgentProblem>>;
  get(id: string, signal: AbortSignal): Promise<Result<AgentRun, AgentProblem>>;
  /**
   * Resolves when the run is terminal (whatever the outcome), or with the problem that ended
   * waiting. `onActive` hears of each look that shows it under way; an agent that ends its agent
   * runs by itself, as one in this process does, need not look.
   */
  wait(
    id: string,
    signal: AbortSignal,
    onActive?: (run: AgentRun) => void,
  ): Promise<Result<AgentRun, AgentProblem>>;
  cancel(id: string, signal: AbortSignal): Promise<Result<AgentRun, AgentProblem>>;
  /**
   * Newest first, with `createdAt` and the request's `metadata`: by these a run is found again
   * whose id never arrived. A page that cannot be read whole is a problem, not a shorter page.
   */
  list(options: ListOptions, signal: AbortSignal): Promise<Result<AgentRunPage, AgentProblem>>;
  close(): Promise<void>;
}
