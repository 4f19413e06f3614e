import { expect, test } from 'vitest';
import { VirtualClock } from '../rig/virtual-clock.ts';
import { sampleAnswer, USAGE } from './scripted-engine.ts';
import { eventNames, startServer, streamOf } from './start-server.ts';

const HOUR_MS = 3_600_000;
const LIMITS = { runMs: HOUR_MS, longRunMs: 3 * HOUR_MS, finishMs: 60_000 };
const NOTHING = { text: '', structured: null, grounding: [] };

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
  expect(await eventNames(server, first.id)).toEqual(['created', 'started', 'completed']);
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
  expect(await eventNames(server, run.id)).toEqual(['created', 'started', 'failed']);
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
  expect(await eventNames(server, running.id)).toEqual(['created', 'started', 'cancelled']);
  expect(await eventNames(server, queued.id)).toEqual(['created', 'cancelled']);
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
    expect((await eventNames(server, run.id)).at(-1)).toBe(run.status);
    expect(await eventNames(server, run.id)).toHaveLength(3);
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
  const reading = await streamOf(server, `/agent/runs/${id}/events?follow=true`);
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
