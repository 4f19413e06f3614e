/** Why a run starts nothing more. */
export type StopCause =
  | 'interrupted'
  | 'budget'
  | 'unauthorized'
  | 'credit-exhausted'
  | 'unreachable'
  /** A record failed in a step with `on_error: stop`. */
  | 'on-error'
  /** The state could not be read or written. */
  | 'state'
  | 'bug';

/** So many creates in doubt one after another, and the run ends: each may have cost money. */
const MOST_DOUBTS = 3;

/** Whether a run may start more work; once stopped it stays stopped, for the first cause. */
export class Stop {
  #cause: StopCause | undefined;
  #message = '';
  #doubts = 0;

  get cause(): StopCause | undefined {
    return this.#cause;
  }

  get message(): string {
    return this.#message;
  }

  /** A create of which nobody knows whether it went through. */
  doubt(message: string): void {
    this.#doubts++;
    if (this.#doubts >= MOST_DOUBTS) this.now('unreachable', message);
  }

  /** A create went through: the agent is there. */
  certain(): void {
    this.#doubts = 0;
  }

  now(cause: StopCause, message: string): void {
    if (this.#cause !== undefined) return;
    this.#cause = cause;
    this.#message = message;
  }
}
