import { setMaxListeners } from 'node:events';
import type { Clock } from '../base/clock.ts';
import { Stop } from './stop.ts';

/** How far a run that was asked to stop has come. It only ever goes on. */
export type InterruptStage =
  /** Nothing new starts; what is under way has a while to end by itself. */
  | 'finishing'
  /** What is still under way is cancelled at its agent. */
  | 'cancelling'
  /** Nobody waits any longer; agent runs go on, and the next run of the pipeline takes them up. */
  | 'detached';

/** What is under way has this long to end by itself. */
export const FINISH_MS = 20_000;

const CANCEL = 'cancel';
const DETACH = 'detach';

/** Whether whoever waited with this signal is to cancel what was waited for, not to leave it. */
export const isCancelling = (signal: AbortSignal): boolean =>
  signal.aborted && signal.reason === CANCEL;

/**
 * The end of a run before its time, in stages: a person who stops a run wants to pay for nothing
 * more but keeps what is nearly done; a machine that ends a process gives it seconds, and agent
 * runs do not need the process.
 */
export class Interrupt {
  /** What the run looks at before it starts anything. */
  readonly stop: Stop = new Stop();
  readonly #clock: Clock;
  readonly #tell: (stage: InterruptStage) => void;
  readonly #waiting = new AbortController();
  readonly #ended = new AbortController();
  #stage: InterruptStage | undefined;

  /** `tell` hears of every stage as it begins. */
  constructor(clock: Clock, tell: (stage: InterruptStage) => void) {
    this.#clock = clock;
    this.#tell = tell;
    // Every agent run that is waited for listens to it.
    setMaxListeners(0, this.#waiting.signal);
  }

  /** Aborts once nobody is to wait for agent runs any longer; {@link isCancelling} says what then. */
  get signal(): AbortSignal {
    return this.#waiting.signal;
  }

  /** A person asks: first to finish, then to cancel. */
  ask(): void {
    if (this.#ended.signal.aborted) return;
    if (this.#stage === undefined) {
      this.stop.now('interrupted', 'asked to stop');
      this.#enter('finishing');
      void this.#cancelLater();
    } else if (this.#stage === 'finishing') this.#cancel();
  }

  /** The machine asks: leave everything as it is, at once. */
  detach(): void {
    if (this.#stage === 'detached' || this.#ended.signal.aborted) return;
    this.stop.now('terminated', 'asked to end');
    this.#enter('detached');
    this.#waiting.abort(DETACH);
  }

  /** The run is over: later requests change nothing. */
  end(): void {
    this.#ended.abort();
  }

  async #cancelLater(): Promise<void> {
    await this.#clock.sleep(FINISH_MS, this.#ended.signal);
    if (this.#stage === 'finishing' && !this.#ended.signal.aborted) this.#cancel();
  }

  #cancel(): void {
    this.#enter('cancelling');
    this.#waiting.abort(CANCEL);
  }

  #enter(stage: InterruptStage): void {
    this.#stage = stage;
    this.#tell(stage);
  }
}
