import { setMaxListeners } from 'node:events';

/**
 * Does `work` with a signal that aborts as soon as one of `signals` does, for its reason.
 *
 * In the place of `AbortSignal.any`, of which something stays with signals that live longer: here
 * nothing is left of it once the work is done.
 */
export async function untilAny<T>(
  signals: readonly AbortSignal[],
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const either = new AbortController();
  // Many may wait for one signal at a time; that is no leak.
  setMaxListeners(0, either.signal, ...signals);
  const listeners = signals.map((signal) => {
    const abort = (): void => either.abort(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    return () => signal.removeEventListener('abort', abort);
  });
  try {
    return await work(either.signal);
  } finally {
    for (const leave of listeners) leave();
  }
}
