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

/** Whether a run may start more work; once stopped it stays stopped, for the first cause. */
export class Stop {
  #cause: StopCause | undefined;
  #message = '';

  get cause(): StopCause | undefined {
    return this.#cause;
  }

  get message(): string {
    return this.#message;
  }

  now(cause: StopCause, message: string): void {
    if (this.#cause !== undefined) return;
    this.#cause = cause;
    this.#message = message;
  }
}
