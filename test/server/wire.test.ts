import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { STREAM_LIMITS } from '../../src/server/event-stream.ts';
import { MAX_BODY_BYTES } from '../../src/server/read-body.ts';
import { schemaViolations } from './contract/openapi-schema.ts';
import { startServer, type StartedServer } from './start-server.ts';

/** A connection as it is, for what no client would send. */
function open(server: StartedServer): Socket {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  // A server may close while bytes are on their way to it; what it said before is read all the same.
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  return socket;
}

const untilClosed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => socket.once('close', () => resolve()));

/** Sends bytes and gives all that comes until the server closes. */
async function send(server: StartedServer, ...lines: readonly string[]): Promise<string> {
  const socket = open(server);
  let text = '';
  socket.setEncoding('utf8').on('data', (part: string) => (text += part));
  socket.write(lines.join('\r\n'));
  await untilClosed(socket);
  return text;
}

const request = (server: StartedServer, line: string, ...headers: readonly string[]): string[] => [
  line,
  ...(headers.some((header) => /^host:/iu.test(header))
    ? []
    : [`Host: ${new URL(server.url).host}`]),
  `x-api-key: ${server.token}`,
  ...headers,
  'Connection: close',
  '',
  '',
];

function expectError(
  text: string,
  status: number,
): { type: string; code: string; message: string } {
  const [head = '', body = ''] = text.split('\r\n\r\n');
  expect(head).toContain(`HTTP/1.1 ${status} `);
  const id = /^x-request-id: ([0-9a-f]{32})$/imu.exec(head)?.[1];
  const { error } = JSON.parse(body) as {
    error: { type: string; code: string; message: string; requestId: string };
  };
  expect(error.requestId).toBe(id);
  expect(schemaViolations('#/components/schemas/AgentErrorResponse', { error })).toEqual([]);
  return error;
}

test('every answer has its own id, whatever it is', async () => {
  const server = await startServer();
  const { id } = await server.create();
  const ids = new Set<string>();
  const paths = [
    '/agent/runs',
    `/agent/runs/${id}`,
    `/agent/runs/${id}/events`,
    '/agent/runs/x',
    '/nothing',
  ];
  for (const path of [...paths, '/healthz', '/openapi.json', '/docs']) {
    ids.add((await server.fetch(path)).headers.get('x-request-id') ?? '');
  }
  expect(ids.size).toBe(8);
  for (const one of ids) expect(one).toMatch(/^[0-9a-f]{32}$/);
});

test('what is said without a key: health, the document and its page', async () => {
  const server = await startServer();
  const health = await fetch(`${server.url}/healthz`);
  expect(await health.json()).toMatchObject({ status: 'ok', queued: 0, running: 0, readers: 0 });
  const document = await fetch(`${server.url}/openapi.json`);
  expect(await document.json()).toMatchObject({
    openapi: expect.stringMatching(/^3\.1/) as string,
  });
  const page = await fetch(`${server.url}/docs`);
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(await page.text()).toContain('/agent/runs');
});

