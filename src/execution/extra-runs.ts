import { isTerminal, type AgentBackend, type AgentRun } from '../agent/agent.ts';
import { isoTime, type Clock } from '../base/clock.ts';
import { attemptId } from '../base/ids.ts';
import { formatMoney, fromDollars } from '../base/money.ts';
import type { Random } from '../base/random.ts';
import type { OpenAttempt, Store } from '../store/store.ts';
import type { Emit } from './events.ts';

/**
 * Books an agent run that one attempt has beside its own, as an attempt that asked for nothing:
 * something between us and the agent sent the request twice. Cancels it where it still works.
 */
export async function bookExtra(
  extra: AgentRun,
  of: OpenAttempt,
  agent: AgentBackend,
  {
    store,
    clock,
    random,
    emit,
    signal,
  }: { store: Store; clock: Clock; random: Random; emit: Emit; signal: AbortSignal },
): Promise<void> {
  const { intendedAt, agentRunId: _, held: __, ...intent } = of;
  const attempt = attemptId(random);
  const at = isoTime(clock.now());
  await store.intend({ ...intent, type: 'attempt-intended', at, attempt, fingerprints: [] });
  await store.created({
    type: 'attempt-created',
    at,
    attempt,
    agentRunId: extra.id,
    found: 'listed',
  });
  const cancelled = isTerminal(extra) ? undefined : await agent.cancel(extra.id, signal);
  const run = cancelled?.ok === true ? cancelled.value : extra;
  const cost = run.costDollars === undefined ? null : fromDollars(run.costDollars.total);
  emit({
    type: 'warning',
    step: of.step,
    task: of.task,
    message: `agent run ${extra.id} was made by the same request as another one and cost ${
      cost === null || !isTerminal(run) ? 'an unknown amount' : formatMoney(cost)
    }`,
  });
  // Still at work: it stays open, and the next run of the pipeline looks at it again.
  if (!isTerminal(run)) return;
  await store.settle(
    {
      type: 'attempt-ended',
      at: isoTime(clock.now()),
      attempt,
      agentRunId: run.id,
      status: run.status,
      stopReason: run.stopReason,
      outcome: 'failed',
      failure: 'duplicate',
      message: `made by the same request as the agent run of attempt ${of.attempt}`,
      reported: cost,
      usage: { ...run.usage },
      durationMs: Math.max(0, clock.now() - Date.parse(intendedAt)),
    },
    [],
  );
}
