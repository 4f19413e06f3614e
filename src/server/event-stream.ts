import type { UnderlyingSource } from 'node:stream/web';
import type { Clock } from '../base/clock.ts';
import type { AgentRunEvent } from '../store/agent-run-store.ts';
import type { OnEvents, Subscription } from './event-feed.ts';
import { TERMINAL_EVENTS } from './run-states.ts';
import { eventFrame } from './wire.ts';

/** A reader is sent at most so many bytes at a time, and is waited for in between. */
const PIECE_BYTES = 64 * 1_024;
/** Events that are read from the store at a time. */
const PORTION = 50;
const KEEP_ALIVE = ': keep-alive\n\n';

export interface StreamLimits {
  /** A comment is sent after so much silence: clients and proxies give up on silent connections. */
  readonly keepAliveMs: number;
  /** A reader that takes nothing is dropped when so many characters of new events wait for it … */
  readonly backlog: number;
  /** … or when so much time has passed. */
  readonly stallMs: number;
}

export const STREAM_LIMITS: StreamLimits = {
  keepAliveMs: 15_000,
  backlog: 2 ** 20,
  stallMs: 60_000,
};

export interface StreamOptions {
  readonly subscribe: (onEvents: OnEvents) => Subscription;
  /** The number of the last event that the reader has. */
  readonly after: number;
  /** Ends the stream after the event with this number; undefined: with the run. */
  readonly until?: number;
  readonly clock: Clock;
  readonly limits: StreamLimits;
  /** True once the server goes down: readers are sent away. */
  readonly isClosing: () => boolean;
  /** Breaks the connection of a reader that is too slow. */
  readonly drop: () => void;
}

/**
 * The events of one run as a byte stream. It is pulled: nothing is read from the store before the
 * reader has taken what it was given, so a slow reader costs one portion of events and no more.
 */
export function eventStream(options: StreamOptions): ReadableStream<Uint8Array> {
  const reader = new EventReader(options);
  return new ReadableStream(reader, { highWaterMark: 0 });
}

class EventReader implements UnderlyingSource<Uint8Array> {
  readonly #options: StreamOptions;
  readonly #over = new AbortController();
  #subscription: Subscription | undefined;
  #last: number;
  /** Made and not taken yet. */
  #bytes: Uint8Array = new Uint8Array();
  #ended: boolean;
  /** Characters of new events since the reader was given what it has not taken yet. */
  #backlog = 0;
  #given: AbortController | undefined;

  constructor(options: StreamOptions) {
    this.#options = options;
    this.#last = options.after;
    this.#ended = options.after >= (options.until ?? Infinity);
  }

  start(): void {
    this.#subscription = this.#options.subscribe((size) => {
      if (this.#given === undefined) return;
      this.#backlog += size();
      if (this.#backlog > this.#options.limits.backlog) this.#drop();
    });
  }

  async pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    this.#taken();
    const piece = await this.#piece();
    if (this.#over.signal.aborted) return;
    if (piece === undefined) {
      this.#close();
      controller.close();
      return;
    }
    this.#give();
    controller.enqueue(piece);
  }

  cancel(): void {
    this.#close();
  }

  /** What to send next; undefined when there is nothing more. Waits while there is nothing yet. */
  async #piece(): Promise<Uint8Array | undefined> {
    while (this.#bytes.length === 0) {
      if (this.#ended || this.#over.signal.aborted) return undefined;
      const changed = this.#subscription?.changed;
      const events = await this.#subscription?.read(this.#last, PORTION);
      if (events === undefined) return undefined;
      if (events.length > 0) this.#take(events);
      else if (this.#options.isClosing()) return undefined;
      else if (!(await this.#wait(changed))) return encoder.encode(KEEP_ALIVE);
    }
    const piece = this.#bytes.subarray(0, PIECE_BYTES);
    this.#bytes = this.#bytes.subarray(piece.length);
    return piece;
  }

  #take(events: readonly AgentRunEvent[]): void {
    let text = '';
    const { until = Infinity } = this.#options;
    for (const event of events) {
      if (event.number > until) break;
      text += eventFrame(event);
      this.#last = event.number;
      if (TERMINAL_EVENTS.has(event.event)) this.#ended = true;
    }
    if (this.#last >= until) this.#ended = true;
    this.#bytes = encoder.encode(text);
  }

  /** False when nothing happened for as long as a connection may be silent. */
  async #wait(changed: Promise<void> | undefined): Promise<boolean> {
    const { clock, limits } = this.#options;
    const awake = new AbortController();
    const stop = (): void => {
      awake.abort();
    };
    this.#over.signal.addEventListener('abort', stop, { once: true });
    let silent = false;
    const silence = clock.sleep(limits.keepAliveMs, awake.signal).then(() => {
      silent = !awake.signal.aborted;
    });
    await Promise.race([changed, silence]);
    stop();
    this.#over.signal.removeEventListener('abort', stop);
    return !silent;
  }

  /** From now on the reader is late. */
  #give(): void {
    const given = new AbortController();
    this.#given = given;
    const { clock, limits } = this.#options;
    void clock.sleep(limits.stallMs, given.signal).then(() => {
      if (!given.signal.aborted) this.#drop();
    });
  }

  #taken(): void {
    this.#given?.abort();
    this.#given = undefined;
    this.#backlog = 0;
  }

  #drop(): void {
    this.#close();
    this.#options.drop();
  }

  #close(): void {
    this.#taken();
    this.#over.abort();
    this.#subscription?.unsubscribe();
  }
}

const encoder = new TextEncoder();
