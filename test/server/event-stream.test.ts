import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/base/json.ts';
import { AgentRuns } from '../../src/server/agent-runs.ts';
import { TIME_LIMITS } from '../../src/server/carry-out.ts';
import { CURRENT_CONTRACT } from '../../src/server/contract.ts';
import {
  eventStream,
  type StreamLimits,
  type StreamOptions,
} from '../../src/server/event-stream.ts';
import type { AgentRunStore } from '../../src/store/agent-run-store.ts';
import { MemoryAgentRunStore } from '../../src/store/memory-agent-run-store.ts';
import { seededRandom } from '../rig/seeded-random.ts';
import { VirtualClock } from '../rig/virtual-clock.ts';
import { ScriptedEngine } from './scripted-engine.ts';

const OWNER = 'ada';
const LIMITS: StreamLimits = { keepAliveMs: 15_000, backlog: 1_000, stallMs: 60_000 };

interface Bench {
  readonly runs: AgentRuns;
  readonly engine: ScriptedEngine;
  readonly clock: VirtualClock;
  readonly drops: string[];
  /** A run that is held. */
  create(): Promise<string>;
  emit(id: string, data?: JsonObject): Promise<void>;
  open(id: string, range?: Partial<StreamOptions>): ReadableStream<Uint8Array>;
}

async function bench(store: AgentRunStore = new MemoryAgentRunStore()): Promise<Bench> {
  const engine = new ScriptedEngine();
  engine.hold();
  const clock = new VirtualClock();
  const runs = await AgentRuns.open({
    store,
    engine,
    contract: CURRENT_CONTRACT,
    clock,
    random: seededRandom(),
    workers: 4,
    limits: TIME_LIMITS,
    onFault: (_, error) => {
      throw error;
    },
  });
  const drops: string[] = [];
  return {
    runs,
    engine,
    clock,
    drops,
    create: async () => {
      const created = await runs.create(OWNER, { query: 'Find.' });
      if (!created.ok) throw new Error(created.error.message);
      return created.value.id;
    },
    emit: async (id, data = {}) => (await engine.began(id)).emit('search_trace', data),
    open: (id, range = {}) =>
      eventStream({
        after: 0,
        subscribe: (onEvents) => runs.subscribe(OWNER, id, onEvents),
        clock,
        limits: LIMITS,
        isClosing: () => runs.isClosing,
        drop: () => drops.push(id),
        ...range,
      }),
  };
}

const textOf = async (stream: ReadableStream<Uint8Array>): Promise<string> => {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of stream) text += decoder.decode(chunk, { stream: true });
  return text;
};

const idsIn = (text: string): readonly number[] =>
  Array.from(text.matchAll(/^id: (\d+)$/gmu), ([, id]) => Number(id));

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a stream is frames with LF, one line of data each, and ends with the run', async () => {
  const { create, open, emit, engine } = await bench();
  const id = await create();
  await emit(id, { text: 'two\nlines \u2028 and \r\n' });
  const text = textOf(open(id));
  await engine.release(id);
  const frames = (await text).split('\n\n');
  expect(frames.pop()).toBe('');
  expect(frames.map((frame) => frame.split('\n').map((line) => line.split(': ')[0]))).toEqual(
    Array.from({ length: 4 }, () => ['id', 'event', 'data']),
  );
  expect(frames[2]).toBe(
    'id: 3\nevent: agent_run.search_trace\ndata: {"text":"two\\nlines \u2028 and \\r\\n"}',
  );
  expect(frames[3]).toMatch(/^id: 4\nevent: agent_run\.completed\ndata: \{"id":/);
});

test('a reader gets a comment after 15 s of silence, and again', async () => {
  const { create, open, clock } = await bench();
  const reader = open(await create()).getReader();
  await reader.read();
  const next = reader.read();
  await clock.advance(14_999);
  await clock.advance(1);
  expect(new TextDecoder().decode((await next).value)).toBe(': keep-alive\n\n');
  const again = reader.read();
  await clock.advance(15_000);
  expect(new TextDecoder().decode((await again).value)).toBe(': keep-alive\n\n');
  await reader.cancel();
  expect(clock.sleepers).toBe(1); // Of the run's own time limit.
});

test('a replay ends with what there was when it was asked for', async () => {
  const { create, open, emit } = await bench();
  const id = await create();
  await emit(id);
  await emit(id);
  await settle();
  const text = textOf(open(id, { after: 1, until: 3 }));
  await emit(id);
  expect(idsIn(await text)).toEqual([2, 3]);
});

test('a reader that has everything already is sent away', async () => {
  const { create, open, engine, emit } = await bench();
  const id = await create();
  await emit(id);
  expect(await textOf(open(id, { after: 7, until: 3 }))).toBe('');
  const waiting = textOf(open(id, { after: 9 }));
  await engine.release(id);
  expect(await waiting).toBe('');
  expect(await textOf(open(id, { after: 4 }))).toBe('');
});

test('a reader that takes nothing is dropped once too much waits for it', async () => {
  const { create, open, emit, drops, runs } = await bench();
  const id = await create();
  await emit(id);
  const slow = open(id).getReader();
  await slow.read();
  await emit(id, { text: 'x'.repeat(600) });
  await settle();
  expect(drops).toEqual([]);
  await slow.read();
  await emit(id, { text: 'x'.repeat(600) });
  await settle();
  expect(drops).toEqual([]);
  await emit(id, { text: 'x'.repeat(600) });
  await settle();
  expect(drops).toEqual([id]);
  expect(runs.load.readers).toBe(0);
});

