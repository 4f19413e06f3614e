import { Attempt, failedAll, stopFor } from './attempt.ts';
import { waitFailure } from './failure.ts';
import type { TaskContext } from './protocol.ts';
import { labelOf, type Task, type TaskResult } from './task.ts';
import { Tries } from './tries.ts';

/** Carries a task out: attempts until one gives an answer or there is no use in another. */
export async function runTask(task: Task, context: TaskContext): Promise<TaskResult> {
  const { step } = task;
  const { stop, slots, clock, emit } = context;
  const agent = await context.agents.open(step.agent);
  if (!agent.ok) {
    // One task says it for all.
    if (stop.cause !== undefined) return { kind: 'not-started' };
    const why = waitFailure(agent.error);
    stopFor(why, context);
    return failedAll(task, why, 0);
  }
  const tries = new Tries(step.retry);
  for (let attempt = 1; ; attempt++) {
    const one = new Attempt(task, attempt, agent.value, context);
    const close = await slots.use(step.name, step.agent, () => one.make());
    // The agent is free for the next task while this one's answer is written.
    const result = await close();
    if (!('retry' in result)) return result;
    const delay = stop.cause === undefined ? tries.delay(result.retry) : undefined;
    emit({
      type: 'attempt-failed',
      step: step.name,
      task: labelOf(task),
      attempt,
      failure: result.retry.kind,
      message: result.retry.message,
      retryInMs: delay ?? null,
    });
    if (delay === undefined) {
      stopFor(result.retry, context);
      return failedAll(task, result.retry, attempt);
    }
    await clock.sleep(delay, stop.signal);
  }
}
