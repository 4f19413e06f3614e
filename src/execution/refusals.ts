import type { Stop } from './stop.ts';

/** So many tasks of a step are refused for one cause before any is taken, and the rest would be too. */
const FIRST_TASKS = 3;

/** Requests that agents refuse, by step: what is wrong with all of them is wrong with the step. */
export class Refusals {
  readonly #stop: Stop;
  /** Undefined once a request of the step was taken, or two were refused for different causes. */
  readonly #steps = new Map<string, { cause: string; count: number } | undefined>();

  constructor(stop: Stop) {
    this.#stop = stop;
  }

  /** An agent took a request of the step. */
  taken(step: string): void {
    this.#steps.set(step, undefined);
  }

  refused(step: string, cause: string): void {
    if (!this.#steps.has(step)) this.#steps.set(step, { cause, count: 0 });
    const first = this.#steps.get(step);
    if (first === undefined) return;
    if (first.cause !== cause) return this.taken(step);
    first.count++;
    if (first.count < FIRST_TASKS) return;
    this.#stop.now('misconfigured', `every request of step ${step} is refused: ${cause}`);
  }
}
