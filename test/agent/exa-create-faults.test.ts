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

// What each row of the fault matrix means for a create, behind which may be money.

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
  test.each<[row: string, fault: Fault, expected: Partial<AgentProblem>]>([
    ['1: 400 INVALID_REQUEST', status(400, 'INVALID_REQUEST'), { kind: 'rejected' }],
    ['1: 400 INVALID_OUTPUT_SCHEMA', status(400, 'INVALID_OUTPUT_SCHEMA'), { kind: 'rejected' }],
    ['2: 400 MISSING_BETA_HEADER', status(400, 'MISSING_BETA_HEADER'), { kind: 'rejected' }],
    ['3: 401 TEAM_NOT_FOUND', status(401, 'TEAM_NOT_FOUND'), { kind: 'unauthorized' }],
    ['3: 401 INVALID_API_KEY', gateway(401, 'INVALID_API_KEY'), { kind: 'unauthorized' }],
    ['4: 403', gateway(403, 'INSUFFICIENT_SCOPE'), { kind: 'unauthorized' }],
    ['5: 402', gateway(402, 'NO_MORE_CREDITS'), { kind: 'credit-exhausted' }],
    ['5: 429 for credit', gateway(429, 'TEAM_BUDGET_EXCEEDED'), { kind: 'credit-exhausted' }],
    ['6: 404 PREVIOUS_RUN_NOT_FOUND', status(404, 'PREVIOUS_RUN_NOT_FOUND'), { kind: 'rejected' }],
    [
      '6: 409 PREVIOUS_RUN_NOT_COMPLETED',
      status(409, 'PREVIOUS_RUN_NOT_COMPLETED'),
      { kind: 'rejected' },
    ],
    ['9: 413', status(413, 'X'), { kind: 'rejected' }],
    ['9: 414', status(414, 'X'), { kind: 'rejected' }],
    ['9: 431', status(431, 'X'), { kind: 'rejected' }],
    ['10: 422', status(422, 'X'), { kind: 'rejected' }],
    [
      '11: 429 with Retry-After in seconds',
      status(429, 'CONCURRENCY_LIMIT_REACHED', { 'retry-after': '7' }),
      { kind: 'rate-limited', retryAfterMs: 7_000 },
    ],
    [
      '11: 429 with Retry-After as a date',
      status(429, 'X', { 'retry-after': 'Sun, 22 Nov 2026 09:00:30 GMT' }),
      { kind: 'rate-limited', retryAfterMs: 30_000 },
    ],
    [
      '11: 429 with Retry-After of a day is cut to ten minutes',
      status(429, 'X', { 'retry-after': '86400' }),
      { kind: 'rate-limited', retryAfterMs: 600_000 },
    ],
    ['12: 429 without', html(429), { kind: 'rate-limited' }],
  ])('row %s', async (_row, fault, expected) => {
    const { outcome } = await createWith(fault);
    expect(problem(outcome)).toMatchObject({ ...expected, mayHaveCreated: false });
    if (fault.type === 'status') expect(problem(outcome).httpStatus).toBe(fault.status);
  });

  test('row 1: the message carries what the API said, its code and the request', async () => {
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

  test('row 9: the message says how large the request was', async () => {
    const { outcome } = await createWith(status(413, 'X'));
    expect(problem(outcome).message).toMatch(/^The request is too large for the agent \(1 KB\)\./);
  });

  test('row 18: nobody listens', async () => {
    const subject = await exaSubject();
    await subject.server.close();
    const outcome = await subject.drive(subject.backend.create(EXA_REQUESTS.completes, never));
    expect(problem(outcome)).toMatchObject({ kind: 'unreachable', mayHaveCreated: false });
    expect(problem(outcome).message).toMatch(/connection refused \(ECONNREFUSED\)\.$/);
  });

  test('row 18: the TLS handshake fails', async () => {
    const plain = await AgentApiServer.start();
    onTestFinished(() => plain.close());
    const baseUrl = plain.baseUrl.replace('http:', 'https:');
    const { backend, drive } = await exaSubject({}, { baseUrl });
    const outcome = await drive(backend.create(EXA_REQUESTS.completes, never));
    expect(problem(outcome)).toMatchObject({ kind: 'unreachable', mayHaveCreated: false });
    expect(plain.requests).toBe(0);
  });

  test('row 19: the certificate cannot be trusted, and a read does not try again', async () => {
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
      expect(problem(outcome)).toMatchObject({ kind: 'unreachable', mayHaveCreated: false });
      expect(problem(outcome).message).toMatch(/^The certificate of .* cannot be trusted/);
    }
    expect(clock.now()).toBe(before);
    expect(requests).toBe(0);
  });
});

