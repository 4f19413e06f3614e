import { getEventListeners, setMaxListeners } from 'node:events';
import { EXIT, type ExitCode, type StopRequest } from './io.ts';

/** What stop requests need from the process. */
export interface StopRequestsOptions {
  /** Milliseconds that never go back. */
  readonly now: () => number;
  /** Ends the process at once. */
  readonly exit: (code: ExitCode) => void;
  /** Calls back once `ms` have passed; does not keep the process alive. */
  readonly later: (ms: number, work: () => void) => void;
  /** Started by `npm run`, `npx` or the like. */
  readonly hasRunner: boolean;
}

/** A machine that ends processes gives them this long before it kills them, at the least. */
const DETACH_MS = 4_500;
/** A package runner passes a Ctrl-C on that the terminal has sent to both of us. */
const SAME_PRESS_MS = 500;
const MOST_PRESSES = 3;

/**
 * Requests to stop, counted: the third Ctrl-C ends the process whatever it does, and so does a
 * machine's request that was not followed in time. Nothing is lost then: the state is on disk
 * before anything happens, and files appear whole or not at all.
 */
export class StopRequests {
  readonly #options: StopRequestsOptions;
  readonly #abort = new AbortController();
  readonly #listeners = new Set<(request: StopRequest) => void>();
  #presses = 0;
  #lastPress = -Infinity;
  #first: StopRequest | undefined;

  constructor(options: StopRequestsOptions) {
    this.#options = options;
    setMaxListeners(0, this.#abort.signal);
  }

  /** Aborts at the first request. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** The exit code of a command that ended because it was asked to. */
  get exitCode(): ExitCode {
    return this.#first === 'ctrl-c' ? EXIT.interrupted : EXIT.terminated;
  }

  /** Whoever listens ends its command by itself; without a listener a request ends the process. */
  listen(listener: (request: StopRequest) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  request(request: StopRequest): void {
    if (request === 'ctrl-c') {
      const now = this.#options.now();
      const isSame = this.#options.hasRunner && now - this.#lastPress < SAME_PRESS_MS;
      if (isSame) return;
      this.#lastPress = now;
      this.#presses++;
    }
    this.#first ??= request;
    const isHeard = this.#listeners.size > 0 || this.#mayAbort();
    if (!isHeard || this.#presses >= MOST_PRESSES) return this.#options.exit(this.exitCode);
    if (request !== 'ctrl-c')
      this.#options.later(DETACH_MS, () => this.#options.exit(EXIT.terminated));
    this.#abort.abort(request);
    for (const listener of this.#listeners) listener(request);
  }

  /** Whether a command watches the signal and has not been told yet. */
  #mayAbort(): boolean {
    const { signal } = this.#abort;
    return !signal.aborted && getEventListeners(signal, 'abort').length > 0;
  }
}
