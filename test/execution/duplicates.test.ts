import { describe, expect, test, vi } from 'vitest';
import type { AgentRequest } from '../../src/agent/agent.ts';
import { Rig } from '../rig/rig.ts';
import { functionAgent, ScriptedAgent } from '../rig/scripted-agent.ts';
import { asking, droppedOf, FOUND, inline, names, rowOf, TOWN, shown } from './pipelines.ts';

const many = (count: number): readonly { id: string }[] =>
  Array.from({ length: count }, (_, n) => ({ id: `r${n}` }));

describe('records that ask the same', () => {
  const towns = (rows: readonly object[], batch = 1): string => `
concurrency: 2
steps:
  towns:
    input: { from: ${JSON.stringify(rows)}, batch: ${batch} }
    query: Where is it?${TOWN}`;

  test('are asked about once, however far apart they are', async () => {
    const asked: string[] = [];
    const rig = new Rig({ agent: asking(asked, () => ({ town: 'Oslo' })) });
    const report = await rig.run(towns([...many(200), { id: 'r0' }, { id: 'r150' }]));
    expect(asked).toHaveLength(200);
    expect(report.steps.get('towns')?.counts).toMatchObject({ tasks: 202, started: 200 });
    expect(await rig.table('towns')).toHaveLength(202);
  });

  test('are asked about once when asked to refresh, too', async () => {
    const asked: string[] = [];
    const rig = new Rig({ agent: asking(asked, () => ({ town: 'Oslo' })) });
    const yaml = towns([...many(50), { id: 'r0' }]);
    await rig.run(yaml);
    await rig.run(yaml, { refresh: ['towns'] });
    expect(asked).toHaveLength(100);
  });

  test('in one batch are sent once and each get the answer', async () => {
    const sent: AgentRequest[] = [];
    const agent = functionAgent((request) => {
      sent.push(request);
      return { found: (request.input?.data ?? []).map(({ name }) => ({ name: name ?? '' })) };
    });
    const rig = new Rig({ agent });
    const yaml = `
steps:
  sizes:
    input: { from: [{ name: a }, { name: a }, { name: b }, { name: c }, { name: b }], batch: 2 }
    query: How large are they?${FOUND}
    mode: upsert
    key: name`;
    const report = await rig.run(yaml);
    expect(rig.failures()).toEqual([]);
    expect(report.exit).toBe(0);
    expect(sent.map(({ input }) => input?.data)).toEqual([
      [{ name: 'a' }, { name: 'b' }],
      [{ name: 'c' }],
    ]);
    expect(report.steps.get('sizes')?.counts).toMatchObject({ tasks: 5, started: 3 });
  });

  test('and were left under way by an earlier process get its answer', async () => {
    const agent = new ScriptedAgent();
    const yaml = towns([{ id: 'a' }, { id: 'a' }]);
    const rig = new Rig({ agent });
    const first = rig.run(yaml);
    const call = await agent.nextCall();
    await vi.waitUntil(() => agent.waitedFor.length > 0);
    rig.abort.abort();
    await first;
    call.complete({ town: 'Oslo' });
    const next = new Rig({ agent, store: rig.store });
    expect((await next.run(yaml)).exit).toBe(0);
    expect(agent.created).toHaveLength(1);
    expect(await next.table('towns')).toEqual([{ town: 'Oslo' }, { town: 'Oslo' }]);
  });

  test('fail together, and are not tried twice in one run', async () => {
    const asked: string[] = [];
    const agent = asking(asked, () => ({ village: 'no town' }));
    const rig = new Rig({ agent });
    const report = await rig.run(towns([...many(30), { id: 'r0' }]));
    expect(asked).toHaveLength(30);
    expect(report.steps.get('towns')?.counts).toMatchObject({ tasks: 31, failed: 31 });
  });

  test('count once in a plan, as in the run', async () => {
    const rig = new Rig({ agent: asking([], () => ({ town: 'Oslo' })) });
    const yaml = towns([...many(5), { id: 'r0' }, { id: 'r1' }]);
    const [plan] = await rig.plan(yaml);
    expect(plan).toMatchObject({
      tasks: 7,
      toRun: 5,
      agentRuns: 5,
      why: [{ reason: 'new', count: 5 }],
    });
    const report = await rig.run(yaml);
    expect(report.steps.get('towns')?.counts.started).toBe(5);
  });

  test('past a limit are left out with the one that was', async () => {
    const asked: string[] = [];
    const rig = new Rig({ agent: asking(asked, () => ({ town: 'Oslo' })) });
    const report = await rig.run(towns([{ id: 'a' }, { id: 'b' }, { id: 'b' }, { id: 'a' }]), {
      limit: 1,
    });
    expect(asked).toHaveLength(1);
    expect(report.exit).toBe(0);
    expect(report.steps.get('towns')?.counts).toMatchObject({
      started: 1,
      failed: 0,
      notStarted: 2,
    });
    expect(await rig.table('towns')).toHaveLength(2);
  });
});

