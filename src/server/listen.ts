import { getRequestListener } from '@hono/node-server';
import { createServer, STATUS_CODES } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { errorBody, invalid, serverError, type ApiError } from './api-error.ts';

export interface ListenOptions {
  /** 0 picks a free one. */
  readonly port: number;
  readonly host: string;
  readonly fetch: (request: Request, env: object) => Response | Promise<Response>;
  readonly clock: Clock;
  readonly random: Random;
  readonly patience?: Patience | undefined;
  readonly onBug: (error: unknown) => void;
}

/** A server that listens. */
export interface Listening {
  readonly port: number;
  /** Takes no new connections, and closes each one when its last answer is through. */
  stop(): void;
  /** Resolves when every connection is closed, breaking those that are still open after a while. */
  close(patienceMs: number): Promise<void>;
}

/**
 * What a client may make the server wait for, in milliseconds. Node's own clock measures it: it
 * guards the socket against clients that send slowly, and nothing else depends on it.
 */
export interface Patience {
  readonly headersTimeout: number;
  /** For headers and body. */
  readonly requestTimeout: number;
  readonly keepAliveTimeout: number;
  /** How often the first two are looked at. */
  readonly connectionsCheckingInterval: number;
}

const PATIENCE: Patience = {
  headersTimeout: 15_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 5_000,
};
const MAX_HEADER_BYTES = 32 * 1_024;

/** Connections that may wait to be taken; with Node's 511 a burst of readers is turned away. */
const BACKLOG = 4_096;

/** Opens the socket; rejects with the system's error when it cannot be had. */
export async function listen(options: ListenOptions): Promise<Listening> {
  const { port, host, fetch, clock, random, onBug, patience = PATIENCE } = options;
  const requestId = (): string => Buffer.from(random.bytes(16)).toString('hex');
  const listener = getRequestListener(fetch, {
    errorHandler: (error) => {
      // Targets and Host headers that are no address end here, before the application.
      const isRequest = error instanceof Error && error.constructor.name === 'RequestError';
      if (!isRequest) onBug(error);
      const problem = isRequest
        ? invalid('The request target or the Host header is wrong.')
        : serverError('The server failed. Its operator can see why.');
      return errorResponse(problem, requestId());
    },
  });
  let stopping = false;
  const server = createServer(
    { ...patience, maxHeaderSize: MAX_HEADER_BYTES },
    (request, response) => {
      response.once('close', () => {
        // Node would keep the connection of an answer that was on its way when the server was closed.
        if (stopping) setImmediate(() => server.closeIdleConnections());
      });
      void listener(request, response);
    },
  );
  // Node would answer to what is no HTTP without a body and without an id.
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    refuse(socket as Socket, problemOf(error.code), requestId());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, backlog: BACKLOG }, resolve);
  });
  const bound = server.address() as AddressInfo;
  const closed = new Promise<void>((resolve) => server.once('close', resolve));
  return {
    port: bound.port,
    stop: () => {
      stopping = true;
      server.close();
    },
    close: async (patienceMs) => {
      const over = new AbortController();
      await Promise.race([closed, clock.sleep(patienceMs, over.signal)]);
      over.abort();
      server.closeAllConnections();
      await closed;
    },
  };
}

const headersOf = (requestId: string): Record<string, string> => ({
  'content-type': 'application/json; charset=utf-8',
  'x-request-id': requestId,
});

const errorResponse = (error: ApiError, requestId: string): Response =>
  new Response(JSON.stringify(errorBody(error, requestId)), {
    status: error.status,
    headers: headersOf(requestId),
  });

function problemOf(code: string | undefined): ApiError {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return { ...invalid('The headers are too large.'), status: 431 };
  }
  return code === 'ERR_HTTP_REQUEST_TIMEOUT'
    ? { ...invalid('The request did not arrive in time.'), status: 408 }
    : invalid('The request is no HTTP/1.1.');
}

function refuse(socket: Socket, error: ApiError, requestId: string): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = JSON.stringify(errorBody(error, requestId));
  const headers = {
    ...headersOf(requestId),
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const status = `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? ''}\r\n`;
  socket.end(`${status}${lines.join('')}\r\n${body}`, () => socket.destroy());
}
