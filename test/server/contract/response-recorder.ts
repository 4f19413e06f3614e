import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { checkResponse, type ContractId } from './check-response.ts';
import type { SeenResponse } from './seen-response.ts';

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/**
 * Sees every response of chosen servers of this process, whoever asked for it, and holds it against
 * the contract. It listens where node:http tells of each request, so nothing stands between client
 * and server.
 */
export class ResponseRecorder {
  /** Whole responses, and those whose client went away. */
  readonly responses: SeenResponse[] = [];
  readonly #contracts = new Map<number, ContractId>();
  #violations: string[] = [];

  start(): void {
    subscribe('http.server.request.start', this.#see);
  }

  stop(): void {
    unsubscribe('http.server.request.start', this.#see);
  }

  /** Records what the server at this address answers from now on. */
  add(url: string, contract: ContractId = '2026-11'): void {
    this.#contracts.set(Number(new URL(url).port), contract);
  }

  /** What broke the contract since this was asked last. */
  takeViolations(): readonly string[] {
    const violations = this.#violations;
    this.#violations = [];
    return violations;
  }

  readonly #see = (message: unknown): void => {
    const { request, response } = message as Exchange;
    const contract = this.#contracts.get(request.socket.localPort ?? -1);
    if (contract === undefined) return;
    record(request, response, (seen) => {
      this.responses.push(seen);
      this.#violations.push(...checkResponse(seen, contract));
    });
  };
}

function record(
  request: IncomingMessage,
  response: ServerResponse,
  done: (seen: SeenResponse) => void,
): void {
  const chunks: Buffer[] = [];
  const keep = (chunk: unknown, encoding: unknown): void => {
    if (typeof chunk === 'string') {
      chunks.push(
        Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8'),
      );
    } else if (chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk));
  };
  const { write, end, writeHead } = response;
  const sent: Record<string, string> = {};
  response.write = ((chunk: unknown, ...rest: unknown[]): boolean => {
    keep(chunk, rest[0]);
    return Reflect.apply(write, response, [chunk, ...rest]) as boolean;
  }) as typeof write;
  response.end = ((...parts: unknown[]): ServerResponse => {
    keep(parts[0], parts[1]);
    return Reflect.apply(end, response, parts) as ServerResponse;
  }) as typeof end;
  response.writeHead = ((...parts: unknown[]): ServerResponse => {
    Object.assign(sent, headersIn(parts.at(-1)));
    return Reflect.apply(writeHead, response, parts) as ServerResponse;
  }) as typeof writeHead;
  response.once('close', () => {
    // Its client left before there was an answer.
    if (!response.headersSent) return;
    done({
      method: request.method ?? '',
      path: request.url ?? '',
      status: response.statusCode,
      headers: { ...headersIn(response.getHeaders()), ...sent },
      body: Buffer.concat(chunks).toString('utf8'),
      complete: response.writableFinished,
    });
  });
}

/** Headers as `writeHead` takes them: an object, a flat list, or a list of pairs. */
function headersIn(headers: unknown): Record<string, string> {
  if (typeof headers !== 'object' || headers === null) return {};
  const found: Record<string, string> = {};
  const add = (name: unknown, value: unknown): void => {
    const text = Array.isArray(value) ? value.join(', ') : value;
    if (typeof text === 'number') found[String(name).toLowerCase()] = String(text);
    else if (typeof text === 'string') found[String(name).toLowerCase()] = text;
  };
  if (!Array.isArray(headers))
    for (const [name, value] of Object.entries(headers)) add(name, value);
  else if (Array.isArray(headers[0])) {
    for (const [name, value] of headers as unknown[][]) add(name, value);
  } else for (let i = 0; i < headers.length; i += 2) add(headers[i], headers[i + 1]);
  return found;
}
