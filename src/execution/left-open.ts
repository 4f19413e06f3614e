import { isTerminal, type AgentBackend, type AgentRun } from '../agent/agent.ts';
import { isoTime } from '../base/clock.ts';
import { microdollars } from '../base/money.ts';
import { untilAny } from '../base/until-any.ts';
import { mayClearUp } from '../plan/decide.ts';
import type { OpenAttempt } from '../store/store.ts';
import { answerDigest } from './answer-digest.ts';
import { waitFailure, type Failure } from './failure.ts';
import { tellOverCeiling } from './over-ceiling.ts';
import { givenUpAtMs } from './patience.ts';
import type { TaskContext } from './protocol.ts';
import { reportedCost } from './reported-cost.ts';
import { endedEntry, endFailure, type RunToFollow } from './settle-task.ts';
import { stopForThrown } from './stop-for-thrown.ts';
import { endWasUnseen, unseenEnd } from './unseen-end.ts';
import { waitForRun, type WaitFor } from './wait-for-run.ts';
import { writeEnd } from './write-end.ts';

/** An agent run is looked for so long that a read does not find. */
const GONE_MS = 5 * 60_000;

/**
 * What earlier processes left open in this pipeline. Questions that ask for it take it up
 * themselves; the rest is looked after here, so that neither an edit of the pipeline nor a limit
 * leaves behind what was paid for.
 */
export class LeftOpen {
  readonly #context: TaskContext;
  readonly #over = new AbortController();
  #looking: readonly Promise<unknown>[] = [];
  /** Of what is to be taken in the end. */
  #agentRunIds: readonly string[] = [];
  #booked: Promise<void> | undefined;

  constructor(context: TaskContext) {
    this.#context = context;
  }

  /**
   * Begins to look for all whose agent run's id never arrived, and to watch the time of the others;
   * nobody has to wait for it.
   */
  async begin(): Promise<void> {
    const { protocol, plan, stop } = this.#context;
    if (plan !== undefined) return;
    const looking: Promise<unknown>[] = [];
    for (const open of protocol.leftOpen) {
      const agent = mayClearUp(open.held) ? await this.#agentOf(open) : undefined;
      if (agent === undefined) continue;
      const looked =
        open.agentRunId === undefined
          ? protocol.reconciler.find(open, protocol.begunMs, agent)
          : this.#cancelInTime(open, open.agentRunId, agent);
      looking.push(looked.catch((error: unknown) => stopForThrown(error, stop)));
    }
    this.#looking = looking;
  }

  /**
   * While steps go on: a task that asks for it sees to its end itself. What is late already is left
   * to the end of the run, for whoever asks for it may only be about to come.
   */
  #cancelInTime(open: OpenAttempt, id: string, agent: AgentBackend): Promise<void> {
    const signals = [this.#context.signal, this.#over.signal];
    return untilAny(signals, (either) => this.#cancelLate(open, id, agent, either));
  }

  async #cancelLate(
    open: OpenAttempt,
    id: string,
    agent: AgentBackend,
    either: AbortSignal,
  ): Promise<void> {
    const { clock, protocol } = this.#context;
    let lateMs = this.#givenUpAtMs(open, undefined);
    for (let metMs = protocol.begunMs; metMs < lateMs;) {
      await clock.sleep(lateMs - clock.now(), either);
      const isAsked = open.fingerprints.some((it) => protocol.underWay.has(it));
      if (either.aborted || isAsked) return;
      metMs = lateMs;
      const run = await agent.get(id, either);
      if (run.ok && run.value.status === 'queued') lateMs = this.#givenUpAtMs(open, clock.now());
      if (metMs >= lateMs) await agent.cancel(id, either);
    }
  }