/** Two lists find the same firm, with another size; a step after them asks about each firm. */
const firms = (lists: readonly string[]): string => `
steps:
  firms:
    input: ${inline(lists.map((list) => ({ list })))}
    query: Which firms are in {{row.list}}?${FOUND}
    key: name
  homes:
    input: firms
    query: Where is {{row.name}} with {{row.size}} people?${TOWN}`;

const SIZES: Record<string, number> = { one: 1, two: 2, three: 3 };
const acme = (request: AgentRequest | undefined) => ({
  found: [{ name: 'Acme', size: SIZES[shown(rowOf(request)['list'])] ?? 0 }],
});

describe('a record that has a key', () => {
  /** Answers everything, the lists in the given order. */
  async function run(
    rig: Rig,
    agent: ScriptedAgent,
    yaml: string,
    order: readonly string[],
    options = {},
  ) {
    const queries: string[] = [];
    const done = rig.run(yaml, options);
    const calls = await Promise.all(order.map(() => agent.nextCall()));
    for (const list of order) {
      const call = calls.find(({ request }) => rowOf(request)['list'] === list);
      call?.complete(acme(call.request));
      await new Promise((resolve) => setImmediate(resolve));
    }
    let over = false;
    const ended = done.finally(() => (over = true));
    while (!over) {
      if (agent.untaken > 0) {
        const call = await agent.nextCall();
        queries.push(call.request?.query ?? '');
        call.complete({ town: 'Oslo' });
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    await ended;
    return queries;
  }

  test('keeps it when answers come in another order, so that nothing after it is bought again', async () => {
    const agent = new ScriptedAgent();
    const rig = new Rig({ agent });
    const yaml = firms(['one', 'two']);
    expect(await run(rig, agent, yaml, ['two', 'one'])).toEqual(['Where is Acme with 2 people?']);
    expect(await droppedOf(rig, 'firms')).toEqual(['#1 0 duplicate']);
    expect(await run(rig, agent, yaml, ['one', 'two'], { refresh: ['firms'] })).toEqual([]);
    expect(await rig.table('firms')).toEqual([{ name: 'Acme', size: 2 }]);
  });

  test('keeps it when the query is edited and the answers stay', async () => {
    const agent = new ScriptedAgent();
    const rig = new Rig({ agent });
    const yaml = firms(['one', 'two']);
    await run(rig, agent, yaml, ['two', 'one']);
    const edited = yaml.replace('Which firms are', 'What firms are there');
    expect(await run(rig, agent, edited, ['one', 'two'])).toEqual([]);
    expect(await rig.table('firms')).toEqual([{ name: 'Acme', size: 2 }]);
  });

  test('keeps it when a new record before it has the same', async () => {
    const agent = new ScriptedAgent();
    const rig = new Rig({ agent });
    await run(rig, agent, firms(['one', 'two']), ['two', 'one']);
    expect(await run(rig, agent, firms(['three', 'one', 'two']), ['three'])).toEqual([]);
    expect(await rig.table('firms')).toEqual([{ name: 'Acme', size: 2 }]);
  });

  test('gives it to the other when it vanishes', async () => {
    const agent = new ScriptedAgent();
    const rig = new Rig({ agent });
    await run(rig, agent, firms(['one', 'two']), ['two', 'one']);
    expect(await run(rig, agent, firms(['one']), [])).toEqual(['Where is Acme with 1 people?']);
    expect(await rig.table('firms')).toEqual([{ name: 'Acme', size: 1 }]);
  });
});

test('a repeat whose answers have duplicates is not cut short the next time', async () => {
  const rig = new Rig({
    agent: functionAgent((request) => ({
      found: [{ name: 'same' }, { name: `new ${request.input?.exclusion?.length ?? 0}` }],
    })),
  });
  const yaml = `
steps:
  finds:
    query: Find more.
    repeat: { max_runs: 3 }${FOUND}
    key: name`;
  await rig.run(yaml);
  const before = names(await rig.table('finds'));
  await rig.run(yaml);
  expect(names(await rig.table('finds'))).toEqual(before);
});
