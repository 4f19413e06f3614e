/** Time as the program sees it. Below the command line nobody asks the machine itself. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
  /** Resolves after `ms`, or at once when `signal` aborts. Never rejects: look at the signal. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

let last = { ms: NaN, text: '' };

/** ISO-8601 in UTC with milliseconds, the form of every stored time. */
export function isoTime(ms: number): string {
  // Several events share a millisecond; writing a date out is dear where there are thousands.
  if (ms !== last.ms) last = { ms, text: new Date(ms).toISOString() };
  return last.text;
}
