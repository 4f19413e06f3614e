import { describe, expect, test } from 'vitest';
import type { AgentProblem, AgentRun } from '../../src/agent/agent.ts';
import type { Fault } from '../rig/agent-api-faults.ts';
import { problem, value } from './backend.cases.ts';
import { gateway, html, SHORT, status } from './exa-faults.ts';
import { CANARY, EXA_REQUESTS, exaSubject, NEVER_ENDS, type ExaSubject } from './exa-subject.ts';

// What every fault means for a read, which is free to repeat.

const never = new AbortController().signal;

describe('a read is tried again until it works, and nothing is created', () => {
  const completes = async (
    { backend, drive, server }: ExaSubject,
    fault: Fault,
    times: number,
  ): Promise<AgentRun> => {
    const { id } = value(await drive(backend.create(EXA_REQUESTS.completes, never)));
    server.faults('get', times, fault);
    const run = value(await drive(backend.wait(id, never)));
    expect(run).toMatchObject({ id, status: 'completed', costDollars: { total: 0.025 } });
    expect(server.counts.create).toBe(1);
    return run;
  };

  test.each<[name: string, fault: Fault]>([
    ['too many at once, with a wait (429)', status(429, 'X', { 'retry-after': '2' })],
    ['too many at once, without a wait (429)', status(429, 'X')],
    ['a misdirected request (421)', status(421, 'X')],
    ['a request that came too slowly (408)', status(408, 'X')],
    ['a server error (500)', status(500, 'SERVER_ERROR')],
    ['a bad gateway (502)', html(502)],
    ['a server that is overloaded (503)', html(503)],
    ['a connection that is reset', { type: 'reset', processed: true }],
    ['no headers in time', { type: 'stall', at: 'headers' }],
    ['a body that stalls', { type: 'stall', at: 'body' }],
    ['a body that is cut before its length', { type: 'cut', framing: 'length' }],
    ['a body that is cut between chunks', { type: 'cut', framing: 'chunks' }],
    ['a body that is cut where no length was told', { type: 'cut', framing: 'close' }],
    ['HTML in place of JSON', html(200)],
    ['an empty body', { type: 'text', text: '' }],
    ['a run without an id', { type: 'change', change: (run) => ({ ...run, id: undefined }) }],
    ['another run than was asked for', { type: 'change', change: (r) => ({ ...r, id: 'x' }) }],
  ])('%s', async (_name, fault) => {
    const subject = await exaSubject({ durationMs: 0 }, { timeouts: SHORT });
    // A stall takes real time.
    const times = fault.type === 'stall' ? 1 : 2;
    await completes(subject, fault, times);
    expect(subject.server.counts.get).toBe(times + 1);
  });

  test('it does not ask before the time the server named', async () => {
    const subject = await exaSubject({ durationMs: 0 });
    const { id } = value(
      await subject.drive(subject.backend.create(EXA_REQUESTS.completes, never)),
    );
    subject.server.fault('get', 1, status(429, 'X', { 'retry-after': '90' }));
    const begun = subject.clock.now();
    value(await subject.drive(subject.backend.wait(id, never)));
    expect(subject.clock.now() - begun).toBeGreaterThanOrEqual(90_000);
    expect(subject.server.counts.get).toBe(2);
  });

  test('it gives up after a quarter of an hour, with the run still known', async () => {
    const { backend, drive, server, clock } = await exaSubject();
    const { id } = value(await drive(backend.create(EXA_REQUESTS.completes, never)));
    server.faults('get', 1_000, status(500, 'SERVER_ERROR'));
    const begun = clock.now();
    expect(problem(await drive(backend.wait(id, never)))).toMatchObject({
      kind: 'unreachable',
      mayHaveCreated: false,
      httpStatus: 500,
      apiCode: 'SERVER_ERROR',
    });
    const minutes = (clock.now() - begun) / 60_000;
    expect(minutes).toBeGreaterThan(13);
    expect(minutes).toBeLessThanOrEqual(15.1);
  });

  test.each<[name: string, fault: Fault, kind: AgentProblem['kind']]>([
    ['a key that is refused (401)', status(401, 'TEAM_NOT_FOUND'), 'unauthorized'],
    ['a key without the right to it (403)', status(403, 'X'), 'unauthorized'],
    ['credit that is used up (402)', gateway(402, 'NO_MORE_CREDITS'), 'credit-exhausted'],
    ['a budget that is used up (429)', gateway(429, 'API_KEY_BUDGET_EXCEEDED'), 'credit-exhausted'],
    ['a redirect (302)', { type: 'status', status: 302 }, 'misconfigured'],
    ['an answer larger than the limit', { type: 'endless' }, 'output-too-large'],
  ])('but not when that cannot help: %s', async (_name, fault, kind) => {
    const { backend, drive, server } = await exaSubject({}, { bodyLimit: 200_000 });
    const { id } = value(await drive(backend.create(EXA_REQUESTS.completes, never)));
    server.fault('get', 1, fault);
    const outcome = await drive(backend.wait(id, never));
    expect(problem(outcome).kind).toBe(kind);
    expect(JSON.stringify(outcome)).not.toContain(CANARY);
    expect(server.counts.get).toBe(1);
  });

  test('what is never JSON is given up after five answers', async () => {
    const { backend, drive, server } = await exaSubject();
    const { id } = value(await drive(backend.create(EXA_REQUESTS.completes, never)));
    server.faults('get', 100, html(200));
    const outcome = await drive(backend.wait(id, never));
    expect(problem(outcome).kind).toBe('bad-response');
    expect(problem(outcome).message).toMatch(/HTML or XML in place of JSON: <html>\[secret\]/);
    expect(server.counts.get).toBe(5);
  });

  test('a run that is missing three times over two minutes is gone', async () => {
    const { backend, drive, server, clock } = await exaSubject();
    const { id } = value(await drive(backend.create(EXA_REQUESTS.completes, never)));
    server.forget(id);
    const begun = clock.now();
    expect(problem(await drive(backend.wait(id, never))).kind).toBe('not-found');
    expect(server.counts.get).toBe(3);
    expect(clock.now() - begun).toBeGreaterThanOrEqual(120_000);
  });

  test('a run that is missing at first is waited for', async () => {
    const { backend, drive, server } = await exaSubject();
    const { id } = value(await drive(backend.create(EXA_REQUESTS.completes, never)));
    server.faults('get', 2, status(404, 'RUN_NOT_FOUND'));
    expect(value(await drive(backend.wait(id, never))).status).toBe('completed');
  });
});

