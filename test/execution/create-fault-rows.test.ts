import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { gateway, html, status } from '../agent/exa-faults.ts';
import { UNTRUSTED } from '../agent/untrusted-certificate.ts';
import type { Fault } from '../rig/agent-api-faults.ts';
import { socketWorld, THREE, type SocketWorld } from './socket-world.ts';
import { CHAIN } from './pipelines.ts';

// What goes wrong with a create, by the rows of the fault matrix: whole runs over real sockets.

type Named = readonly [row: string, fault: Fault];

const failures = ({ rig }: SocketWorld): readonly string[] =>
  rig()
    .eventsOf('task-failed')
    .map(({ failure }) => failure);

const verdicts = ({ rig }: SocketWorld): readonly string[] =>
  rig()
    .eventsOf('attempt-found')
    .map(({ verdict }) => verdict);

describe('a create that was surely not taken', () => {
  test.each<Named>([
    ['row 1: a request that is wrong (400)', status(400, 'INVALID_REQUEST')],
    ['row 1: a schema that cannot be used (400)', status(400, 'INVALID_OUTPUT_SCHEMA')],
    ['row 9: too large a request (413)', html(413)],
    ['row 9: too long an address (414)', html(414)],
    ['row 9: too large a head (431)', html(431)],
    ['row 10: a request that cannot be processed (422)', status(422, 'X')],
  ])('%s fails its task alone, for nothing, and says why', async (row, fault) => {
    const world = await socketWorld();
    world.server.fault('create', 2, fault);
    const report = await world.run();
    expect(report).toMatchObject({ exit: 1, spend: { reported: 50_000, reserved: 0, unknown: 0 } });
    expect(world.server.counts).toMatchObject({ create: 3, list: 1 });
    expect(failures(world)).toEqual(['rejected']);
    const [failed] = world.rig().eventsOf('task-failed');
    const says = row.startsWith('row 9:')
      ? /^The request is too large for the agent \(\d+ KB\)\. /
      : /No: [A-Z_]+, your key/;
    expect(failed?.message).toMatch(says);
    expect(await world.open()).toEqual([]);
  });

  test.each<Named>([
    ['row 1: a request that is wrong (400)', status(400, 'INVALID_REQUEST')],
    ['row 10: a request that cannot be processed (422)', status(422, 'X')],
  ])('%s stops the run where the first three of a step get it', async (_, fault) => {
    const world = await socketWorld();
    world.server.faults('create', 9, fault);
    const four = THREE.replace('{"id":"c"}', '{"id":"c"},{"id":"d"},{"id":"e"}');
    expect(await world.run(four)).toMatchObject({ exit: 2, status: 'stopped' });
    expect(world.server.counts.create).toBe(3);
  });

  test.each<readonly [row: string, fault: Fault, exit: number]>([
    ['row 2: a beta header that is missing', status(400, 'MISSING_BETA_HEADER'), 2],
    ['row 2: a beta header that is wrong', status(400, 'INVALID_BETA_HEADER'), 2],
    ['row 3: a key that no team has (401)', status(401, 'TEAM_NOT_FOUND'), 4],
    ['row 4: a key without the right to it (403)', status(403, 'X'), 4],
    ['row 5: credit that is used up (402)', gateway(402, 'NO_MORE_CREDITS'), 4],
    ['row 5: a budget that is used up (429)', gateway(429, 'API_KEY_BUDGET_EXCEEDED'), 4],
  ])('%s stops the run at once, and what runs is collected', async (row, fault, exit) => {
    const world = await socketWorld();
    world.server.fault('create', 2, fault);
    const report = await world.run();
    expect(report).toMatchObject({ exit, status: 'stopped', spend: { reported: 25_000 } });
    expect(world.server.counts.create).toBe(2);
    expect(await world.open()).toEqual([]);
    const [failed] = world.rig().eventsOf('task-failed');
    const advice = 'Update Fieldwork: the header Exa-Beta';
    expect(failed?.message.includes(advice)).toBe(row.startsWith('row 2:'));
    expect((await world.run()).exit).toBe(0);
    expect(world.server.counts.create).toBe(4);
  });

  test('row 19: a certificate that nobody signed stops the run, and no request leaves', async () => {
    let requests = 0;
    const server = createTlsServer(UNTRUSTED, () => requests++);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const world = await socketWorld({}, { baseUrl: `https://127.0.0.1:${port}` });
    expect(await world.run()).toMatchObject({ exit: 2, status: 'stopped', spend: { reported: 0 } });
    const [failed] = world.rig().eventsOf('task-failed');
    expect(failed?.message).toContain('cannot be trusted');
    expect(await world.open()).toEqual([]);
    expect(requests).toBe(0);
  });

  test('row 6: a follow-up whose agent run is not found has that one looked at, and is tried once more', async () => {
    const world = await socketWorld({
      answer: ({ query }) => ({ structured: { found: [{ name: query }] }, dollars: 0.025 }),
    });
    world.server.fault('create', 2, status(404, 'PREVIOUS_RUN_NOT_FOUND'));
    expect((await world.run(CHAIN)).exit).toBe(0);
    expect(world.server.counts.create).toBe(3);
    const refused = world.server.received.findIndex(
      ({ route, body }, at) => route === 'create' && body.includes('previousRunId') && at > 0,
    );
    expect(world.server.received[refused + 1]?.route).toBe('get');
    const twice = await socketWorld({
      answer: ({ query }) => ({ structured: { found: [{ name: query }] }, dollars: 0.025 }),
    });
    for (const nth of [2, 3, 4]) {
      twice.server.fault('create', nth, status(409, 'PREVIOUS_RUN_NOT_COMPLETED'));
    }
    const report = await twice.run(CHAIN);
    expect(report).toMatchObject({ exit: 1, spend: { reported: 25_000, reserved: 0, unknown: 0 } });
    expect(twice.server.counts).toMatchObject({ create: 3, list: 1 });
    expect(failures(twice)).toEqual(['rejected']);
    expect(await twice.open()).toEqual([]);
  });

  test('row 11: too busy until a date (429) is sent again then, and no sooner', async () => {
    const world = await socketWorld();
    const untilMs = world.clock.now() + 90_000;
    const headers = { 'retry-after': new Date(untilMs).toUTCString() };
    world.server.fault('create', 1, status(429, 'X', headers));
    const one = THREE.replace(',{"id":"b"},{"id":"c"}', '');
    expect((await world.run(one)).exit).toBe(0);
    expect(world.server.counts.create).toBe(2);
    expect(world.clock.now()).toBeGreaterThanOrEqual(untilMs);
    expect(world.clock.now()).toBeLessThan(untilMs + 60_000);
  });

  test.each<readonly [row: string, fault: Fault, waitsMs: number]>([
    ['row 11: too busy, with a wish (429)', status(429, 'X', { 'retry-after': '90' }), 90_000],
    [
      'row 11: with a wish beyond ten minutes',
      status(429, 'X', { 'retry-after': '9000' }),
      600_000,
    ],
    ['row 12: too busy, without one (429)', status(429, 'CONCURRENCY_LIMIT_REACHED'), 1_000],
  ])('%s is sent again later, and is no attempt of its task', async (_, fault, waitsMs) => {
    const world = await socketWorld();
    world.server.faults('create', 5, fault);
    const before = world.clock.now();
    expect((await world.run(`${THREE}\n    retry: { maximum_attempts: 1 }`)).exit).toBe(0);
    expect(world.server.counts).toMatchObject({ create: 8, list: 1 });
    expect(world.clock.now() - before).toBeGreaterThanOrEqual(waitsMs);
    expect(world.clock.now() - before).toBeLessThan(2 * waitsMs + 60_000);
  });
});