test('JSON and streams say what they are, and are not compressed', async () => {
  const server = await startServer();
  const headers = { 'accept-encoding': 'gzip', accept: 'text/event-stream' };
  const body = JSON.stringify({ query: 'Find.' });
  const stream = await server.fetch('/agent/runs', { method: 'POST', body, headers });
  expect(Object.fromEntries(stream.headers)).toMatchObject({
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache',
  });
  expect(stream.headers.has('content-encoding')).toBe(false);
  expect(await stream.text()).not.toContain('\r');
  const list = await server.fetch('/agent/runs');
  expect(list.headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(list.headers.has('access-control-allow-origin')).toBe(false);
});

test.each([
  ['application/json', 'application/json; charset=utf-8'],
  ['*/*', 'application/json; charset=utf-8'],
  ['text/event-stream', 'text/event-stream'],
  ['Text/Event-Stream; q=1', 'text/event-stream'],
  ['application/json, text/event-stream', 'text/event-stream'],
  ['text/event-streams', 'application/json; charset=utf-8'],
])('Accept: %s is answered with %s', async (accept, type) => {
  const server = await startServer();
  const body = JSON.stringify({ query: 'Find.' });
  const response = await server.fetch('/agent/runs', { method: 'POST', body, headers: { accept } });
  expect(response.headers.get('content-type')).toBe(type);
  await response.text();
});

test('slashes that a base URL doubles, and bodies where none is meant, do no harm', async () => {
  const server = await startServer();
  const { id } = await server.create();
  await server.end(id);
  expect((await server.fetch(`//agent//runs/${id}`)).status).toBe(200);
  for (const body of [undefined, '', '{}', 'nonsense']) {
    const init = { method: 'POST', ...(body !== undefined && { body }) };
    expect((await server.fetch(`/agent/runs/${id}/cancel`, init)).status).toBe(200);
  }
});

test('both ways to send the key are taken', async () => {
  const server = await startServer();
  const status = async (headers: Record<string, string>): Promise<number> =>
    (await fetch(`${server.url}/agent/runs`, { headers })).status;
  expect(await status({ 'x-api-key': server.token })).toBe(200);
  expect(await status({ authorization: `Bearer ${server.token}` })).toBe(200);
  expect(await status({ authorization: `bearer ${server.token}`, 'x-api-key': 'wrong' })).toBe(200);
});

test('without keys all have the same runs', async () => {
  const server = await startServer({ tokens: undefined });
  const created = await fetch(`${server.url}/agent/runs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"query":"Find."}',
  });
  expect(created.status).toBe(200);
  expect((await server.call('GET', '/agent/runs')).data).toHaveLength(1);
});

test('a page of this very server may ask', async () => {
  const server = await startServer();
  const headers = { origin: server.url, 'sec-fetch-site': 'same-origin' };
  expect((await server.fetch('/agent/runs', { headers })).status).toBe(200);
});

test.each(['evil.example', 'localhost.evil.example:80', '127.0.0.1.evil.example', '10.0.0.7', ''])(
  'a request to the host "%s" is refused',
  async (host) => {
    const server = await startServer();
    const text = await send(
      server,
      ...request(server, 'GET /agent/runs HTTP/1.1', `Host: ${host}`),
    );
    if (host === '') expect(text).toMatch(/^HTTP\/1\.1 400 /);
    else expect(expectError(text, 403).message).toContain('Host');
  },
);

test.each(['localhost', 'LOCALHOST:99', '127.0.0.1:1', '[::1]:8080'])(
  'a request to the host "%s" is taken',
  async (host) => {
    const server = await startServer();
    const text = await send(
      server,
      ...request(server, 'GET /agent/runs HTTP/1.1', `Host: ${host}`),
    );
    expect(text).toContain('HTTP/1.1 200 OK');
  },
);

test('a server that listens beyond this machine takes any name', async () => {
  const server = await startServer({ host: '0.0.0.0' });
  const text = await send(
    server,
    ...request(server, 'GET /agent/runs HTTP/1.1', 'Host: box.example'),
  );
  expect(text).toContain('HTTP/1.1 200 OK');
});

test.each([
  ['two lengths', 'POST /agent/runs HTTP/1.1', ['Content-Length: 5', 'Content-Length: 6'], 400],
  [
    'a length and chunks',
    'POST /agent/runs HTTP/1.1',
    ['Content-Length: 5', 'Transfer-Encoding: chunked'],
    400,
  ],
  ['a length that is no number', 'POST /agent/runs HTTP/1.1', ['Content-Length: five'], 400],
  ['headers without end', 'GET /agent/runs HTTP/1.1', [`X-Long: ${'x'.repeat(40_000)}`], 431],
  ['something else than HTTP', 'HELO there', [], 400],
  ['a target that is no path', 'GET agent/runs HTTP/1.1', [], 400],
  ['a backslash in the target', 'GET /agent\\runs HTTP/1.1', [], 400],
])('%s is refused, with an id', async (_, line, headers, status) => {
  const server = await startServer();
  const error = expectError(await send(server, ...request(server, line, ...headers)), status);
  expect(error).toMatchObject({ type: 'INVALID_REQUEST', code: 'INVALID_REQUEST' });
});

test('a body in chunks is read up to the limit, and no further', async () => {
  const server = await startServer();
  const small = await send(
    server,
    ...request(
      server,
      'POST /agent/runs HTTP/1.1',
      'Content-Type: application/json',
      'Transfer-Encoding: chunked',
    ).slice(0, -1),
    '11',
    '{"query":"Find."}',
    '0',
    '',
    '',
  );
  expect(small).toContain('HTTP/1.1 200 OK');
  const socket = open(server);
  let answer = '';
  const closed = untilClosed(socket);
  const answered = new Promise<void>((resolve) => {
    socket.setEncoding('utf8').on('data', (part: string) => {
      answer += part;
      resolve();
    });
  });
  socket.write(
    request(
      server,
      'POST /agent/runs HTTP/1.1',
      'Content-Type: application/json',
      'Transfer-Encoding: chunked',
    ).join('\r\n'),
  );
  const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
  // One more than the limit has, and the client goes on for ever if it is let.
  for (let sent = 0; sent <= MAX_BODY_BYTES; sent += 65_536) socket.write(chunk);
  await Promise.race([answered, closed]);
  expect(expectError(answer, 400).message).toContain('more than 4 MiB');
  const more = (): void => void (socket.destroyed || socket.write(chunk, () => setImmediate(more)));
  more();
  await closed;
});

test('a client that leaves in the middle of a body is no fault of the server', async () => {
  const server = await startServer();
  const socket = open(server);
  socket.write(
    request(
      server,
      'POST /agent/runs HTTP/1.1',
      'Content-Type: application/json',
      'Content-Length: 50',
    ).join('\r\n') + '{"que',
  );
  await vi.waitFor(async () => expect((await server.fetch('/healthz')).status).toBe(200));
  socket.destroy();
  expect((await server.fetch('/agent/runs')).status).toBe(200);
  expect(server.engine.tasks).toEqual([]);
});

test('who sends slowly is sent away, and keeps nobody else waiting', async () => {
  const patience = {
    headersTimeout: 200,
    requestTimeout: 200,
    keepAliveTimeout: 5_000,
    connectionsCheckingInterval: 50,
  };
  const server = await startServer({ patience });
  const slow = Array.from({ length: 200 }, async (_, n) => {
    const socket = open(server);
    let text = '';
    socket.setEncoding('utf8').on('data', (part: string) => (text += part));
    const half = ['Content-Type: application/json', 'Content-Length: 100'];
    const whole = request(server, 'POST /agent/runs HTTP/1.1', ...half).join('\r\n');
    // Half of the headers, or all of them and half of a body.
    socket.write(n % 2 === 0 ? whole.slice(0, 40) : `${whole}{"query":`);
    await untilClosed(socket);
    return text;
  });
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  for (const text of await Promise.all(slow)) {
    if (text !== '') expect(expectError(text, 408).message).toContain('in time');
  }
  expect((await server.fetch('/agent/runs')).status).toBe(200);
});

test('a reader that stops reading is dropped, and its run goes on', async () => {
  const server = await startServer({ streams: { ...STREAM_LIMITS, backlog: 100_000 } });
  server.engine.hold();
  const { id } = await server.create();
  const task = await server.engine.began(id);
  const socket = open(server);
  socket.write(
    request(
      server,
      `GET /agent/runs/${id}/events?follow=true HTTP/1.1`,
      'Accept: text/event-stream',
    ).join('\r\n'),
  );
  await once(socket, 'data');
  socket.pause();
  const readers = async (): Promise<number> => {
    const health = (await (await server.fetch('/healthz')).json()) as { readers: number };
    return health.readers;
  };
  // Until the system's own buffers are full, and then a little more.
  for (let n = 0; n < 400 && (await readers()) > 0; n++) {
    task.emit('search_trace', { text: 'x'.repeat(50_000), tool: 'search', callId: '1' });
  }
  expect(await readers()).toBe(0);
  expect(task.cancelled.aborted).toBe(false);
  await server.engine.release();
  expect(await server.end(id)).toMatchObject({ status: 'completed' });
});

test('a hundred readers of a run each get every event', async () => {
  const server = await startServer();
  server.engine.hold();
  const { id } = await server.create();
  const task = await server.engine.began(id);
  const texts = await Promise.all(
    Array.from({ length: 100 }, async () => {
      const headers = { accept: 'text/event-stream' };
      return server.fetch(`/agent/runs/${id}/events?follow=true`, { headers });
    }),
  );
  task.emit('search_trace', { text: 'one', tool: 'search', callId: '1' });
  await server.engine.release();
  const ids = await Promise.all(
    texts.map(async (response) => (await response.text()).match(/^id: .*$/gmu)?.join()),
  );
  expect(new Set(ids)).toEqual(new Set(['id: 1,id: 2,id: 3,id: 4']));
});
