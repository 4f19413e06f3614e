import { setMaxListeners } from 'node:events';
import type { AgentUsage } from '../agent/agent.ts';
import { NO_USAGE } from './accounting.ts';

/** Why a run is asked to finish with what it has. The words are the contract's stop reasons. */
export type FinishReason = 'stopped' | 'time_limit_reached' | 'budget_reached';

/** An active agent run as this process holds it. */
export class LiveRun {
  readonly owner: string;
  readonly id: string;
  readonly #cancelled = new AbortController();
  readonly #finish = new AbortController();
  #finishReason: FinishReason | undefined;
  /** What was used so far. */
  usage: AgentUsage = NO_USAGE;
  /** Settles when all that was to be shown on the way is written. */
  notes: Promise<unknown> = Promise.resolve();

  constructor(owner: string, id: string) {
    this.owner = owner;
    this.id = id;
    // Each run has several who wait for its end.
    setMaxListeners(0, this.#cancelled.signal, this.#finish.signal);
  }

  /** Aborts when nobody wants the outcome any more. */
  get cancelled(): AbortSignal {
    return this.#cancelled.signal;
  }

  /** Aborts when the engine should end soon. */
  get finish(): AbortSignal {
    return this.#finish.signal;
  }

  get finishReason(): FinishReason | undefined {
    return this.#finishReason;
  }

  cancel(): void {
    this.#cancelled.abort();
  }

  /** The first reason stands. */
  askToFinish(reason: FinishReason): void {
    this.#finishReason ??= reason;
    this.#finish.abort();
  }
}
