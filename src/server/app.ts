import type { HttpBindings } from '@hono/node-server';
import { Hono, type Context, type MiddlewareHandler } from 'hono';
import { getPath } from 'hono/utils/url';
import type { Clock } from '../base/clock.ts';
import type { JsonObject } from '../base/json.ts';
import type { Random } from '../base/random.ts';
import type { AgentRuns } from './agent-runs.ts';
import { errorBody, invalid, runNotFound, serverError, type ApiError } from './api-error.ts';
import { checkBetaHeader } from './beta-header.ts';
import type { Contract } from './contract.ts';
import { parseCreateRequest, RUN_ID } from './create-request.ts';
import type { Documents } from './documents.ts';
import type { StreamLimits } from './event-stream.ts';
import { eventStream } from './event-stream.ts';
import type { Keys } from './keys.ts';
import { checkOrigin } from './origin.ts';
import { readEventPage, readRunPage } from './paging.ts';
import { readJsonRequest } from './read-body.ts';
import { deletedJson, eventJson, listJson, runJson } from './wire.ts';

export interface AppParts {
  readonly runs: AgentRuns;
  readonly contract: Contract;
  readonly keys: Keys;
  /** Takes requests whatever name of this machine they were sent to. */
  readonly anyHost: boolean;
  readonly documents: Documents;
  readonly streams: StreamLimits;
  readonly clock: Clock;
  readonly random: Random;
  /** Told of what must not happen; the caller gets a 500. */
  readonly onBug: (error: unknown) => void;
}

export interface AppEnv {
  Variables: { requestId: string; owner: string };
  /** Only on a real socket. */
  Bindings: Partial<HttpBindings>;
}

type AppContext = Context<AppEnv>;

/** The Agent API over HTTP. It holds nothing itself: state is with `runs`. */
export function createApp(parts: AppParts): Hono<AppEnv> {
  const app = new Hono<AppEnv>({ getPath: pathOf });
  app.use(guarded(parts));
  app.notFound((c) => reply(c, notHere(c)));
  app.onError((error, c) => {
    parts.onBug(error);
    return reply(c, serverError('The server failed. Its operator can see why.'));
  });
  app.get('/healthz', (c) =>
    json(c, {
      status: 'ok',
      contract: parts.contract.id,
      ...parts.runs.load,
    }),
  );
  app.get('/openapi.json', async (c) =>
    answer(c, 200, await parts.documents.openApi(), { 'content-type': JSON_TYPE }),
  );
  app.get('/docs', async (c) => {
    const { html, policy } = await parts.documents.page();
    return answer(c, 200, html, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy,
    });
  });
  app.use('/agent/*', authenticated(parts));
  runRoutes(app, new RunHandlers(parts));
  return app;
}

function runRoutes(app: Hono<AppEnv>, handlers: RunHandlers): void {
  app.post('/agent/runs', (c) => handlers.create(c));
  app.get('/agent/runs', (c) => handlers.list(c));
  app.get('/agent/runs/:id', (c) => handlers.get(c, c.req.param('id')));
  app.delete('/agent/runs/:id', (c) => handlers.remove(c, c.req.param('id')));
  app.get('/agent/runs/:id/events', (c) => handlers.events(c, c.req.param('id')));
  app.post('/agent/runs/:id/cancel', (c) => handlers.end(c, c.req.param('id'), 'cancel'));
  app.post('/agent/runs/:id/stop', (c) => handlers.end(c, c.req.param('id'), 'stop'));
}

class RunHandlers {
  readonly #parts: AppParts;

  constructor(parts: AppParts) {
    this.#parts = parts;
  }

  async create(c: AppContext): Promise<Response> {
    const { runs, contract } = this.#parts;
    const key = c.req.header('idempotency-key');
    if (key !== undefined && !/^[\x21-\x7e]{1,255}$/u.test(key)) {
      return reply(c, invalid('The Idempotency-Key must have 1 to 255 visible ASCII characters.'));
    }
    const body = await readJsonRequest(c.req.raw);
    if (!body.ok) return reply(c, body.error);
    const request = parseCreateRequest(body.value, contract);
    if (!request.ok) return reply(c, request.error);
    const created = await runs.create(c.get('owner'), request.value, key);
    if (!created.ok) return reply(c, created.error);
    if (wantsStream(c)) return this.#stream(c, created.value.id, { after: 0 });
    return json(c, runJson(created.value, contract));
  }

