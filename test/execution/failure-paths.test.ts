import { describe, expect, test, vi } from 'vitest';
import { fromDollars } from '../../src/base/money.ts';
import { CURRENT_PRICE_BOOK } from '../../src/cost/price-book.ts';
import type { AnswerId, Answer, Known } from '../../src/store/store.ts';
import type { Fingerprint } from '../../src/base/fingerprint.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { Rig } from '../rig/rig.ts';
import { functionAgent, ScriptedAgent } from '../rig/scripted-agent.ts';
import { VirtualClock } from '../rig/virtual-clock.ts';
import { asking, FOUND, inline, names, portions, rowOf, TOWN, shown } from './pipelines.ts';

const towns = (count: number, more = ''): string => `
steps:
  towns:
    input: ${inline(Array.from({ length: count }, (_, n) => ({ id: `r${n}` })))}
    query: Where is {{row.id}}?${more}${TOWN}`;

const CHAIN = `
steps:
  firms:
    input: ${inline([{ id: 'a' }, { id: 'b' }])}
    query: Which firm is {{row.id}}?${FOUND}
    key: name
  homes:
    input: firms
    query: Where is {{row.name}}?${TOWN}
  others:
    exclude: [firms]
    query: Find other firms.${FOUND}
    key: name`;

describe('a mistake of this program', () => {
  /** Breaks at the third answer that is read. */
  class BrokenStore extends MemoryStore {
    left = Infinity;

    override async answers(ids: readonly AnswerId[]): Promise<readonly Answer[]> {
      if (this.left-- <= 0) throw new TypeError('broken');
      return super.answers(ids);
    }
  }

  test('ends its step and the run, and no step waits for it for ever', async () => {
    const agent = functionAgent((request) =>
      request.query.startsWith('Where')
        ? { town: 'Oslo' }
        : { found: [{ name: shown(rowOf(request)['id']) }] },
    );
    for (let left = 0; left < 6; left++) {
      const store = new BrokenStore();
      const rig = new Rig({ agent, store });
      store.left = left;
      const report = await rig.run(CHAIN);
      expect([0, 70]).toContain(report.exit);
      expect(rig.eventsOf('step-finished')).toHaveLength(3);
      store.left = Infinity;
      // Nothing that was answered is lost.
      const again = await new Rig({ agent, store }).run(CHAIN);
      expect(again.exit).toBe(0);
      const entries = [];
      for await (const portion of store.ledger()) entries.push(...portion);
      expect(entries.filter(({ type }) => type === 'attempt-intended')).toHaveLength(5);
    }
  });

  test('while tasks are under way waits for them', async () => {
    class BrokenLook extends MemoryStore {
      /** One for the first portion. */
      left = 1;
      override async look(fingerprints: readonly Fingerprint[]): Promise<readonly Known[]> {
        if (this.left-- <= 0) {
          await vi.waitUntil(() => agent.created.length > 0);
          throw new TypeError('broken');
        }
        return super.look(fingerprints);
      }
    }
    const agent = new ScriptedAgent();
    const sources = portions([[{ id: 'a' }], [{ id: 'b' }]]);
    const rig = new Rig({ agent, store: new BrokenLook(), sources });
    await rig.write({ 'rows.csv': 'id\na\nb\n' });
    const done = rig.run(FROM_SOURCE);
    const call = await agent.nextCall();
    let over = false;
    void done.finally(() => (over = true));
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(over).toBe(false);
    call.complete({ town: 'Oslo' }, { dollars: 0.01 });
    expect((await done).exit).toBe(70);
    expect(await rig.store.openAttempts()).toEqual([]);
  });
});

const FROM_SOURCE = `
sources: { rows: { file: rows.csv } }
steps:
  towns:
    input: rows
    query: Where is {{row.id}}?${TOWN}
  after:
    input: towns
    query: What is near {{row.town}}?${TOWN}`;

