import { describe, expect, test } from 'vitest';
import type { AgentRequest } from '../../src/agent/agent.ts';
import { isJsonObject, type JsonObject } from '../../src/base/json.ts';
import { Rig } from '../rig/rig.ts';
import { functionAgent } from '../rig/scripted-agent.ts';
import { shown } from './pipelines.ts';

const LIST = `
    schema:
      type: object
      required: [found]
      properties:
        found:
          type: array
          items:
            type: object
            required: [name]
            properties: { name: { type: string }, size: { type: [integer, 'null'] } }
    key: name
`;

const names = (rows: readonly JsonObject[]): readonly unknown[] => rows.map(({ name }) => name);

/** Answers about every record it is sent, and keeps what it was sent. */
function census(sent: AgentRequest[], leaveOut: readonly string[] = []) {
  return functionAgent((request) => {
    sent.push(request);
    const rows = (request.input?.data ?? []).filter(({ name }) => !leaveOut.includes(shown(name)));
    return { found: rows.map(({ name }) => ({ name: name ?? '', size: 1 })) };
  });
}

const BATCH = (rows: readonly string[], batch: number | 'all'): string => `
steps:
  sizes:
    input:
      from: [${rows.map((name) => `{ name: ${name} }`).join(', ')}]
      batch: ${batch}
    query: Give the size of each.${LIST}`;

