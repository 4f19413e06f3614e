import { isTerminal, type AgentBackend, type AgentProblem, type AgentRun } from '../agent/agent.ts';
import { isoTime } from '../base/clock.ts';
import { attemptId, type AttemptId } from '../base/ids.ts';
import { fromDollars, microdollars } from '../base/money.ts';
import type { Reservation } from '../cost/budget.ts';
import { capReachedText, type CapReached } from '../cost/cap.ts';
import { askOf } from '../cost/estimate.ts';
import { openedBy } from '../store/open-attempts.ts';
import type { AttemptIntended, OpenAttempt } from '../store/store.ts';
import { earlierRuns } from './earlier-runs.ts';
import { createFailure, failure, templateFailure, waitFailure, type Failure } from './failure.ts';
import type { TaskContext } from './protocol.ts';
import { olderUnknown } from './older-text.ts';
import { queryDigest } from './reconcile.ts';
import type { Found } from './reconciler.ts';
import { reportedCost } from './reported-cost.ts';
import { settleTask, type AttemptResult, type OpenRun } from './settle-task.ts';
import { questionTag, tagsOf } from './tags.ts';
import { labelOf, type Task, type TaskResult } from './task.ts';
import { unseenEnd } from './unseen-end.ts';
import { waitForRun } from './wait-for-run.ts';

/** What is left of an attempt once the agent is free again: writing down how it ended. */
export type Closing = () => Promise<AttemptResult>;

/**
 * One attempt of a task: at most one agent run.
 *
 * Order of writes: the intent before a byte leaves, the agent run's id before anyone waits, answer
 * and cost together. A process that dies anywhere leaves what the next one needs to go on.
 */
export class Attempt {
  readonly #task: Task;
  /** From 1 on. */
  readonly #nth: number;
  readonly #agent: AgentBackend;
  readonly #context: TaskContext;

  constructor(task: Task, nth: number, agent: AgentBackend, context: TaskContext) {
    this.#task = task;
    this.#nth = nth;
    this.#agent = agent;
    this.#context = context;
  }