describe('what the contract does not know', () => {
  test('unknown status, stop reason and fields are no obstacle', async () => {
    const { backend, drive, server } = await exaSubject();
    const { id } = value(await drive(backend.create(EXA_REQUESTS.completes, never)));
    const strange = (status: string): Fault => ({
      type: 'change',
      change: (run) => ({
        ...run,
        status,
        stopReason: 'moon_phase',
        weather: { sky: 'blue' },
        output: { ...(run['output'] as object), mood: 1 },
        request: { query: 'Q', metadata: { a: 'text', b: 7 } },
      }),
    });
    server.fault('get', 1, strange('hibernating'));
    server.fault('get', 2, strange('completed'));
    const run = value(await drive(backend.wait(id, never)));
    expect(run).toMatchObject({ status: 'completed', stopReason: 'moon_phase' });
    expect(run).not.toHaveProperty('weather');
    expect(run.request?.metadata).toEqual({ a: 'text' });
  });

  test('an unknown status is not believed for ever', async () => {
    const { backend, drive, server, clock } = await exaSubject();
    const { id } = value(await drive(backend.create(NEVER_ENDS, never)));
    const change = (run: Record<string, unknown>): unknown => ({ ...run, status: 'hibernating' });
    server.faults('get', 5_000, { type: 'change', change });
    const begun = clock.now();
    expect(problem(await drive(backend.wait(id, never))).kind).toBe('bad-response');
    expect((clock.now() - begun) / 60_000).toBeGreaterThan(70);
  });

  test('a run that never ends is asked about every 5 seconds until the caller stops', async () => {
    const { backend, drive, server, clock } = await exaSubject();
    const { id } = value(await drive(backend.create(NEVER_ENDS, never)));
    const abort = new AbortController();
    const hour = clock.now() + 3_600_000;
    const change = (run: unknown): unknown => {
      if (clock.now() >= hour) abort.abort();
      return run;
    };
    server.faults('get', 2_000, { type: 'change', change });
    expect(problem(await drive(backend.wait(id, abort.signal))).kind).toBe('cancelled');
    expect(server.counts.get).toBeGreaterThan(3_600 / 6);
    expect(server.counts.get).toBeLessThan(3_600 / 4 + 50);
  });

  test.each<[what: string, cost: unknown]>([
    ['missing', undefined],
    ['null', null],
    ['negative', { total: -1 }],
    ['text', { total: '0.025' }],
    ['infinite', { total: 'REPLACED' }],
  ])('a cost that is %s is unknown, not free', async (what, cost) => {
    const { backend, drive, server } = await exaSubject();
    const { id } = value(await drive(backend.create(EXA_REQUESTS.completes, never)));
    const run = value(await drive(backend.wait(id, never)));
    const text = JSON.stringify({ ...run, costDollars: cost }).replace('"REPLACED"', '1e999');
    server.fault('get', 1, { type: 'text', text });
    expect(value(await drive(backend.get(id, never)))).not.toHaveProperty('costDollars');
    expect(what).not.toBe('');
  });

  test('a total without its parts counts as agent compute', async () => {
    const { backend, drive, server } = await exaSubject();
    const { id } = value(await drive(backend.create(EXA_REQUESTS.completes, never)));
    const costDollars = { total: 0.5, emails: 0.125 };
    server.fault('get', 1, { type: 'change', change: (run) => ({ ...run, costDollars }) });
    expect(value(await drive(backend.get(id, never))).costDollars).toEqual({
      total: 0.5,
      agentCompute: 0.375,
      search: 0,
      emails: 0.125,
      phoneNumbers: 0,
    });
  });
});

