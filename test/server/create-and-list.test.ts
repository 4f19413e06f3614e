import { expect, test } from 'vitest';
import { VirtualClock } from '../rig/virtual-clock.ts';
import { startServer } from './start-server.ts';

const HOUR_MS = 3_600_000;

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

test('an idempotency key makes one run of many creates', async () => {
  const clock = new VirtualClock();
  const server = await startServer({ clock, concurrency: 2 });
  server.engine.hold();
  const headers = { 'idempotency-key': 'order-66' };
  const runs = await Promise.all(
    Array.from({ length: 50 }, () => server.create({ query: 'Find.' }, headers)),
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
