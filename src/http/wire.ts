import type { Dispatcher } from 'undici';

/** One request as it is handed over to be sent; times in milliseconds. */
export interface WireRequest {
  readonly path: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Record<string, string>;
  readonly body: string | null;
  /** From the request to the first byte of the answer. */
  readonly headersTimeout: number;
  /** Between two bytes of a body. */
  readonly bodyTimeout: number;
}

/**
 * What carries requests: a pool of sockets, as undici has it, or a network that is simulated.
 * Calls of the handler tell how a request fares; `onRequestStart` means that sending begins.
 */
export interface Wire {
  dispatch(request: WireRequest, handler: Dispatcher.DispatchHandler): unknown;
  destroy(): Promise<void>;
}
