import { isTerminal, type AgentBackend, type AgentProblem, type AgentRun } from '../agent/agent.ts';
import { isoTime } from '../base/clock.ts';
import { attemptId, type AttemptId } from '../base/ids.ts';
import { fromDollars } from '../base/money.ts';
import type { Reservation } from '../cost/budget.ts';
import type { RunContext } from './context.ts';
import { createFailure, failure, waitFailure, type Failure } from './failure.ts';
import { retryDelay } from './retry.ts';
import { reportedCost, settleTask, type AttemptResult, type OpenRun } from './settle-task.ts';
import { labelOf, type Task, type TaskResult } from './task.ts';

/**
 * Carries a task out: attempts until one gives an answer or there is no use in another.
 *
 * Order of writes: the intent before a byte leaves, the agent run's id before anyone waits, answer
 * and cost together. A process that dies anywhere leaves what the next one needs to go on.
 */
export async function runTask(task: Task, context: RunContext): Promise<TaskResult> {
  const { step } = task;
  const agent = await context.agents.open(step.agent);
  if (!agent.ok) {
    // One task says it for all.
    if (context.stop.cause !== undefined) return { kind: 'not-started' };
    return refused(task, agent.error, context);
  }
  for (let attempt = 1; ; attempt++) {
    const close = await context.slots.use(step.name, step.agent, () =>
      attemptOnce(task, attempt, agent.value, context),
    );
    // The agent is free for the next task while this one's answer is written.
    const result = await close();
    if (!('retry' in result)) return result;
    const delay = retryDelay(step.retry, attempt, result.retry);
    const final = delay === undefined || context.stop.cause !== undefined;
    context.emit({
      type: 'attempt-failed',
      step: step.name,
      task: labelOf(task),
      attempt,
      failure: result.retry.kind,
      message: result.retry.message,
      retryInMs: final ? null : delay,
    });
    if (final) {
      stopFor(result.retry, context);
      return failedAll(task, result.retry, attempt);
    }
    await context.clock.sleep(delay, context.signal);
  }
}

function refused(task: Task, problem: AgentProblem, context: RunContext): TaskResult {
  const why = createFailure(problem);
  stopFor(why, context);
  return failedAll(task, why, 0);
}

const failedAll = (task: Task, why: Failure, attempts: number): TaskResult => ({
  kind: 'ended',
  shares: task.questions.map(() => ({ ok: false, failure: why })),
  attempts,
  agentRunId: null,
  cost: null,
  durationMs: 0,
  stopReason: null,
});

/** What is left of an attempt once the agent is free again: writing down how it ended. */
type Closing = () => Promise<AttemptResult>;

const closed =
  (result: AttemptResult): Closing =>
  () =>
    Promise.resolve(result);

/** The budget is settled at once: the next task reserves before this one is written down. */
function closing(
  task: Task,
  agent: AgentBackend,
  context: RunContext,
  open: OpenRun,
  run: AgentRun,
  override: Failure | undefined,
): Closing {
  task.budget.settle(open.reservation, reportedCost(run) ?? undefined);
  return () => settleTask(task, agent, context, open, run, override);
}

async function attemptOnce(
  task: Task,
  attempt: number,
  agent: AgentBackend,
  context: RunContext,
): Promise<Closing> {
  if (context.stop.cause !== undefined) return closed({ kind: 'not-started' });
  if (attempt === 1 && task.resume?.agentRunId !== undefined) {
    const reservation = task.budget.adopt(task.resume.reserved);
    return follow(task, agent, context, {
      attempt,
      id: task.resume.attempt,
      agentRunId: task.resume.agentRunId,
      reservation,
      startedMs: Date.parse(task.resume.intendedAt),
    });
  }
  const reservation = task.budget.reserve(task.estimate.ceiling);
  if (reservation === undefined) {
    context.stop.now('budget', 'the budget has no room for another agent run');
    return closed({ kind: 'not-started' });
  }
  return create(task, attempt, agent, context, reservation);
}

/**
 * For creates: an interrupt starts no new ones, but one that was sent is heard out. Given up, it
 * would leave an agent run that is paid for and whose id nobody knows.
 */
const UNINTERRUPTED = new AbortController().signal;

async function create(
  task: Task,
  attempt: number,
  agent: AgentBackend,
  context: RunContext,
  reservation: Reservation,
): Promise<Closing> {
  const { clock, store } = context;
  const id = attemptId(context.random);
  const startedMs = clock.now();
  const request = task.maker.request(task.questions, task.continued, tagsOf(task, id));
  if (!request.ok) {
    task.budget.release(reservation);
    return closed(failedAll(task, failure('template', request.error.message), attempt));
  }
  const intended = store.intend({
    type: 'attempt-intended',
    at: isoTime(startedMs),
    attempt: id,
    run: context.run,
    pipeline: context.pipeline.name,
    step: task.step.name,
    task: labelOf(task),
    fingerprints: task.questions.map((question) => question.fingerprint),
    agent: agent.name,
    effort: task.step.effort ?? null,
    reserved: reservation.held,
  });
  // An agent that lives in this process has nothing to be found again after a crash.
  if (!agent.ephemeral) await intended;
  const run = await agent.create(request.value, UNINTERRUPTED);
  if (!run.ok) {
    // Before the slot is free: the next create has to know.
    if (run.error.mayHaveCreated) context.stop.doubt(run.error.message);
    await intended;
    return () => notCreated({ task, id, startedMs, reservation }, run.error, context);
  }
  context.stop.certain();
  const created = store.created({
    type: 'attempt-created',
    at: isoTime(clock.now()),
    attempt: id,
    agentRunId: run.value.id,
  });
  if (!agent.ephemeral) await created;
  const open = { id, agentRunId: run.value.id, reservation, startedMs, attempt };
  const close = isTerminal(run.value)
    ? closing(task, agent, context, open, run.value, undefined)
    : await follow(task, agent, context, open);
  return async () => {
    await Promise.all([intended, created]);
    return close();
  };
}

