import type { AgentBackend, AgentProblem, AgentRun } from '../agent/agent.ts';
import { isoTime, type Clock } from '../base/clock.ts';
import type { AttemptId } from '../base/ids.ts';
import { fromDollars } from '../base/money.ts';
import type { Random } from '../base/random.ts';
import { fullJitter } from '../http/backoff.ts';
import type { OpenAttempt, Store } from '../store/store.ts';
import type { Emit } from './events.ts';
import { bookExtra } from './extra-runs.ts';
import { Listing, type LedgerKnows, type ReconcileRules, type Verdict } from './reconcile.ts';
import type { Strays } from './strays.ts';

/** What became of an attempt whose create had no clear answer. It is in the store when it is told. */
export type Found =
  | { readonly kind: 'adopted'; readonly run: AgentRun }
  | { readonly kind: 'absent' }
  | { readonly kind: 'held'; readonly message: string }
  /** Nobody knows yet: the run stopped, or the agent would not show its list. */
  | { readonly kind: 'open'; readonly problem: AgentProblem | undefined };

export interface ReconcilerParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly rules: ReconcileRules;
  readonly stateId: () => Promise<string>;
  readonly strays: Strays;
  readonly emit: Emit;
  /** Aborts when nobody waits any longer. */
  readonly signal: AbortSignal;
}

interface Waiting {
  readonly open: OpenAttempt;
  readonly dueMs: number;
  readonly settle: (found: Found | Promise<Found>) => void;
}

/** Attempts that come due within this of the first are looked for with the same listing. */
const TOGETHER_MS = 15_000;
const HOUR_MS = 60 * 60_000;
const CLOCKS_APART_MS: number = 24 * HOUR_MS;
/** A list that is not as agreed is asked for so many times. */
const ODD_TRIES = 5;

/**
 * Finds out what became of creates without a clear answer: waits until it must show, reads the
 * agent's list once for all of them, and writes down what it says. Holds up nobody else.
 */
export class Reconciler {
  readonly #parts: ReconcilerParts;
  /** By agent: who waits for the next listing. */
  readonly #queues = new Map<string, Map<AttemptId, Waiting>>();
  readonly #found = new Map<AttemptId, Promise<Found>>();
  #hasMinded = false;

  constructor(parts: ReconcilerParts) {
    this.#parts = parts;
  }

  /**
   * `lastSentMs` is when the last byte of the create can have left, at the latest. Asking again
   * about the same attempt gives the same promise.
   */
  find(open: OpenAttempt, lastSentMs: number, agent: AgentBackend): Promise<Found> {
    const known = this.#found.get(open.attempt);
    if (known !== undefined) return known;
    const found = this.#begin(open, lastSentMs, agent);
    this.#found.set(open.attempt, found);
    return found;
  }

  /** What comes of the look for an attempt that somebody has asked for; undefined where nobody has. */
  looked(attempt: AttemptId): Promise<Found> | undefined {
    return this.#found.get(attempt);
  }

