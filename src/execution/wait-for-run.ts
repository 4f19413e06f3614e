import { isTerminal, type AgentBackend, type AgentProblem, type AgentRun } from '../agent/agent.ts';
import { hasUnknownStatus, staysUnknown, UNKNOWN_STATUS_MS } from '../agent/unknown-status.ts';
import { isoTime } from '../base/clock.ts';
import { formatMoney, fromDollars } from '../base/money.ts';
import type { Hold } from '../store/store.ts';
import { failure, type Failure } from './failure.ts';
import { isCancelling } from './interrupt.ts';
import { givenUpAtMs, limitMs } from './patience.ts';
import { candidateOf } from './reconcile.ts';
import type { TaskContext } from './protocol.ts';
import { changedText, firstEndOf } from './remote-changed.ts';
import type { RunToFollow } from './settle-task.ts';

const MINUTE = 60_000;
/** A documented agent run ends within an hour. */
const LATE_MS = 75 * MINUTE;
/** What a cancelled agent run may take to end. */
const CANCELLING_MS = 30 * MINUTE;

/** Whose agent run is waited for, and how long that may take; undefined where nothing is said. */
export interface WaitFor {
  readonly step: string;
  readonly task: string;
  readonly timeoutMs: number | undefined;
}

/** How the waiting for an agent run ended. */
export type Waited =
  | {
      readonly kind: 'ended';
      readonly run: AgentRun;
      /** What to book where the agent run's own end does not count. */
      readonly override: Failure | undefined;
    }
  /** Its end is not known; unless it is gone, it goes on. */
  | { readonly kind: 'problem'; readonly problem: AgentProblem }
  /** It does not end, not even when it is told to, or nobody can tell how it stands. */
  | { readonly kind: 'held'; readonly why: Failure };

/** A cancel is sent although the run is being stopped: that is what it is for. */
const UNINTERRUPTED = new AbortController().signal;

/**
 * Waits for the end of an agent run. Past the step's timeout, or where it has none past any time
 * that agent runs take, or when an interrupt comes to cancelling, the agent run is cancelled and
 * what it came to is taken; when an interrupt detaches, it is left alone.
 */
export async function waitForRun(
  of: WaitFor,
  agent: AgentBackend,
  context: TaskContext,
  open: RunToFollow,
): Promise<Waited> {
  const waited = await waitWithin(of, agent, context, open);
  if (waited.kind !== 'problem') return waited;
  const { kind, message } = waited.problem;
  if (kind === 'cancelled' && isCancelling(context.signal)) {
    return cancelForUser(agent, open.agentRunId);
  }
  if (kind !== 'bad-response' || agent.ephemeral) return waited;
  const createdAt = isoTime(open.startedMs);
  const itself = { agentRunId: open.agentRunId, createdAt, status: 'not known', reported: null };
  const why = {
    reason: 'unreadable',
    message: message.replace(/\.$/, ''),
    candidates: [itself],
  } as const;
  return hold(why, of, context, open);
}

/** Nothing more can be done from here: it may go on costing money. */
async function hold(
  why: { readonly reason: 'no-end' | 'unreadable' } & Omit<Hold, 'at' | 'reason'>,
  { step, task }: WaitFor,
  { clock, store, emit }: TaskContext,
  { id: attempt, agentRunId }: RunToFollow,
): Promise<Waited> {
  const { reason, message } = why;
  await store.note({ type: 'attempt-held', at: isoTime(clock.now()), attempt, ...why });
  emit({ type: 'attempt-found', step, task, attempt, verdict: 'held', agentRunId, message });
  return { kind: 'held', why: failure(reason, message) };
}

async function waitWithin(
  of: WaitFor,
  agent: AgentBackend,
  context: TaskContext,
  open: RunToFollow,
): Promise<Waited> {
  if (of.timeoutMs !== undefined || !agent.ephemeral) {
    return new Watch(of, agent, context, open).waitFor();
  }
  // An agent in this process ends with it, and has nothing to wait for that could be lost.
  const run = await agent.wait(open.agentRunId, context.signal);
  return run.ok ? ended(run.value) : { kind: 'problem', problem: run.error };
}

/**
 * Where the cancel does not get through, its attempt stays open: nothing has to be remembered, for
 * the next run of the pipeline asks how the agent run stands, and takes what it came to.
 */
async function cancelForUser(agent: AgentBackend, id: string): Promise<Waited> {
  const cancelled = await agent.cancel(id, UNINTERRUPTED);
  if (cancelled.ok && isTerminal(cancelled.value)) {
    return endOf(cancelled.value, failure('agent-cancelled', 'cancelled by an interrupt'));
  }
  const message = cancelled.ok ? `agent run ${id} has not ended yet` : cancelled.error.message;
  return { kind: 'problem', problem: { kind: 'cancelled', message, mayHaveCreated: false } };
}

const ended = (run: AgentRun, override?: Failure): Waited => ({ kind: 'ended', run, override });

/** It may have ended while we gave up: what was paid for and came counts. */
const endOf = (run: AgentRun, override: Failure): Waited =>
  ended(run, run.status === 'completed' ? undefined : override);

/** A time has passed that was not moved before, and the agent run goes on. */
interface Over {
  readonly kind: 'over';
  readonly metMs: number;
}

