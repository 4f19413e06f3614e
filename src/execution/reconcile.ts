import { isTerminal, type AgentRun, type AgentRunPage } from '../agent/agent.ts';
import { digestOf } from '../base/fingerprint.ts';
import type { AttemptId } from '../base/ids.ts';
import { fromDollars } from '../base/money.ts';
import type { Candidate, HoldReason } from '../store/store.ts';
import { TAGS } from './tags.ts';

/** What holds for finding out what became of creates without a clear answer. */
export interface ReconcileRules {
  /**
   * Nothing is looked for sooner after the last byte may have left: a request may reach the server
   * late, and its list may be behind.
   */
  readonly settleMs: number;
  /** How much further back than the intent the list is read: clocks differ. */
  readonly marginMs: number;
  /** Pages read at most. */
  readonly maxPages: number;
  /** Agent runs asked for with one page. */
  readonly pageSize: number;
  /** How long a list that cannot be reached is tried again. */
  readonly patienceMs: number;
}

export const RECONCILE_RULES: ReconcileRules = {
  settleMs: 120_000,
  marginMs: 5 * 60_000,
  maxPages: 500,
  pageSize: 100,
  patienceMs: 15 * 60_000,
};

/** An attempt that was sent, or may have been, and whose agent run's id never arrived. */
export interface Unknown {
  readonly attempt: AttemptId;
  readonly intendedMs: number;
  /** Digest of the query; undefined where an older program did not write it down. */
  readonly asks: string | undefined;
}

/** What the list says about one attempt. */
export type Verdict =
  | {
      readonly kind: 'adopted';
      readonly run: AgentRun;
      /** Further agent runs of the same attempt: a request that something on the way repeated. */
      readonly extras: readonly AgentRun[];
    }
  /** There is none, and none can come any more: it may be sent again, as a new attempt. */
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'held';
      readonly reason: HoldReason;
      readonly message: string;
      readonly candidates: readonly Candidate[];
    };

/** What the ledger knows of what the list shows. */
export interface LedgerKnows {
  readonly attempts: ReadonlySet<string>;
  readonly agentRunIds: ReadonlySet<string>;
}

/** Whether the list has to be read on, and why not. */
type Reading =
  | { readonly kind: 'more'; readonly cursor: string | undefined }
  | { readonly kind: 'whole' }
  | { readonly kind: 'broken'; readonly why: string };

/**
 * So many agent runs below the floor, one after another, end a list that comes newest first. One is
 * not enough: a list may be sorted by something near to the time of creation, and then neighbours
 * can stand the wrong way round, over the edge of a page as well.
 */
const RUNS_BELOW = 10;
/** Where the order of the list is not sure, so many full pages below the floor end it. */
const PAGES_BELOW = 3;

/**
 * The agent runs of an account, newest first, as far as they matter for some unknown attempts.
 * Pages go in as they are read; what comes out is decided here alone, without a clock or a network.
 *
 * The list is read down to the oldest intent, by our clock or the server's, less a margin. Only a list
 * that was read whole can show that a run is absent.
 */
export class Listing {
  readonly #unknowns: readonly Unknown[];
  readonly #rules: ReconcileRules;
  readonly #stateId: string;
  readonly #wanted: ReadonlySet<string>;
  readonly #found = new Map<string, Map<string, AgentRun>>();
  /** With our state folder's tag, of attempts that are not among the unknown. */
  readonly #tagged = new Map<string, AgentRun>();
  /** Without any tag to tell by. */
  readonly #untagged = new Map<string, AgentRun>();
  readonly #cursors = new Set<string>();
  #offsetMs: number | undefined;
  #pages = 0;
  /** Agent runs below the floor, one after another. */
  #below = 0;
  #order: 'unknown' | 'newest first' | 'mixed' = 'unknown';
  #lastMs: number | undefined;
  #reading: Reading = { kind: 'more', cursor: undefined };

  constructor(unknowns: readonly Unknown[], stateId: string, rules: ReconcileRules) {
    this.#unknowns = unknowns;
    this.#stateId = stateId;
    this.#rules = rules;
    this.#wanted = new Set(unknowns.map(({ attempt }) => attempt));
  }

  get reading(): Reading {
    return this.#reading;
  }

  /** Gives up: the list cannot be read on. */
  broken(why: string): void {
    this.#reading = { kind: 'broken', why };
  }

  /** Takes the page asked for last; `receivedMs` is our clock when it came. */
  add(page: AgentRunPage, receivedMs: number): void {
    this.#pages++;
    if (page.serverTimeMs !== undefined) this.#offsetMs ??= page.serverTimeMs - receivedMs;
    const floor = this.#floorOf(this.#unknowns);
    for (const run of page.runs) {
      const createdMs = Date.parse(run.createdAt);
      this.#below = createdMs < floor ? this.#below + 1 : 0;
      this.#learnOrder(createdMs);
      this.#sort(run);
    }
    this.#reading = this.#next(page.nextCursor);
  }

