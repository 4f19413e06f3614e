import { expect, test } from 'vitest';
import { startServer, type StartedServer } from './start-server.ts';
import { ASK, BETA, BODIES, INVALID, REQUESTS, type Wrong } from './wrong-requests.ts';

const REQUEST_ID = /^[0-9a-f]{32}$/;

/** What is as it must be for every error; gives what is left to be looked at. */
async function errorOf(response: Response): Promise<{
  readonly is: readonly unknown[];
  readonly message: string;
  readonly detail: string | undefined;
}> {
  const id = response.headers.get('x-request-id');
  expect(id).toMatch(REQUEST_ID);
  expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
  const body = (await response.json()) as { readonly error: Readonly<Record<string, string>> };
  expect(Object.keys(body)).toEqual(['error']);
  const { type, code, message = '', detail, requestId, ...rest } = body.error;
  expect(rest).toEqual({});
  expect(requestId).toBe(id);
  return { is: [response.status, type, code], message, detail };
}

async function send(server: StartedServer, wrong: Wrong, method: string): Promise<Response> {
  const { body, path = '/agent/runs', options, headers } = wrong;
  const beta = options === BETA && method === 'POST' ? { 'exa-beta': 'agent-2026-05-07' } : {};
  return server.fetch(path, {
    method: wrong.method ?? method,
    headers: { ...beta, ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
}

test.each(Object.entries(BODIES))('a create with %s is refused', async (_, wrong) => {
  const server = await startServer(wrong.options);
  const error = await errorOf(await send(server, wrong, 'POST'));
  expect(error.is).toEqual(wrong.is);
  expect(error.message).toMatch(wrong.says);
  if (wrong.at !== undefined) {
    const [issue] = JSON.parse(error.detail ?? '[]') as { path: unknown; message: string }[];
    expect(issue?.path).toEqual(wrong.at);
  }
  expect(server.engine.tasks).toEqual([]);
});

test.each(Object.entries(REQUESTS))('a request with %s is refused', async (_, wrong) => {
  const server = await startServer(wrong.options);
  const error = await errorOf(await send(server, wrong, 'GET'));
  expect(error.is).toEqual(wrong.is);
  expect(error.message).toMatch(wrong.says);
});

test('all issues of a body come back together', async () => {
  const server = await startServer();
  const body = JSON.stringify({ query: 1, effort: 'huge', count: 3, budget: [] });
  const { message, detail } = await errorOf(
    await send(server, { body, is: INVALID, says: /./ }, 'POST'),
  );
  expect(message).toBe('Unrecognized key: count (and 3 more, see detail)');
  const issues = JSON.parse(detail ?? '') as { code: string; path: string[] }[];
  expect(issues.map(({ code, path }) => [code, path.join('.')])).toEqual([
    ['unrecognized_keys', ''],
    ['invalid_type', 'query'],
    ['invalid_value', 'effort'],
    ['invalid_type', 'budget'],
  ]);
});

test('an active or failed run cannot be continued', async () => {
  const server = await startServer();
  const create = async (body: object): Promise<Response> =>
    server.fetch('/agent/runs', { method: 'POST', body: JSON.stringify(body) });
  const failed = (await (await create({ query: 'Fail.' })).json()) as { id: string };
  await server.engine.began(failed.id);
  server.engine.hold();
  const active = (await (await create(ASK)).json()) as { id: string };
  for (const { id } of [failed, active]) {
    const error = await errorOf(await create({ ...ASK, previousRunId: id }));
    expect(error.is).toEqual([400, 'INVALID_REQUEST', 'PREVIOUS_RUN_NOT_COMPLETED']);
  }
});

test('what is missing is a key, and is said so', async () => {
  const server = await startServer();
  const response = await fetch(`${server.url}/agent/runs`);
  expect((await errorOf(response)).message).toMatch(/^A key is missing/);
  expect(response.headers.get('www-authenticate')).toBe('Bearer');
});

test('wrong keys are not looked at any more when there are too many in a second', async () => {
  const server = await startServer({
    failuresPerSecond: 3,
    clock: { now: () => 0, sleep: () => new Promise(() => {}) },
  });
  const wrong = (): Promise<Response> =>
    server.fetch('/agent/runs', { headers: { 'x-api-key': 'no' } });
  const statuses: number[] = [];
  for (let n = 0; n < 5; n++) statuses.push((await wrong()).status);
  expect(statuses).toEqual([401, 401, 401, 429, 429]);
  const limited = await wrong();
  expect(limited.headers.get('retry-after')).toBe('1');
  expect((await errorOf(limited)).is).toEqual([429, 'RATE_LIMIT_ERROR', 'RATE_LIMIT_EXCEEDED']);
  expect((await server.fetch('/agent/runs')).status).toBe(200);
});