describe('a create is in doubt when a byte of it may have been read', () => {
  test.each<[row: string, fault: Fault, kind: AgentProblem['kind']]>([
    ['8: 409 other', status(409, 'X'), 'bad-response'],
    ['13: 421', status(421, 'X'), 'unreachable'],
    ['14: 408', status(408, 'X'), 'unreachable'],
    ['14: 499', status(499, 'X'), 'unreachable'],
    ['15: 500', status(500, 'SERVER_ERROR'), 'unreachable'],
    ['16: 502', html(502), 'unreachable'],
    ['16: 503', html(503), 'unreachable'],
    ['16: 504', html(504), 'unreachable'],
    ['17: 300', html(300), 'bad-response'],
    ['20: reset before the work', { type: 'reset', processed: false }, 'unreachable'],
    ['20: reset after the work', { type: 'reset', processed: true }, 'unreachable'],
    ['22: no headers', { type: 'stall', at: 'headers' }, 'unreachable'],
    ['23: the body stalls', { type: 'stall', at: 'body', keep: 9 }, 'unreachable'],
    ['24: cut before its length', { type: 'cut', framing: 'length', keep: 9 }, 'unreachable'],
    ['24: cut between chunks', { type: 'cut', framing: 'chunks', keep: 9 }, 'unreachable'],
    ['25: cut without any length', { type: 'cut', framing: 'close', keep: 9 }, 'bad-response'],
    ['26: HTML', { type: 'text', text: `<!doctype html>${CANARY}` }, 'bad-response'],
    ['26: nothing', { type: 'text', text: '' }, 'bad-response'],
    ['26: no JSON', { type: 'text', text: '{"id":' }, 'bad-response'],
    ['27: no object', { type: 'text', text: '[]' }, 'bad-response'],
    ['27: no id', { type: 'change', change: (run) => ({ ...run, id: undefined }) }, 'bad-response'],
    [
      '27: an id that is a path',
      { type: 'change', change: (run) => ({ ...run, id: '../../admin' }) },
      'bad-response',
    ],
    ['28: larger than the limit', { type: 'endless' }, 'bad-response'],
    ['28: too deep', { type: 'text', text: '['.repeat(201) + ']'.repeat(201) }, 'bad-response'],
    [
      '29: compressed all the same',
      { type: 'text', text: '{}', headers: { 'content-encoding': 'gzip' } },
      'bad-response',
    ],
  ])('row %s', async (_row, fault, kind) => {
    const { outcome } = await createWith(fault, { timeouts: SHORT, bodyLimit: 200_000 });
    expect(problem(outcome)).toMatchObject({ kind, mayHaveCreated: true });
  });

  test.each([301, 302, 303, 307, 308])(
    'row 17: a redirect (%d) is not followed: the other host sees no request and no key',
    async (code) => {
      const other = await AgentApiServer.start();
      onTestFinished(() => other.close());
      const location = `${other.baseUrl}/elsewhere?token=${CANARY}`;
      const fault: Fault = { type: 'status', status: code, headers: { location } };
      const { outcome, subject } = await createWith(fault);
      expect(problem(outcome)).toMatchObject({ kind: 'bad-response', mayHaveCreated: true });
      expect(problem(outcome).message).toContain(`to ${other.baseUrl}/elsewhere;`);

      subject.server.fault('get', 1, fault);
      const read = await subject.drive(subject.backend.get('agent_run_1', never));
      expect(problem(read).kind).toBe('bad-response');
      expect(JSON.stringify(read)).not.toContain(CANARY);
      expect(subject.server.counts.get).toBe(1);
      expect(other.requests).toBe(0);
    },
  );

  test('row 21: a socket that was alive before dies at the next create', async () => {
    const { backend, drive, server } = await exaSubject({}, { concurrency: 1 });
    value(await drive(backend.create(EXA_REQUESTS.completes, never)));
    server.fault('create', 1, { type: 'reset', processed: false });
    const outcome = await drive(backend.create(EXA_REQUESTS.completes, never));
    expect(problem(outcome)).toMatchObject({ kind: 'unreachable', mayHaveCreated: true });
    expect(server.counts.create).toBe(2);
  });

  test('an abort while the answer is awaited leaves it open', async () => {
    const { backend, drive, server } = await exaSubject();
    server.fault('create', 1, { type: 'stall', at: 'headers' });
    const abort = new AbortController();
    const creating = backend.create(EXA_REQUESTS.completes, abort.signal);
    while (server.counts.create === 0) await new Promise(setImmediate);
    abort.abort();
    expect(problem(await drive(creating))).toMatchObject({
      kind: 'cancelled',
      mayHaveCreated: true,
    });
  });

  test('a create that still stands in line for a connection was not sent', async () => {
    const { backend, drive, server } = await exaSubject({}, { concurrency: 1 });
    server.fault('create', 1, { type: 'stall', at: 'headers' });
    const first = new AbortController();
    const second = new AbortController();
    const creating = backend.create(EXA_REQUESTS.completes, first.signal);
    const waiting = backend.create(EXA_REQUESTS.alsoCompletes, second.signal);
    while (server.counts.create === 0) await new Promise(setImmediate);
    second.abort();
    expect(problem(await drive(waiting)).mayHaveCreated).toBe(false);
    first.abort();
    expect(problem(await drive(creating)).mayHaveCreated).toBe(true);
    expect(server.counts.create).toBe(1);
  });
});

describe('a create whose id arrived is known, although the rest is lost', () => {
  test.each<[row: string, fault: Fault]>([
    ['23: the body stalls', { type: 'stall', at: 'body' }],
    ['24: cut before its length', { type: 'cut', framing: 'length' }],
    ['24: cut between chunks', { type: 'cut', framing: 'chunks' }],
    ['25: cut without any length', { type: 'cut', framing: 'close' }],
    ['27: an id and nothing else', { type: 'change', change: ({ id }) => ({ id }) }],
  ])('row %s', async (_row, fault) => {
    const { outcome, subject } = await createWith(fault);
    const { id } = value(outcome);
    expect(value(await subject.drive(subject.backend.wait(id, never))).status).toBe('completed');
  });
});
