import { setMaxListeners } from 'node:events';
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { fail, type Result } from '../base/result.ts';
import { fullJitter } from './backoff.ts';
import type { BaseUrl } from './base-url.ts';
import type { StreamEnd, StreamEvent } from './event-stream.ts';
import { Exchange, type ExchangeEnd } from './exchange.ts';
import { aborted, judge, type HttpAnswer } from './judge.ts';
import { mayPass, type HttpProblem } from './problem.ts';
import type { Secret } from './secret.ts';
import type { Wire } from './wire.ts';

/** Milliseconds. */
export interface HttpTimeouts {
  readonly connect: number;
  /** From the request to the first byte of the answer. */
  readonly postHeaders: number;
  readonly getHeaders: number;
  /** Between two bytes of a body. */
  readonly body: number;
}

const DEFAULT_TIMEOUTS: HttpTimeouts = {
  connect: 10_000,
  postHeaders: 30_000,
  getHeaders: 60_000,
  body: 30_000,
};

export interface HttpClientOptions {
  readonly base: BaseUrl;
  /** Sent as `x-api-key`, to this origin only. */
  readonly key: Secret | undefined;
  /** Sent with every request, in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Requests in flight at once; more stand in line. */
  readonly connections: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly timeouts?: Partial<HttpTimeouts>;
  /** Bytes of one body. */
  readonly bodyLimit?: number;
  /** In the place of sockets: a simulated network. */
  readonly wire?: Wire;
}

const MAX_CONNECTIONS = 256;
/** Per answer, decoded. */
const BODY_LIMIT = 64 * 1024 * 1024;
/**
 * A socket that lay idle for longer is not used again: the server may have closed it at this very
 * moment, and a POST that dies on it is in doubt for nothing.
 */
const IDLE_SOCKET_MS = 2_000;
const BACKOFF_BASE_MS = 1_000;
const BACKOFF_CAP_MS = 60_000;
/** A server that follows an agent run sends something every 15 s. */
const STREAM_SILENCE_MS = 60_000;
/** Answers in a row that are not JSON. */
const MAX_ODD_ANSWERS = 5;

interface Sent {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body: string | null;
  readonly isHeardOut?: boolean;
  readonly idempotencyKey?: string;
}

/**
 * JSON over one origin.
 *
 * A GET is tried again while that makes sense. A POST is sent at most once, whatever happens:
 * behind it may be money. Redirects are never followed, or the key would go with them. Nothing is
 * compressed, so that the size limit is the real size.
 */
export class HttpClient {
  readonly #options: HttpClientOptions;
  readonly #timeouts: HttpTimeouts;
  readonly #getHeaders: Record<string, string>;
  readonly #postHeaders: Record<string, string>;
  #wire: Promise<Wire> | undefined;
  #streams: Promise<Wire> | undefined;

