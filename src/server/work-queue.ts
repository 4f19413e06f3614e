import type { LiveRun } from './live-run.ts';

/**
 * Active agent runs: those that wait for a worker, oldest first, and those that are worked on, of
 * which there are at most as many as workers. It also counts them by owner.
 */
export class WorkQueue {
  readonly #workers: number;
  readonly #work: (live: LiveRun) => Promise<void>;
  readonly #live = new Map<string, LiveRun>();
  readonly #waiting = new Set<LiveRun>();
  readonly #working = new Map<LiveRun, Promise<void>>();
  readonly #owned = new Map<string, number>();
  #paused = false;

  /** `work` must not reject. */
  constructor(workers: number, work: (live: LiveRun) => Promise<void>) {
    this.#workers = workers;
    this.#work = work;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  get working(): number {
    return this.#working.size;
  }

  get(id: string): LiveRun | undefined {
    return this.#live.get(id);
  }

  /** Active runs of an owner, with places held for runs that are being made. */
  countOf(owner: string): number {
    return this.#owned.get(owner) ?? 0;
  }

  /** Counts a run before it is written down, so that a limit holds among creates that race. */
  hold(owner: string): void {
    this.#owned.set(owner, this.countOf(owner) + 1);
  }

  /** Gives back what {@link hold} took. */
  release(owner: string): void {
    const left = this.countOf(owner) - 1;
    if (left > 0) this.#owned.set(owner, left);
    else this.#owned.delete(owner);
  }

  /** Takes over a place that was held. It is given back when the work is done or dropped. */
  add(live: LiveRun): void {
    this.#live.set(live.id, live);
    this.#waiting.add(live);
    this.#next();
  }

  /** Cancels it, wherever it is. */
  cancel(id: string): void {
    const live = this.#live.get(id);
    if (live === undefined) return;
    live.cancel();
    if (this.#waiting.delete(live)) this.#forget(live);
  }

  /** Nothing new begins. */
  pause(): void {
    this.#paused = true;
  }

  /** Resolves when nothing is worked on any more. */
  async idle(): Promise<void> {
    while (this.#working.size > 0) await Promise.all(this.#working.values());
  }

  /** Ends the work on everything; what the runs are in the store they stay. */
  abandon(): void {
    for (const { id } of Array.from(this.#live.values())) this.cancel(id);
  }

  #next(): void {
    while (!this.#paused && this.#working.size < this.#workers) {
      const [live] = this.#waiting;
      if (live === undefined) return;
      this.#waiting.delete(live);
      const work = this.#work(live).then(() => {
        this.#working.delete(live);
        this.#forget(live);
        this.#next();
      });
      this.#working.set(live, work);
    }
  }

  #forget(live: LiveRun): void {
    this.#live.delete(live.id);
    this.release(live.owner);
  }
}
