import { isTerminal, type AgentRequest, type AgentRun } from '../agent.ts';
import type { Continuation } from './answer/question.ts';

/** An agent run in the memory of this process. */
export interface LocalRun {
  run: AgentRun;
  readonly abort: AbortController;
  /** Settles when the run is terminal; never rejects. */
  done: Promise<void>;
  continuation: Continuation | undefined;
}

/**
 * Agent runs by id. Of those that ended only the newest are kept, so that a pipeline of a million
 * tasks runs in flat memory; an active run is never dropped.
 */
export class RunRegistry {
  /** In the order they were made. */
  readonly #runs = new Map<string, LocalRun>();
  readonly #kept: number;

  constructor(kept: number) {
    this.#kept = kept;
  }

  get(id: string): LocalRun | undefined {
    return this.#runs.get(id);
  }

  add(run: LocalRun): void {
    this.#runs.set(run.run.id, run);
    if (this.#runs.size <= this.#kept) return;
    for (const [id, { run: old }] of this.#runs) {
      if (!isTerminal(old)) continue;
      this.#runs.delete(id);
      if (this.#runs.size <= this.#kept) return;
    }
  }

  /** Newest first. */
  newest(): readonly LocalRun[] {
    return [...this.#runs.values()].reverse();
  }
}

/** A run that was just made. */
export function startedRun(id: string, createdAt: string, request: AgentRequest): AgentRun {
  return {
    id,
    status: 'running',
    stopReason: null,
    createdAt,
    completedAt: null,
    request,
    output: { text: '', structured: null, grounding: [] },
    usage: { agentComputeUnits: 0, searches: 0, emails: 0, phoneNumbers: 0 },
    costDollars: { total: 0, agentCompute: 0, search: 0, emails: 0, phoneNumbers: 0 },
  };
}
