import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { fail, type Result } from '../base/result.ts';
import { uniform } from '../http/backoff.ts';
import { isTerminal, type AgentProblem, type AgentRun } from './agent.ts';
import { firstPollMs, nextPollMs } from './poll.ts';
import { hasUnknownStatus, staysUnknown, UNKNOWN_STATUS_MS } from './unknown-status.ts';

/** One look at an agent run: its state, or why it could not be seen. */
export interface Look {
  readonly outcome: Result<AgentRun, AgentProblem>;
  /** What the server asked us to wait until the next one. */
  readonly retryAfterMs?: number;
}

export interface Wait {
  readonly look: () => Promise<Look>;
  /** When this process created the run; undefined when an earlier one did. */
  readonly begunAt: number | undefined;
  /** How long such runs take. */
  readonly typicalMs: number | undefined;
  readonly clock: Clock;
  readonly random: Random;
  /** Sleeps so long, unless there is news or nobody waits any more. */
  readonly pause: (ms: number) => Promise<void>;
}

/** Reads may lag behind a create, and answer 404 meanwhile: three in a row, over two minutes. */
const MISSING_TRIES = 3;
const MISSING_PAUSE_MS = 60_000;
/** A status that nobody knows may be a slip: it is given up after so many looks in a row. */
const UNKNOWN_TRIES = 3;

/**
 * Looks until the run is terminal, or cannot be seen any more. It has no deadline of its own: how
 * long an agent run may take is the caller's decision, made known by the signal.
 */
export async function waitForRun(wait: Wait): Promise<Result<AgentRun, AgentProblem>> {
  const { clock, begunAt } = wait;
  const start = clock.now();
  // A run of an earlier process may have ended long ago: its first look is at once.
  let pause = begunAt === undefined ? 0 : firstPollMs(wait.typicalMs, start - begunAt);
  let missing = 0;
  let unknown = 0;
  for (;;) {
    await wait.pause(pause);
    const { outcome, retryAfterMs = 0 } = await wait.look();
    if (outcome.ok) {
      if (isTerminal(outcome.value)) return outcome;
      const elapsed = clock.now() - (begunAt ?? beginOf(outcome.value, start));
      unknown = hasUnknownStatus(outcome.value) ? unknown + 1 : 0;
      if (unknown >= UNKNOWN_TRIES && elapsed > UNKNOWN_STATUS_MS) {
        return fail(staysUnknown(outcome.value));
      }
      missing = 0;
      pause = Math.max(retryAfterMs, nextPollMs(pause, elapsed, uniform(wait.random)));
    } else {
      if (outcome.error.kind !== 'not-found' || ++missing >= MISSING_TRIES) return outcome;
      pause = MISSING_PAUSE_MS;
    }
  }
}

/** When the run began by its own account, unless that is no date or in the future. */
function beginOf(run: AgentRun, latest: number): number {
  const created = Date.parse(run.createdAt);
  return Number.isNaN(created) ? latest : Math.min(created, latest);
}
