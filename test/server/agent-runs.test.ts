import { expect, test } from 'vitest';
import { fail, ok } from '../../src/base/result.ts';
import type { LocalAgent } from '../../src/agent/local/local-agent.ts';
import { LocalEngine } from '../../src/server/local-engine.ts';
import { MemoryAgentRunStore } from '../../src/store/memory-agent-run-store.ts';
import { VirtualClock } from '../rig/virtual-clock.ts';
import { sampleAnswer, USAGE } from './scripted-engine.ts';
import { startServer, type StartedServer } from './start-server.ts';

const HOUR_MS = 3_600_000;
const LIMITS = { runMs: HOUR_MS, longRunMs: 3 * HOUR_MS, finishMs: 60_000 };
const NOTHING = { text: '', structured: null, grounding: [] };

async function names(server: StartedServer, id: string): Promise<readonly string[]> {
  const { data } = await server.call('GET', `/agent/runs/${id}/events`);
  return data.map(({ event }) => event.replace('agent_run.', ''));
}

const stream = (server: StartedServer, path: string, init: RequestInit = {}): Promise<Response> =>
  server.fetch(path, { ...init, headers: { accept: 'text/event-stream' } });

test('a run is queued, then running, then completed, with its events', async () => {
  const clock = new VirtualClock();
  const server = await startServer({ clock, workers: 1 });
  server.engine.hold();
  const first = await server.create({ query: 'Find two firms.' });
  const second = await server.create({ query: 'Find three firms.' });
  await server.engine.began(first.id);
  expect(second).toMatchObject({
    object: 'agent_run',
    status: 'queued',
    stopReason: null,
    createdAt: '2026-11-22T09:00:00.000Z',
    completedAt: null,
    request: { query: 'Find three firms.' },
    output: NOTHING,
    usage: { agentComputeUnits: 0 },
    costDollars: { total: 0 },
  });
  expect(await server.call('GET', `/agent/runs/${first.id}`)).toMatchObject({ status: 'running' });
  expect(await server.call('GET', `/agent/runs/${second.id}`)).toMatchObject({ status: 'queued' });
  await clock.advance(42_118);
  await server.engine.release();
  expect(await server.end(first.id)).toMatchObject({
    status: 'completed',
    stopReason: 'schema_satisfied',
    completedAt: '2026-11-22T09:00:42.118Z',
    output: { text: 'Answered: Find two firms.' },
  });
  expect(await names(server, first.id)).toEqual(['created', 'started', 'completed']);
  expect((await server.end(second.id)).status).toBe('completed');
});

test('a terminal event carries the whole run', async () => {
  const server = await startServer();
  for (const query of ['Find.', 'Fail.']) {
    const { id } = await server.create({ query });
    const run = await server.end(id);
    const { data } = await server.call('GET', `/agent/runs/${id}/events`);
    expect((data.at(-1) as unknown as { data: unknown }).data).toEqual(run);
  }
});

test('a failed run says why and can still be read', async () => {
  const server = await startServer();
  const run = await server.end((await server.create({ query: 'Fail.' })).id);
  expect(run).toMatchObject({
    status: 'failed',
    stopReason: 'error',
    output: NOTHING,
    error: { type: 'SERVER_ERROR', code: 'SERVER_ERROR', message: 'Told to fail.' },
  });
  expect(await names(server, run.id)).toEqual(['created', 'started', 'failed']);
});

test('a bug of the engine fails its run without telling more', async () => {
  const faults: unknown[] = [];
  const server = await startServer({ onFault: (...fault) => faults.push(fault) });
  server.engine.hold();
  const { id } = await server.create();
  await server.engine.began(id);
  const bug = new Error('password in a message');
  await server.engine.release(id, bug);
  const run = await server.end(id);
  expect(run).toMatchObject({ status: 'failed', error: { code: 'SERVER_ERROR' } });
  expect(JSON.stringify(run)).not.toContain('password');
  expect(faults).toEqual([['engine', bug]]);
});