describe('a batch', () => {
  test('sends several records at once and gives each its own answer', async () => {
    const sent: AgentRequest[] = [];
    const rig = new Rig({ agent: census(sent) });
    await rig.run(BATCH(['a', 'b', 'c', 'd', 'e'], 2));
    expect(sent.map(({ input }) => input?.data?.length)).toEqual([2, 2, 1]);
    expect(names(await rig.table('sizes'))).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  test('is cached record by record: only the unknown ones are sent', async () => {
    const sent: AgentRequest[] = [];
    const rig = new Rig({ agent: census(sent) });
    await rig.run(BATCH(['a', 'b', 'c', 'd'], 2));
    sent.length = 0;
    await rig.run(BATCH(['a', 'x', 'c', 'y', 'd'], 10));
    expect(sent.map(({ input }) => input?.data?.map(({ name }) => name))).toEqual([['x', 'y']]);
    expect(names(await rig.table('sizes'))).toEqual(['a', 'x', 'c', 'y', 'd']);
  });

  test('shares its answers with a step that asks one by one', async () => {
    const sent: AgentRequest[] = [];
    const rig = new Rig({ agent: census(sent) });
    await rig.run(BATCH(['a', 'b'], 2));
    await rig.run(BATCH(['a', 'b'], 1));
    expect(sent).toHaveLength(1);
  });

  test('fails the record that its answer leaves out, and asks for it again', async () => {
    const sent: AgentRequest[] = [];
    const rig = new Rig({ agent: census(sent, ['b']) });
    const report = await rig.run(BATCH(['a', 'b', 'c'], 3));
    expect(report.exit).toBe(1);
    expect(rig.failures()).toEqual([
      'sizes #2: no-record: the answer of the batch has no record for this key',
    ]);
    expect(names(await rig.table('sizes'))).toEqual(['a', 'c']);
    await rig.run(BATCH(['a', 'b', 'c'], 3));
    expect(sent[1]?.input?.data).toEqual([{ name: 'b' }]);
  });

  test('lists records that name a key nobody asked about', async () => {
    const rig = new Rig({
      agent: functionAgent(() => ({ found: [{ name: 'a' }, { name: 'zoo' }, { name: 'b' }] })),
    });
    const report = await rig.run(BATCH(['a', 'b'], 2));
    expect(report.exit).toBe(0);
    expect(names(await rig.table('sizes'))).toEqual(['a', 'b']);
    const { version } = await rig.state('sizes');
    const dropped = [];
    for await (const members of rig.store.members(version)) {
      dropped.push(...members.flatMap((member) => member.dropped.map(({ reason }) => reason)));
    }
    expect(dropped).toEqual(['unknown-key']);
  });

  test('of all records is one question about them together', async () => {
    const sent: AgentRequest[] = [];
    const rig = new Rig({ agent: census(sent) });
    await rig.run(BATCH(['a', 'b', 'c'], 'all'));
    expect(sent).toHaveLength(1);
    await rig.run(BATCH(['a', 'b', 'c'], 'all'));
    expect(sent).toHaveLength(1);
    await rig.run(BATCH(['a', 'b', 'c', 'd'], 'all'));
    expect(sent).toHaveLength(2);
  });
});

/** Knows ten animals and gives the first few that are not excluded; it may ignore exclusions. */
function zoo(sent: AgentRequest[], { heeds, atOnce = 3 }: { heeds: boolean; atOnce?: number }) {
  const animals = ['Goat', 'Panda', 'Otter', 'Fox', 'Seal', 'Owl', 'Hare', 'Lynx', 'Crab', 'Mole'];
  return functionAgent((request) => {
    sent.push(request);
    const excluded = (request.input?.exclusion ?? []).map(({ name }) => shown(name).toLowerCase());
    const left = heeds ? animals.filter((it) => !excluded.includes(it.toLowerCase())) : animals;
    return { found: left.slice(0, atOnce).map((name) => ({ name })) };
  });
}

describe('exclusions', () => {
  const yaml = `
steps:
  cutest:
    query: Find cute animals.
    exclude: [{ name: ' goat ' }]${LIST}
  others:
    query: Find more cute animals.
    exclude: [cutest]${LIST}`;

  test('are sent with the request', async () => {
    const sent: AgentRequest[] = [];
    await new Rig({ agent: zoo(sent, { heeds: true }) }).run(yaml);
    expect(sent[0]?.input?.exclusion).toEqual([{ name: ' goat ' }]);
    expect(sent[1]?.input?.exclusion).toEqual([{ name: 'Panda' }, { name: 'Otter' }]);
  });

  test('are enforced on what comes back all the same', async () => {
    const rig = new Rig({ agent: zoo([], { heeds: false }) });
    const report = await rig.run(yaml);
    expect(report.exit).toBe(0);
    expect(names(await rig.table('cutest'))).toEqual(['Panda', 'Otter']);
    expect(names(await rig.table('others'))).toEqual(['Goat']);
  });

  test('from another step are part of the question', async () => {
    const sent: AgentRequest[] = [];
    const rig = new Rig({ agent: zoo(sent, { heeds: true }) });
    await rig.run(yaml);
    await rig.run(yaml);
    expect(sent).toHaveLength(2);
    await rig.run(yaml.replace("[{ name: ' goat ' }]", '[{ name: fox }]'));
    expect(sent).toHaveLength(4);
    expect(rig.eventsOf('task-started').at(-1)?.reason).toEqual({
      kind: 'changed',
      parts: ['exclusions'],
    });
  });
});

describe('history', () => {
  const weekly = `
steps:
  finds:
    query: Find cute animals.
    ttl: 7d
    exclude: [finds]${LIST}`;

  test('is kept, excluded from the next request, and no reason to ask again', async () => {
    const sent: AgentRequest[] = [];
    const rig = new Rig({ agent: zoo(sent, { heeds: true }) });
    await rig.run(weekly);
    await rig.run(weekly);
    expect(sent).toHaveLength(1);
    rig.nowMs += 8 * 86_400_000;
    await rig.run(weekly);
    expect(sent).toHaveLength(2);
    expect(sent[1]?.input?.exclusion).toHaveLength(3);
    expect(await rig.table('finds')).toHaveLength(6);
    await rig.run(weekly, { refresh: ['finds'] });
    const all = names(await rig.table('finds'));
    expect(all).toHaveLength(9);
    expect(new Set(all).size).toBe(9);
  });

  test('never has a key twice, even from an agent that ignores it', async () => {
    const rig = new Rig({ agent: zoo([], { heeds: false }) });
    await rig.run(weekly);
    await rig.run(weekly, { refresh: ['finds'] });
    expect(names(await rig.table('finds'))).toEqual(['Goat', 'Panda', 'Otter']);
  });
});

describe('repeat', () => {
  const until = (count: number, mostRuns: number): string => `
steps:
  animals:
    query: Find 10 more.
    exclude: [animals]
    repeat: { until: ${count}, max_runs: ${mostRuns} }${LIST}`;

  test('asks until there is enough', async () => {
    const sent: AgentRequest[] = [];
    const rig = new Rig({ agent: zoo(sent, { heeds: true }) });
    await rig.run(until(7, 10));
    expect(sent).toHaveLength(3);
    expect(await rig.table('animals')).toHaveLength(9);
    await rig.run(until(7, 10));
    expect(sent).toHaveLength(3);
  });

  test('ends when nothing new comes', async () => {
    const sent: AgentRequest[] = [];
    const rig = new Rig({ agent: zoo(sent, { heeds: true, atOnce: 4 }) });
    await rig.run(until(100, 10));
    expect(await rig.table('animals')).toHaveLength(10);
    expect(sent).toHaveLength(4);
  });

  test('ends after so many agent runs', async () => {
    const sent: AgentRequest[] = [];
    const rig = new Rig({ agent: zoo(sent, { heeds: true }) });
    await rig.run(until(100, 2));
    expect(sent).toHaveLength(2);
  });
});

describe('continue', () => {
  test('follows up the agent run of the step before', async () => {
    const sent: AgentRequest[] = [];
    const rig = new Rig({ agent: zoo(sent, { heeds: true }) });
    const yaml = `
steps:
  cutest:
    query: Find cute animals.${LIST}
  fewer:
    continue: cutest
    query: Only those that swim.${LIST}`;
    await rig.run(yaml);
    expect(sent[1]).toMatchObject({ query: 'Only those that swim.', previousRunId: 'run-1' });
    await rig.run(yaml);
    expect(sent).toHaveLength(2);
    await rig.run(yaml.replace('cute animals', 'lovely animals'));
    expect(sent).toHaveLength(4);
    expect(sent[3]?.previousRunId).toBe('run-3');
  });
});

describe('templates', () => {
  test('may list a small table of a step before', async () => {
    const sent: AgentRequest[] = [];
    const rig = new Rig({ agent: zoo(sent, { heeds: true }) });
    await rig.run(`
steps:
  cutest:
    query: Find cute animals.${LIST}
  summary:
    query: 'Compare {{#each steps.cutest}}{{name}}, {{/each}}and say which is best.'`);
    expect(sent[1]?.query).toBe('Compare Goat, Panda, Otter, and say which is best.');
  });
});

test('columns chosen for an input are all that the agent and the fingerprint see', async () => {
  const sent: AgentRequest[] = [];
  const rig = new Rig({ agent: census(sent) });
  const yaml = (note: string): string => `
steps:
  sizes:
    input: { from: [{ name: a, note: ${note} }], columns: [name] }
    query: Give the size of {{row.name}}.${LIST}`;
  await rig.run(yaml('one'));
  expect(sent[0]?.input?.data).toEqual([{ name: 'a' }]);
  await rig.run(yaml('two'));
  expect(sent).toHaveLength(1);
});

test('a record of a nested list is found, and its columns go on', async () => {
  const rig = new Rig({
    agent: functionAgent((request) =>
      isJsonObject(request.input?.data?.[0] ?? null)
        ? { town: 'Oslo' }
        : { result: { people: [{ name: 'Ann' }] } },
    ),
  });
  await rig.run(`
steps:
  people:
    query: Who is there?
    records: result.people
    key: name
    schema:
      type: object
      properties:
        result:
          type: object
          properties:
            people: { type: array, items: { type: object, properties: { name: { type: string } } } }
  homes:
    input: people
    query: Where does {{row.name}} live?
    schema: { type: object, properties: { town: { type: string } } }`);
  expect(await rig.table('homes')).toEqual([{ town: 'Oslo' }]);
});
