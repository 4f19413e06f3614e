import { isTerminal, type AgentRun } from './agent.ts';
import { Durations } from './poll.ts';

/** What is known of a run from its create until its wait. */
export interface Begun {
  readonly at: number;
  readonly effort: string;
  /** A server may be done before it answers; then nobody needs to ask again. */
  readonly finished: AgentRun | undefined;
}

/** Runs created and not yet waited for, remembered to time the first look. */
const REMEMBERED_RUNS = 10_000;

/** Agent runs that this process began, and how long such runs take. */
export class BegunRuns {
  readonly #runs = new Map<string, Begun>();
  readonly #durations = new Durations();

  add(run: AgentRun, effort: string | undefined, at: number): void {
    if (this.#runs.size >= REMEMBERED_RUNS) {
      for (const oldest of this.#runs.keys()) {
        this.#runs.delete(oldest);
        break;
      }
    }
    const finished = isTerminal(run) ? run : undefined;
    this.#runs.set(run.id, { at, effort: effort ?? '', finished });
  }

  find(id: string): Begun | undefined {
    return this.#runs.get(id);
  }

  /** It ended, or cannot be seen: times are taken from the server, whose clock is one. */
  end(id: string, run: AgentRun | undefined): void {
    const begun = this.#runs.get(id);
    this.#runs.delete(id);
    // One that an earlier process began tells how long nobody looked, not how long such runs take.
    if (begun === undefined || run?.status !== 'completed' || run.completedAt === null) return;
    this.#durations.add(begun.effort, Date.parse(run.completedAt) - Date.parse(run.createdAt));
  }

  typicalMs(begun: Begun | undefined): number | undefined {
    return begun === undefined ? undefined : this.#durations.typical(begun.effort);
  }
}