test('cancel ends a running and a queued run, keeps what was used, and again changes nothing', async () => {
  const server = await startServer({ workers: 1 });
  server.engine.hold();
  const running = await server.create({ query: 'Find.', effort: 'auto' });
  const task = await server.engine.began(running.id);
  task.used({ ...USAGE, searches: 3 });
  const queued = await server.create();
  for (const { id } of [queued, running]) {
    const cancelled = await server.call('POST', `/agent/runs/${id}/cancel`);
    expect(cancelled).toMatchObject({
      status: 'cancelled',
      stopReason: 'cancelled',
      output: NOTHING,
    });
    expect(await server.call('POST', `/agent/runs/${id}/cancel`)).toEqual(cancelled);
    expect(await server.call('GET', `/agent/runs/${id}`)).toEqual(cancelled);
  }
  expect(task.cancelled.aborted).toBe(true);
  expect(await server.call('GET', `/agent/runs/${running.id}`)).toMatchObject({
    usage: { agentComputeUnits: 0.18, searches: 3 },
    costDollars: { total: 0.033, agentCompute: 0.018, search: 0.015 },
  });
  expect(await names(server, running.id)).toEqual(['created', 'started', 'cancelled']);
  expect(await names(server, queued.id)).toEqual(['created', 'cancelled']);
  // What the engine says afterwards is heard by nobody.
  await server.engine.release(running.id);
  expect(await server.call('GET', `/agent/runs/${running.id}`)).toMatchObject({
    status: 'cancelled',
  });
  expect(server.engine.tasks.map(({ id }) => id)).toEqual([running.id]);
});

test('a cancel that races with the end has one winner', async () => {
  const server = await startServer({ concurrency: 200, workers: 200 });
  server.engine.hold();
  const ids: string[] = [];
  for (let n = 0; n < 60; n++) ids.push((await server.create()).id);
  await Promise.all(ids.map((id) => server.engine.began(id)));
  const seen = await Promise.all(
    ids.map(async (id, n) => {
      // Some let go before the cancel is sent, some after.
      if (n % 2 === 0) await server.engine.release(id);
      const cancelled = server.call('POST', `/agent/runs/${id}/cancel`);
      if (n % 2 === 1) await server.engine.release(id);
      return await cancelled;
    }),
  );
  for (const run of seen) {
    expect(['completed', 'cancelled']).toContain(run.status);
    expect(await server.call('GET', `/agent/runs/${run.id}`)).toEqual(run);
    expect((await names(server, run.id)).at(-1)).toBe(run.status);
    expect(await names(server, run.id)).toHaveLength(3);
  }
});

test('stop ends a long run early and keeps what it found', async () => {
  const server = await startServer();
  server.engine.hold();
  for (const effort of ['ultra', 'max']) {
    const { id } = await server.create({ query: 'Find.', effort });
    const task = await server.engine.began(id);
    expect(await server.call('POST', `/agent/runs/${id}/stop`)).toMatchObject({
      status: 'running',
    });
    expect([task.finish.aborted, task.cancelled.aborted]).toEqual([true, false]);
    const answer = sampleAnswer(task.request);
    await server.engine.release(id, { ...answer, partial: true } as typeof answer);
    const run = await server.end(id);
    expect(run).toMatchObject({ status: 'completed', stopReason: 'stopped' });
    expect(run.output.text).toBe('Answered: Find.');
    expect(await server.call('POST', `/agent/runs/${id}/stop`)).toEqual(run);
  }
});

test('a run of another effort cannot be stopped', async () => {
  const server = await startServer();
  const { id } = await server.create();
  const response = await server.fetch(`/agent/runs/${id}/stop`, { method: 'POST' });
  expect(response.status).toBe(400);
  expect(await response.text()).toContain('Only a run of effort max or ultra can be stopped');
});

test('an engine that does not stop is ended', async () => {
  const clock = new VirtualClock();
  const server = await startServer({ clock, limits: LIMITS });
  server.engine.hold();
  const { id } = await server.create({ query: 'Find.', effort: 'ultra' });
  await server.engine.began(id);
  await server.call('POST', `/agent/runs/${id}/stop`);
  await clock.advance(60_000);
  expect(await server.call('GET', `/agent/runs/${id}`)).toMatchObject({
    status: 'completed',
    stopReason: 'stopped',
    output: { structured: null },
  });
});

