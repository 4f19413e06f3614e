import type { RetryPolicy } from '../pipeline/pipeline.ts';
import type { Failure } from './failure.ts';
import { retryDelay } from './retry.ts';

/** Creates of one task that came to nothing though they may have been sent. */
const MOST_ABSENT = 2;

/**
 * How often one task has been tried, and whether once more makes sense. A create that was turned
 * down is no attempt: how long that goes on is a matter of the agent's health.
 */
export class Tries {
  readonly #policy: RetryPolicy;
  #attempts = 0;
  #turnedDown = 0;
  #absent = 0;
  #parent = 0;

  constructor(policy: RetryPolicy) {
    this.#policy = policy;
  }

  /** Milliseconds until the next try; undefined to give up. */
  delay(failure: Failure): number | undefined {
    if (!failure.retryable) return undefined;
    switch (failure.again) {
      case 'turned-down':
        return this.#grown(++this.#turnedDown, failure);
      case 'absent':
        return ++this.#absent < MOST_ABSENT ? this.#grown(this.#absent, failure) : undefined;
      case 'parent':
        return ++this.#parent === 1 ? this.#grown(1, failure) : undefined;
      case undefined:
        this.#turnedDown = 0;
        return retryDelay(this.#policy, ++this.#attempts, failure);
    }
  }

  #grown(nth: number, failure: Failure): number | undefined {
    return retryDelay({ ...this.#policy, maximumAttempts: Infinity }, nth, failure);
  }
}
