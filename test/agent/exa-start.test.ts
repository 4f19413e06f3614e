import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openExaAgent } from '../../src/agent/exa.ts';
import { Pace } from '../../src/agent/exa-pace.ts';
import { Secret } from '../../src/http/secret.ts';
import type { Fault } from '../rig/agent-api-faults.ts';
import { seededRandom } from '../rig/seeded-random.ts';
import { VirtualClock } from '../rig/virtual-clock.ts';
import { problem, value } from './backend.cases.ts';
import { html, status } from './exa-faults.ts';
import { CANARY, EXA_REQUESTS, exaSubject } from './exa-subject.ts';

const never = new AbortController().signal;

describe('before the first create, it looks who is there', () => {
  test('once, also for many creates at the same time', async () => {
    const { backend, drive, server } = await exaSubject();
    const creates = Array.from({ length: 20 }, () => backend.create(EXA_REQUESTS.completes, never));
    for (const created of await drive(Promise.all(creates))) value(created);
    value(await drive(backend.create(EXA_REQUESTS.completes, never)));
    expect(server.counts).toMatchObject({ list: 1, create: 21 });
    expect(server.received[0]).toMatchObject({ route: 'list', path: '/agent/runs?limit=1' });
  });

  test('and not at all where nothing is created', async () => {
    const { backend, drive, server } = await exaSubject();
    await drive(backend.get('agent_run_1', never));
    expect(server.counts).toMatchObject({ list: 0, get: 1 });
  });

  test.each<[name: string, fault: Fault, looks: number]>([
    ['a web page', html(200), 5],
    ['another API', { type: 'text', text: '{"status":"up"}' }, 5],
    ['a server without such an address (404)', html(404), 1],
    ['a server that does not take this (405)', html(405), 1],
    ['a redirect', { type: 'status', status: 308, headers: { location: 'https://x.example/' } }, 1],
  ])('%s is not the Agent API: nothing is ever sent to it', async (_name, fault, looks) => {
    const { backend, drive, server } = await exaSubject();
    server.faults('list', looks, fault);
    for (let i = 0; i < 2; i++) {
      const outcome = await drive(backend.create(EXA_REQUESTS.completes, never));
      expect(problem(outcome)).toMatchObject({ kind: 'misconfigured', mayHaveCreated: false });
      expect(JSON.stringify(outcome)).not.toContain(CANARY);
    }
    expect(server.counts).toMatchObject({ list: looks, create: 0 });
  });

  test.each<[name: string, fault: Fault]>([
    ['cut', { type: 'cut', framing: 'close' }],
    ['empty', { type: 'text', text: '' }],
    ['a web page', html(200)],
    ['compressed', { type: 'text', text: 'x', headers: { 'content-encoding': 'gzip' } }],
    ['JSON of something else', { type: 'text', text: '{"status":"up"}' }],
  ])(
    'an answer that is %s a few times is asked for again before it is believed',
    async (_, fault) => {
      const { backend, drive, server } = await exaSubject();
      server.faults('list', 4, fault);
      const creates = Array.from({ length: 3 }, () =>
        backend.create(EXA_REQUESTS.completes, never),
      );
      for (const created of await drive(Promise.all(creates))) value(created);
      expect(server.counts).toMatchObject({ list: 5, create: 3 });
    },
  );

  test.each<[name: string, fault: Fault, kind: string]>([
    ['an overloaded server', html(503), 'unreachable'],
    ['a limit of requests', status(429, 'X', { 'retry-after': '3' }), 'rate-limited'],
    ['a key that is refused', status(401, 'TEAM_NOT_FOUND'), 'unauthorized'],
    ['a connection that is reset', { type: 'reset', processed: false }, 'unreachable'],
  ])(
    '%s says nothing about who is there: the next create asks again',
    async (_name, fault, kind) => {
      const { backend, drive, server } = await exaSubject();
      server.fault('list', 1, fault);
      const first = problem(await drive(backend.create(EXA_REQUESTS.completes, never)));
      expect(first).toMatchObject({ kind, mayHaveCreated: false });
      expect(server.counts.create).toBe(0);
      value(await drive(backend.create(EXA_REQUESTS.completes, never)));
      expect(server.counts).toMatchObject({ list: 2, create: 1 });
    },
  );

  test('one agent run that is larger than an answer may be is no other server', async () => {
    const { backend, drive, server } = await exaSubject({}, { bodyLimit: 200_000 });
    server.fault('list', 1, { type: 'endless' });
    value(await drive(backend.create(EXA_REQUESTS.completes, never)));
    expect(server.counts).toMatchObject({ list: 1, create: 1 });
  });
});