test.each([
  ['auto', HOUR_MS],
  ['ultra', 3 * HOUR_MS],
])('a run of effort %s fails after %i ms', async (effort, ms) => {
  const clock = new VirtualClock();
  const server = await startServer({ clock, limits: LIMITS });
  server.engine.hold();
  const { id } = await server.create({ query: 'Find.', effort });
  const task = await server.engine.began(id);
  task.used(USAGE);
  await clock.advance(ms - 1);
  expect(await server.call('GET', `/agent/runs/${id}`)).toMatchObject({ status: 'running' });
  await clock.advance(1);
  expect(await server.call('GET', `/agent/runs/${id}`)).toMatchObject({
    status: 'failed',
    stopReason: 'error',
    usage: USAGE,
    error: { type: 'SERVER_ERROR', code: 'TIMEOUT' },
  });
});

test('a run is asked to finish at the duration that its caller set', async () => {
  const clock = new VirtualClock();
  const server = await startServer({ clock, limits: LIMITS });
  server.engine.hold();
  const budget = { maxDurationSeconds: 600 };
  const { id } = await server.create({ query: 'Find.', effort: 'ultra', budget });
  const task = await server.engine.began(id);
  await clock.advance(599_999);
  expect(task.finish.aborted).toBe(false);
  await clock.advance(1);
  expect(task.finish.aborted).toBe(true);
  const answer = sampleAnswer(task.request);
  await server.engine.release(id, { ...answer, partial: true } as typeof answer);
  expect(await server.end(id)).toMatchObject({ stopReason: 'time_limit_reached' });
});

test('a run that used up its budget is asked to finish, and costs no more', async () => {
  const server = await startServer();
  server.engine.hold();
  const budget = { maxCostDollars: 2 };
  const { id } = await server.create({ query: 'Find.', effort: 'auto', budget });
  const task = await server.engine.began(id);
  task.used({ ...USAGE, agentComputeUnits: 19 });
  expect(task.finish.aborted).toBe(false);
  task.used({ ...USAGE, agentComputeUnits: 20 });
  expect(task.finish.aborted).toBe(true);
  const usage = { ...USAGE, agentComputeUnits: 21 };
  const answer = sampleAnswer(task.request);
  await server.engine.release(id, { ...answer, usage, partial: true } as typeof answer);
  expect(await server.end(id)).toMatchObject({
    status: 'completed',
    stopReason: 'budget_reached',
    usage: { agentComputeUnits: 21 },
    costDollars: { total: 2, search: 0.01, agentCompute: 1.99 },
  });
});

test('deleting an active run cancels it, and who reads along sees the end', async () => {
  const server = await startServer();
  server.engine.hold();
  const { id } = await server.create();
  const task = await server.engine.began(id);
  const reading = await stream(server, `/agent/runs/${id}/events?follow=true`);
  expect(await server.call('DELETE', `/agent/runs/${id}`)).toEqual({
    id,
    object: 'agent_run.deleted',
    deleted: true,
  });
  expect(task.cancelled.aborted).toBe(true);
  expect((await reading.text()).match(/^event: .*$/gmu)).toEqual([
    'event: agent_run.created',
    'event: agent_run.started',
    'event: agent_run.cancelled',
  ]);
  for (const [method, path] of [
    ['GET', ''],
    ['GET', '/events'],
    ['DELETE', ''],
    ['POST', '/cancel'],
  ] as const) {
    expect((await server.fetch(`/agent/runs/${id}${path}`, { method })).status).toBe(404);
  }
  expect((await server.call('GET', '/agent/runs')).data).toEqual([]);
});

