import type { AgentBackend, AgentOutput, AgentRun } from '../agent/agent.ts';
import { isoTime } from '../base/clock.ts';
import type { AttemptId } from '../base/ids.ts';
import type { Microdollars } from '../base/money.ts';
import type { Reservation } from '../cost/budget.ts';
import { splitBatch } from '../plan/split-batch.ts';
import type { AnswerId, AttemptEnded, NewAnswer } from '../store/store.ts';
import { answerDigest } from './answer-digest.ts';
import { canBeFollowedUp } from './earlier-runs.ts';
import { failure, type Failure } from './failure.ts';
import { unsaidOf } from './late-costs.ts';
import { tellOverCeiling } from './over-ceiling.ts';
import type { TaskContext } from './protocol.ts';
import { reportedCost } from './reported-cost.ts';
import { labelOf, type Share, type Task, type TaskResult } from './task.ts';
import { endWasUnseen } from './unseen-end.ts';
import { writeEnd } from './write-end.ts';

/** An agent run whose end has to be seen. */
export interface RunToFollow {
  /** Of its attempt. */
  readonly id: AttemptId;
  readonly agentRunId: string;
  readonly startedMs: number;
  /**
   * What was booked for the same agent run by attempts before, in microdollars: of a follow-up that
   * its agent runs on under the id it had. Its totals go on, and only the rest is this attempt's.
   */
  readonly bookedBefore?: Microdollars;
}

/** One that a task waits for. */
export interface OpenRun extends RunToFollow {
  readonly reservation: Reservation;
  /** Which attempt of the task it is, from 1. */
  readonly attempt: number;
}

/** The end of a task, or why another attempt makes sense. */
export type AttemptResult = TaskResult | { readonly retry: Failure };

/**
 * Closes an attempt: answers, ledger entry and cost become durable together. `override` is the failure to book where the agent run's own end does not count.
 */
export async function settleTask(
  task: Task,
  agent: AgentBackend,
  context: TaskContext,
  open: OpenRun,
  run: AgentRun,
  override: Failure | undefined,
): Promise<AttemptResult> {
  const cost = reportedCost(run, open);
  const charged = run.charged ?? cost !== 0;
  const ended = override ?? endFailure(run, !charged && !agent.ephemeral);
  const outputs =
    ended === undefined ? outputsOf(task, run, open) : task.questions.map(() => undefined);
  const nowMs = context.clock.now();
  const answers = newAnswers(task, outputs, {
    attempt: open.id,
    agentRunId: run.id,
    agent: agent.name,
    answeredAt: isoTime(nowMs),
    stopReason: run.stopReason,
    ...askedOf(task, agent, run),
  });
  const entry = endedEntry(open, run, ended, answers.length, cost, nowMs);
  const ids = await writeEnd(entry, answers, context);
  const of = { step: task.step.name, task: labelOf(task) };
  context.protocol.unknownWords.stopReason(run, of);
  if (cost !== null) {
    const { held: reserved } = open.reservation;
    await tellOverCeiling({ ...of, agentRunId: run.id, cost, reserved }, context);
  } else if (!agent.ephemeral) watchCost(entry, task, agent, context, open);
  if (ended?.retryable === true) return { retry: ended };
  return {
    kind: 'ended',
    shares: sharesOf(outputs, answers, ids, ended),
    attempts: open.attempt,
    agentRunId: run.id,
    cost,
    durationMs: nowMs - open.startedMs,
    stopReason: run.stopReason,
  };
}

/** What is kept of a request for those that follow it up, where its agent forgets it. */
function askedOf(
  task: Task,
  { ephemeral }: AgentBackend,
  { request, createdAt }: AgentRun,
): Pick<NewAnswer, 'asked'> {
  if (!ephemeral || request === null || !canBeFollowedUp(task)) return {};
  const after = task.continued?.answer ?? null;
  return { asked: { request, at: createdAt, after } };
}

