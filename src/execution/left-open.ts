import { isTerminal, type AgentBackend, type AgentRun } from '../agent/agent.ts';
import { isoTime } from '../base/clock.ts';
import type { OpenAttempt } from '../store/store.ts';
import { StoreError } from '../store/store-problem.ts';
import type { TaskContext } from './protocol.ts';
import { answerDigest, endedEntry, endFailure, reportedCost, type OpenRun } from './settle-task.ts';
import { writeEnd } from './write-end.ts';

/**
 * What earlier processes left open in this pipeline. Questions that ask for it take it up
 * themselves; the rest is looked after here, so that neither an edit of the pipeline nor a limit
 * leaves behind what was paid for.
 */
export class LeftOpen {
  readonly #context: TaskContext;
  #looking: readonly Promise<unknown>[] = [];

  constructor(context: TaskContext) {
    this.#context = context;
  }

  /** Begins to look for all whose agent run's id never arrived; nobody has to wait for it. */
  async begin(): Promise<void> {
    const { protocol, plan } = this.#context;
    if (plan !== undefined) return;
    const looking: Promise<unknown>[] = [];
    for (const open of protocol.leftOpen) {
      const agent = isUnknown(open) ? await this.#agentOf(open) : undefined;
      if (agent === undefined) continue;
      const found = protocol.reconciler.find(open, protocol.begunMs, agent);
      looking.push(found.catch((error: unknown) => this.#broken(error)));
    }
    this.#looking = looking;
  }

  /** Once all steps have ended: takes what is finished of that which nobody has asked for. */
  async finish(): Promise<void> {
    const { store, protocol, signal, plan } = this.#context;
    if (plan !== undefined || protocol.leftOpen.length === 0) return;
    await Promise.all(this.#looking);
    const before = new Set(protocol.leftOpen.map(({ attempt }) => attempt));
    try {
      for (const open of await store.openAttempts()) {
        if (signal.aborted) return;
        if (before.has(open.attempt) && open.held === undefined) await this.#collect(open);
      }
    } catch (error) {
      this.#broken(error);
    }
  }

  async #collect(open: OpenAttempt): Promise<void> {
    // Whose record is whose in the answer to a batch, only the step that sent it can tell.
    if (open.agentRunId === undefined || open.fingerprints.length > 1) return;
    const agent = await this.#agentOf(open);
    if (agent === undefined) return;
    const run = await agent.get(open.agentRunId, this.#context.signal);
    if (run.ok && isTerminal(run.value)) await this.#settle(open, run.value);
  }

  async #settle(open: OpenAttempt, run: AgentRun): Promise<void> {
    const { clock, budget } = this.#context;
    const { attempt, step, reserved, agent, intendedAt } = open;
    const nowMs = clock.now();
    const openRun: OpenRun = {
      id: attempt,
      agentRunId: run.id,
      reservation: budget.part(step).takeUp(attempt, reserved),
      startedMs: Date.parse(intendedAt),
      attempt: 1,
    };
    const cost = reportedCost(run, openRun);
    budget.part(step).settle(openRun.reservation, cost ?? undefined);
    const ended = endFailure(run, cost === 0);
    const answers = (ended === undefined ? open.fingerprints : []).map((fingerprint) => ({
      fingerprint,
      attempt,
      agentRunId: run.id,
      agent,
      answeredAt: isoTime(nowMs),
      output: run.output,
      stopReason: run.stopReason,
      digest: answerDigest(run.output),
    }));
    const entry = endedEntry(openRun, run, ended, answers.length, cost, nowMs);
    await writeEnd(entry, answers, this.#context);
  }

  /** Undefined where it cannot be asked, or has forgotten what an earlier process made. */
  async #agentOf({ agent: name }: OpenAttempt): Promise<AgentBackend | undefined> {
    const { agents } = this.#context;
    const described = await agents.describe(name);
    if (!described.ok || described.value.ephemeral) return undefined;
    const agent = await agents.open(name);
    return agent.ok ? agent.value : undefined;
  }

  #broken(error: unknown): void {
    const isStore = error instanceof StoreError;
    const message = error instanceof Error ? error.message : String(error);
    this.#context.stop.now(isStore ? 'state' : 'bug', message);
  }
}

const isUnknown = ({ agentRunId, held }: OpenAttempt): boolean =>
  agentRunId === undefined &&
  (held === undefined || held.reason === 'other-account' || held.reason === 'not-listed');