test('runs are listed newest first, and cursors outlive what they name', async () => {
  const server = await startServer({ clock: new VirtualClock() });
  const ids: string[] = [];
  for (let n = 0; n < 25; n++) ids.unshift((await server.create()).id);
  const seen: string[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
    const page = await server.call('GET', `/agent/runs?limit=10${query}`);
    seen.push(...page.data.map(({ id }) => id));
    expect(page.hasMore).toBe(page.nextCursor !== null);
    if (page.nextCursor !== null) await server.call('DELETE', `/agent/runs/${page.nextCursor}`);
    cursor = page.nextCursor;
  }
  expect(seen).toEqual(ids);
  expect((await server.call('GET', '/agent/runs')).data).toHaveLength(20);
});

test('ids made within one millisecond sort as they were made', async () => {
  const server = await startServer({ clock: new VirtualClock(), concurrency: 500 });
  const runs = await Promise.all(Array.from({ length: 100 }, () => server.create()));
  for (const { id } of runs) expect(id).toMatch(/^agent_run_[0-9a-hjkmnp-tv-z]{26}$/);
  const listed = (await server.call('GET', '/agent/runs?limit=100')).data.map(({ id }) => id);
  expect(listed).toEqual([...listed].sort().reverse());
  expect(new Set(listed).size).toBe(100);
});

test('events come in pages', async () => {
  const server = await startServer();
  server.engine.hold();
  const { id } = await server.create();
  const task = await server.engine.began(id);
  for (const text of ['a', 'b']) task.emit('search_trace', { text, tool: 'search', callId: text });
  await server.engine.release();
  await server.end(id);
  const first = await server.call('GET', `/agent/runs/${id}/events?limit=3`);
  expect(first).toMatchObject({ object: 'list', hasMore: true, nextCursor: '3' });
  expect(first.data[2]).toMatchObject({
    id: '3',
    event: 'agent_run.search_trace',
    data: { text: 'a' },
  });
  const second = await server.call('GET', `/agent/runs/${id}/events?limit=3&cursor=3`);
  expect(second).toMatchObject({ hasMore: false, nextCursor: null });
  expect(second.data.map((event) => event.id)).toEqual(['4', '5']);
});

test('what belongs to another key does not exist', async () => {
  const server = await startServer();
  const other = { 'x-api-key': server.otherToken };
  const { id } = await server.create();
  await server.end(id);
  for (const [method, path] of [
    ['GET', ''],
    ['GET', '/events'],
    ['POST', '/cancel'],
    ['POST', '/stop'],
    ['DELETE', ''],
  ] as const) {
    const response = await server.fetch(`/agent/runs/${id}${path}`, { method, headers: other });
    expect(response.status).toBe(404);
    expect(await response.text()).toContain('RUN_NOT_FOUND');
  }
  expect(await server.call('GET', '/agent/runs', undefined, other)).toMatchObject({ data: [] });
  const body = JSON.stringify({ query: 'Go on.', previousRunId: id });
  const follow = await server.fetch('/agent/runs', { method: 'POST', body, headers: other });
  expect(await follow.text()).toContain('PREVIOUS_RUN_NOT_FOUND');
});