class Watch {
  readonly #of: WaitFor;
  readonly #agent: AgentBackend;
  readonly #context: TaskContext;
  readonly #open: RunToFollow;
  /** When it was last seen in a queue. */
  #queuedMs: number | undefined;

  constructor(of: WaitFor, agent: AgentBackend, context: TaskContext, open: RunToFollow) {
    this.#of = of;
    this.#agent = agent;
    this.#context = context;
    this.#open = open;
  }

  async waitFor(): Promise<Waited> {
    if (this.#of.timeoutMs === undefined) {
      const lateMs = this.#open.startedMs + LATE_MS;
      const early = await this.#until(() => lateMs);
      if (early.kind !== 'over') return early;
      this.#warn();
    }
    for (;;) {
      const waited = await this.#until(() => this.#givenUpAtMs);
      if (waited.kind !== 'over') return waited;
      const seen = await this.#look();
      if (seen !== 'active') return seen;
      if (this.#givenUpAtMs <= waited.metMs) return this.#cancel();
    }
  }

  get #givenUpAtMs(): number {
    return givenUpAtMs(this.#open.startedMs, this.#queuedMs, this.#of.timeoutMs);
  }

  /** Waits until a time at most, which each look at the agent run may move. */
  async #until(atMs: () => number): Promise<Waited | Over> {
    const { protocol, signal } = this.#context;
    const deadline = protocol.deadlines.at(atMs());
    const { agentRunId } = this.#open;
    const run = await this.#agent.wait(agentRunId, deadline.signal, (active) => {
      this.#see(active);
      deadline.postpone(atMs());
    });
    deadline.close();
    if (run.ok) return ended(run.value);
    if (signal.aborted || run.error.kind !== 'cancelled') {
      return { kind: 'problem', problem: run.error };
    }
    return { kind: 'over', metMs: deadline.atMs };
  }

  #see(active: AgentRun): void {
    if (active.status === 'queued') this.#queuedMs = this.#context.clock.now();
    if (hasUnknownStatus(active)) this.#context.protocol.unknownWords.status(active, this.#of);
  }

  /** One look, because the time may have passed while no process was there to see the end. */
  async #look(): Promise<Waited | 'active'> {
    const run = await this.#agent.get(this.#open.agentRunId, this.#context.signal);
    if (!run.ok) return { kind: 'problem', problem: run.error };
    if (isTerminal(run.value)) return ended(run.value);
    const age = this.#context.clock.now() - this.#open.startedMs;
    if (hasUnknownStatus(run.value) && age > UNKNOWN_STATUS_MS) {
      return { kind: 'problem', problem: staysUnknown(run.value) };
    }
    this.#see(run.value);
    return 'active';
  }

  async #cancel(): Promise<Waited> {
    const { clock, signal } = this.#context;
    const { agentRunId } = this.#open;
    const endsMs = clock.now() + CANCELLING_MS;
    const cancelled = await this.#agent.cancel(agentRunId, signal);
    if (!cancelled.ok && cancelled.error.kind !== 'unreachable') {
      return { kind: 'problem', problem: cancelled.error };
    }
    const waited =
      cancelled.ok && isTerminal(cancelled.value)
        ? ended(await this.#lookAgain(cancelled.value))
        : await this.#until(() => endsMs);
    if (waited.kind === 'over') return this.#hold();
    if (waited.kind !== 'ended') return waited;
    const seconds = Math.round(limitMs(this.#of.timeoutMs) / 1_000);
    const message = `no answer within ${seconds} s; the agent run was cancelled`;
    return endOf(waited.run, failure('timeout', message));
  }

  /** What a cancelled one came to may show late. The first end counts, and the larger cost. */
  async #lookAgain(first: AgentRun): Promise<AgentRun> {
    const again = await this.#agent.get(first.id, this.#context.signal);
    if (again.ok) this.#tellChange(first, again.value);
    const [before, after] = [first, again.ok ? again.value : first].map(
      ({ costDollars }) => costDollars,
    );
    if (after === undefined || before?.total === after.total) return first;
    if (before === undefined) return { ...first, costDollars: after };
    const { step, task } = this.#of;
    const largest = before.total > after.total ? before : after;
    const said = [before, after].map(({ total }) => formatMoney(fromDollars(total)));
    const message = `agent run ${first.id} has told two costs, ${said.join(' and ')}; the larger is booked`;
    this.#context.emit({ type: 'warning', step, task, message });
    return { ...first, costDollars: largest };
  }

  #tellChange(first: AgentRun, again: AgentRun): void {
    const message = changedText(firstEndOf(first), again);
    const { step, task } = this.#of;
    if (message !== undefined) this.#context.emit({ type: 'warning', step, task, message });
  }

  async #hold(): Promise<Waited> {
    const { agentRunId } = this.#open;
    const message = `agent run ${agentRunId} was cancelled and does not end`;
    const run = await this.#agent.get(agentRunId, this.#context.signal);
    const candidates = run.ok ? [candidateOf(run.value)] : [];
    const why = { reason: 'no-end', message, candidates } as const;
    return hold(why, this.#of, this.#context, this.#open);
  }

  #warn(): void {
    const minutes = Math.round(LATE_MS / MINUTE);
    const { step, task } = this.#of;
    this.#context.emit({
      type: 'warning',
      step,
      task,
      message: `agent run ${this.#open.agentRunId} has not ended after ${minutes} minutes`,
    });
  }
}