describe('lists', () => {
  const withRuns = async (count: number): Promise<ExaSubject> => {
    const subject = await exaSubject();
    for (let n = 0; n < count; n++) {
      value(await subject.drive(subject.backend.create(EXA_REQUESTS.completes, never)));
    }
    return subject;
  };

  test.each<[what: string, change: (page: Record<string, unknown>) => unknown]>([
    ['stands still', (page) => ({ ...page, nextCursor: 'agent_run_1' })],
    ['is missing although there is more', (page) => ({ ...page, nextCursor: null })],
    ['is half a character', (page) => ({ ...page, hasMore: true, nextCursor: '\ud800' })],
  ])('a cursor that %s makes the page a problem', async (_what, change) => {
    const { backend, drive, server } = await withRuns(3);
    server.fault('list', 1, { type: 'change', change });
    const outcome = await drive(backend.list({ limit: 2, cursor: 'agent_run_1' }, never));
    expect(problem(outcome).kind).toBe('bad-response');
  });

  test('a page with an unreadable run is a problem, not a page with a hole', async () => {
    const { backend, drive, server } = await withRuns(2);
    const change = (page: Record<string, unknown>): unknown => ({ ...page, data: [{}, null] });
    server.fault('list', 1, { type: 'change', change });
    const outcome = await drive(backend.list({ limit: 2 }, never));
    expect(problem(outcome).message).toMatch(/in one of its runs, it has no valid id/);
  });

  test('runs come in the order of the server, whatever it is', async () => {
    const { backend, drive, server } = await withRuns(3);
    const reverse = (page: Record<string, unknown>): unknown => ({
      ...page,
      data: (page['data'] as unknown[]).toReversed(),
    });
    const straight = value(await drive(backend.list({ limit: 9 }, never)));
    server.fault('list', 1, { type: 'change', change: reverse });
    const reversed = value(await drive(backend.list({ limit: 9 }, never)));
    expect(reversed.runs.map((run) => run.id)).toEqual(
      straight.runs.map((run) => run.id).toReversed(),
    );
  });

  test('a page that is too large is asked for again in smaller ones', async () => {
    const { backend, drive, server } = await withRuns(3);
    server.faults('list', 2, { type: 'endless' });
    const subject = { limit: 100 };
    const page = value(await drive(backend.list(subject, never)));
    expect(page.runs).toHaveLength(3);
    const limits = server.received.filter((r) => r.route === 'list').map((r) => r.path);
    // The first one was to see who is there.
    expect(limits.shift()).toBe('/agent/runs?limit=1');
    expect(limits).toEqual([
      '/agent/runs?limit=100',
      '/agent/runs?limit=20',
      '/agent/runs?limit=5',
    ]);
  });
});