  async #begin(open: OpenAttempt, lastSentMs: number, agent: AgentBackend): Promise<Found> {
    if (open.account !== undefined && open.account !== agent.account) {
      const message = `it was sent under another key or to another address of agent "${open.agent}"`;
      if (open.held?.reason === 'other-account') return { kind: 'held', message };
      return this.#write(open, agent, {
        kind: 'held',
        reason: 'other-account',
        message,
        candidates: [],
      });
    }
    const dueMs = lastSentMs + this.#parts.rules.settleMs;
    const idle = !this.#queues.has(agent.name);
    const queue = this.#queues.get(agent.name) ?? new Map<AttemptId, Waiting>();
    this.#queues.set(agent.name, queue);
    const found = new Promise<Found>((settle) => {
      queue.set(open.attempt, { open, dueMs, settle });
    });
    if (idle) void this.#work(agent, queue);
    return found;
  }

  /** Until nobody waits any more. */
  async #work(agent: AgentBackend, queue: Map<AttemptId, Waiting>): Promise<void> {
    const { clock, signal } = this.#parts;
    while (queue.size > 0) {
      const at = nextListing([...queue.values()]);
      await clock.sleep(at - clock.now(), signal);
      const now = Math.max(at, clock.now());
      const due = [...queue.values()].filter(({ dueMs }) => signal.aborted || dueMs <= now);
      for (const { open } of due) queue.delete(open.attempt);
      await this.#settleAll(due, agent);
    }
    this.#queues.delete(agent.name);
  }

  async #settleAll(due: readonly Waiting[], agent: AgentBackend): Promise<void> {
    try {
      const found = await this.#look(
        due.map(({ open }) => open),
        agent,
      );
      due.forEach(({ settle }, at) => settle(found[at] ?? STILL_OPEN));
    } catch (error) {
      // A store that cannot go on: whoever waits has to hear of it, each in its own step.
      for (const { settle } of due) settle(Promise.reject(error as Error));
    }
  }

  async #look(opens: readonly OpenAttempt[], agent: AgentBackend): Promise<readonly Found[]> {
    const unknowns = opens.map(({ attempt, intendedAt, asks }) => ({
      attempt,
      intendedMs: Date.parse(intendedAt),
      asks,
    }));
    const { rules, stateId, strays } = this.#parts;
    const listing = new Listing(unknowns, await stateId(), rules);
    const stopped = await this.#read(listing, agent);
    if (stopped !== undefined) return opens.map(() => stopped);
    const known = await this.#ledgerKnows(listing.suspects);
    const found: Found[] = [];
    for (const [at, unknown] of unknowns.entries()) {
      const open = opens[at];
      if (open === undefined) continue;
      found.push(await this.#write(open, agent, listing.verdict(unknown, known)));
    }
    const [first] = opens;
    if (first !== undefined) {
      for (const run of listing.strays(known)) await strays.take(run, first);
    }
    return found;
  }

  /** Reads the list as far as it has to be. Gives why it was left unread. */
  async #read(listing: Listing, agent: AgentBackend): Promise<Found | undefined> {
    const { clock, random, rules, signal } = this.#parts;
    const patientUntil = clock.now() + rules.patienceMs;
    let odd = 0;
    let tries = 0;
    while (listing.reading.kind === 'more') {
      if (signal.aborted) return STILL_OPEN;
      const { cursor } = listing.reading;
      const limit = rules.pageSize;
      const page = await agent.list({ limit, ...(cursor !== undefined && { cursor }) }, signal);
      if (page.ok) {
        listing.add(page.value, clock.now());
        this.#minds(page.value.serverTimeMs);
        tries = 0;
        continue;
      }
      const { error } = page;
      if (LEAVE.has(error.kind)) return { kind: 'open', problem: error };
      const passing = error.kind === 'unreachable' || error.kind === 'rate-limited';
      if (passing ? clock.now() >= patientUntil : ++odd >= ODD_TRIES) listing.broken(error.message);
      else {
        const pause = fullJitter(random, tries++, 1_000, 60_000);
        await clock.sleep(Math.max(pause, error.retryAfterMs ?? 0), signal);
      }
    }
    return undefined;
  }

  /** Clocks that differ are allowed for; by so much, ledger and reports are wrong about the day. */
  #minds(serverTimeMs: number | undefined): void {
    const { clock, emit } = this.#parts;
    const apartMs = Math.abs((serverTimeMs ?? clock.now()) - clock.now());
    if (apartMs <= CLOCKS_APART_MS || this.#hasMinded) return;
    this.#hasMinded = true;
    const hours = Math.round(apartMs / HOUR_MS);
    const message = `this machine's clock and the agent's are ${hours} hours apart`;
    emit({ type: 'warning', step: '', task: '', message });
  }

  /** Which of these the ledger has: one walk, and only after a list that showed some. */
  async #ledgerKnows({ attempts, agentRunIds }: LedgerKnows): Promise<LedgerKnows> {
    const known = { attempts: new Set<string>(), agentRunIds: new Set<string>() };
    if (agentRunIds.size === 0) return known;
    for await (const entries of this.#parts.store.ledger()) {
      for (const entry of entries) {
        if (attempts.has(entry.attempt)) known.attempts.add(entry.attempt);
        if (entry.type === 'attempt-created' && agentRunIds.has(entry.agentRunId)) {
          known.agentRunIds.add(entry.agentRunId);
        }
      }
    }
    return known;
  }

  async #write(open: OpenAttempt, agent: AgentBackend, verdict: Verdict): Promise<Found> {
    const { store, clock, emit } = this.#parts;
    const { attempt, step, task } = open;
    const at = isoTime(clock.now());
    const tell = { type: 'attempt-found', step, task, attempt } as const;
    switch (verdict.kind) {
      case 'adopted': {
        const agentRunId = verdict.run.id;
        await store.created({ type: 'attempt-created', at, attempt, agentRunId, found: 'listed' });
        emit({ ...tell, verdict: 'adopted', agentRunId, message: null });
        for (const extra of verdict.extras) await bookExtra(extra, open, agent, this.#parts);
        return { kind: 'adopted', run: verdict.run };
      }
      case 'absent':
        await store.settle(
          {
            type: 'attempt-ended',
            at,
            attempt,
            agentRunId: null,
            status: 'absent',
            stopReason: null,
            outcome: 'failed',
            failure: 'unreachable',
            message: 'the agent has no agent run of this attempt',
            reported: fromDollars(0),
            usage: null,
            durationMs: Math.max(0, clock.now() - Date.parse(open.intendedAt)),
          },
          [],
        );
        emit({ ...tell, verdict: 'absent', agentRunId: null, message: null });
        return { kind: 'absent' };
      case 'held': {
        const { reason, message, candidates } = verdict;
        await store.note({ type: 'attempt-held', at, attempt, reason, message, candidates });
        emit({ ...tell, verdict: 'held', agentRunId: null, message });
        return { kind: 'held', message };
      }
    }
  }
}

const STILL_OPEN: Found = { kind: 'open', problem: undefined };

/** Nobody is let in, or nobody waits any longer: what the list would say is not known. */
const LEAVE: ReadonlySet<AgentProblem['kind']> = new Set([
  'cancelled',
  'unauthorized',
  'credit-exhausted',
  'misconfigured',
]);

/** When to list: once the first is due, or a little later if then more of them are. */
function nextListing(waiting: readonly Waiting[]): number {
  const first = Math.min(...waiting.map(({ dueMs }) => dueMs));
  const together = waiting.map(({ dueMs }) => dueMs).filter((ms) => ms <= first + TOGETHER_MS);
  return Math.max(...together);
}
