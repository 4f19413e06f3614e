import { expect, test } from 'vitest';
import type { LocalAgent } from '../../src/agent/local/local-agent.ts';
import { fail, ok } from '../../src/base/result.ts';
import { LocalEngine } from '../../src/server/local-engine.ts';
import { MemoryAgentRunStore } from '../../src/store/memory-agent-run-store.ts';
import { VirtualClock } from '../rig/virtual-clock.ts';
import { USAGE } from './scripted-engine.ts';
import { eventNames, startServer, streamOf } from './start-server.ts';

test('a client that goes away leaves its run alone', async () => {
  const server = await startServer();
  server.engine.hold();
  const abort = new AbortController();
  const body = JSON.stringify({ query: 'Find.' });
  const response = await streamOf(server, '/agent/runs', {
    method: 'POST',
    body,
    signal: abort.signal,
  });
  const reader = response.body?.getReader();
  const part = (await reader?.read())?.value as Uint8Array | undefined;
  const first = new TextDecoder().decode(part);
  const id = /agent_run_[0-9a-z]{26}/u.exec(first)?.[0] ?? '';
  const task = await server.engine.began(id);
  abort.abort();
  await expect(reader?.read()).rejects.toThrow('aborted');
  expect(task.cancelled.aborted).toBe(false);
  await server.engine.release();
  expect(await server.end(id)).toMatchObject({ status: 'completed' });
});

test('a server that goes down lets runs end, and takes nothing new', async () => {
  const server = await startServer();
  server.engine.hold();
  const { id } = await server.create();
  await server.engine.began(id);
  const reading = await streamOf(server, `/agent/runs/${id}/events?follow=true`);
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
  expect(await eventNames(last, queued.id)).toEqual(['created', 'started', 'completed']);
  expect(await eventNames(last, running.id)).toEqual(['created', 'started', 'failed']);
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