  /** Ids that only the ledger can tell about: of attempts and of agent runs. */
  get suspects(): LedgerKnows {
    return {
      attempts: new Set([...this.#tagged.values()].map(attemptOf)),
      agentRunIds: new Set([...this.#tagged.keys(), ...this.#untagged.keys()]),
    };
  }

  /** Our state folder's agent runs of which the ledger knows nothing: it is older than they are. */
  strays(known: LedgerKnows): readonly AgentRun[] {
    return [...this.#tagged.values()].filter(
      (run) => !known.attempts.has(attemptOf(run)) && !known.agentRunIds.has(run.id),
    );
  }

  verdict(unknown: Unknown, known: LedgerKnows): Verdict {
    const [run, ...extras] = [...(this.#found.get(unknown.attempt)?.values() ?? [])].sort(byWorth);
    if (run !== undefined) return { kind: 'adopted', run, extras };
    if (this.#reading.kind !== 'whole') {
      const why =
        this.#reading.kind === 'broken' ? this.#reading.why : 'it was not read to its end';
      const message = `the list of agent runs does not tell: ${why}`;
      return { kind: 'held', reason: 'not-listed', message, candidates: [] };
    }
    const floor = this.#floorOf([unknown]);
    const candidates = [...this.#untagged.values()].filter(
      (other) => !known.agentRunIds.has(other.id) && mayBe(other, unknown, floor),
    );
    if (candidates.length === 0) return { kind: 'absent' };
    const message =
      candidates.length === 1
        ? 'there is an agent run without a tag that may be this one'
        : `there are ${candidates.length} agent runs without a tag, and one of them may be this one`;
    return { kind: 'held', reason: 'ambiguous', message, candidates: candidates.map(candidateOf) };
  }

  /**
   * The oldest that one of these can be, by the server's clock. A clock that is ahead of ours does
   * not raise it: the date of an answer may come from something on the way, and to read too far
   * costs a page where to stop too early costs an agent run.
   */
  #floorOf(unknowns: readonly Unknown[]): number {
    const oldest = Math.min(...unknowns.map(({ intendedMs }) => intendedMs));
    return oldest + Math.min(0, this.#offsetMs ?? 0) - this.#rules.marginMs;
  }

  #sort(run: AgentRun): void {
    const metadata = run.request?.metadata ?? {};
    const attempt = metadata[TAGS.attempt];
    if (attempt !== undefined && this.#wanted.has(attempt)) {
      const runs = this.#found.get(attempt) ?? new Map<string, AgentRun>();
      this.#found.set(attempt, runs.set(run.id, run));
    } else if (attempt !== undefined) {
      if (metadata[TAGS.state] === this.#stateId) this.#tagged.set(run.id, small(run));
    } else if (Object.keys(metadata).length === 0) {
      this.#untagged.set(run.id, small(run));
    }
  }

  #learnOrder(createdMs: number): void {
    if (Number.isNaN(createdMs)) return;
    const last = this.#lastMs ?? createdMs;
    if (createdMs > last) this.#order = 'mixed';
    else if (createdMs < last && this.#order === 'unknown') this.#order = 'newest first';
    this.#lastMs = createdMs;
  }

  #next(cursor: string | undefined): Reading {
    const enough = this.#order === 'newest first' ? RUNS_BELOW : PAGES_BELOW * this.#rules.pageSize;
    if (cursor === undefined || this.#below >= enough) return { kind: 'whole' };
    if (this.#cursors.has(cursor)) return { kind: 'broken', why: 'its cursor goes in a circle' };
    if (this.#pages >= this.#rules.maxPages) {
      return { kind: 'broken', why: `it has more than ${this.#rules.maxPages} pages` };
    }
    this.#cursors.add(cursor);
    return { kind: 'more', cursor };
  }
}

const attemptOf = (run: AgentRun): string => run.request?.metadata?.[TAGS.attempt] ?? '';

/** Without its output: a list can be long. */
const small = (run: AgentRun): AgentRun => ({
  ...run,
  output: { text: '', structured: null, grounding: [] },
});

/** Whether an agent run without a tag can be the one of this attempt. */
function mayBe(run: AgentRun, { asks }: Unknown, floor: number): boolean {
  // What is no time at all says nothing, so it may be any.
  if (Date.parse(run.createdAt) < floor) return false;
  if (run.request === null || asks === undefined) return true;
  return queryDigest(run.request.query) === asks;
}

/** Enough to tell a query from another one, and not to read it. */
export const queryDigest = (query: string): string => digestOf(query).slice(0, 32);

/** A completed one first, and of equals the one that ended or began first. */
function byWorth(a: AgentRun, b: AgentRun): number {
  const rank = (run: AgentRun): number =>
    run.status === 'completed' ? 0 : isTerminal(run) ? 2 : 1;
  const time = (run: AgentRun): string => run.completedAt ?? run.createdAt;
  return rank(a) - rank(b) || (time(a) < time(b) ? -1 : 1);
}

export const candidateOf = (run: AgentRun): Candidate => ({
  agentRunId: run.id,
  createdAt: run.createdAt,
  status: run.status,
  reported:
    isTerminal(run) && run.costDollars !== undefined ? fromDollars(run.costDollars.total) : null,
});
