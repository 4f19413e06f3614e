const MINUTE = 60_000;
/** A documented agent run ends within an hour. */
const TOO_LATE_MS: number = 90 * MINUTE;
/** So much time in a queue does not count. */
const QUEUED_MS: number = 30 * MINUTE;

/** How long an agent run may work where its step says so, or where it says nothing. */
export const limitMs = (timeoutMs: number | undefined): number => timeoutMs ?? TOO_LATE_MS;

/**
 * When an agent run is given up that began at `startedMs` and was last seen in a queue at
 * `queuedMs`. Its time counts from when it works: how long it stands in a queue is decided by how
 * much else the account has under way. So nothing is given up in a queue before half an hour has
 * passed, and what stands there for ever is given up in the end.
 */
export function givenUpAtMs(
  startedMs: number,
  queuedMs: number | undefined,
  timeoutMs: number | undefined,
): number {
  const queued = Math.min(Math.max(0, (queuedMs ?? startedMs) - startedMs), QUEUED_MS);
  return startedMs + queued + limitMs(timeoutMs);
}