test('a key has so many active runs and no more, whatever the others have', async () => {
  const server = await startServer({ concurrency: 3, workers: 1 });
  server.engine.hold();
  const create = (key: string): Promise<Response> =>
    server.fetch('/agent/runs', {
      method: 'POST',
      headers: { 'x-api-key': key },
      body: JSON.stringify({ query: 'Find.' }),
    });
  const all = await Promise.all(Array.from({ length: 20 }, () => create(server.token)));
  const statuses = all.map(({ status }) => status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(3);
  const refused = all.find(({ status }) => status === 429);
  expect(refused?.headers.get('retry-after')).toBe('1');
  expect(await refused?.json()).toMatchObject({
    error: { type: 'RATE_LIMIT_ERROR', code: 'CONCURRENCY_LIMIT_REACHED' },
  });
  expect((await create(server.otherToken)).status).toBe(200);
  const [first] = (await server.call('GET', '/agent/runs')).data;
  await server.call('POST', `/agent/runs/${first?.id ?? ''}/cancel`);
  expect((await create(server.token)).status).toBe(200);
  expect((await create(server.token)).status).toBe(429);
});

test('the beta takes two runs at a time, ignores budgets, and counts whole units', async () => {
  const headers = { 'exa-beta': 'agent-2026-05-07' };
  const server = await startServer({ contract: '2026-05-07' });
  server.engine.hold();
  const body = { query: 'Find.', effort: 'medium', budget: { maxCostDollars: 0.001 } };
  const runs = [await server.create(body, headers), await server.create(body, headers)];
  const third = await server.fetch('/agent/runs', {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  });
  expect(third.status).toBe(429);
  await server.engine.release();
  const { id } = runs[0] ?? { id: '' };
  const done = await server.fetch(`/agent/runs/${id}/events?follow=true`, {
    headers: { ...headers, accept: 'text/event-stream' },
  });
  await done.text();
  expect(await server.call('GET', `/agent/runs/${id}`, undefined, headers)).toMatchObject({
    stopReason: 'schema_satisfied',
    request: body,
    usage: { agentComputeUnits: 1, searches: 2 },
    costDollars: { total: 0.0141, agentCompute: 0.0001, search: 0.014 },
  });
});

test('a request is echoed without nulls and without unknown keys below the top', async () => {
  const server = await startServer();
  const metadata = JSON.parse('{"__proto__":"p","constructor":"c"}') as object;
  const run = await server.create({
    query: 'Find.',
    systemPrompt: null,
    effort: null,
    outputSchema: null,
    input: { data: [{ name: 'Acme', gone: null }], exclusion: null, rows: [] },
    budget: { maxCostDollars: 5, currency: 'USD' },
    dataSources: [{ provider: 'fiber', version: 2 }],
    metadata,
  });
  expect(JSON.stringify((run as unknown as { request: object }).request)).toBe(
    JSON.stringify({
      query: 'Find.',
      input: { data: [{ name: 'Acme', gone: null }] },
      metadata,
      dataSources: [{ provider: 'fiber' }],
      budget: { maxCostDollars: 5 },
    }),
  );
  expect(Object.prototype).not.toHaveProperty('p');
});

test('an idempotency key makes one run of a thousand creates', async () => {
  const clock = new VirtualClock();
  const server = await startServer({ clock, concurrency: 2 });
  server.engine.hold();
  const headers = { 'idempotency-key': 'order-66' };
  const runs = await Promise.all(
    Array.from({ length: 1_000 }, () => server.create({ query: 'Find.' }, headers)),
  );
  expect(new Set(runs.map(({ id }) => id)).size).toBe(1);
  const other = JSON.stringify({ query: 'Find more.' });
  const refused = await server.fetch('/agent/runs', { method: 'POST', headers, body: other });
  expect(refused.status).toBe(400);
  expect(await refused.text()).toContain('came before with another request');
  const elsewhere = { ...headers, 'x-api-key': server.otherToken };
  expect((await server.create({ query: 'Find.' }, elsewhere)).id).not.toBe(runs[0]?.id);
  await clock.advance(24 * HOUR_MS + 1);
  expect((await server.create({ query: 'Find more.' }, headers)).id).not.toBe(runs[0]?.id);
});

test('a client that goes away leaves its run alone', async () => {
  const server = await startServer();
  server.engine.hold();
  const abort = new AbortController();
  const body = JSON.stringify({ query: 'Find.' });
  const response = await stream(server, '/agent/runs', {
    method: 'POST',
    body,
    signal: abort.signal,
  });
  const reader = response.body?.getReader();
  const first = new TextDecoder().decode((await reader?.read())?.value);
  const id = /agent_run_[0-9a-z]{26}/u.exec(first)?.[0] ?? '';
  const task = await server.engine.began(id);
  abort.abort();
  await expect(reader?.read()).rejects.toThrow();
  expect(task.cancelled.aborted).toBe(false);
  await server.engine.release();
  expect(await server.end(id)).toMatchObject({ status: 'completed' });
});

test('a server that goes down lets runs end, and takes nothing new', async () => {
  const server = await startServer();
  server.engine.hold();
  const { id } = await server.create();
  await server.engine.began(id);
  const reading = await stream(server, `/agent/runs/${id}/events?follow=true`);
  const closing = server.close(60_000);
  await server.engine.release();
  expect(await reading.text()).toContain('event: agent_run.completed');
  await closing;
});

test('runs that were active go on in the next process; one that ends its servers is given up', async () => {
  const store = new MemoryAgentRunStore();
  const options = { store, clock: new VirtualClock(), workers: 1 };
  const first = await startServer(options);
  first.engine.hold();
  const running = await first.create({ query: 'Find.' });
  const queued = await first.create({ query: 'Find more.' });
  await first.engine.began(running.id);
  await first.close();
  const crashing = async (): Promise<void> => {
    const server = await startServer({ ...options, held: true });
    await server.engine.began(running.id);
    await server.close();
  };
  await crashing();
  await crashing();
  const last = await startServer(options);
  expect(await last.end(running.id)).toMatchObject({
    status: 'failed',
    error: { type: 'SERVER_ERROR', code: 'SERVER_ERROR' },
  });
  expect(await last.end(queued.id)).toMatchObject({ status: 'completed' });
  expect(await names(last, queued.id)).toEqual(['created', 'started', 'completed']);
  expect(await names(last, running.id)).toEqual(['created', 'started', 'failed']);
  // Counted again: they have ended, so there is room.
  expect((await last.create()).id > queued.id).toBe(true);
});

test('a run that was asked to stop stays asked in the next process', async () => {
  const store = new MemoryAgentRunStore();
  const first = await startServer({ store });
  first.engine.hold();
  const { id } = await first.create({ query: 'Find.', effort: 'ultra' });
  await first.engine.began(id);
  await first.call('POST', `/agent/runs/${id}/stop`);
  await first.close();
  const next = await startServer({ store, held: true });
  expect((await next.engine.began(id)).finish.aborted).toBe(true);
});

test('a follow-up is answered again from its chain where nothing is remembered', async () => {
  const asked: (readonly [string, string | undefined, number])[] = [];
  const answer: LocalAgent['answer'] = ({ query }, { before, nowMs }) => {
    asked.push([query, before as unknown as string | undefined, nowMs]);
    if (query === 'Gone.') return Promise.resolve(fail({ code: 'NO_MATCH', message: 'No.' }));
    const output = { text: query, structured: null, grounding: [] };
    return Promise.resolve(ok({ output, usage: USAGE, continuation: `after ${query}` as never }));
  };
  const close = (): Promise<void> => Promise.resolve();
  const agent = { identity: 'local/test', close, answer } as unknown as LocalAgent;
  const store = new MemoryAgentRunStore();
  const clock = new VirtualClock(1_000);
  const first = await startServer({ store, clock, engine: new LocalEngine(agent) });
  const one = await first.end((await first.create({ query: 'One.' })).id);
  const two = await first.end((await first.create({ query: 'Two.', previousRunId: one.id })).id);
  await first.close();
  await clock.advance(5_000);
  const next = await startServer({ store, clock, engine: new LocalEngine(agent) });
  const three = await next.create({ query: 'Three.', previousRunId: two.id });
  expect((await next.end(three.id)).status).toBe('completed');
  expect(asked).toEqual([
    ['One.', undefined, 1_000],
    ['Two.', 'after One.', 1_000],
    ['One.', undefined, 1_000],
    ['Two.', 'after One.', 1_000],
    ['Three.', 'after Two.', 6_000],
  ]);
  await next.call('DELETE', `/agent/runs/${one.id}`);
  const remembered = await next.create({ query: 'Four.', previousRunId: three.id });
  expect((await next.end(remembered.id)).status).toBe('completed');
  await next.close();
  const last = await startServer({ store, clock, engine: new LocalEngine(agent) });
  const cut = await last.create({ query: 'Five.', previousRunId: three.id });
  expect((await last.end(cut.id)).error).toMatchObject({ code: 'PREVIOUS_RUN_NOT_FOUND' });
});