/** Tags by which an agent run is found again when its id never reached us. */
const tagsOf = (task: Task, id: AttemptId): Readonly<Record<string, string>> => ({
  'fieldwork.a': id,
  'fieldwork.k': task.questions[0]?.fingerprint.slice(0, 32) ?? '',
  'fieldwork.v': '1',
});

async function notCreated(
  intent: Pick<OpenRun, 'id' | 'startedMs' | 'reservation'> & { readonly task: Task },
  problem: AgentProblem,
  context: RunContext,
): Promise<AttemptResult> {
  const { task, id, startedMs, reservation } = intent;
  const why = createFailure(problem);
  // In doubt: the attempt stays open and the money held, until somebody finds out.
  if (why.kind === 'create-in-doubt') return { retry: why };
  task.budget.release(reservation);
  const now = context.clock.now();
  await context.store.settle(
    {
      type: 'attempt-ended',
      at: isoTime(now),
      attempt: id,
      agentRunId: null,
      status: 'not-created',
      stopReason: null,
      outcome: 'failed',
      failure: why.kind,
      message: why.message,
      reported: fromDollars(0),
      usage: null,
      durationMs: now - startedMs,
    },
    [],
  );
  return { retry: why };
}

async function follow(
  task: Task,
  agent: AgentBackend,
  context: RunContext,
  open: OpenRun,
): Promise<Closing> {
  const waited = await waitWithin(task.step.timeoutMs, agent, open.agentRunId, context);
  if (waited.ok) {
    return closing(task, agent, context, open, waited.value, waited.timedOut);
  }
  const why = waitFailure(waited.error);
  stopFor(why, context);
  // An agent run of this process ends with it; one that its server has forgotten has ended too.
  if (why.kind === 'run-gone' || agent.ephemeral) {
    const gone = goneRun(open, context, agent.ephemeral);
    return closing(task, agent, context, open, gone, why);
  }
  // The agent run goes on: its attempt stays open, and the next run waits for it again.
  return closed(failedAll(task, why, open.attempt));
}

/** Waits for the end; past `timeoutMs` cancels the agent run and takes what it came to. */
async function waitWithin(
  timeoutMs: number | undefined,
  agent: AgentBackend,
  id: string,
  context: RunContext,
): Promise<
  | { readonly ok: true; readonly value: AgentRun; readonly timedOut: Failure | undefined }
  | { readonly ok: false; readonly error: AgentProblem }
> {
  if (timeoutMs === undefined) {
    const run = await agent.wait(id, context.signal);
    return run.ok ? { ...run, timedOut: undefined } : run;
  }
  const over = new AbortController();
  const ended = new AbortController();
  void context.clock.sleep(timeoutMs, ended.signal).then(() => {
    over.abort();
  });
  const run = await agent.wait(id, AbortSignal.any([context.signal, over.signal]));
  ended.abort();
  if (run.ok) return { ...run, timedOut: undefined };
  if (context.signal.aborted || run.error.kind !== 'cancelled') return run;
  const cancelled = await agent.cancel(id, context.signal);
  if (!cancelled.ok) return cancelled;
  // It ended while we gave up: what was paid for and came counts.
  if (cancelled.value.status === 'completed') return { ...cancelled, timedOut: undefined };
  const seconds = Math.round(timeoutMs / 1_000);
  const timedOut = failure('timeout', `no answer within ${seconds} s; the agent run was cancelled`);
  return { ...cancelled, timedOut };
}

const goneRun = (open: OpenRun, context: RunContext, free: boolean): AgentRun => ({
  id: open.agentRunId,
  status: 'failed',
  stopReason: 'error',
  createdAt: isoTime(open.startedMs),
  completedAt: isoTime(context.clock.now()),
  request: null,
  output: { text: '', structured: null, grounding: [] },
  usage: { agentComputeUnits: 0, searches: 0, emails: 0, phoneNumbers: 0 },
  ...(free
    ? { costDollars: { total: 0, agentCompute: 0, search: 0, emails: 0, phoneNumbers: 0 } }
    : {}),
});

/** Failures that the next task would meet as well end the run. */
function stopFor(why: Failure, { stop }: RunContext): void {
  const { kind, message } = why;
  if (kind === 'unauthorized' || kind === 'credit-exhausted' || kind === 'unreachable') {
    stop.now(kind, message);
  }
}
