import { setMaxListeners } from 'node:events';
import { Pulse } from '../base/pulse.ts';

/** Why a run starts nothing more. */
export type StopCause =
  /** A person asked. */
  | 'interrupted'
  /** The machine asked. */
  | 'terminated'
  | 'budget'
  /** The runs before it died one after another. */
  | 'crash-loop'
  | 'unauthorized'
  | 'credit-exhausted'
  | 'unreachable'
  /** The agent has had no place for another agent run for too long. */
  | 'rate-limited'
  /** How the agent or the step is set up makes every request fail. */
  | 'misconfigured'
  /** A record failed in a step with `on_error: stop`. */
  | 'on-error'
  /** The state could not be read or written. */
  | 'state'
  | 'bug';

/** Whether a run may start more work. Once stopped it stays stopped, for the first cause. */
export class Stop {
  #cause: StopCause | undefined;
  #message = '';
  readonly #starting = new AbortController();
  readonly #sending = new AbortController();
  #holds = 0;
  readonly #released = new Pulse();

  constructor() {
    // Every task that waits for something listens to them.
    setMaxListeners(0, this.#starting.signal, this.#sending.signal);
  }

  get cause(): StopCause | undefined {
    return this.#cause;
  }

  get message(): string {
    return this.#message;
  }

  /** Aborts with the stop, for whoever waits to start something. */
  get signal(): AbortSignal {
    return this.#starting.signal;
  }

  /**
   * Aborts when somebody asks for the end, for what is about to be sent: any other stop lets what
   * has its money reserved go through.
   */
  get sending(): AbortSignal {
    return this.#sending.signal;
  }

  /** Lets nothing more start until what it gives is called. */
  hold(): () => void {
    this.#holds++;
    return () => {
      this.#holds--;
      this.#released.beat();
    };
  }

  /** Waits until nobody holds the start of more work back. The run may have stopped meanwhile. */
  async free(): Promise<void> {
    while (this.#holds > 0) await this.#released.next;
  }

  now(cause: StopCause, message: string): void {
    if (cause === 'interrupted' || cause === 'terminated') this.#sending.abort();
    if (this.#cause !== undefined) return;
    this.#cause = cause;
    this.#message = message;
    this.#starting.abort();
  }
}