  constructor(options: HttpClientOptions) {
    this.#options = options;
    this.#timeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
    this.#getHeaders = {
      accept: 'application/json',
      'accept-encoding': 'identity',
      'user-agent': 'fieldwork',
      ...(options.key !== undefined && { 'x-api-key': options.key.reveal() }),
      ...options.headers,
    };
    this.#postHeaders = { ...this.#getHeaders, 'content-type': 'application/json' };
  }

  /** Tries again for at most `patienceMs`; the last problem is the one returned. */
  async get(
    path: string,
    signal: AbortSignal,
    patienceMs: number,
  ): Promise<Result<HttpAnswer, HttpProblem>> {
    const { clock, random } = this.#options;
    const begun = clock.now();
    for (let attempt = 0; ; attempt++) {
      const outcome = await this.#once({ method: 'GET', path, body: null }, signal);
      if (outcome.ok || !mayPass(outcome.error, attempt + 1 < MAX_ODD_ANSWERS)) return outcome;
      const wait = Math.max(
        outcome.error.retryAfterMs ?? 0,
        fullJitter(random, attempt, BACKOFF_BASE_MS, BACKOFF_CAP_MS),
      );
      if (clock.now() + wait - begun > patienceMs) return outcome;
      await clock.sleep(wait, signal);
    }
  }

  /** Sends once and never again. An empty `body` is sent as no body. */
  post(path: string, body: string, signal: AbortSignal): Promise<Result<HttpAnswer, HttpProblem>> {
    return this.#once({ method: 'POST', path, body: body === '' ? null : body }, signal);
  }

  /**
   * Sends once, and then hears it out: `signal` only ends the standing in line for a connection.
   * With `idempotencyKey` a server that knows the header makes one thing of equal requests.
   */
  postPaid(
    path: string,
    body: string,
    idempotencyKey: string | undefined,
    signal: AbortSignal,
  ): Promise<Result<HttpAnswer, HttpProblem>> {
    const request = { method: 'POST', path, body, isHeardOut: true } as const;
    return this.#once(
      idempotencyKey === undefined ? request : { ...request, idempotencyKey },
      signal,
    );
  }

  /**
   * Reads a stream of events, those after `lastEventId` where one is given. Streams are long and
   * have connections of their own, so that requests never stand in line behind them.
   */
  async events(
    path: string,
    lastEventId: string | undefined,
    signal: AbortSignal,
    hear: (event: StreamEvent) => void,
  ): Promise<StreamEnd> {
    const { EventStream } = await import('./event-stream.ts');
    const wire = await (this.#streams ??= this.#open());
    if (signal.aborted) return 'aborted';
    const headers = {
      ...this.#getHeaders,
      accept: 'text/event-stream',
      ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
    };
    return new Promise((resolve) => {
      wire.dispatch(
        {
          path: this.#options.base.path + path,
          method: 'GET',
          headers,
          body: null,
          headersTimeout: this.#timeouts.getHeaders,
          bodyTimeout: STREAM_SILENCE_MS,
        },
        new EventStream(signal, hear, resolve),
      );
    });
  }

  /** Ends what is still in flight. */
  async close(): Promise<void> {
    for (const wire of [await this.#wire, await this.#streams]) await wire?.destroy();
  }

  async #once(request: Sent, signal: AbortSignal): Promise<Result<HttpAnswer, HttpProblem>> {
    const { base, key, clock } = this.#options;
    const { method, path, body, isHeardOut = false } = request;
    if (key !== undefined && !key.isSendable()) {
      const message = 'The key is empty or has white space or other unusual characters in it.';
      return fail({ kind: 'status', message, sent: false, status: 401 });
    }
    const wire = await (this.#wire ??= this.#open());
    if (signal.aborted) return fail(aborted(false));
    // One signal stops a whole run: hundreds of listeners are no leak.
    setMaxListeners(0, signal);
    const end = await new Promise<ExchangeEnd>((resolve) => {
      wire.dispatch(
        {
          path: base.path + path,
          method,
          headers: this.#headersOf(request),
          body,
          headersTimeout: method === 'GET' ? this.#timeouts.getHeaders : this.#timeouts.postHeaders,
          bodyTimeout: this.#timeouts.body,
        },
        new Exchange(this.#options.bodyLimit ?? BODY_LIMIT, signal, isHeardOut, resolve),
      );
    });
    return judge(end, {
      base,
      key,
      what: `${method} ${path.replace(/\?.*/, '')}`,
      nowMs: clock.now(),
    });
  }

  #headersOf({ body, idempotencyKey }: Sent): Record<string, string> {
    if (body === null) return this.#getHeaders;
    if (idempotencyKey === undefined) return this.#postHeaders;
    return { ...this.#postHeaders, 'idempotency-key': idempotencyKey };
  }

  async #open(): Promise<Wire> {
    if (this.#options.wire !== undefined) return this.#options.wire;
    // Loaded late: a run that finds all its answers in the store never needs it.
    const undici = await import('undici');
    return new undici.Pool(this.#options.base.origin, {
      connections: Math.max(1, Math.min(this.#options.connections, MAX_CONNECTIONS)),
      pipelining: 1,
      connect: { timeout: this.#timeouts.connect },
      keepAliveTimeout: IDLE_SOCKET_MS,
      keepAliveMaxTimeout: IDLE_SOCKET_MS,
    });
  }
}
