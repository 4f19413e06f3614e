import type { RetryPolicy } from '../pipeline/pipeline.ts';
import type { Failure } from './failure.ts';

/** No longer wait than this, whatever an agent asks. */
const LONGEST_ASKED_MS = 600_000;

/**
 * Milliseconds until the next attempt, or undefined to give up. `attempt` counts from 1.
 *
 * The interval grows as in Temporal's retry policy; where the agent named a time, the longer holds.
 */
export function retryDelay(
  policy: RetryPolicy,
  attempt: number,
  failure: Failure,
): number | undefined {
  if (!failure.retryable || attempt >= policy.maximumAttempts) return undefined;
  const grown = policy.initialIntervalMs * policy.backoffCoefficient ** (attempt - 1);
  const own = Math.min(grown, policy.maximumIntervalMs);
  return Math.max(own, Math.min(failure.retryAfterMs ?? 0, LONGEST_ASKED_MS));
}
