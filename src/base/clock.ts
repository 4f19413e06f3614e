/** Time as the program sees it. Below the command line nobody asks the machine itself. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
  /** Resolves after `ms`, or at once when `signal` aborts. Never rejects: look at the signal. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** ISO-8601 in UTC with milliseconds, the form of every stored time. */
export const isoTime = (ms: number): string => new Date(ms).toISOString();
