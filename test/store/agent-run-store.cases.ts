import { describe, expect, test } from 'vitest';
import type { AgentRun } from '../../src/agent/agent.ts';
import type { JsonObject } from '../../src/base/json.ts';
import type {
  AgentRunChange,
  AgentRunEvent,
  AgentRunStore,
  StoredAgentRun,
} from '../../src/store/agent-run-store.ts';

export interface AgentRunStoreUnderTest {
  readonly store: AgentRunStore;
  /** The store as a later process sees it; the one before is closed. */
  reopen(): Promise<AgentRunStore>;
  dispose(): Promise<void>;
}

const AT = '2026-11-22T09:00:00.000Z';
const ADA = 'ada';
const BOB = 'bob';
const ALL = { after: 0, limit: 100 };
const HOSTILE = JSON.parse('{"__proto__":"x","a\\u0000b":"\\ud800 \\"quoted\\"\\n"}') as Record<
  string,
  string
>;

const idOf = (n: number): string => `agent_run_${String(n).padStart(26, '0')}`;

const run = (id: string, more: Partial<AgentRun> = {}): AgentRun => ({
  id,
  status: 'queued',
  stopReason: null,
  createdAt: AT,
  completedAt: null,
  request: { query: 'Find two firms.' },
  output: { text: '', structured: null, grounding: [] },
  usage: { agentComputeUnits: 0, searches: 0, emails: 0, phoneNumbers: 0 },
  ...more,
});

const event = (name: string): { event: string; data: JsonObject; createdAt: string } => ({
  event: name,
  data: {},
  createdAt: AT,
});

function created(n: number, owner = ADA, more: Partial<AgentRun> = {}): AgentRunChange {
  const next = { owner, run: run(idOf(n), more), startedAt: null, starts: 0 };
  return { next, events: [event('created')] };
}

const end = (status: 'completed' | 'cancelled') => (now: StoredAgentRun) =>
  now.run.status === 'queued'
    ? { next: { ...now, run: { ...now.run, status, completedAt: AT } }, events: [event(status)] }
    : undefined;

const names = (events: readonly AgentRunEvent[]): readonly string[] =>
  events.map(({ number, event: name }) => `${number} ${name}`);

const ids = (runs: readonly StoredAgentRun[]): readonly string[] => runs.map((it) => it.run.id);

