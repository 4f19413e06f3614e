import type { Dispatcher } from 'undici';

/** What came back for one request, before anyone has looked into it. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** How one request ended. `error` belongs to the library; `sent` says what it cannot. */
export type ExchangeEnd =
  | { readonly type: 'reply'; readonly reply: Reply }
  | { readonly type: 'aborted'; readonly sent: boolean }
  | { readonly type: 'too-large'; readonly status: number }
  | {
      readonly type: 'error';
      readonly error: unknown;
      readonly sent: boolean;
      /** What had arrived: a status and the beginning of the body. */
      readonly reply: Reply | undefined;
    };

/**
 * One request on its way, as undici's handler.
 *
 * It is used in place of `request()` because undici calls `onRequestStart` exactly when it has a
 * connection and is about to write: a request that ends without that call was never sent, which no
 * error code tells as surely. It also costs less, having no stream between socket and text.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #limit: number;
  readonly #end: (end: ExchangeEnd) => void;
  readonly #signal: AbortSignal;
  readonly #isHeardOut: boolean;
  readonly #onAbort: () => void;
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  #headers: Reply['headers'] = {};
  #chunks: Buffer[] = [];
  #size = 0;
  #over = false;

  /** One that is heard out is only given up while it stands in line for a connection. */
  constructor(
    limit: number,
    signal: AbortSignal,
    isHeardOut: boolean,
    end: (end: ExchangeEnd) => void,
  ) {
    this.#limit = limit;
    this.#isHeardOut = isHeardOut;
    this.#end = end;
    this.#signal = signal;
    this.#onAbort = () => this.#stop({ type: 'aborted', sent: this.#controller !== undefined });
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Aborted while it stood in line for a connection.
    if (this.#over) controller.abort(new Error('The request was given up.'));
    else {
      this.#controller = controller;
      if (this.#isHeardOut) this.#signal.removeEventListener('abort', this.#onAbort);
    }
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Reply['headers'],
  ): void {
    // Interim answers (1xx) come first; the last status counts.
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#over) return;
    this.#size += chunk.length;
    if (this.#size > this.#limit) this.#stop({ type: 'too-large', status: this.#status });
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.#finish({ type: 'reply', reply: this.#reply() });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#finish({
      type: 'error',
      error,
      sent: this.#controller !== undefined,
      reply: this.#status === 0 ? undefined : this.#reply(),
    });
  }

  #reply(): Reply {
    const [only] = this.#chunks;
    const body =
      only !== undefined && this.#chunks.length === 1 ? only : Buffer.concat(this.#chunks);
    return { status: this.#status, headers: this.#headers, body };
  }

  #stop(end: ExchangeEnd): void {
    this.#finish(end);
    this.#controller?.abort(new Error('The request was given up.'));
  }

  #finish(end: ExchangeEnd): void {
    if (this.#over) return;
    this.#over = true;
    this.#chunks = [];
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#end(end);
  }
}
