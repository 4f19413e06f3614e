import { isoTime } from '../base/clock.ts';
import { microdollars } from '../base/money.ts';
import type { OpenAttempt } from '../store/store.ts';
import type { RunContext } from './context.ts';
import { writeEnd } from './write-end.ts';

/**
 * Ends what earlier processes left open at an agent that ended with them: it cost nothing and
 * nobody can ask for it. Only for who holds the pipeline's lock, since another process may be at work
 * on what is open; or on a store that forgets, where a plan says what the run will.
 */
export async function endLost(context: RunContext): Promise<void> {
  const { store, pipeline } = context;
  const lost: OpenAttempt[] = [];
  for (const open of await store.openAttempts()) {
    if (open.pipeline === pipeline.name && (await isLost(open, context))) lost.push(open);
  }
  await Promise.all(lost.map((open) => endOne(open, context)));
}

/** What its intent says counts as well: the agent's name may have been another one's then. */
async function isLost(
  { agent: name, asks, account, tag, held }: OpenAttempt,
  { agents }: RunContext,
): Promise<boolean> {
  if ([asks, account, tag, held].some((it) => it !== undefined)) return false;
  const agent = await agents.describe(name);
  return agent.ok && agent.value.ephemeral;
}

async function endOne(
  { attempt, agentRunId, intendedAt }: OpenAttempt,
  context: RunContext,
): Promise<void> {
  const nowMs = context.clock.now();
  await writeEnd(
    {
      type: 'attempt-ended',
      at: isoTime(nowMs),
      attempt,
      agentRunId: agentRunId ?? null,
      status: agentRunId === undefined ? 'not-created' : 'failed',
      stopReason: null,
      outcome: 'failed',
      failure: 'run-gone',
      message: 'it ended with the process that it was part of',
      reported: microdollars(0),
      usage: null,
      durationMs: nowMs - Date.parse(intendedAt),
    },
    [],
    context,
  );
}
