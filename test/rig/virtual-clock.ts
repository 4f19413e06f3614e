import { setMaxListeners } from 'node:events';
import type { Clock } from '../../src/base/clock.ts';

interface Sleeper {
  readonly due: number;
  /** Sleepers of one instant wake in the order in which they lay down. */
  readonly order: number;
  wake: (() => void) | undefined;
}

/**
 * Time in the hands of a test: it stands still until told to move, and then moves from one sleeper
 * to the next, letting each one's work go as far as it can before the next wakes. With the same
 * program the same things happen in the same order, whatever the machine does meanwhile.
 */
export class VirtualClock implements Clock {
  #now: number;
  #order = 0;
  #sleeping = 0;
  readonly #heap: Sleeper[] = [];

  constructor(start: number | string = '2026-11-22T09:00:00.000Z') {
    this.#now = typeof start === 'number' ? start : Date.parse(start);
  }

  now(): number {
    return this.#now;
  }

  /** How many are asleep. */
  get sleepers(): number {
    return this.#sleeping;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (!(ms > 0) || signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const sleeper: Sleeper = { due: this.#now + ms, order: this.#order++, wake: undefined };
      const onAbort = (): void => sleeper.wake?.();
      sleeper.wake = () => {
        sleeper.wake = undefined;
        this.#sleeping--;
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      if (signal !== undefined) {
        setMaxListeners(0, signal);
        signal.addEventListener('abort', onAbort, { once: true });
      }
      this.#sleeping++;
      this.#push(sleeper);
    });
  }

  /** Moves time by `ms` and wakes whoever is due on the way. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (let due = this.#nextDue(); due !== undefined && due <= end; due = this.#nextDue()) {
      await this.#wakeAt(due);
    }
    this.#now = end;
  }

  /** Moves time until nobody sleeps any more. */
  async runUntilIdle(): Promise<void> {
    await settle();
    for (let due = this.#nextDue(); due !== undefined; due = this.#nextDue()) {
      await this.#wakeAt(due);
    }
  }

  /**
   * Moves time until `work` is done, and gives its outcome. While nobody sleeps it waits for the
   * outside world, so that `work` may use real sockets and files; and as long as `isBusy` says so,
   * whoever sleeps.
   */
  async drive<T>(work: Promise<T>, isBusy: () => boolean = () => false): Promise<T> {
    let over = false;
    const end = (): void => void (over = true);
    work.then(end, end);
    while (!over) {
      await settle();
      if (isBusy()) continue;
      const due = this.#nextDue();
      if (!over && due !== undefined) await this.#wakeAt(due);
    }
    return work;
  }

  async #wakeAt(due: number): Promise<void> {
    this.#now = due;
    while (this.#nextDue() === due) this.#pop()?.wake?.();
    await settle();
  }

  /** When the next one wakes, forgetting those that were woken by their signal. */
  #nextDue(): number | undefined {
    let first = this.#heap[0];
    while (first !== undefined && first.wake === undefined) {
      this.#pop();
      first = this.#heap[0];
    }
    return first?.due;
  }

  #push(sleeper: Sleeper): void {
    const heap = this.#heap;
    let at = heap.push(sleeper) - 1;
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = heap[up];
      if (parent === undefined || !isBefore(sleeper, parent)) break;
      heap[at] = parent;
      at = up;
    }
    heap[at] = sleeper;
  }

  #pop(): Sleeper | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return top;
    let at = 0;
    for (;;) {
      const left = heap[2 * at + 1];
      const right = heap[2 * at + 2];
      const least =
        right !== undefined && left !== undefined && isBefore(right, left) ? right : left;
      if (least === undefined || isBefore(last, least)) break;
      heap[at] = least;
      at = least === right ? 2 * at + 2 : 2 * at + 1;
    }
    heap[at] = last;
    return top;
  }
}

const isBefore = (a: Sleeper, b: Sleeper): boolean =>
  a.due < b.due || (a.due === b.due && a.order < b.order);

/** Lets everything run that needs no time: all promises, and one turn of the event loop. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
