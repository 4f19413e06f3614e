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
  /** Of agents that were too busy once: how many went on at once before that. */
  readonly #widths = new Map<string, number>();
  readonly #served = new Map<string, number>();
  #agentRuns = 0;

  constructor(limits: {
    readonly all: number;
    readonly steps?: ReadonlyMap<string, number>;
    readonly agents?: ReadonlyMap<string, number>;
  }) {
    this.#all = pLimit(limits.all);
    for (const [step, limit] of limits.steps ?? []) this.#steps.set(step, pLimit(limit));
    for (const [agent, limit] of limits.agents ?? []) this.#agents.set(agent, pLimit(limit));
  }

  /** Agent runs that are being created or waited for. */
  get agentRuns(): number {
    return this.#agentRuns;
  }

  /** Counts an agent run as under way meanwhile. */
  async whileUnderWay<T>(wait: () => Promise<T>): Promise<T> {
    this.#agentRuns++;
    try {
      return await wait();
    } finally {
      this.#agentRuns--;
    }
  }

  /** The most that one step can have under way. */
  widest(step: string, agent: string): number {
    const own = this.#steps.get(step)?.concurrency ?? Infinity;
    const shared = this.#agents.get(agent)?.concurrency ?? Infinity;
    return Math.min(this.#all.concurrency, own, shared);
  }

  /** The agent has no place for so many at once: one less from now on. */
  narrow(agent: string): void {
    const limit = this.#limitOf(agent);
    if (!this.#widths.has(agent)) this.#widths.set(agent, limit.concurrency);
    this.#served.delete(agent);
    limit.concurrency = Math.max(1, limit.concurrency - 1);
  }

  /** An agent run has ended well: after as many as go on at once, one more is tried again. */
  widen(agent: string): void {
    const limit = this.#agents.get(agent);
    const width = this.#widths.get(agent);
    if (limit === undefined || width === undefined || limit.concurrency >= width) return;
    const served = (this.#served.get(agent) ?? 0) + 1;
    const isEnough = served >= limit.concurrency;
    this.#served.set(agent, isEnough ? 0 : served);
    if (isEnough) limit.concurrency++;
  }

  use<T>(step: string, agent: string, work: () => Promise<T>): Promise<T> {
    const byAgent = this.#limitOf(agent);
    const byStep = this.#steps.get(step);
    const all = (): Promise<T> => this.#all(work);
    const agents = (): Promise<T> => byAgent(all);
    return byStep === undefined ? agents() : byStep(agents);
  }

  /** There from its first use on: what is under way counts once there are fewer places. */
  #limitOf(agent: string): LimitFunction {
    let limit = this.#agents.get(agent);
    if (limit === undefined) this.#agents.set(agent, (limit = pLimit(this.#all.concurrency)));
    return limit;
  }
}