describe('a step that fails as a whole', () => {
  const agent = functionAgent((request) => ({
    town: request.query.startsWith('What') ? 'Moss' : 'Oslo',
  }));

  test('keeps its table and those after it as they were', async () => {
    const rig = new Rig({ agent, sources: portions([[{ id: 'a' }]]) });
    await rig.write({ 'rows.csv': 'id\na\n' });
    expect((await rig.run(FROM_SOURCE)).exit).toBe(0);
    const next = new Rig({
      agent,
      store: rig.store,
      sources: portions([[{ id: 'b' }]], 'cut off'),
    });
    await next.write({ 'rows.csv': 'id\nb\n' });
    const report = await next.run(FROM_SOURCE);
    expect(report).toMatchObject({ exit: 1, status: 'failed' });
    expect(report.steps.get('towns')).toMatchObject({ outcome: 'failed', message: 'cut off' });
    expect(report.steps.get('after')?.message).toBe('waits for towns');
    expect(await next.table('towns')).toEqual([{ town: 'Oslo' }]);
    expect(await next.table('after')).toEqual([{ town: 'Moss' }]);
  });

  test('lets nothing be bought that needed it whole', async () => {
    const asked: string[] = [];
    const rig = new Rig({
      agent: asking(asked, () => ({ town: 'Oslo' })),
      sources: portions([], 'cut off'),
    });
    await rig.write({ 'rows.csv': 'id\na\n' });
    const report = await rig.run(
      `${FROM_SOURCE}
  others:
    exclude: [towns]
    query: Find other towns.${TOWN}
    key: town`.replace('query: Where is {{row.id}}?', 'key: town\n    query: Where is {{row.id}}?'),
    );
    expect(asked).toEqual([]);
    expect([...report.steps].map(([step, { outcome }]) => `${step} ${outcome}`)).toEqual([
      'towns failed',
      'after skipped',
      'others skipped',
    ]);
  });
});

test('on_error: stop starts nothing more and finishes what runs', async () => {
  const agent = new ScriptedAgent();
  const rig = new Rig({ agent });
  const done = rig.run(`concurrency: 2${towns(6, '\n    on_error: stop')}`);
  const [bad, good] = [await agent.nextCall(), await agent.nextCall()];
  bad.complete({ village: 'no town' });
  await new Promise((resolve) => setImmediate(resolve));
  good.complete({ town: 'Oslo' });
  // One slot was free before the answer was looked at.
  while (agent.untaken > 0) (await agent.nextCall()).complete({ town: 'Moss' });
  const report = await done;
  expect(report).toMatchObject({ exit: 1, status: 'stopped' });
  expect(agent.created.length).toBeLessThanOrEqual(3);
  expect(await rig.table('towns')).toContainEqual({ town: 'Oslo' });
  expect(rig.eventsOf('run-finished')[0]?.stopped).toBe('on-error');
});

describe('a timeout', () => {
  const yaml = towns(1, '\n    timeout: 5m');

  test('cancels the agent run and fails the record', async () => {
    const clock = new VirtualClock();
    const agent = new ScriptedAgent(clock);
    const rig = new Rig({ agent, clock });
    const startedMs = clock.now();
    const report = await clock.drive(rig.run(yaml));
    expect(report.exit).toBe(1);
    expect(clock.now() - startedMs).toBe(300_000);
    expect(agent.cancelled).toEqual(['run-1']);
    expect(rig.failures()).toEqual([
      'towns #1: timeout: no answer within 300 s; the agent run was cancelled',
    ]);
    expect(await rig.store.openAttempts()).toEqual([]);
  });

  test('does not throw away an answer that came while we gave up', async () => {
    const clock = new VirtualClock();
    const agent = new ScriptedAgent(clock);
    const cancel = agent.cancel.bind(agent);
    const rig = new Rig({ agent, clock });
    const done = rig.run(yaml);
    const call = await agent.nextCall();
    agent.cancel = (id) => {
      call.complete({ town: 'Oslo' }, { dollars: 0.1 });
      return cancel(id);
    };
    expect((await clock.drive(done)).exit).toBe(0);
    expect(await rig.table('towns')).toEqual([{ town: 'Oslo' }]);
  });

  test('that is not reached leaves nobody asleep', async () => {
    const clock = new VirtualClock();
    const agent = new ScriptedAgent(clock);
    const rig = new Rig({ agent, clock });
    const done = rig.run(yaml);
    (await agent.nextCall()).complete({ town: 'Oslo' });
    expect((await done).exit).toBe(0);
    expect([agent.cancelled, clock.sleepers]).toEqual([[], 0]);
  });
});