  /** While it goes on, the agent is taken. */
  async make(): Promise<Closing> {
    const { resume } = this.#task;
    if (this.#context.stop.cause !== undefined) return NOT_STARTED;
    if (resume === undefined || this.#nth > 1) return this.#begin();
    const reservation = this.#task.budget.takeUp(resume.attempt, resume.reserved);
    if (resume.agentRunId !== undefined) {
      return this.#follow(await this.#openRun(resume, resume.agentRunId, reservation));
    }
    const { begunMs } = this.#context.protocol;
    return this.#find(resume, begunMs, reservation);
  }

  async #begin(): Promise<Closing> {
    const { budget, estimate } = this.#task;
    const unknown = this.#agent.ephemeral
      ? undefined
      : await olderUnknown(this.#task, this.#context);
    if (unknown !== undefined) {
      // Nobody is let in: the create would meet the same.
      stopFor(waitFailure(unknown), this.#context);
      return NOT_STARTED;
    }
    await this.#health.admit();
    await this.#context.stop.free();
    if (this.#context.stop.cause !== undefined) return NOT_STARTED;
    const reserved = budget.reserve(askOf(estimate));
    return reserved.ok ? this.#create(reserved.value) : this.#overBudget(reserved.error);
  }

  async #create(reservation: Reservation): Promise<Closing> {
    const { clock, store, protocol, stop, random, slots } = this.#context;
    const { maker, questions, continued, budget } = this.#task;
    const id = attemptId(random);
    const tag = questionTag(questions[0]?.fingerprint);
    const tags = tagsOf(id, tag, await protocol.stateId());
    const request = maker.request(questions, continued, tags);
    if (!request.ok) {
      budget.release(reservation);
      return this.#failed(templateFailure(request.error));
    }
    const entry = this.#intent(id, request.value.query, reservation);
    const stray = await protocol.strays.holdFor(tag, entry);
    if (stray !== undefined) {
      budget.release(reservation);
      return this.#failed(failure('create-in-doubt', stray));
    }
    await protocol.lookElsewhere(tag, this.#agent);
    const intended = store.intend(entry, this.#limit());
    // An agent that lives in this process has nothing to be found again after a crash.
    const reached = this.#agent.ephemeral ? undefined : await intended;
    if (reached !== undefined) {
      budget.release(reservation);
      return this.#overBudget(reached);
    }
    // An interrupt ends the standing in line for it; one that was sent is heard out.
    const agent = this.#agent;
    const earlier =
      continued === undefined ? undefined : () => earlierRuns(continued.answer, store);
    const run = await slots.whileUnderWay(() => agent.create(request.value, stop.sending, earlier));
    if (!run.ok) {
      await intended;
      return run.error.mayHaveCreated
        ? this.#doubt(openedBy(entry), run.error, reservation)
        : this.#notCreated(entry, run.error, reservation);
    }
    this.#health.works();
    protocol.refusals.taken(this.#task.step.name);
    const created = store.created({
      type: 'attempt-created',
      at: isoTime(clock.now()),
      attempt: id,
      agentRunId: run.value.id,
    });
    if (!this.#agent.ephemeral) await created;
    const begun = { attempt: id, intendedAt: entry.at };
    const open = await this.#openRun(begun, run.value.id, reservation);
    const close = isTerminal(run.value)
      ? this.#close(open, run.value, undefined)
      : await this.#follow(open);
    return async () => {
      await Promise.all([intended, created]);
      return close();
    };
  }

  #intent(attempt: AttemptId, query: string, { held }: Reservation): AttemptIntended {
    const { clock, run, pipeline } = this.#context;
    const { step, questions } = this.#task;
    const { name: agent, account, ephemeral } = this.#agent;
    return {
      type: 'attempt-intended',
      at: isoTime(clock.now()),
      attempt,
      run,
      pipeline: pipeline.name,
      step: step.name,
      task: labelOf(this.#task),
      fingerprints: questions.map((question) => question.fingerprint),
      agent,
      effort: step.effort ?? null,
      reserved: held,
      ...(!ephemeral && { asks: queryDigest(query) }),
      ...(account !== undefined && { account }),
    };
  }

  /** Free agents are not asked about ceilings, nor waited for. */
  #limit(): Parameters<TaskContext['store']['intend']>[1] {
    const { periods } = this.#context;
    if (this.#agent.ephemeral || periods === undefined) return undefined;
    if (periods.day === undefined && periods.month === undefined) return undefined;
    return { caps: periods, openEnded: askOf(this.#task.estimate).openEnded };
  }

  /** The create may have gone through. Meanwhile other tasks go on, and this one keeps its place. */
  async #doubt(
    open: OpenAttempt,
    { message, kind }: AgentProblem,
    reservation: Reservation,
  ): Promise<Closing> {
    const { clock, store, emit, protocol, stop } = this.#context;
    const sentMs = clock.now();
    const { attempt, step, task } = open;
    const looksInMs = protocol.settleMs;
    emit({ type: 'attempt-in-doubt', step, task, attempt, message, looksInMs });
    await store.note({ type: 'attempt-doubted', at: isoTime(sentMs), attempt, message });
    if (kind === 'misconfigured') stop.now('misconfigured', message);
    else this.#health.fails(message);
    return this.#find(open, sentMs, reservation);
  }

  async #find(open: OpenAttempt, sentMs: number, reservation: Reservation): Promise<Closing> {
    const { protocol } = this.#context;
    const found = await protocol.reconciler.find(open, sentMs, this.#agent);
    if (found.kind === 'adopted') {
      const adopted = await this.#openRun(open, found.run.id, reservation);
      return isTerminal(found.run)
        ? this.#close(adopted, found.run, undefined)
        : this.#follow(adopted);
    }
    // In doubt or held: the attempt stays open and its money held.
    if (found.kind === 'absent') this.#task.budget.release(reservation);
    return this.#notFound(found);
  }

  #notFound(found: Exclude<Found, { kind: 'adopted' }>): Closing {
    switch (found.kind) {
      case 'absent': {
        const message = 'the create came to nothing: the agent has no agent run of it';
        const why: Failure = { ...failure('unreachable', message, true), again: 'absent' };
        return () => Promise.resolve({ retry: why });
      }
      case 'held':
        return this.#failed(failure('create-in-doubt', found.message));
      case 'open': {
        const { problem } = found;
        if (problem === undefined) return this.#failed(failure('cancelled', 'not looked for yet'));
        stopFor(waitFailure(problem), this.#context);
        const message = `whether it was created is not known: ${problem.message}`;
        return this.#failed(failure('create-in-doubt', message));
      }
    }
  }

  async #notCreated(
    { attempt, at: intendedAt }: AttemptIntended,
    problem: AgentProblem,
    reservation: Reservation,
  ): Promise<Closing> {
    const { clock, store, protocol } = this.#context;
    const { budget, step, continued } = this.#task;
    const why = this.#refusal(problem);
    budget.release(reservation);
    // Before the slot is free: the next create has to know.
    this.#learn(problem);
    stopFor(why, this.#context);
    if (why.kind === 'rejected' && why.again === undefined) {
      protocol.refusals.refused(step.name, why.message);
    }
    if (why.again === 'parent' && continued !== undefined) {
      // A list or a read may lag behind: looked at, it may be there for the next try.
      await this.#agent.get(continued.agentRunId, this.#context.signal);
    }
    const now = clock.now();
    return async () => {
      await store.settle(
        {
          type: 'attempt-ended',
          at: isoTime(now),
          attempt,
          agentRunId: null,
          status: 'not-created',
          stopReason: null,
          outcome: 'failed',
          failure: why.kind,
          message: why.message,
          reported: fromDollars(0),
          usage: null,
          durationMs: now - Date.parse(intendedAt),
        },
        [],
      );
      return { retry: why };
    };
  }

  /** An agent of this process has looked everywhere for what it is to continue. */
  #refusal(problem: AgentProblem): Failure {
    const why = createFailure(problem);
    if (!this.#agent.ephemeral || why.again !== 'parent') return why;
    const before = this.#task.step.continues ?? '';
    return failure(
      'rejected',
      `${problem.message} --refresh ${before} asks again what it follows.`,
    );
  }

  #learn({ kind, message }: AgentProblem): void {
    const { slots } = this.#context;
    if (kind === 'unreachable') this.#health.unconnected(message);
    if (kind !== 'rate-limited') return;
    this.#health.busy(message);
    slots.narrow(this.#agent.name);
  }

  async #follow(open: OpenRun): Promise<Closing> {
    const { name: step, timeoutMs } = this.#task.step;
    const of = { step, task: labelOf(this.#task), timeoutMs };
    const waited = await this.#context.slots.whileUnderWay(() =>
      waitForRun(of, this.#agent, this.#context, open),
    );
    if (waited.kind === 'ended') return this.#close(open, waited.run, waited.override);
    if (waited.kind === 'held') return this.#failed(waited.why);
    const why = waitFailure(waited.problem);
    stopFor(why, this.#context);
    const { ephemeral } = this.#agent;
    // An agent run of this process ends with it; one that its server has forgotten has ended too,
    // and one whose answer is too large to read will be so the next time.
    if (why.kind === 'run-gone' || why.kind === 'output-too-large' || ephemeral) {
      const end = await unseenEnd(open, why, this.#agent, this.#context);
      return this.#close(open, end.run, end.why);
    }
    // The agent run goes on: its attempt stays open, and the next run waits for it again.
    return this.#failed(why);
  }

  /** The budget is settled at once: the next task reserves before this one is written down. */
  #close(open: OpenRun, run: AgentRun, override: Failure | undefined): Closing {
    const { budget, step } = this.#task;
    const { booked } = this.#context.protocol;
    // The agent run before it may have told its cost since this one began.
    const bookedBefore =
      open.bookedBefore === undefined ? undefined : (booked.before(run.id) ?? open.bookedBefore);
    const closing = bookedBefore === undefined ? open : { ...open, bookedBefore };
    const cost = reportedCost(run, closing);
    if (bookedBefore !== undefined) booked.add(run.id, cost ?? microdollars(0));
    budget.settle(open.reservation, cost ?? undefined);
    if (run.status === 'completed') {
      this.#context.slots.widen(this.#agent.name);
      this.#health.completes();
    } else if (run.status === 'failed' && cost === 0 && !this.#agent.ephemeral) {
      this.#health.failsAtWork(`agent runs of step ${step.name} fail one after another`);
    }
    return () => settleTask(this.#task, this.#agent, this.#context, closing, run, override);
  }

  /** A follow-up may run on under the id of the agent run before it: then its totals go on too. */
  async #openRun(
    { attempt, intendedAt }: Pick<OpenAttempt, 'attempt' | 'intendedAt'>,
    agentRunId: string,
    reservation: Reservation,
  ): Promise<OpenRun> {
    const open = {
      id: attempt,
      agentRunId,
      reservation,
      startedMs: Date.parse(intendedAt),
      attempt: this.#nth,
    };
    if (this.#task.continued?.agentRunId !== agentRunId) return open;
    const { booked } = this.#context.protocol;
    await booked.know([agentRunId]);
    return { ...open, bookedBefore: booked.before(agentRunId) ?? microdollars(0) };
  }

  #overBudget(reached: CapReached): Closing {
    this.#context.stop.now('budget', capReachedText(reached));
    return NOT_STARTED;
  }

  #failed(why: Failure): Closing {
    return () => Promise.resolve(failedAll(this.#task, why, this.#nth));
  }

  get #health(): ReturnType<TaskContext['protocol']['health']> {
    return this.#context.protocol.health(this.#agent.name);
  }
}

const NOT_STARTED: Closing = () => Promise.resolve({ kind: 'not-started' });

export const failedAll = (task: Task, why: Failure, attempts: number): TaskResult => ({
  kind: 'ended',
  shares: task.questions.map(() => ({ ok: false, failure: why })),
  attempts,
  agentRunId: null,
  cost: null,
  durationMs: 0,
  stopReason: null,
});

/** Failures that the next task would meet as well end the run. */
export function stopFor({ kind, message, again }: Failure, { stop }: TaskContext): void {
  // What was turned down at the door is a matter of the agent's health.
  if (again !== undefined) return;
  if (
    kind === 'unauthorized' ||
    kind === 'credit-exhausted' ||
    kind === 'misconfigured' ||
    kind === 'unreachable'
  ) {
    stop.now(kind, message);
  }
}
