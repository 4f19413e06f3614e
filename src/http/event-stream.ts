import { createParser, type EventSourceParser } from 'eventsource-parser';
import type { Dispatcher } from 'undici';

/** One event of a server's stream (`text/event-stream`). */
export interface StreamEvent {
  /** What to send as `Last-Event-ID` to get the events after this one. */
  readonly id: string | undefined;
  /** `message` where the server gives none. */
  readonly name: string;
  readonly text: string;
}

/** How a stream ended. */
export type StreamEnd =
  /** The server closed it in good order: there is nothing more for now. */
  | 'ended'
  /** The connection broke or fell silent. */
  | 'cut'
  /** Something else than a stream of events was answered. */
  | 'refused'
  /** More at once, or more in all, than anybody can want. */
  | 'too-much'
  | 'aborted';

/** Characters of an event that is not complete yet. */
const MOST_BUFFERED = 1024 * 1024;
const MOST_EVENTS = 10_000;

/** Reads one stream of events, as undici's handler. Nothing of it is kept. */
export class EventStream implements Dispatcher.DispatchHandler {
  readonly #signal: AbortSignal;
  readonly #end: (end: StreamEnd) => void;
  readonly #onAbort: () => void;
  readonly #decoder = new TextDecoder();
  readonly #parser: EventSourceParser;
  #controller: Dispatcher.DispatchController | undefined;
  #events = 0;
  #over = false;

  constructor(
    signal: AbortSignal,
    hear: (event: StreamEvent) => void,
    end: (end: StreamEnd) => void,
  ) {
    this.#signal = signal;
    this.#end = end;
    this.#onAbort = () => this.#stop('aborted');
    signal.addEventListener('abort', this.#onAbort, { once: true });
    this.#parser = createParser({
      maxBufferSize: MOST_BUFFERED,
      onEvent: ({ id, event, data }) => {
        if (this.#over) return;
        if (++this.#events > MOST_EVENTS) this.#stop('too-much');
        else hear({ id, name: event ?? 'message', text: data });
      },
      onError: ({ type }) => {
        if (type === 'max-buffer-size-exceeded') this.#stop('too-much');
      },
    });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#over) this.#hangUp();
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    const isStream = String(headers['content-type'] ?? '').startsWith('text/event-stream');
    const isPlain = (headers['content-encoding'] ?? 'identity') === 'identity';
    // Interim answers (1xx) come first.
    if (status >= 200 && !(status === 200 && isStream && isPlain)) this.#stop('refused');
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#over) this.#parser.feed(this.#decoder.decode(chunk, { stream: true }));
  }

  onResponseEnd(): void {
    this.#finish('ended');
  }

  onResponseError(): void {
    this.#finish('cut');
  }

  #stop(end: StreamEnd): void {
    this.#finish(end);
    this.#hangUp();
  }

  #hangUp(): void {
    this.#controller?.abort(new Error('The stream was given up.'));
  }

  #finish(end: StreamEnd): void {
    if (this.#over) return;
    this.#over = true;
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#end(end);
  }
}