  /** Once all steps have ended: takes what is finished of that which nobody has asked for. */
  async finish(): Promise<void> {
    const { store, protocol, plan } = this.#context;
    if (plan !== undefined || protocol.leftOpen.length === 0) return;
    this.#over.abort();
    await Promise.all(this.#looking);
    const before = new Set(protocol.leftOpen.map(({ attempt }) => attempt));
    const late: (() => Promise<void>)[] = [];
    try {
      const allOpen = await store.openAttempts();
      this.#agentRunIds = allOpen.flatMap(({ agentRunId }) => agentRunId ?? []);
      for (const open of allOpen) {
        if (this.#context.signal.aborted) return;
        if (!before.has(open.attempt) || !mayClearUp(open.held)) continue;
        const giveUp = await this.#collect(open);
        if (giveUp !== undefined) late.push(giveUp);
      }
      // Side by side: what is told to end may take its time, and is waited for only once.
      await Promise.all(late.map((giveUp) => giveUp()));
    } catch (error) {
      stopForThrown(error, this.#context.stop);
    }
  }

  /** Gives what is left to do where its agent run should have ended long ago. */
  async #collect(open: OpenAttempt): Promise<(() => Promise<void>) | undefined> {
    const { agentRunId, step, task } = open;
    const { clock, signal } = this.#context;
    const agent = agentRunId === undefined ? undefined : await this.#agentOf(open);
    if (agentRunId === undefined || agent === undefined) return undefined;
    const run = await agent.get(agentRunId, signal);
    if (!run.ok) {
      const isUnseen = run.error.kind === 'not-found' || run.error.kind === 'output-too-large';
      return isUnseen ? () => this.#closeUnseen(open, agentRunId, agent) : undefined;
    }
    if (isTerminal(run.value)) {
      await this.#settle(open, run.value);
      return undefined;
    }
    const nowMs = clock.now();
    const queuedMs = run.value.status === 'queued' ? nowMs : undefined;
    if (nowMs < this.#givenUpAtMs(open, queuedMs)) return undefined;
    const of = { step, task, timeoutMs: this.#timeoutOf(open) };
    return () => this.#giveUp(open, of, agent, run.value);
  }

  /** Cancels it as if it had been asked for, and takes what it came to. */
  async #giveUp(
    open: OpenAttempt,
    of: WaitFor,
    agent: AgentBackend,
    { id }: AgentRun,
  ): Promise<void> {
    const waited = await waitForRun(of, agent, this.#context, toFollow(open, id));
    if (waited.kind === 'ended') await this.#settle(open, waited.run, waited.override);
  }

  /** It is gone, or its answer cannot be read; one that is there after all goes on. */
  async #closeUnseen(open: OpenAttempt, id: string, agent: AgentBackend): Promise<void> {
    const { protocol, clock, budget } = this.#context;
    const deadline = protocol.deadlines.at(clock.now() + GONE_MS);
    const waited = await agent.wait(id, deadline.signal);
    deadline.close();
    if (waited.ok) return this.#settle(open, waited.value);
    const why = waitFailure(waited.error);
    if (!endWasUnseen({ failure: why.kind })) return;
    const reservation = budget.part(open.step).takeUp(open.attempt, open.reserved);
    const unseen = { ...toFollow(open, id), reservation };
    const end = await unseenEnd(unseen, why, agent, this.#context);
    await this.#settle(open, end.run, end.why);
  }

  async #settle(open: OpenAttempt, run: AgentRun, override?: Failure): Promise<void> {
    const { clock, budget, protocol } = this.#context;
    const { attempt, step, task, reserved, agent, fingerprints } = open;
    // Whose record is whose in the answer to a batch, only the step that sent it can tell.
    const isAnswered = run.status === 'completed' && override === undefined;
    if (fingerprints.length > 1 && isAnswered) return;
    // A follow-up may have gone on under the id of the agent run before it: one walk for all.
    await (this.#booked ??= protocol.booked.know(this.#agentRunIds));
    const nowMs = clock.now();
    const bookedBefore = protocol.booked.before(run.id);
    const followed = {
      ...toFollow(open, run.id),
      ...(bookedBefore !== undefined && { bookedBefore }),
    };
    const cost = reportedCost(run, followed);
    if (bookedBefore !== undefined) protocol.booked.add(run.id, cost ?? microdollars(0));
    const part = budget.part(step);
    part.settle(part.takeUp(attempt, reserved), cost ?? undefined);
    const ended = override ?? endFailure(run, cost === 0);
    const answers = (ended === undefined ? fingerprints : []).map((fingerprint) => ({
      fingerprint,
      attempt,
      agentRunId: run.id,
      agent,
      answeredAt: isoTime(nowMs),
      output: run.output,
      stopReason: run.stopReason,
      digest: answerDigest(run.output),
    }));
    const entry = endedEntry(followed, run, ended, answers.length, cost, nowMs);
    await writeEnd(entry, answers, this.#context);
    if (cost === null) return;
    await tellOverCeiling({ step, task, agentRunId: run.id, cost, reserved }, this.#context);
  }

  #givenUpAtMs(open: OpenAttempt, queuedMs: number | undefined): number {
    return givenUpAtMs(Date.parse(open.intendedAt), queuedMs, this.#timeoutOf(open));
  }

  /** What its step says, if there still is one. */
  #timeoutOf({ step }: OpenAttempt): number | undefined {
    const asked = this.#context.pipeline.steps.find(({ name }) => name === step);
    return asked?.kind === 'agent' ? asked.timeoutMs : undefined;
  }

  /** Undefined where it cannot be asked, or has forgotten what an earlier process made. */
  async #agentOf({ agent: name }: OpenAttempt): Promise<AgentBackend | undefined> {
    const { agents } = this.#context;
    const described = await agents.describe(name);
    if (!described.ok || described.value.ephemeral) return undefined;
    const agent = await agents.open(name);
    return agent.ok ? agent.value : undefined;
  }
}

const toFollow = ({ attempt, intendedAt }: OpenAttempt, agentRunId: string): RunToFollow => ({
  id: attempt,
  agentRunId,
  startedMs: Date.parse(intendedAt),
});