  async list(c: AppContext): Promise<Response> {
    const page = readRunPage(c.req.query('limit'), c.req.query('cursor'));
    if (!page.ok) return reply(c, page.error);
    const { runs, hasMore } = await this.#parts.runs.list(c.get('owner'), page.value);
    const data = runs.map((run) => runJson(run, this.#parts.contract));
    return json(c, listJson(data, hasMore));
  }

  async get(c: AppContext, id: string): Promise<Response> {
    if (!RUN_ID.test(id)) return reply(c, NO_ID);
    const run = await this.#parts.runs.get(c.get('owner'), id);
    if (run === undefined) return reply(c, runNotFound(id));
    return json(c, runJson(run, this.#parts.contract));
  }

  async remove(c: AppContext, id: string): Promise<Response> {
    if (!RUN_ID.test(id)) return reply(c, NO_ID);
    const removed = await this.#parts.runs.remove(c.get('owner'), id);
    return removed.ok ? json(c, deletedJson(id)) : reply(c, removed.error);
  }

  async end(c: AppContext, id: string, how: 'cancel' | 'stop'): Promise<Response> {
    if (!RUN_ID.test(id)) return reply(c, NO_ID);
    const run = await this.#parts.runs[how](c.get('owner'), id);
    return run.ok ? json(c, runJson(run.value, this.#parts.contract)) : reply(c, run.error);
  }

  /** A page of events; or, as a stream, all there are now, or all there will be (`follow`). */
  async events(c: AppContext, id: string): Promise<Response> {
    if (!RUN_ID.test(id)) return reply(c, NO_ID);
    const read = this.#parts.runs.events(c.get('owner'), id);
    if (wantsStream(c)) {
      const after = lastEventId(c.req.header('last-event-id'));
      if ((await read(after, 1)) === undefined) return reply(c, runNotFound(id));
      if (c.req.query('follow') === 'true') return this.#stream(c, id, { after });
      return this.#stream(c, id, { after, until: await this.#lastNumber(c, id) });
    }
    const page = readEventPage(c.req.query('limit'), c.req.query('cursor'));
    if (!page.ok) return reply(c, page.error);
    const { after, limit } = page.value;
    const events = await read(after, limit + 1);
    if (events === undefined) return reply(c, runNotFound(id));
    return json(c, listJson(events.slice(0, limit).map(eventJson), events.length > limit));
  }

  async #lastNumber(c: AppContext, id: string): Promise<number> {
    const read = this.#parts.runs.events(c.get('owner'), id);
    let last = 0;
    for (let more = await read(0, 1_000); more?.length; more = await read(last, 1_000)) {
      last = more.at(-1)?.number ?? last;
    }
    return last;
  }

  #stream(
    c: AppContext,
    id: string,
    range: { readonly after: number; readonly until?: number },
  ): Response {
    const { runs, clock, streams } = this.#parts;
    const owner = c.get('owner');
    const stream = eventStream({
      ...range,
      subscribe: (onEvents) => runs.subscribe(owner, id, onEvents),
      clock,
      limits: streams,
      isClosing: () => runs.isClosing,
      drop: () => c.env.outgoing?.destroy(),
    });
    return answer(c, 200, stream, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
    });
  }
}

const NO_ID = invalid('This is no agent run id.');
const JSON_TYPE = 'application/json; charset=utf-8';

/** Slashes that a base URL with a slash at its end doubles count once. */
const pathOf = (request: Request): string => getPath(request).replaceAll(/\/{2,}/gu, '/');

/** Every request gets an id, and those that a page of another site makes are refused. */
const guarded =
  ({ random, anyHost }: AppParts): MiddlewareHandler<AppEnv> =>
  async (c, next): Promise<Response | undefined> => {
    c.set('requestId', Buffer.from(random.bytes(16)).toString('hex'));
    const refusal = checkOrigin(
      {
        host: c.req.header('host'),
        origin: c.req.header('origin'),
        fetchSite: c.req.header('sec-fetch-site'),
      },
      { anyHost },
    );
    if (refusal !== undefined) return reply(c, refusal);
    await next();
    return undefined;
  };

const authenticated =
  ({ keys, contract }: AppParts): MiddlewareHandler<AppEnv> =>
  async (c, next): Promise<Response | undefined> => {
    const owner = keys.check(c.req.header('x-api-key'), c.req.header('authorization'));
    if (typeof owner !== 'string') return reply(c, owner);
    const refusal = checkBetaHeader(c.req.header('exa-beta'), contract);
    if (refusal !== undefined) return reply(c, refusal);
    c.set('owner', owner);
    await next();
    return undefined;
  };

/** Made by hand: what the framework adds to a response costs more than all the rest of a GET. */
const answer = (
  c: AppContext,
  status: number,
  body: string | ReadableStream,
  headers: Readonly<Record<string, string>>,
): Response =>
  new Response(body, {
    status,
    headers: {
      ...headers,
      'x-request-id': c.get('requestId'),
      'x-content-type-options': 'nosniff',
    },
  });

const json = (c: AppContext, body: JsonObject): Response =>
  answer(c, 200, JSON.stringify(body), { 'content-type': JSON_TYPE, 'cache-control': 'no-store' });

const reply = (c: AppContext, error: ApiError): Response =>
  answer(c, error.status, JSON.stringify(errorBody(error, c.get('requestId'))), {
    'content-type': JSON_TYPE,
    ...error.headers,
  });

function notHere(c: AppContext): ApiError {
  const message = `There is no ${c.req.method} ${c.req.path.slice(0, 200)} here.`;
  return { status: 404, type: 'NOT_FOUND', code: 'INVALID_REQUEST', message };
}

const wantsStream = (c: AppContext): boolean =>
  /(?:^|[\s,])text\/event-stream(?:[\s,;]|$)/iu.test(c.req.header('accept') ?? '');

/** What is no number stands for nothing: everything is sent. */
const lastEventId = (text = ''): number => (/^\d{1,15}$/u.test(text) ? Number(text) : 0);
