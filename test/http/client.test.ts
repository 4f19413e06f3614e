import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { parseBaseUrl } from '../../src/http/base-url.ts';
import { HttpClient, type HttpClientOptions } from '../../src/http/client.ts';
import { Secret } from '../../src/http/secret.ts';
import { seededRandom } from '../rig/seeded-random.ts';
import { VirtualClock } from '../rig/virtual-clock.ts';

const never = new AbortController().signal;

interface Rig {
  readonly client: HttpClient;
  readonly clock: VirtualClock;
  readonly sockets: Socket[];
  readonly origin: string;
}

async function serve(
  listener: RequestListener,
  options: Partial<HttpClientOptions> = {},
  path = '',
): Promise<Rig> {
  const sockets: Socket[] = [];
  const server = createServer(listener).on('connection', (socket: Socket) => sockets.push(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const base = parseBaseUrl(origin + path);
  if (!base.ok) throw new Error(base.error);
  const clock = new VirtualClock();
  const client = new HttpClient({
    base: base.value,
    key: new Secret('k3y'),
    headers: {},
    connections: 4,
    clock,
    random: seededRandom(),
    ...options,
  });
  onTestFinished(async () => {
    await client.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { client, clock, sockets, origin };
}

test('a request carries the key, asks for nothing compressed, and goes below the base path', async () => {
  const { client } = await serve(
    (request, response) => {
      const { method, url, headers } = request;
      request.setEncoding('utf8').on('data', (body: string) => {
        response.end(JSON.stringify({ method, url, headers, body }));
      });
    },
    { headers: { 'exa-beta': 'a,b' } },
    '/exa/',
  );
  const answer = await client.post('/agent/runs', '{"query":"Q"}', never);
  expect(answer).toMatchObject({
    ok: true,
    value: {
      status: 200,
      json: {
        method: 'POST',
        url: '/exa/agent/runs',
        body: '{"query":"Q"}',
        headers: {
          'x-api-key': 'k3y',
          'exa-beta': 'a,b',
          accept: 'application/json',
          'accept-encoding': 'identity',
          'content-type': 'application/json',
          'content-length': '13',
        },
      },
    },
  });
});

test('a POST without a body says so and has no content type', async () => {
  const { client } = await serve((request, response) => {
    response.end(JSON.stringify(request.headers));
  });
  const answer = await client.post('/cancel', '', never);
  expect(answer.ok && answer.value.json).toMatchObject({ 'content-length': '0' });
  expect(answer.ok && answer.value.json).not.toHaveProperty('content-type');
});

test('a failing GET is repeated with pauses until its patience ends; a POST is not', async () => {
  const seen: string[] = [];
  const { client, clock } = await serve((request, response) => {
    seen.push(request.method ?? '');
    response.writeHead(503).end();
  });
  const begun = clock.now();
  const got = await clock.drive(client.get('/x', never, 30_000));
  expect(got).toMatchObject({ ok: false, error: { kind: 'status', status: 503, sent: true } });
  expect(clock.now() - begun).toBeLessThanOrEqual(30_000);
  expect(seen.length).toBeGreaterThan(3);
  seen.length = 0;
  await client.post('/x', '{}', never);
  expect(seen).toEqual(['POST']);
});

test('an abort ends the pause between two tries', async () => {
  const { client, clock } = await serve((_request, response) => {
    response.writeHead(503, { 'retry-after': '50' }).end();
  });
  const abort = new AbortController();
  const getting = client.get('/x', abort.signal, 600_000);
  while (clock.sleepers === 0) await new Promise(setImmediate);
  abort.abort();
  expect(await getting).toMatchObject({ ok: false, error: { kind: 'aborted', sent: false } });
});

test('no more connections are opened than allowed, and sockets are used again', async () => {
  const { client, sockets } = await serve((_request, response) => void response.end('{}'));
  const answers = await Promise.all(Array.from({ length: 100 }, () => client.get('/x', never, 0)));
  expect(answers.every((answer) => answer.ok)).toBe(true);
  expect(sockets.length).toBeLessThanOrEqual(4);
});

test('many requests under one signal raise no warning', async () => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning);
  process.on('warning', onWarning);
  onTestFinished(() => void process.off('warning', onWarning));
  const { client } = await serve((_request, response) => void response.end('{}'));
  const { signal } = new AbortController();
  await Promise.all(Array.from({ length: 50 }, () => client.get('/x', signal, 0)));
  await new Promise(setImmediate);
  expect(warnings).toEqual([]);
});

test('closing ends what is still in flight', async () => {
  let reached = false;
  const { client } = await serve(() => void (reached = true));
  const posting = client.post('/x', '{}', never);
  while (!reached) await new Promise(setImmediate);
  await client.close();
  expect(await posting).toMatchObject({ ok: false, error: { kind: 'broken', sent: true } });
});

test.each(['', 'two words', 'line\nbreak'])(
  'a key that cannot be a header (%j) is sent nowhere',
  async (key) => {
    const { client, sockets } = await serve(() => undefined, { key: new Secret(key) });
    const outcome = await client.post('/x', '{}', never);
    expect(outcome).toMatchObject({ ok: false, error: { status: 401, sent: false } });
    expect(sockets).toEqual([]);
  },
);

test('without a key no key header is sent', async () => {
  const { client } = await serve(
    (request, response) => void response.end(JSON.stringify(request.headers)),
    { key: undefined },
  );
  const answer = await client.get('/x', never, 0);
  expect(answer.ok && answer.value.json).not.toHaveProperty('x-api-key');
});

test('an interim answer does not count', async () => {
  const { client } = await serve((_request, response) => {
    response.writeEarlyHints({ link: '</x>; rel=preload' });
    response.end('{"final":true}');
  });
  expect(await client.get('/x', never, 0)).toMatchObject({
    ok: true,
    value: { status: 200, json: { final: true } },
  });
});

test('a connection that lay idle for two seconds is not used for a POST', async () => {
  const { client, sockets } = await serve((_request, response) => response.end('{}'), {
    connections: 1,
  });
  await client.post('/a', '{}', never);
  await client.post('/b', '{}', never);
  expect(sockets).toHaveLength(1);
  // The client's own doing: the server would have kept it for longer.
  await new Promise((resolve) => sockets[0]?.once('close', resolve));
  await client.post('/c', '{}', never);
  expect(sockets).toHaveLength(2);
});

test('what may cost money is sent with its own key, once, and heard out', async () => {
  const keys: unknown[] = [];
  let answer = (): void => undefined;
  const { client } = await serve((request, response) => {
    keys.push(request.headers['idempotency-key']);
    answer = () => response.end('{"id":"x"}');
  });
  const abort = new AbortController();
  const sent = client.postPaid('/agent/runs', '{}', 'a1', abort.signal);
  while (keys.length === 0) await new Promise(setImmediate);
  abort.abort();
  answer();
  expect(await sent).toMatchObject({ ok: true, value: { json: { id: 'x' } } });
  expect(await client.postPaid('/agent/runs', '{}', 'a2', abort.signal)).toMatchObject({
    error: { kind: 'aborted', sent: false },
  });
  expect(keys).toEqual(['a1']);
});
