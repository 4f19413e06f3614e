import type { Clock } from '../base/clock.ts';

/**
 * Creates per second, evenly spaced after a first burst of one second's worth: what account limits
 * allow ("generic cell rate algorithm"). Standing in line costs nothing but a sleep.
 */
export class Pace {
  readonly #clock: Clock;
  readonly #spacingMs: number;
  readonly #burstMs: number;
  /** When the next one would be due without any burst. */
  #due = -Infinity;

  constructor(perSecond: number, clock: Clock) {
    this.#clock = clock;
    this.#spacingMs = 1_000 / perSecond;
    this.#burstMs = Math.max(0, 1_000 - this.#spacingMs);
  }

  /** Waits for its turn; look at the signal afterwards. */
  async turn(signal: AbortSignal): Promise<void> {
    const now = this.#clock.now();
    const due = Math.max(this.#due, now);
    this.#due = due + this.#spacingMs;
    const wait = due - this.#burstMs - now;
    if (wait > 0) await this.#clock.sleep(wait, signal);
  }
}
