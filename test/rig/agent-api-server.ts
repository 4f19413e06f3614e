import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AgentRequest } from '../../src/agent/agent.ts';
import type { Json } from '../../src/base/json.ts';
import { answerWithFault, isProcessed, type Fault } from './agent-api-faults.ts';

/** How an agent run ends. What is not given is empty. */
export interface Ending {
  readonly status?: string;
  readonly stopReason?: string | null;
  readonly structured?: Json;
  readonly text?: string;
  readonly grounding?: readonly Json[];
  /** Null: the server does not say. */
  readonly dollars?: number | null;
  readonly error?: { readonly type?: string; readonly code?: string; readonly message?: string };
}

export interface AgentApiServerOptions {
  /** The outcome of a request's agent run; asked once, when it is created. */
  readonly answer?: (request: AgentRequest) => Ending;
  /** From create to end, in milliseconds of `now`; `Infinity` for a run that never ends. */
  readonly durationMs?: number | ((request: AgentRequest) => number);
  /** The server's clock. */
  readonly now?: () => number;
  /** Agent runs that may be active at once; a create beyond that gets 429. */
  readonly activeLimit?: number;
  /** Answers requests for a run's events; without it there are none to be had. */
  readonly events?: (request: IncomingMessage, response: ServerResponse) => void;
  /** With one, requests without it get 401. */
  readonly key?: string;
  /** Keep no list of requests and metadata, and forget a run once its end was read: for benches. */
  readonly flat?: boolean;
}

export type Route = 'create' | 'get' | 'list' | 'cancel' | 'events';

export interface ReceivedRequest {
  readonly route: Route | undefined;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

interface StoredRun {
  readonly id: string;
  readonly request: AgentRequest;
  readonly createdAt: number;
  readonly endsAt: number;
  readonly ending: Ending;
  cancelledAt: number | undefined;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

const NOTHING = { text: '', structured: null, grounding: [] };
const NO_USAGE = { agentComputeUnits: 0, searches: 0, emails: 0, phoneNumbers: 0 };
const NO_COST = { total: 0, agentCompute: 0, search: 0, emails: 0, phoneNumbers: 0 };

/**
 * A server on a real socket with create, get, list and cancel of the Agent API, in memory, that
 * does wrong when told to. The state of a run follows from the clock at the time of asking, so it
 * has no timers.
 */
export class AgentApiServer {
  /** Requests since the start, by route. */
  readonly counts: Record<Route, number> = { create: 0, get: 0, list: 0, cancel: 0, events: 0 };
  /** Requests of any kind, also those that no route takes. */
  requests = 0;
  readonly received: ReceivedRequest[] = [];
  /** Metadata of creates, in order of arrival. */
  readonly metadata: Readonly<Record<string, string>>[] = [];
  readonly #options: AgentApiServerOptions;
  readonly #now: () => number;
  readonly #server: Server;
  readonly #runs = new Map<string, StoredRun>();
  readonly #faults = new Map<Route, Map<number, Fault>>();
  #created = 0;

  private constructor(options: AgentApiServerOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#server = createServer((request, response) => this.#receive(request, response));
    this.#server.keepAliveTimeout = 60_000;
  }

  static async start(options: AgentApiServerOptions = {}): Promise<AgentApiServer> {
    const server = new AgentApiServer(options);
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Agent runs that it knows. */
  get size(): number {
    return this.#runs.size;
  }

  /** Lets the `nth` request of a route (counted from 1, from now on) go wrong. */
  fault(route: Route, nth: number, fault: Fault): void {
    const faults = this.#faults.get(route) ?? new Map<number, Fault>();
    faults.set(this.counts[route] + nth, fault);
    this.#faults.set(route, faults);
  }

  /** Lets every request of a route go wrong, from now on for `times`. */
  faults(route: Route, times: number, fault: Fault): void {
    for (let nth = 1; nth <= times; nth++) this.fault(route, nth, fault);
  }

  /** From now on nothing goes wrong. */
  heal(): void {
    this.#faults.clear();
  }

  forgetFinished(): void {
    for (const run of this.#runs.values()) if (this.#isOver(run)) this.#runs.delete(run.id);
  }

  forget(id: string): void {
    this.#runs.delete(id);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      this.#answer(request, response, Buffer.concat(chunks).toString('utf8'));
    });
  }