describe('a create that may have been taken', () => {
  const adopted: readonly Named[] = [
    ['row 8: a conflict (409)', { type: 'status', status: 409, processed: true }],
    ['row 13: a misdirected request (421)', { type: 'status', status: 421, processed: true }],
    [
      'row 14: a request that came too slowly (408)',
      { type: 'status', status: 408, processed: true },
    ],
    [
      'row 14: a client that is said to have gone (499)',
      { type: 'status', status: 499, processed: true },
    ],
    ['row 15: a server error (500)', { type: 'status', status: 500, processed: true }],
    ['row 16: a bad gateway (502)', { type: 'status', status: 502, processed: true }],
    ['row 16: an overloaded server (503)', { type: 'status', status: 503, processed: true }],
    ['row 16: a gateway that gave up (504)', { type: 'status', status: 504, processed: true }],
    ['row 20: a connection that is reset', { type: 'reset', processed: true }],
    ['row 22: no headers in time', { type: 'stall', at: 'headers' }],
    ['row 23: a body that stalls', { type: 'stall', at: 'body', keep: 4 }],
    ['row 24: a body that is cut before its length', { type: 'cut', framing: 'length', keep: 4 }],
    ['row 24: a body that is cut between chunks', { type: 'cut', framing: 'chunks', keep: 4 }],
    [
      'row 25: a body that is cut where no length was told',
      { type: 'cut', framing: 'close', keep: 4 },
    ],
    ['row 26: a web page', { type: 'status', status: 200, body: '<html></html>', processed: true }],
    ['row 26: an empty body', { type: 'text', text: '' }],
    [
      'row 27: JSON without an id',
      { type: 'change', change: (run) => ({ ...run, id: undefined }) },
    ],
    ['row 27: an id that is none', { type: 'change', change: (run) => ({ ...run, id: '../x' }) }],
    ['row 28: an answer without an end', { type: 'endless' }],
    [
      'row 28: JSON that is nested without measure',
      { type: 'text', text: `${'['.repeat(300)}${']'.repeat(300)}` },
    ],
    [
      'row 29: a compressed answer',
      { type: 'text', text: 'x', headers: { 'content-encoding': 'gzip' } },
    ],
  ];

  test.each<Named>(adopted)(
    '%s: is looked for after two minutes, found, and not sent again',
    async (_, fault) => {
      const world = await socketWorld({}, { bodyLimit: 200_000 });
      world.server.fault('create', 1, fault);
      const before = world.clock.now();
      const report = await world.run();
      expect(report).toMatchObject({
        exit: 0,
        spend: { reported: 75_000, reserved: 0, unknown: 0 },
      });
      expect(verdicts(world)).toEqual(['adopted']);
      // One look at who is there, and one for the lost one.
      expect(world.server.counts).toMatchObject({ create: 3, list: 2 });
      expect(world.clock.now() - before).toBeGreaterThanOrEqual(120_000);
      expect(await world.open()).toEqual([]);
    },
  );

  test.each<Named>([
    ['row 8: a conflict (409)', status(409, 'X')],
    ['row 13: a misdirected request (421)', status(421, 'X')],
    ['row 14: a request that came too slowly (408)', status(408, 'X')],
    ['row 15: a server error (500)', status(500, 'SERVER_ERROR')],
    ['row 16: an overloaded server (503)', html(503)],
    ['row 20: a connection that is reset', { type: 'reset', processed: false }],
    ['row 21: a kept connection that dies at the send', { type: 'reset', processed: false }],
  ])('%s: is sent again only once the list shows that there is none', async (_, fault) => {
    const world = await socketWorld();
    // The second create goes over the connection of the first.
    world.server.fault('create', 2, fault);
    expect((await world.run()).exit).toBe(0);
    expect(verdicts(world)).toEqual(['absent']);
    expect(world.server.counts).toMatchObject({ create: 4, list: 2 });
    const [second, third] = world.server.received
      .flatMap(({ route }, at) => (route === 'create' ? [at] : []))
      .slice(1);
    const between = world.server.received.slice(second, third).map(({ route }) => route);
    expect(between).toContain('list');
  });

  test('row 15: is created twice at most', async () => {
    const world = await socketWorld();
    world.server.faults('create', 9, status(500, 'SERVER_ERROR'));
    const one = THREE.replace(',{"id":"b"},{"id":"c"}', '');
    expect((await world.run(one)).exit).toBe(1);
    expect(world.server.counts.create).toBe(2);
  });

  test('row 17: a redirect is not followed, is looked for, and stops the run', async () => {
    const world = await socketWorld();
    const headers = { location: 'https://other.example/agent/runs?token=secret' };
    world.server.fault('create', 1, { type: 'status', status: 308, headers, processed: true });
    const report = await world.run();
    expect(report).toMatchObject({ exit: 2, status: 'stopped' });
    const [doubt] = world.rig().eventsOf('attempt-in-doubt');
    expect(doubt?.message).toContain('https://other.example/agent/runs');
    expect(doubt?.message).not.toContain('secret');
    expect(verdicts(world)).toEqual(['adopted']);
    expect(world.server.counts.create).toBe(1);
  });
});

test.each<Named>([
  ['row 51: a web page', html(200)],
  ['row 51: another API', { type: 'text', text: '{"status":"up"}' }],
  ['row 51: a server without such an address (404)', html(404)],
])('%s at the address: nothing is sent and the run stops', async (_, fault) => {
  const world = await socketWorld();
  world.server.faults('list', 9, fault);
  expect(await world.run()).toMatchObject({ exit: 2, status: 'stopped', spend: { reported: 0 } });
  expect(world.server.counts.create).toBe(0);
  expect(await world.open()).toEqual([]);
});
