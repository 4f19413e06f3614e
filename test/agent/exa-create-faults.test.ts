import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { AgentProblem, AgentRun } from '../../src/agent/agent.ts';
import type { Result } from '../../src/base/result.ts';
import type { Fault } from '../rig/agent-api-faults.ts';
import { AgentApiServer } from '../rig/agent-api-server.ts';
import { problem, value } from './backend.cases.ts';
import { gateway, html, SHORT, status } from './exa-faults.ts';
import { CANARY, EXA_REQUESTS, exaSubject, type ExaSubject } from './exa-subject.ts';
import { UNTRUSTED } from './untrusted-certificate.ts';

// What every fault means for a create, behind which may be money: surely not created, or unknown.

const never = new AbortController().signal;

/** Creates with the fault; also checks that the POST went out once and that no key shows. */
async function createWith(
  fault: Fault,
  agentOptions: Parameters<typeof exaSubject>[1] = { timeouts: SHORT },
): Promise<{ outcome: Result<AgentRun, AgentProblem>; subject: ExaSubject }> {
  const subject = await exaSubject({}, agentOptions);
  subject.server.fault('create', 1, fault);
  const outcome = await subject.drive(subject.backend.create(EXA_REQUESTS.completes, never));
  expect(subject.server.counts.create).toBe(1);
  expect(JSON.stringify(outcome)).not.toContain(CANARY);
  return { outcome, subject };
}

describe('a create that was turned down made nothing', () => {
  test.each<[name: string, fault: Fault, expected: Partial<AgentProblem>]>([
    [
      'a request that is wrong (400 INVALID_REQUEST)',
      status(400, 'INVALID_REQUEST'),
      { kind: 'rejected' },
    ],
    [
      'a schema that cannot be used (400 INVALID_OUTPUT_SCHEMA)',
      status(400, 'INVALID_OUTPUT_SCHEMA'),
      { kind: 'rejected' },
    ],
    [
      'a beta header that is missing (400)',
      status(400, 'MISSING_BETA_HEADER'),
      { kind: 'misconfigured' },
    ],
    [
      'a key that no team has (401 TEAM_NOT_FOUND)',
      status(401, 'TEAM_NOT_FOUND'),
      { kind: 'unauthorized' },
    ],
    [
      'a key that the gateway refuses (401 INVALID_API_KEY)',
      gateway(401, 'INVALID_API_KEY'),
      { kind: 'unauthorized' },
    ],
    [
      'a key without the right to it (403)',
      gateway(403, 'INSUFFICIENT_SCOPE'),
      { kind: 'unauthorized' },
    ],
    ['credit that is used up (402)', gateway(402, 'NO_MORE_CREDITS'), { kind: 'credit-exhausted' }],
    [
      'a budget that is used up (429, which time does not mend)',
      gateway(429, 'TEAM_BUDGET_EXCEEDED'),
      { kind: 'credit-exhausted' },
    ],
    [
      'a previous run that is not found (404)',
      status(404, 'PREVIOUS_RUN_NOT_FOUND'),
      { kind: 'rejected' },
    ],
    [
      'a previous run that has not ended (409)',
      status(409, 'PREVIOUS_RUN_NOT_COMPLETED'),
      { kind: 'rejected' },
    ],
    ['a request that is too large (413)', status(413, 'X'), { kind: 'rejected' }],
    ['an address that is too long (414)', status(414, 'X'), { kind: 'rejected' }],
    ['headers that are too large (431)', status(431, 'X'), { kind: 'rejected' }],
    ['a request that cannot be processed (422)', status(422, 'X'), { kind: 'rejected' }],
    [
      'too many at once, with a wait in seconds (429)',
      status(429, 'CONCURRENCY_LIMIT_REACHED', { 'retry-after': '7' }),
      { kind: 'rate-limited', retryAfterMs: 7_000 },
    ],
    [
      'too many at once, with a wait until a date (429)',
      status(429, 'X', { 'retry-after': 'Sun, 22 Nov 2026 09:00:30 GMT' }),
      { kind: 'rate-limited', retryAfterMs: 30_000 },
    ],
    [
      'too many at once, with a wait of a day, of which ten minutes are granted (429)',
      status(429, 'X', { 'retry-after': '86400' }),
      { kind: 'rate-limited', retryAfterMs: 600_000 },
    ],
    ['too many at once, without a wait (429)', html(429), { kind: 'rate-limited' }],
  ])('%s', async (_name, fault, expected) => {
    const { outcome } = await createWith(fault);
    expect(problem(outcome)).toMatchObject({ ...expected, mayHaveCreated: false });
    if (fault.type === 'status') expect(problem(outcome).httpStatus).toBe(fault.status);
  });

  test('a refusal carries what the API said, its code and the request', async () => {
    const { outcome } = await createWith({
      type: 'status',
      status: 400,
      headers: { 'x-request-id': '07e2' },
      body: {
        error: {
          type: 'INVALID_REQUEST',
          code: 'INVALID_REQUEST',
          message: 'Unrecognized key: count',
          detail: '[{"keys":["count"]}]',
        },
      },
    });
    expect(problem(outcome).message.replace(/:\d{4,5}/, '')).toBe(
      'http://127.0.0.1 answered POST /agent/runs with status 400: Unrecognized key: count [{"keys":["count"]}] (INVALID_REQUEST, request 07e2)',
    );
    expect(problem(outcome).apiCode).toBe('INVALID_REQUEST');
  });

  test('a request that is too large: the message says how large it was', async () => {
    const { outcome } = await createWith(status(413, 'X'));
    expect(problem(outcome).message).toMatch(/^The request is too large for the agent \(1 KB\)\./);
  });

  test('nobody listens at the address', async () => {
    const subject = await exaSubject();
    await subject.server.close();
    const outcome = await subject.drive(subject.backend.create(EXA_REQUESTS.completes, never));
    expect(problem(outcome)).toMatchObject({ kind: 'unreachable', mayHaveCreated: false });
    expect(problem(outcome).message).toMatch(/connection refused \(ECONNREFUSED\)\.$/);
  });

  test('the TLS handshake fails', async () => {
    const plain = await AgentApiServer.start();
    onTestFinished(() => plain.close());
    const baseUrl = plain.baseUrl.replace('http:', 'https:');
    const { backend, drive } = await exaSubject({}, { baseUrl });
    const outcome = await drive(backend.create(EXA_REQUESTS.completes, never));
    expect(problem(outcome)).toMatchObject({ kind: 'unreachable', mayHaveCreated: false });
    expect(plain.requests).toBe(0);
  });

  test('the certificate cannot be trusted, and a read does not try again', async () => {
    let requests = 0;
    const server = createTlsServer(UNTRUSTED, () => requests++);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const baseUrl = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { backend, drive, clock } = await exaSubject({}, { baseUrl });
    const before = clock.now();
    for (const outcome of [
      await drive(backend.create(EXA_REQUESTS.completes, never)),
      await drive(backend.get('agent_run_1', never)),
    ]) {
      expect(problem(outcome)).toMatchObject({ kind: 'misconfigured', mayHaveCreated: false });
      expect(problem(outcome).message).toMatch(/^The certificate of .* cannot be trusted/);
    }
    expect(clock.now()).toBe(before);
    expect(requests).toBe(0);
  });
});

