import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFailure, failure, waitFailure } from '../../src/execution/failure.ts';
import { retryDelay } from '../../src/execution/retry.ts';

const POLICY = {
  maximumAttempts: 6,
  initialIntervalMs: 1_000,
  backoffCoefficient: 2,
  maximumIntervalMs: 10_000,
};
const busy = failure('rate-limited', 'busy', true);

describe('the delay before another attempt', () => {
  test('grows as in the retry policy of Temporal, up to its cap', () => {
    const delays = [1, 2, 3, 4, 5, 6, 7].map((attempt) => retryDelay(POLICY, attempt, busy));
    expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, undefined, undefined]);
  });

  test('with a coefficient of one is always the same', () => {
    const policy = { ...POLICY, backoffCoefficient: 1 };
    expect([1, 2, 5].map((n) => retryDelay(policy, n, busy))).toEqual([1_000, 1_000, 1_000]);
  });

  test('is at least what the agent asked for, even past the cap of the policy', () => {
    const asked = (retryAfterMs: number): number | undefined =>
      retryDelay(POLICY, 1, { ...busy, retryAfterMs });
    expect([asked(0), asked(500), asked(30_000)]).toEqual([1_000, 1_000, 30_000]);
  });

  test('is never longer than ten minutes because an agent asks', () => {
    expect(retryDelay(POLICY, 1, { ...busy, retryAfterMs: 86_400_000 })).toBe(600_000);
    expect(retryDelay(POLICY, 1, { ...busy, retryAfterMs: Infinity })).toBe(600_000);
  });

  test('stays a number however often it grew', () => {
    const policy = { ...POLICY, maximumAttempts: 1e9, backoffCoefficient: 100 };
    expect(retryDelay(policy, 100_000, busy)).toBe(10_000);
  });

  test('is there only for what is worth another attempt, and never shrinks', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 20 }),
        (most, attempt) => {
          const policy = { ...POLICY, maximumAttempts: most };
          const delay = retryDelay(policy, attempt, busy);
          expect(delay === undefined).toBe(attempt >= most);
          expect(retryDelay(policy, attempt, failure('rejected', 'no'))).toBeUndefined();
          const next = retryDelay(policy, attempt + 1, busy);
          if (next !== undefined) expect(next).toBeGreaterThanOrEqual(delay ?? Infinity);
        },
      ),
    );
  });
});

describe('a failure', () => {
  const problem = { message: 'm', mayHaveCreated: false } as const;

  test.each([
    ['rejected', 'rejected', false],
    ['unauthorized', 'unauthorized', false],
    ['credit-exhausted', 'credit-exhausted', false],
    ['rate-limited', 'rate-limited', true],
    ['unreachable', 'unreachable', true],
    ['bad-response', 'bad-response', false],
    ['not-found', 'run-gone', false],
    ['no-recording', 'no-recording', false],
    ['cancelled', 'cancelled', false],
    ['misconfigured', 'misconfigured', false],
    ['output-too-large', 'output-too-large', false],
  ] as const)('of a create, %s, is %s; retried: %s', (kind, failed, retryable) => {
    expect(createFailure({ ...problem, kind })).toMatchObject({ kind: failed, retryable });
    expect(waitFailure({ ...problem, kind })).toMatchObject({ kind: failed, retryable: false });
  });
});