test('a reader that takes nothing is dropped after a minute', async () => {
  const { create, open, drops, clock, runs } = await bench();
  const id = await create();
  const dead = open(id).getReader();
  await dead.read();
  await clock.advance(59_999);
  expect(drops).toEqual([]);
  await clock.advance(1);
  expect(drops).toEqual([id]);
  expect(runs.load.readers).toBe(0);
});

test('a large event is sent in pieces, and a reader that takes them is not late', async () => {
  const { create, open, emit, clock, drops, engine } = await bench();
  const id = await create();
  await emit(id, { text: 'é'.repeat(300_000) });
  await engine.release(id);
  await settle();
  let text = '';
  const decoder = new TextDecoder();
  for await (const piece of open(id)) {
    expect(piece.length).toBeLessThanOrEqual(65_536);
    text += decoder.decode(piece, { stream: true });
    await clock.advance(50_000);
  }
  expect(idsIn(text)).toEqual([1, 2, 3, 4]);
  expect(text).toContain('é'.repeat(300_000));
  expect(drops).toEqual([]);
});

test('who goes away is forgotten, also while waiting', async () => {
  const { create, open, runs, clock } = await bench();
  const id = await create();
  const reader = open(id).getReader();
  await reader.read();
  void reader.read().catch(() => undefined);
  await settle();
  expect(runs.load.readers).toBe(1);
  await reader.cancel();
  expect(runs.load.readers).toBe(0);
  await clock.advance(30_000);
});

test('a stream of a run that is deleted before the first read just ends', async () => {
  const { create, open, runs } = await bench();
  const id = await create();
  const stream = open(id);
  await runs.remove(OWNER, id);
  expect(await textOf(stream)).toMatch(/event: agent_run\.cancelled\ndata: .*\n\n$/u);
  expect(await textOf(open(id))).toBe('');
});

test('a thousand creates at once with one idempotency key make one run', async () => {
  const { runs } = await bench();
  const created = await Promise.all(
    Array.from({ length: 1_000 }, () => runs.create(OWNER, { query: 'Find.' }, 'once')),
  );
  expect(new Set(created.map((run) => (run.ok ? run.value.id : run.error.code))).size).toBe(1);
  expect(runs.load).toMatchObject({ queued: 0, running: 1 });
});

/** A store whose answers come in whatever order a scheduler likes. */
function scheduled(store: AgentRunStore, scheduler: fc.Scheduler): AgentRunStore {
  const later = <T>(work: () => Promise<T>): Promise<T> =>
    scheduler
      .schedule(Promise.resolve())
      .then(work)
      .then((value) => scheduler.schedule(Promise.resolve(value)));
  return new Proxy(store, {
    get: (target, name) => {
      const member = Reflect.get(target, name) as unknown;
      if (typeof member !== 'function') return member;
      const method = member.bind(target) as (...args: unknown[]) => Promise<unknown>;
      return ['events', 'get', 'change'].includes(String(name))
        ? (...args: unknown[]) => later(() => method(...args))
        : method;
    },
  });
}

test('whenever readers come and however slow the store is, each event reaches each once and in order', async () => {
  const plan = fc.record({
    before: fc.nat(4),
    live: fc.nat(8),
    readers: fc.array(fc.record({ after: fc.nat(4), comes: fc.nat(8) }), { maxLength: 5 }),
    end: fc.constantFrom('completed', 'cancelled', 'deleted'),
  });
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), plan, async (scheduler, { before, live, readers, end }) => {
      const memory = new MemoryAgentRunStore();
      const { create, open, emit, engine, runs } = await bench(scheduled(memory, scheduler));
      const work = (async () => {
        const id = await create();
        for (let n = 0; n < before; n++) await emit(id, { n });
        const texts: { after: number; text: Promise<string> }[] = [];
        for (let n = 0; n <= live; n++) {
          for (const { after, comes } of readers) {
            if (Math.min(comes, live) === n)
              texts.push({ after, text: textOf(open(id, { after })) });
          }
          if (n < live) await emit(id, { n });
        }
        await engine.began(id);
        if (end === 'completed') await engine.release(id);
        else if (end === 'cancelled') await runs.cancel(OWNER, id);
        else await runs.remove(OWNER, id);
        const seen = texts.map(async ({ after, text }) => ({ after, text: await text }));
        return { id, seen: await Promise.all(seen) };
      })();
      const { id, seen } = await scheduler.waitFor(work);
      const all = await memory.events(OWNER, id, { after: 0, limit: 100 });
      for (const { after, text } of seen) {
        const ids = idsIn(text);
        if (end === 'deleted') {
          expect(ids).toEqual(Array.from(ids, (_, n) => after + 1 + n));
          if (ids.length > 0) expect(text).toMatch(/event: agent_run\.cancelled\ndata: .*\n\n$/u);
        } else expect(ids).toEqual(all.map(({ number }) => number).slice(after));
      }
      expect(runs.load.readers).toBe(0);
    }),
    { numRuns: 150, timeout: 10_000 },
  );
});
