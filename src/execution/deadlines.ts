import type { Clock } from '../base/clock.ts';

/** A signal that aborts when its time has come, or when the signal above it does. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** When it will be met, or was. */
  readonly atMs: number;
  /** Moves it further off; a time before its own changes nothing, nor does any once it was met. */
  postpone(atMs: number): void;
  /** To be called once nobody listens any more; the signal never aborts after that. */
  close(): void;
}

interface Timed {
  readonly controller: AbortController;
  atMs: number;
}

/**
 * Many deadlines with one sleep. Hundreds of agent runs are waited for at once and nearly all end
 * long before their time, so a deadline that is not met costs no timer and no error object.
 */
export class Deadlines {
  readonly #clock: Clock;
  readonly #above: AbortSignal;
  readonly #open = new Set<Timed>();
  /** Never aborted and listened to by nobody: good for the next one. */
  readonly #spare: AbortController[] = [];
  readonly #abortAll = (): void => {
    for (const { controller } of this.#open) controller.abort(this.#above.reason);
  };
  #sleep: { readonly untilMs: number; readonly wake: AbortController } | undefined;

  constructor(clock: Clock, above: AbortSignal) {
    this.#clock = clock;
    this.#above = above;
  }

  /** A time in the past is met in a moment, not at once. */
  at(atMs: number): Deadline {
    const timed: Timed = { controller: this.#spare.pop() ?? new AbortController(), atMs };
    const { controller } = timed;
    if (this.#open.size === 0) this.#above.addEventListener('abort', this.#abortAll);
    this.#open.add(timed);
    if (this.#above.aborted) controller.abort(this.#above.reason);
    else this.#sleepUntil(atMs);
    return {
      signal: controller.signal,
      get atMs(): number {
        return timed.atMs;
      },
      // The sleep may come too early for it now, and then looks again.
      postpone: (laterMs) => {
        if (!controller.signal.aborted) timed.atMs = Math.max(timed.atMs, laterMs);
      },
      close: () => {
        this.#close(timed);
      },
    };
  }

  #close(timed: Timed): void {
    if (!this.#open.delete(timed)) return;
    if (!timed.controller.signal.aborted) this.#spare.push(timed.controller);
    if (this.#open.size > 0) return;
    this.#above.removeEventListener('abort', this.#abortAll);
    // Nothing is waited for: a sleep that goes on would keep the process.
    this.#sleep?.wake.abort();
    this.#sleep = undefined;
  }

  #sleepUntil(untilMs: number): void {
    if (this.#sleep !== undefined && this.#sleep.untilMs <= untilMs) return;
    this.#sleep?.wake.abort();
    const wake = new AbortController();
    this.#sleep = { untilMs, wake };
    void this.#clock.sleep(Math.max(0, untilMs - this.#clock.now()), wake.signal).then(() => {
      if (!wake.signal.aborted) this.#wakeUp();
    });
  }

  #wakeUp(): void {
    this.#sleep = undefined;
    const now = this.#clock.now();
    let next = Infinity;
    for (const { controller, atMs } of this.#open) {
      if (controller.signal.aborted) continue;
      if (atMs <= now) controller.abort(OVER);
      else next = Math.min(next, atMs);
    }
    if (next < Infinity) this.#sleepUntil(next);
  }
}

/** In the place of an error object, which nobody would read. */
const OVER = 'over';
