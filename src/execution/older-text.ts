import type { AgentProblem } from '../agent/agent.ts';
import type { OpenAttempt } from '../store/store.ts';
import type { TaskContext } from './protocol.ts';
import { labelOf, type Task } from './task.ts';

/**
 * Waits until it is known what became of creates that an earlier process may have sent for the same
 * record, before its step was edited: their questions are other ones now, so nobody takes them up,
 * and the new text is not to be bought while the old one may be on its way. One that turns out to
 * be there, not to be there, or to wait for a person holds up nothing any more.
 *
 * Gives why that could not be found out; undefined where it was, or where the run has stopped.
 */
export async function olderUnknown(
  task: Task,
  { protocol: { leftOpen, reconciler, underWay } }: TaskContext,
): Promise<AgentProblem | undefined> {
  for (const open of leftOpen) {
    if (open.agentRunId !== undefined || !mayAskTheSame(open, task)) continue;
    // All that it asks is asked still, so it is the older text of nothing.
    if (open.fingerprints.every((it) => underWay.has(it))) continue;
    const found = await reconciler.looked(open.attempt);
    if (found?.kind === 'open' && found.problem !== undefined) return found.problem;
  }
  return undefined;
}

/** A batch is known by its first record alone, so any of its step may be in it. */
function mayAskTheSame({ step, task: label, fingerprints }: OpenAttempt, task: Task): boolean {
  if (step !== task.step.name) return false;
  const isBatch = fingerprints.length > 1 || (task.step.input?.batch ?? 1) !== 1;
  return isBatch || label === labelOf(task);
}