  #answer(request: IncomingMessage, response: ServerResponse, body: string): void {
    const { method = '', url = '' } = request;
    const path = url.replace(/\/{2,}/g, '/');
    const [route, id] = routeOf(method, path);
    this.requests++;
    if (this.#options.flat !== true) {
      this.received.push({ route, method, path, headers: request.headers, body });
    }
    if (route === undefined) return send(response, error(404, 'NOT_FOUND', 'NOT_FOUND'));
    const nth = ++this.counts[route];
    if (route === 'events') return this.#events(request, response);
    const fault = this.#faults.get(route)?.get(nth);
    if (fault === undefined) return send(response, this.#work(route, id, path, request, body));
    const answer = isProcessed(fault) ? this.#work(route, id, path, request, body) : undefined;
    answerWithFault(response, fault, answer?.text ?? '');
  }

  #events(request: IncomingMessage, response: ServerResponse): void {
    const { events } = this.#options;
    if (events === undefined) send(response, error(404, 'NOT_FOUND', 'NOT_FOUND'));
    else events(request, response);
  }

  #work(
    route: Exclude<Route, 'events'>,
    id: string,
    path: string,
    request: IncomingMessage,
    body: string,
  ): Answer {
    const { key } = this.#options;
    if (key !== undefined && request.headers['x-api-key'] !== key) {
      return error(401, 'AUTHENTICATION_ERROR', 'TEAM_NOT_FOUND');
    }
    switch (route) {
      case 'create':
        return this.#create(body);
      case 'list':
        return this.#list(new URL(path, 'http://server').searchParams);
      case 'get':
        return this.#get(id);
      case 'cancel':
        return this.#cancel(id);
    }
  }

  #create(body: string): Answer {
    const request = JSON.parse(body) as AgentRequest;
    if (this.#options.flat !== true) this.metadata.push(request.metadata ?? {});
    const code = this.#refusal(request);
    if (code !== undefined) return error(400, 'INVALID_REQUEST', code);
    const { durationMs = 0, answer, activeLimit } = this.#options;
    if (activeLimit !== undefined && this.#countActive() >= activeLimit) {
      return error(429, 'RATE_LIMIT_ERROR', 'CONCURRENCY_LIMIT_REACHED');
    }
    const createdAt = this.#now();
    const run: StoredRun = {
      id: `agent_run_${(++this.#created).toString(36).padStart(26, '0')}`,
      request,
      createdAt,
      endsAt: createdAt + (typeof durationMs === 'number' ? durationMs : durationMs(request)),
      ending: answer?.(request) ?? {},
      cancelledAt: undefined,
    };
    this.#runs.set(run.id, run);
    return { status: 200, text: JSON.stringify(active(run, 'queued')) };
  }