/** What it cost is asked for again; the budget has its ceiling until then. */
function watchCost(
  entry: AttemptEnded,
  { step: { name: step }, budget, resume }: Task,
  { name: agent }: AgentBackend,
  { run, pipeline, protocol }: TaskContext,
  { reservation, id }: OpenRun,
): void {
  const unsaid = unsaidOf(entry, {
    agent,
    run: resume?.attempt === id ? resume.run : run,
    pipeline: pipeline.name,
    step,
    reserved: reservation.held,
  });
  if (unsaid === undefined) return;
  protocol.lateCosts.watch({ ...unsaid, told: (cost) => budget.tell(reservation, cost) });
}

/** Undefined when the agent run completed, whatever its answer is worth. */
export function endFailure(run: AgentRun, uncharged: boolean): Failure | undefined {
  if (run.status === 'completed') return undefined;
  if (run.status === 'cancelled') return failure('agent-cancelled', 'the agent run was cancelled');
  const message = run.error?.message ?? `the agent run ended as ${run.status}`;
  // Only an agent run that was not charged is tried again by itself.
  return failure('agent-failed', message, uncharged);
}

/** What answers each question; undefined where a batch leaves one out. */
function outputsOf(
  task: Task,
  run: AgentRun,
  { attempt }: OpenRun,
): readonly (AgentOutput | undefined)[] {
  // Of a batch that an earlier process sent, some records may not be asked about any more.
  const resumed = attempt === 1 ? task.resume : undefined;
  const sent = Math.max(task.questions.length, resumed?.fingerprints.length ?? 1);
  if (sent === 1) return [run.output];
  const strays = sent > task.questions.length ? 'left out' : 'kept';
  return splitBatch(task.shape, task.questions, run.output, strays);
}

function newAnswers(
  task: Task,
  outputs: readonly (AgentOutput | undefined)[],
  shared: Omit<NewAnswer, 'fingerprint' | 'output' | 'digest'>,
): readonly NewAnswer[] {
  return task.questions.flatMap(({ fingerprint }, at) => {
    const output = outputs[at];
    if (output === undefined) return [];
    return [{ ...shared, fingerprint, output, digest: answerDigest(output) }];
  });
}

export function endedEntry(
  open: RunToFollow,
  run: AgentRun,
  ended: Failure | undefined,
  answers: number,
  cost: Microdollars | null,
  nowMs: number,
): AttemptEnded {
  const { text, structured } = run.output;
  const keep = answers === 0 && (text !== '' || structured !== null);
  return {
    type: 'attempt-ended',
    at: isoTime(nowMs),
    attempt: open.id,
    agentRunId: run.id,
    status: run.status,
    stopReason: run.stopReason,
    outcome: answers > 0 ? 'answered' : 'failed',
    failure: ended?.kind ?? (answers > 0 ? null : 'no-record'),
    message: ended?.message ?? null,
    reported: cost,
    ...(cost === null && seenEnd(run, ended)),
    ...(open.bookedBefore !== undefined && { estimated: true as const }),
    usage: { ...run.usage },
    durationMs: nowMs - open.startedMs,
    ...(keep ? { keptOutput: { text, structured } } : {}),
  };
}

/** To be compared with, once the agent run is looked at again for its cost. */
const seenEnd = ({ output }: AgentRun, ended: Failure | undefined): Pick<AttemptEnded, 'digest'> =>
  endWasUnseen({ failure: ended?.kind ?? null }) ? {} : { digest: answerDigest(output) };

function sharesOf(
  outputs: readonly (AgentOutput | undefined)[],
  answers: readonly NewAnswer[],
  ids: readonly AnswerId[],
  ended: Failure | undefined,
): readonly Share[] {
  let next = 0;
  return outputs.map((output): Share => {
    if (output === undefined) {
      const why = failure('no-record', 'the answer of the batch has no record for this key');
      return { ok: false, failure: ended ?? why };
    }
    const [id, answer] = [ids[next], answers[next]];
    next++;
    if (id === undefined || answer === undefined) throw new Error('The store gave too few ids');
    return { ok: true, id, answer };
  });
}
