import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { untilAny } from '../base/until-any.ts';
import { fullJitter } from '../http/backoff.ts';
import type { HttpClient } from '../http/client.ts';
import type { StreamEvent } from '../http/event-stream.ts';

/** What a run's hints need. */
export interface HintsOptions {
  readonly http: HttpClient;
  readonly id: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  /** The server does not follow agent runs: no use in asking again for other ones. */
  readonly onUseless: () => void;
}

/** Events after which an agent run does not change any more. */
const LAST: ReadonlySet<string> = new Set([
  'agent_run.completed',
  'agent_run.failed',
  'agent_run.cancelled',
]);
/** While a stream is open, a look without a hint is only there for events that got lost. */
const QUIET_MS = 60_000;
const MOST_CUTS = 3;

/**
 * Hints from a server that follows an agent run and tells its events as they happen. They only
 * ever end a pause early: what became of the run is asked for with GET, so that a stream that is
 * cut, repeats itself or lies can cost a request but change nothing.
 */
export class RunHints {
  readonly #options: HintsOptions;
  readonly #abort = new AbortController();
  #wake: AbortController | undefined;
  #lastId: number | undefined;
  #isOpen = false;
  #isDue = false;

  constructor(options: HintsOptions) {
    this.#options = options;
    const { signal } = options;
    const close = (): void => this.close();
    if (signal.aborted) close();
    else signal.addEventListener('abort', close, { once: true });
    this.#abort.signal.addEventListener('abort', () => signal.removeEventListener('abort', close));
    void this.#follow();
  }

  /** Sleeps until the next look: `ms`, or longer while there will be a hint, or until there is one. */
  async sleep(ms: number): Promise<void> {
    const { clock, signal } = this.#options;
    if (!this.#isDue) {
      this.#wake = new AbortController();
      const longest = this.#isOpen ? Math.max(ms, QUIET_MS) : ms;
      await untilAny([signal, this.#wake.signal], (either) => clock.sleep(longest, either));
      this.#wake = undefined;
    }
    this.#isDue = false;
  }

  close(): void {
    this.#abort.abort();
  }

  async #follow(): Promise<void> {
    const { http, id, clock, random, onUseless } = this.#options;
    const { signal } = this.#abort;
    const path = `/agent/runs/${id}/events?follow=true`;
    for (let cuts = 0; cuts < MOST_CUTS && !signal.aborted; cuts++) {
      let isDone = false;
      const end = await http.events(path, this.#lastId?.toString(), signal, (event) => {
        this.#isOpen = true;
        if (this.#isLast(event)) isDone = true;
      });
      this.#isOpen = false;
      if (isDone || end === 'aborted') return;
      // It has said all it knew and closed, as a replay does, or has no such stream.
      if (end !== 'cut') onUseless();
      this.#look();
      if (end !== 'cut') return;
      await clock.sleep(fullJitter(random, cuts, 1_000, 60_000), signal);
    }
  }

  #isLast({ id, name }: StreamEvent): boolean {
    const number = Number(id);
    // One that was told before, or comes out of turn.
    if (id !== undefined && !(number > (this.#lastId ?? -1))) return false;
    if (id !== undefined) this.#lastId = number;
    if (!LAST.has(name)) return false;
    this.#look();
    return true;
  }

  #look(): void {
    if (this.#wake === undefined) this.#isDue = true;
    else this.#wake.abort();
  }
}