  /** The code of what is wrong with a request. */
  #refusal({ query, previousRunId }: AgentRequest): string | undefined {
    if (typeof query !== 'string' || query === '') return 'INVALID_REQUEST';
    if (previousRunId === undefined) return undefined;
    const previous = this.#runs.get(previousRunId);
    if (previous === undefined) return 'PREVIOUS_RUN_NOT_FOUND';
    const isCompleted = this.#isOver(previous) && endOf(previous) === 'completed';
    return isCompleted ? undefined : 'PREVIOUS_RUN_NOT_COMPLETED';
  }

  #get(id: string): Answer {
    const run = this.#runs.get(id);
    if (run === undefined) return error(404, 'NOT_FOUND', 'RUN_NOT_FOUND');
    const isOver = this.#isOver(run);
    const json = JSON.stringify(this.#present(run, isOver));
    if (this.#options.flat === true && isOver) this.#runs.delete(id);
    return { status: 200, text: json };
  }

  #cancel(id: string): Answer {
    const run = this.#runs.get(id);
    if (run === undefined) return error(404, 'NOT_FOUND', 'RUN_NOT_FOUND');
    if (!this.#isOver(run)) run.cancelledAt = this.#now();
    return { status: 200, text: JSON.stringify(this.#present(run)) };
  }

  #list(query: URLSearchParams): Answer {
    const limit = Number(query.get('limit') ?? 20);
    if (!(limit >= 1 && limit <= 100)) return error(400, 'INVALID_REQUEST', 'INVALID_REQUEST');
    const newest = [...this.#runs.values()].reverse();
    const cursor = query.get('cursor');
    const start = cursor === null ? 0 : newest.findIndex((run) => run.id === cursor) + 1;
    const page = newest.slice(start, start + limit);
    const hasMore = start + limit < newest.length;
    const data = page.map((run) => this.#present(run));
    const nextCursor = hasMore ? page.at(-1)?.id : null;
    return { status: 200, text: JSON.stringify({ object: 'list', data, hasMore, nextCursor }) };
  }

  #countActive(): number {
    return [...this.#runs.values()].filter((run) => !this.#isOver(run)).length;
  }

  #isOver(run: StoredRun): boolean {
    return run.cancelledAt !== undefined || this.#now() >= run.endsAt;
  }

  #present(run: StoredRun, isOver: boolean = this.#isOver(run)): object {
    if (!isOver) return active(run, 'running');
    const status = endOf(run);
    const { ending, cancelledAt } = run;
    const empty = status !== 'completed';
    return {
      ...active(run, status),
      stopReason: cancelledAt === undefined ? (ending.stopReason ?? reasonOf(status)) : 'cancelled',
      completedAt: new Date(cancelledAt ?? run.endsAt).toISOString(),
      output: empty
        ? NOTHING
        : {
            text: ending.text ?? '',
            structured: ending.structured ?? null,
            grounding: ending.grounding ?? [],
          },
      costDollars: costOf(ending),
      ...(ending.error !== undefined && { error: ending.error }),
    };
  }
}

const active = (run: StoredRun, status: string): object => ({
  id: run.id,
  object: 'agent_run',
  status,
  stopReason: null,
  createdAt: new Date(run.createdAt).toISOString(),
  completedAt: null,
  request: run.request,
  output: NOTHING,
  usage: NO_USAGE,
  costDollars: NO_COST,
});

/** Undefined where the server does not say. */
function costOf({ dollars = 0 }: Ending): object | undefined {
  return dollars === null ? undefined : { ...NO_COST, total: dollars, agentCompute: dollars };
}

const endOf = (run: StoredRun): string =>
  run.cancelledAt === undefined ? (run.ending.status ?? 'completed') : 'cancelled';

function reasonOf(status: string): string | null {
  const reasons: Record<string, string> = {
    completed: 'schema_satisfied',
    failed: 'error',
    cancelled: 'cancelled',
  };
  return reasons[status] ?? null;
}

function routeOf(method: string, path: string): [route: Route | undefined, id: string] {
  const match = /^\/agent\/runs(?:\/([^/?]+))?(\/cancel|\/events)?(?:\?.*)?$/.exec(path);
  if (match === null) return [undefined, ''];
  const [, id = '', what] = match;
  if (method === 'POST' && what === '/cancel') return ['cancel', id];
  if (method === 'POST' && id === '') return ['create', ''];
  if (method === 'GET' && what === '/events') return ['events', id];
  if (method === 'GET' && what === undefined) return [id === '' ? 'list' : 'get', id];
  return [undefined, ''];
}

const error = (status: number, type: string, code: string): Answer => ({
  status,
  text: JSON.stringify({ error: { type, code, message: `This is ${code}.` } }),
});

function send(response: ServerResponse, { status, text }: Answer): void {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'x-request-id': '0123456789abcdef',
  });
  response.end(text);
}
