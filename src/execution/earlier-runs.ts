import type { EarlierRun } from '../agent/agent.ts';
import type { AnswerId, NewAnswer, Store } from '../store/store.ts';
import type { Task } from './task.ts';

/**
 * What was asked for an answer and for those that it follows up, the first one first; undefined
 * where that was not kept of one of them.
 */
export async function earlierRuns(
  last: AnswerId,
  store: Store,
): Promise<readonly EarlierRun[] | undefined> {
  const runs: EarlierRun[] = [];
  for (let id: AnswerId | null = last; id !== null;) {
    const [answer]: readonly (NewAnswer | undefined)[] = await store.answers([id]);
    if (answer?.asked === undefined) return undefined;
    const { request, at, after } = answer.asked;
    runs.unshift({ id: answer.agentRunId, request, startedMs: Date.parse(at) });
    id = after;
  }
  return runs;
}

/** Whether a step may follow a task up: one with a task for each record has no single answer. */
export const canBeFollowedUp = ({ step: { input } }: Task): boolean =>
  input === undefined || input.batch === 'all';
