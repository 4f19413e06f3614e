import pLimit, { type LimitFunction } from 'p-limit';

/**
 * How many agent runs go on at once: over all steps, in one step, and for one agent.
 *
 * The narrower limit is taken first, so that a step that has used up its own share does not hold
 * places which another step could use.
 */
export class Slots {
  readonly #all: LimitFunction;
  readonly #steps = new Map<string, LimitFunction>();
  readonly #agents = new Map<string, LimitFunction>();

  constructor(limits: {
    readonly all: number;
    readonly steps?: ReadonlyMap<string, number>;
    readonly agents?: ReadonlyMap<string, number>;
  }) {
    this.#all = pLimit(limits.all);
    for (const [step, limit] of limits.steps ?? []) this.#steps.set(step, pLimit(limit));
    for (const [agent, limit] of limits.agents ?? []) this.#agents.set(agent, pLimit(limit));
  }

  /** The most that one step can have under way. */
  widest(step: string, agent: string): number {
    const own = this.#steps.get(step)?.concurrency ?? Infinity;
    const shared = this.#agents.get(agent)?.concurrency ?? Infinity;
    return Math.min(this.#all.concurrency, own, shared);
  }

  use<T>(step: string, agent: string, work: () => Promise<T>): Promise<T> {
    const byAgent = this.#agents.get(agent);
    const byStep = this.#steps.get(step);
    const all = (): Promise<T> => this.#all(work);
    const agents = byAgent === undefined ? all : (): Promise<T> => byAgent(all);
    return byStep === undefined ? agents() : byStep(agents);
  }
}