describe('creates per second', () => {
  test('are spaced evenly after a burst of one second', async () => {
    const clock = new VirtualClock();
    const pace = new Pace(5, clock);
    const begun = clock.now();
    const turns = Array.from({ length: 12 }, async () => {
      await pace.turn(never);
      return clock.now() - begun;
    });
    expect(await clock.drive(Promise.all(turns))).toEqual([
      0, 0, 0, 0, 0, 200, 400, 600, 800, 1_000, 1_200, 1_400,
    ]);
    // Having waited, it may burst again, but by one second's worth only.
    await clock.advance(60_000);
    const later = clock.now();
    for (let i = 0; i < 6; i++) await clock.drive(pace.turn(never));
    expect(clock.now() - later).toBe(200);
  });

  test('hold for an agent: the sixth of a burst is late', async () => {
    const { backend, drive, server, clock } = await exaSubject({}, { createsPerSecond: 5 });
    const begun = clock.now();
    const creates = Array.from({ length: 6 }, () => backend.create(EXA_REQUESTS.completes, never));
    for (const created of await drive(Promise.all(creates))) value(created);
    expect(clock.now() - begun).toBeGreaterThanOrEqual(200);
    expect(server.counts.create).toBe(6);
  });

  test('may be fewer than one', async () => {
    const clock = new VirtualClock();
    const pace = new Pace(0.1, clock);
    const begun = clock.now();
    for (let i = 0; i < 3; i++) await clock.drive(pace.turn(never));
    expect(clock.now() - begun).toBe(20_000);
  });

  test('a create that is given up in the line was not sent', async () => {
    const { backend, drive, server } = await exaSubject({}, { createsPerSecond: 0.001 });
    value(await drive(backend.create(EXA_REQUESTS.completes, never)));
    const abort = new AbortController();
    const waiting = backend.create(EXA_REQUESTS.completes, abort.signal);
    abort.abort();
    expect(problem(await waiting)).toMatchObject({ kind: 'cancelled', mayHaveCreated: false });
    expect(server.counts.create).toBe(1);
  });
});

test('the id of the attempt goes out as Idempotency-Key, on creates only', async () => {
  const { backend, drive, server } = await exaSubject();
  const metadata = { 'fieldwork.a': '0f'.repeat(16), mine: 'x' };
  value(await drive(backend.create({ ...EXA_REQUESTS.completes, metadata }, never)));
  value(await drive(backend.create(EXA_REQUESTS.completes, never)));
  value(await drive(backend.cancel('agent_run_00000000000000000000000001', never)));
  const keys = server.received.map(({ route, headers }) => [route, headers['idempotency-key']]);
  expect(keys).toEqual([
    ['list', undefined],
    ['create', '0f'.repeat(16)],
    ['create', undefined],
    ['cancel', undefined],
  ]);
});

test('the list gives what lost agent runs are found by: time, metadata, and the server’s clock', async () => {
  const { backend, drive, clock } = await exaSubject();
  const metadata = { 'fieldwork.a': 'a1' };
  value(await drive(backend.create({ ...EXA_REQUESTS.completes, metadata }, never)));
  const page = value(await drive(backend.list({ limit: 10 }, never)));
  expect(page.runs[0]?.createdAt).toBe(new Date(clock.now()).toISOString());
  expect(page.runs[0]?.request?.metadata).toEqual(metadata);
  // The header `Date` of the test's server is the machine's own time.
  expect(Math.abs((page.serverTimeMs ?? 0) - Date.now())).toBeLessThan(120_000);
});

test('a server that does not tell the time leaves it open', async () => {
  const server = createServer((_request, response) => {
    response.sendDate = false;
    response.end('{"object":"list","data":[],"hasMore":false,"nextCursor":null}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { backend, drive } = await exaSubject({}, { baseUrl });
  expect(value(await drive(backend.list({ limit: 1 }, never)))).toEqual({
    runs: [],
    nextCursor: undefined,
  });
});

test('an account is one place and one key, neither of which can be read from it', () => {
  const accountOf = (baseUrl: string, key: string): string | undefined =>
    openExaAgent({
      name: 'exa',
      baseUrl,
      key: new Secret(key),
      clock: new VirtualClock(),
      random: seededRandom(),
      concurrency: 1,
      contract: '2026-11',
    }).account;
  const account = accountOf('https://api.exa.ai', CANARY);
  expect(account).toMatch(/^[\da-f]{32}$/);
  expect(accountOf('https://api.exa.ai/', CANARY)).toBe(account);
  expect(accountOf('https://api.exa.ai', 'another')).not.toBe(account);
  expect(accountOf('https://agents.example', CANARY)).not.toBe(account);
});
