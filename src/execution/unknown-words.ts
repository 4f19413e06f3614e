import type { AgentRun } from '../agent/agent.ts';
import { maskedLine } from '../http/problem.ts';
import type { Emit } from './events.ts';

/** Why an agent run may have stopped, by any version of the contract. */
const STOP_REASONS: ReadonlySet<string> = new Set([
  'schema_satisfied',
  'budget_reached',
  'time_limit_reached',
  'timeout_partial',
  'stopped',
  'error',
  'cancelled',
]);

/** Of one server so many are told; with more it makes them up. */
const MOST_TOLD = 10;

/** The task whose agent run it is. */
interface Of {
  readonly step: string;
  readonly task: string;
}

/**
 * Words of an agent that the contract does not have. They are kept as they came; each is told once
 * in a run, because this program may be older than the agent.
 */
export class UnknownWords {
  readonly #emit: Emit;
  readonly #told = new Set<string>();

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  /** Of an agent run that goes on with a status that nobody knows. */
  status({ id, status }: AgentRun, of: Of): void {
    const word = shown(status);
    this.#tell(of, `agent run ${id} has an unknown status, ${word}; it is taken to go on`);
  }

  /** Of one that ended; a reason that is known, or none, is not told. */
  stopReason({ id, stopReason }: AgentRun, of: Of): void {
    if (stopReason === null || STOP_REASONS.has(stopReason)) return;
    const word = shown(stopReason);
    this.#tell(of, `agent run ${id} ended for an unknown reason, ${word}; it is kept as it is`);
  }

  #tell({ step, task }: Of, message: string): void {
    const word = message.replace(/^agent run \S+ /, '');
    if (this.#told.has(word) || this.#told.size >= MOST_TOLD) return;
    this.#told.add(word);
    this.#emit({ type: 'warning', step, task, message });
  }
}

const shown = (word: string): string => `"${maskedLine(word, undefined, 60)}"`;
