import type { AnswerId, AttemptEnded, NewAnswer } from '../store/store.ts';
import { StoreError } from '../store/store-problem.ts';
import type { RunContext } from './context.ts';
import { stopForThrown } from './stop-for-thrown.ts';

type EndContext = Pick<RunContext, 'store' | 'clock' | 'stop'>;

/** An answer that was paid for waits so long for room on the disk. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = 2_000;

/**
 * Makes the end of an attempt durable. Where the disk is full it is tried again for a minute: the
 * answer is at hand, and somebody may make room. Nothing more is bought meanwhile. After that the
 * store's error is thrown; the attempt stays open with its agent run's id, so the next run asks for
 * the answer again.
 */
export async function writeEnd(
  entry: AttemptEnded,
  answers: readonly NewAnswer[],
  context: EndContext,
): Promise<readonly AnswerId[]> {
  try {
    return await context.store.settle(entry, answers);
  } catch (error) {
    if (!isFull(error)) throw error;
    return writeWithRoom(entry, answers, context);
  }
}

async function writeWithRoom(
  entry: AttemptEnded,
  answers: readonly NewAnswer[],
  { store, clock, stop }: EndContext,
): Promise<readonly AnswerId[]> {
  const begunMs = clock.now();
  const release = stop.hold();
  try {
    for (;;) {
      await clock.sleep(PAUSE_MS);
      try {
        return await store.settle(entry, answers);
      } catch (error) {
        if (isFull(error) && clock.now() - begunMs < PATIENCE_MS) continue;
        // Before those who are held back look whether they may start.
        stopForThrown(error, stop);
        throw error;
      }
    }
  } finally {
    release();
  }
}

const isFull = (error: unknown): boolean =>
  error instanceof StoreError && error.problem.kind === 'no-space';
