import type { AnswerId, AttemptEnded, NewAnswer } from '../store/store.ts';
import { StoreError } from '../store/store-problem.ts';
import type { RunContext } from './context.ts';

/** An answer that was paid for waits so long for room on the disk. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 2_000;

/**
 * Makes the end of an attempt durable. Where the disk is full it is tried again for a minute: the
 * answer is at hand, and somebody may make room. After that the store's error is thrown; the
 * attempt stays open with its agent run's id, so the next run asks for the answer again.
 */
export async function writeEnd(
  entry: AttemptEnded,
  answers: readonly NewAnswer[],
  { store, clock }: Pick<RunContext, 'store' | 'clock'>,
): Promise<readonly AnswerId[]> {
  const begunMs = clock.now();
  for (;;) {
    try {
      return await store.settle(entry, answers);
    } catch (error) {
      const isFull = error instanceof StoreError && error.problem.kind === 'no-space';
      if (!isFull || clock.now() - begunMs >= PATIENCE_MS) throw error;
      await clock.sleep(PAUSE_MS);
    }
  }
}
