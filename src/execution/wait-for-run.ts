import { isTerminal, type AgentBackend, type AgentProblem, type AgentRun } from '../agent/agent.ts';
import { isoTime } from '../base/clock.ts';
import { failure, type Failure } from './failure.ts';
import { isCancelling } from './interrupt.ts';
import { candidateOf } from './reconcile.ts';
import type { TaskContext } from './protocol.ts';
import type { OpenRun } from './settle-task.ts';
import { labelOf, type Task } from './task.ts';

const MINUTE = 60_000;
/** A documented agent run ends within an hour. */
const LATE_MS = 75 * MINUTE;
const TOO_LATE_MS = 90 * MINUTE;
/** What a cancelled agent run may take to end. */
const CANCELLING_MS = 30 * MINUTE;
/** An agent run that stands in a queue is not cancelled for want of time before this. */
const QUEUED_MS = 30 * MINUTE;

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
  /** It does not end, not even when it is told to. */
  | { readonly kind: 'no-end'; readonly message: string };

/** A cancel is sent although the run is being stopped: that is what it is for. */
const UNINTERRUPTED = new AbortController().signal;

/**
 * Waits for the end of an agent run. Past the step's timeout, or where it has none past any time
 * that agent runs take, or when an interrupt comes to cancelling, the agent run is cancelled and
 * what it came to is taken; when an interrupt detaches, it is left alone.
 */
export async function waitForRun(
  task: Task,
  agent: AgentBackend,
  context: TaskContext,
  open: OpenRun,
): Promise<Waited> {
  const { signal } = context;
  const waited = await waitWithin(task, agent, context, open);
  const gaveUp = waited.kind === 'problem' && waited.problem.kind === 'cancelled';
  return gaveUp && isCancelling(signal) ? cancelForUser(agent, open.agentRunId) : waited;
}

async function waitWithin(
  task: Task,
  agent: AgentBackend,
  context: TaskContext,
  open: OpenRun,
): Promise<Waited> {
  const { timeoutMs } = task.step;
  if (timeoutMs !== undefined || !agent.ephemeral) {
    return new Watch(task, agent, context, open).waitFor(timeoutMs);
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

/** Why a wait ends that was not stopped from outside; without a reason, making an error costs more. */
const OVER = 'over';

class Watch {
  readonly #task: Task;
  readonly #agent: AgentBackend;
  readonly #context: TaskContext;
  readonly #open: OpenRun;

  constructor(task: Task, agent: AgentBackend, context: TaskContext, open: OpenRun) {
    this.#task = task;
    this.#agent = agent;
    this.#context = context;
    this.#open = open;
  }

  async waitFor(timeoutMs: number | undefined): Promise<Waited> {
    const { startedMs } = this.#open;
    if (timeoutMs === undefined) {
      const early = await this.#until(startedMs + LATE_MS);
      if (early !== 'over') return early;
      this.#warn();
    }
    const limitMs = timeoutMs ?? TOO_LATE_MS;
    let deadline = startedMs + limitMs;
    for (;;) {
      const waited = await this.#until(deadline);
      if (waited !== 'over') return waited;
      const seen = await this.#look();
      if (seen !== 'active' && seen !== 'queued') return seen;
      const now = this.#context.clock.now();
      if (seen === 'active' || now >= startedMs + QUEUED_MS) return this.#cancel(limitMs);
      // Its time counts from when it runs.
      deadline = now + Math.min(limitMs, startedMs + QUEUED_MS - now);
    }
  }

  /** Waits until a time at most. */
  async #until(ms: number): Promise<Waited | 'over'> {
    const { clock, signal } = this.#context;
    // Ends the sleep as well. `AbortSignal.any` would leave a trace of every wait at the run's signal.
    const over = new AbortController();
    const end = (): void => over.abort(signal.reason ?? OVER);
    if (signal.aborted) end();
    signal.addEventListener('abort', end, { once: true });
    void clock.sleep(Math.max(0, ms - clock.now()), over.signal).then(end);
    const run = await this.#agent.wait(this.#open.agentRunId, over.signal);
    signal.removeEventListener('abort', end);
    end();
    if (run.ok) return ended(run.value);
    if (signal.aborted || run.error.kind !== 'cancelled') {
      return { kind: 'problem', problem: run.error };
    }
    return 'over';
  }

  /** One look, because the time may have passed while no process was there to see the end. */
  async #look(): Promise<Waited | 'active' | 'queued'> {
    const run = await this.#agent.get(this.#open.agentRunId, this.#context.signal);
    if (!run.ok) return { kind: 'problem', problem: run.error };
    if (isTerminal(run.value)) return ended(run.value);
    return run.value.status === 'queued' ? 'queued' : 'active';
  }

  async #cancel(limitMs: number): Promise<Waited> {
    const { clock, signal } = this.#context;
    const { agentRunId } = this.#open;
    const cancelled = await this.#agent.cancel(agentRunId, signal);
    if (!cancelled.ok && cancelled.error.kind !== 'unreachable') {
      return { kind: 'problem', problem: cancelled.error };
    }
    const waited =
      cancelled.ok && isTerminal(cancelled.value)
        ? ended(cancelled.value)
        : await this.#until(clock.now() + CANCELLING_MS);
    if (waited === 'over') return this.#hold();
    if (waited.kind !== 'ended') return waited;
    const seconds = Math.round(limitMs / 1_000);
    const message = `no answer within ${seconds} s; the agent run was cancelled`;
    return endOf(waited.run, failure('timeout', message));
  }

  /** Nothing more can be done from here: it may go on costing money. */
  async #hold(): Promise<Waited> {
    const { clock, store, emit } = this.#context;
    const { id: attempt, agentRunId } = this.#open;
    const message = `agent run ${agentRunId} was cancelled and does not end`;
    const run = await this.#agent.get(agentRunId, this.#context.signal);
    await store.note({
      type: 'attempt-held',
      at: isoTime(clock.now()),
      attempt,
      reason: 'no-end',
      message,
      candidates: run.ok ? [candidateOf(run.value)] : [],
    });
    const { name: step } = this.#task.step;
    const task = labelOf(this.#task);
    emit({ type: 'attempt-found', step, task, attempt, verdict: 'held', agentRunId, message });
    return { kind: 'no-end', message };
  }

  #warn(): void {
    const minutes = Math.round(LATE_MS / MINUTE);
    this.#context.emit({
      type: 'warning',
      step: this.#task.step.name,
      task: labelOf(this.#task),
      message: `agent run ${this.#open.agentRunId} has not ended after ${minutes} minutes`,
    });
  }
}