/** What every store of agent runs promises. */
export function agentRunStoreCases(
  name: string,
  setup: () => Promise<AgentRunStoreUnderTest>,
): void {
  const each = (title: string, body: (under: AgentRunStoreUnderTest) => Promise<void>): void => {
    test(title, async () => {
      expect.hasAssertions();
      const under = await setup();
      try {
        await body(under);
      } finally {
        await under.dispose();
      }
    });
  };

  describe(name, () => {
    each('keeps a run with its first event, and the last id', async ({ store, reopen }) => {
      expect(await store.lastId()).toBeUndefined();
      const change = created(1, ADA, { request: { query: 'Ask.', metadata: HOSTILE } });
      await store.add(change);
      const later = await reopen();
      expect(await later.get(ADA, idOf(1))).toStrictEqual(change.next);
      expect(names(await later.events(ADA, idOf(1), ALL))).toEqual(['1 created']);
      expect(await later.lastId()).toBe(idOf(1));
    });

    each('shows a run to its owner only', async ({ store }) => {
      await store.add(created(1));
      expect(await store.get(BOB, idOf(1))).toBeUndefined();
      expect(await store.list(BOB, { limit: 10 })).toEqual([]);
      expect(await store.events(BOB, idOf(1), ALL)).toEqual([]);
      expect(await store.change(BOB, idOf(1), end('cancelled'))).toBeUndefined();
      expect(await store.remove(BOB, idOf(1))).toBe(false);
      expect(await store.get(ADA, idOf(1))).toMatchObject({ run: { status: 'queued' } });
    });

    each('refuses an id that does not sort after all before it', async ({ store }) => {
      await store.add(created(2));
      await expect(store.add(created(2, BOB))).rejects.toThrow('does not sort after');
    });

    each('lists newest first, after a run that may be gone', async ({ store }) => {
      for (const n of [1, 2, 3, 4]) await store.add(created(n));
      await store.add(created(5, BOB));
      await store.add(created(6, 'adam'));
      expect(ids(await store.list(ADA, { limit: 3 }))).toEqual([4, 3, 2].map(idOf));
      expect(ids(await store.list(ADA, { limit: 3, before: idOf(3) }))).toEqual([2, 1].map(idOf));
      expect(await store.remove(ADA, idOf(3))).toBe(true);
      expect(ids(await store.list(ADA, { limit: 1, before: idOf(3) }))).toEqual([idOf(2)]);
      expect(await store.list(ADA, { limit: 3, before: idOf(1) })).toEqual([]);
    });

    each('writes an end and its event together', async ({ store, reopen }) => {
      await store.add(created(1));
      const ended = await store.change(ADA, idOf(1), end('completed'));
      expect(ended?.run.status).toBe('completed');
      const later = await reopen();
      expect((await later.get(ADA, idOf(1)))?.run).toMatchObject({ completedAt: AT });
      expect(names(await later.events(ADA, idOf(1), ALL))).toEqual(['1 created', '2 completed']);
    });

    each('lets the first of two changes that race win', async ({ store }) => {
      await store.add(created(1));
      const [one, two] = await Promise.all([
        store.change(ADA, idOf(1), end('completed')),
        store.change(ADA, idOf(1), end('cancelled')),
      ]);
      expect([one?.run.status, two?.run.status]).toEqual(['completed', 'completed']);
      expect(names(await store.events(ADA, idOf(1), ALL))).toEqual(['1 created', '2 completed']);
    });

    each('numbers events from 1 on, run by run, and gives them in parts', async ({ store }) => {
      for (const n of [1, 2]) await store.add(created(n));
      const more = (now: StoredAgentRun): AgentRunChange => ({
        next: now,
        events: [event('a'), event('b')],
      });
      await Promise.all([1, 2, 1].map((n) => store.change(ADA, idOf(n), more)));
      const first = await store.events(ADA, idOf(1), { after: 0, limit: 3 });
      expect(names(first)).toEqual(['1 created', '2 a', '3 b']);
      const rest = await store.events(ADA, idOf(1), { after: 3, limit: 3 });
      expect(names(rest)).toEqual(['4 a', '5 b']);
      expect(names(await store.events(ADA, idOf(2), ALL))).toEqual(['1 created', '2 a', '3 b']);
    });

    each('knows which runs have not ended', async ({ store, reopen }) => {
      for (const n of [1, 2, 3]) await store.add(created(n, n === 2 ? BOB : ADA));
      await store.change(ADA, idOf(1), end('completed'));
      expect(ids(await (await reopen()).active())).toEqual([2, 3].map(idOf));
    });

    each('forgets a run with its events and its idempotency key', async ({ store, reopen }) => {
      const mark = { key: 'once "only"', digest: 'd', runId: idOf(1), madeAt: AT };
      await store.add(created(1), mark);
      expect(await store.mark(ADA, mark.key)).toEqual(mark);
      expect(await store.mark(BOB, mark.key)).toBeUndefined();
      expect(await store.remove(ADA, idOf(1))).toBe(true);
      const later = await reopen();
      expect(await later.remove(ADA, idOf(1))).toBe(false);
      expect(await later.get(ADA, idOf(1))).toBeUndefined();
      expect(await later.events(ADA, idOf(1), ALL)).toEqual([]);
      expect(await later.mark(ADA, mark.key)).toBeUndefined();
      expect(await later.active()).toEqual([]);
      expect(await later.lastId()).toBe(idOf(1));
    });

    each('drops idempotency keys by their age', async ({ store }) => {
      const mark = { key: 'k', digest: 'd', runId: idOf(1), madeAt: AT };
      await store.add(created(1), mark);
      await store.dropMarks(AT);
      expect(await store.mark(ADA, 'k')).toEqual(mark);
      await store.dropMarks('2026-11-23T09:00:00.000Z');
      expect(await store.mark(ADA, 'k')).toBeUndefined();
    });

    each('refuses names that cannot be keys', async ({ store }) => {
      const bad = created(1, 'a\0b');
      await expect(store.add(bad)).rejects.toThrow('Not a owner');
    });
  });
}