test('after a rate limit the next attempt waits as long as the agent asked', async () => {
  const clock = new VirtualClock();
  const agent = new ScriptedAgent(clock);
  agent.refuseNext({ kind: 'rate-limited', message: 'busy', retryAfterMs: 45_000 });
  const rig = new Rig({ agent, clock });
  const startedMs = clock.now();
  const done = rig.run(towns(1));
  let createdMs = 0;
  void agent.nextCall().then((call) => {
    createdMs = clock.now();
    call.complete({ town: 'Oslo' });
  });
  expect((await clock.drive(done)).exit).toBe(0);
  expect(createdMs - startedMs).toBe(45_000);
  expect(rig.eventsOf('attempt-failed')).toMatchObject([
    { failure: 'rate-limited', attempt: 1, retryInMs: 45_000 },
  ]);
});

test('a task that waits for its next attempt leaves its slot to others', async () => {
  const clock = new VirtualClock();
  const agent = new ScriptedAgent(clock);
  agent.refuseNext({ kind: 'rate-limited', message: 'busy', retryAfterMs: 60_000 });
  const rig = new Rig({ agent, clock });
  const done = rig.run(`concurrency: 1${towns(2)}`);
  const call = await agent.nextCall();
  expect(call.request?.query).toBe('Where is r1?');
  call.complete({ town: 'Bonn' });
  void agent.nextCall().then((next) => next.complete({ town: 'Oslo' }));
  expect((await clock.drive(done)).exit).toBe(0);
});

describe('the budget', () => {
  test('of a step stops the run before the step passes it', async () => {
    const agent = new ScriptedAgent();
    const rig = new Rig({ agent, prices: CURRENT_PRICE_BOOK });
    const done = rig.run(towns(3, '\n    effort: low\n    budget: 0.05'));
    for (let n = 0; n < 2; n++)
      (await agent.nextCall()).complete({ town: 'Oslo' }, { dollars: 0.025 });
    const report = await done;
    expect(report).toMatchObject({ exit: 3, spend: { reported: 50_000 } });
    expect(agent.created).toHaveLength(2);
  });

  test('has room again as soon as an agent run cost less than its ceiling', async () => {
    const agent = new ScriptedAgent();
    const rig = new Rig({ agent, prices: CURRENT_PRICE_BOOK });
    const done = rig.run(`concurrency: 1${towns(3, '\n    effort: auto')}`, {
      cap: fromDollars(5.5),
    });
    for (let n = 0; n < 3; n++)
      (await agent.nextCall()).complete({ town: 'Oslo' }, { dollars: 0.1 });
    expect(await done).toMatchObject({ exit: 0, spend: { reported: 300_000 } });
  });

  test('counts what an earlier process began', async () => {
    const agent = new ScriptedAgent();
    const rig = new Rig({ agent, prices: CURRENT_PRICE_BOOK });
    const yaml = `concurrency: 1${towns(2, '\n    effort: low')}`;
    const first = rig.run(yaml);
    const call = await agent.nextCall();
    await vi.waitUntil(() => agent.waitedFor.length > 0);
    rig.abort.abort();
    await first;
    call.complete({ town: 'Oslo' }, { dollars: 0.025 });
    const next = new Rig({ agent, store: rig.store, prices: CURRENT_PRICE_BOOK });
    const report = await next.run(yaml, { cap: fromDollars(0.025) });
    expect(report.exit).toBe(3);
    expect(report.spend.reported).toBeLessThanOrEqual(25_000);
  });
});

test('a batch that was left under way answers only the records still asked about', async () => {
  const agent = new ScriptedAgent();
  const yaml = (rows: readonly string[], batch: number): string => `
steps:
  sizes:
    input: { from: ${inline(rows.map((name) => ({ name })))}, batch: ${batch} }
    query: How large are they?${FOUND}
    key: name`;
  const rig = new Rig({ agent });
  const first = rig.run(yaml(['a', 'b'], 2));
  const call = await agent.nextCall();
  await vi.waitUntil(() => agent.waitedFor.length > 0);
  rig.abort.abort();
  await first;
  call.complete({ found: [{ name: 'a' }, { name: 'b' }] });
  const next = new Rig({ agent, store: rig.store });
  expect((await next.run(yaml(['b'], 1))).exit).toBe(0);
  expect(names(await next.table('sizes'))).toEqual(['b']);
  expect(agent.created).toHaveLength(1);
});