describe('a create is in doubt when a byte of it may have been read', () => {
  test.each<[name: string, fault: Fault, kind: AgentProblem['kind']]>([
    ['a conflict of another kind (409)', status(409, 'X'), 'bad-response'],
    ['a misdirected request (421)', status(421, 'X'), 'unreachable'],
    ['a request that came too slowly (408)', status(408, 'X'), 'unreachable'],
    ['a request that a proxy gave up (499)', status(499, 'X'), 'unreachable'],
    ['a server error (500)', status(500, 'SERVER_ERROR'), 'unreachable'],
    ['a bad gateway (502)', html(502), 'unreachable'],
    ['a server that is overloaded (503)', html(503), 'unreachable'],
    ['a gateway that got no answer (504)', html(504), 'unreachable'],
    ['several choices (300)', html(300), 'misconfigured'],
    [
      'a connection that is reset before the work',
      { type: 'reset', processed: false },
      'unreachable',
    ],
    [
      'a connection that is reset after the work',
      { type: 'reset', processed: true },
      'unreachable',
    ],
    ['no headers in time', { type: 'stall', at: 'headers' }, 'unreachable'],
    ['a body that stalls', { type: 'stall', at: 'body', keep: 9 }, 'unreachable'],
    [
      'a body that is cut before its length',
      { type: 'cut', framing: 'length', keep: 9 },
      'unreachable',
    ],
    [
      'a body that is cut between chunks',
      { type: 'cut', framing: 'chunks', keep: 9 },
      'unreachable',
    ],
    [
      'a body that is cut where no length was told',
      { type: 'cut', framing: 'close', keep: 9 },
      'bad-response',
    ],
    ['HTML in place of JSON', { type: 'text', text: `<!doctype html>${CANARY}` }, 'bad-response'],
    ['an empty body', { type: 'text', text: '' }, 'bad-response'],
    ['text that is no JSON', { type: 'text', text: '{"id":' }, 'bad-response'],
    ['JSON that is no object', { type: 'text', text: '[]' }, 'bad-response'],
    [
      'a run without an id',
      { type: 'change', change: (run) => ({ ...run, id: undefined }) },
      'bad-response',
    ],
    [
      'an id that is a path',
      { type: 'change', change: (run) => ({ ...run, id: '../../admin' }) },
      'bad-response',
    ],
    ['an answer larger than the limit', { type: 'endless' }, 'bad-response'],
    [
      'an answer nested too deep',
      { type: 'text', text: '['.repeat(201) + ']'.repeat(201) },
      'bad-response',
    ],
    [
      'an answer that is compressed all the same',
      { type: 'text', text: '{}', headers: { 'content-encoding': 'gzip' } },
      'bad-response',
    ],
  ])('%s', async (_name, fault, kind) => {
    const { outcome } = await createWith(fault, { timeouts: SHORT, bodyLimit: 200_000 });
    expect(problem(outcome)).toMatchObject({ kind, mayHaveCreated: true });
  });

  test.each([301, 302, 303, 307, 308])(
    'a redirect (%d) is not followed: the other host sees no request and no key',
    async (code) => {
      const other = await AgentApiServer.start();
      onTestFinished(() => other.close());
      const location = `${other.baseUrl}/elsewhere?token=${CANARY}`;
      const fault: Fault = { type: 'status', status: code, headers: { location } };
      const { outcome, subject } = await createWith(fault);
      expect(problem(outcome)).toMatchObject({ kind: 'misconfigured', mayHaveCreated: true });
      expect(problem(outcome).message).toContain(`to ${other.baseUrl}/elsewhere;`);

      subject.server.fault('get', 1, fault);
      const read = await subject.drive(subject.backend.get('agent_run_1', never));
      expect(problem(read).kind).toBe('misconfigured');
      expect(JSON.stringify(read)).not.toContain(CANARY);
      expect(subject.server.counts.get).toBe(1);
      expect(other.requests).toBe(0);
    },
  );

  test('a kept connection that dies as it is used again', async () => {
    const { backend, drive, server } = await exaSubject({}, { concurrency: 1 });
    value(await drive(backend.create(EXA_REQUESTS.completes, never)));
    server.fault('create', 1, { type: 'reset', processed: false });
    const outcome = await drive(backend.create(EXA_REQUESTS.completes, never));
    expect(problem(outcome)).toMatchObject({ kind: 'unreachable', mayHaveCreated: true });
    expect(server.counts.create).toBe(2);
  });

  test('a create that was sent is heard out, whatever is aborted meanwhile', async () => {
    const { backend, server } = await exaSubject();
    let answer = (): void => undefined;
    const until = new Promise<void>((resolve) => void (answer = resolve));
    server.fault('create', 1, { type: 'late', until });
    const abort = new AbortController();
    const creating = backend.create(EXA_REQUESTS.completes, abort.signal);
    while (server.counts.create === 0) await new Promise(setImmediate);
    abort.abort();
    answer();
    expect(value(await creating).status).toBe('queued');
  });

  test('a create that still stands in line for a connection was not sent', async () => {
    const { backend, drive, server } = await exaSubject({}, { concurrency: 1, timeouts: SHORT });
    server.fault('create', 1, { type: 'stall', at: 'headers' });
    const second = new AbortController();
    const creating = backend.create(EXA_REQUESTS.completes, never);
    const waiting = backend.create(EXA_REQUESTS.alsoCompletes, second.signal);
    while (server.counts.create === 0) await new Promise(setImmediate);
    second.abort();
    expect(problem(await drive(waiting)).mayHaveCreated).toBe(false);
    expect(problem(await drive(creating)).mayHaveCreated).toBe(true);
    expect(server.counts.create).toBe(1);
  });
});

describe('a create whose id arrived is known, although the rest is lost', () => {
  test.each<[name: string, fault: Fault]>([
    ['a body that stalls', { type: 'stall', at: 'body' }],
    ['a body that is cut before its length', { type: 'cut', framing: 'length' }],
    ['a body that is cut between chunks', { type: 'cut', framing: 'chunks' }],
    ['a body that is cut where no length was told', { type: 'cut', framing: 'close' }],
    ['an id and nothing else', { type: 'change', change: ({ id }) => ({ id }) }],
  ])('%s', async (_name, fault) => {
    const { outcome, subject } = await createWith(fault);
    const { id } = value(outcome);
    expect(value(await subject.drive(subject.backend.wait(id, never))).status).toBe('completed');
  });
});
