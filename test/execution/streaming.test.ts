import { describe, expect, test, vi } from 'vitest';
import { Rig } from '../rig/rig.ts';
import { functionAgent, ScriptedAgent } from '../rig/scripted-agent.ts';
import { seededRandom } from '../rig/seeded-random.ts';
import { VirtualClock } from '../rig/virtual-clock.ts';
import { FOUND, inline, numberedRows, paced, proxied, rowOf, TOWN, shown } from './pipelines.ts';

vi.setConfig({ testTimeout: 60_000 });

const records = (count: number): string =>
  inline(Array.from({ length: count }, (_, n) => ({ id: `r${n}` })));

test('an edited step does not hold up the step after it', async () => {
  const agent = new ScriptedAgent();
  const rig = new Rig({ agent });
  const yaml = `
steps:
  firms:
    input: ${records(2)}
    query: Which firm is {{row.id}}?${FOUND}
    key: name
  homes:
    input: firms
    query: Where is {{row.name}}?${TOWN}`;
  const first = rig.run(yaml);
  for (let n = 0; n < 2; n++) (await agent.nextCall()).complete({ found: [{ name: `old ${n}` }] });
  for (let n = 0; n < 2; n++) (await agent.nextCall()).complete({ town: 'Oslo' });
  await first;

  const second = rig.run(yaml.replace('Which firm', 'What firm'));
  const [slow, quick] = [await agent.nextCall(), await agent.nextCall()];
  quick.complete({ found: [{ name: 'new' }] });
  // The first one is still under way.
  const home = await agent.nextCall();
  expect(home.request?.query).toBe('Where is new?');
  home.complete({ town: 'Bonn' });
  slow.complete({ found: [{ name: 'old 0' }] });
  expect((await second).exit).toBe(0);
  expect(agent.created).toHaveLength(7);
});

describe('a chain of three steps over thousands of records', () => {
  const chain = `
concurrency: 20
sources: { rows: { file: rows.csv } }
steps:
  one:
    input: rows
    query: Which firm is {{row.id}}?${FOUND}
    key: name
  two:
    input: one
    query: Who leads {{row.name}}?${FOUND}
    key: name
  three:
    input: two
    query: Where is {{row.name}}?${TOWN}`;

  test('never has more agent runs under way than it may, and finishes all', async () => {
    const clock = new VirtualClock();
    const random = seededRandom(3);
    let created = 0;
    const inner = functionAgent(
      (request) =>
        request.query.startsWith('Where')
          ? { town: 'Oslo' }
          : { found: [{ name: `${shown(rowOf(request)['id'] ?? rowOf(request)['name'])}'` }] },
      { keep: 100 },
    );
    let most = 0;
    const agent = paced(inner, clock, () => {
      created++;
      most = Math.max(most, agent.live() + 1);
      return 1_000 + (random.bytes(1)[0] ?? 0) * 10;
    });
    const rig = new Rig({ agent, clock, sources: numberedRows(4_000) });
    await rig.write({ 'rows.csv': 'id\n' });
    const report = await clock.drive(rig.run(chain));
    expect(report.exit).toBe(0);
    expect(created).toBe(12_000);
    expect(most).toBe(20);
    expect(await rig.table('three')).toHaveLength(4_000);
    // Steps overlap: the last one began long before the first one had ended.
    const kinds = rig.events.map((event) => ('step' in event ? `${event.type} ${event.step}` : ''));
    expect(kinds.indexOf('task-started three')).toBeLessThan(kinds.indexOf('step-finished one'));
  });
});

test('fifty slots are in use for 97 % of the time that there is something to start', async () => {
  const SLOTS = 50;
  const TASKS = 2_500;
  const clock = new VirtualClock();
  const random = seededRandom(11);
  /** Between 1 s and 90 s. */
  const latency = (): number => {
    const [high = 0, low = 0] = random.bytes(2);
    return 1_000 + Math.round(((high * 256 + low) / 65_535) * 89_000);
  };
  const spans: { readonly from: number; readonly to: number }[] = [];
  const inner = functionAgent(() => ({ town: 'Oslo' }), { keep: 200 });
  const agent = paced(inner, clock, () => {
    const ms = latency();
    spans.push({ from: clock.now(), to: clock.now() + ms });
    return ms;
  });
  const rig = new Rig({ agent, clock, sources: numberedRows(TASKS) });
  await rig.write({ 'rows.csv': 'id\n' });
  const startedMs = clock.now();
  const report = await clock.drive(
    rig.run(`
concurrency: ${SLOTS}
sources: { rows: { file: rows.csv } }
steps:
  towns:
    input: rows
    query: Where is {{row.id}}?${TOWN}`),
  );
  expect(report.exit).toBe(0);
  expect(spans).toHaveLength(TASKS);
  const lastStart = Math.max(...spans.map(({ from }) => from));
  const used = spans.reduce((sum, { from, to }) => sum + Math.min(to, lastStart) - from, 0);
  const share = used / (SLOTS * (lastStart - startedMs));
  expect(share).toBeGreaterThanOrEqual(0.97);
  expect(share).toBeLessThanOrEqual(1);
  // About 2,500 times 45 s over 50 slots: the whole takes its 38 minutes and not much more.
  const whole = (clock.now() - startedMs) / 60_000;
  expect(whole).toBeLessThan(42);
});

test('two steps may have two agents, and each is asked only for its own', async () => {
  const asked: Record<string, string[]> = { exa: [], local: [] };
  const agentOf = (name: string, identity: string) => ({
    ...proxied(
      functionAgent((request) => {
        asked[name]?.push(request.query);
        return request.query.startsWith('Which') ? { found: [{ name: 'Acme' }] } : { town: 'Oslo' };
      }),
    ),
    name,
    identity,
  });
  const yaml = `
steps:
  firms:
    agent: exa
    budget: 100
    effort: low
    query: Which firm is it?${FOUND}
    key: name
  homes:
    input: firms
    query: Where is {{row.name}}?${TOWN}`;
  const local = agentOf('local', 'local@1');
  const rig = new Rig({ agent: local, agents: { exa: agentOf('exa', 'agent-api@1') } });
  expect((await rig.run(yaml)).exit).toBe(0);
  expect(asked).toEqual({ exa: ['Which firm is it?'], local: ['Where is Acme?'] });
  // Another local agent may answer otherwise; the other one's answers stay good.
  const next = new Rig({
    agent: agentOf('local', 'local@2'),
    agents: { exa: agentOf('exa', 'agent-api@1') },
    store: rig.store,
  });
  await next.run(yaml);
  expect(asked).toEqual({
    exa: ['Which firm is it?'],
    local: ['Where is Acme?', 'Where is Acme?'],
  });
  expect(next.eventsOf('task-started')[0]?.reason).toEqual({ kind: 'changed', parts: ['agent'] });
});
