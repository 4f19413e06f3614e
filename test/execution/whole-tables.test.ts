import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { AgentBackend, AgentRequest } from '../../src/agent/agent.ts';
import type { WholeTables } from '../../src/execution/ports.ts';
import type { Store } from '../../src/store/store.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { ProjectTables } from '../../src/tables/project-tables.ts';
import { FileSourceReader } from '../../src/tables/source-reader.ts';
import { Rig } from '../rig/rig.ts';
import { functionAgent } from '../rig/scripted-agent.ts';
import { asking, FOUND, inline, names, rowOf, TOWN, shown } from './pipelines.ts';

vi.setConfig({ testTimeout: 60_000 });

const folders: string[] = [];
const opened: Promise<WholeTables>[] = [];

afterEach(async () => {
  for (const tables of opened.splice(0)) await (await tables).close();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** One process with a database: the tables of the pipeline and its source files. */
async function process(
  agent: AgentBackend,
  yaml: string,
  options: { store?: Store; files?: Readonly<Record<string, string>> } = {},
): Promise<Rig> {
  const store = options.store ?? new MemoryStore();
  const reader = new FileSourceReader();
  const scratch = await mkdtemp(join(tmpdir(), 'fieldwork-whole-'));
  folders.push(scratch);
  const sources: { values: () => Iterable<never> } = { values: () => [] };
  let tables: Promise<WholeTables> | undefined;
  const wholeTables = (): Promise<WholeTables> => {
    tables ??= ProjectTables.open({
      store,
      folder: join(scratch, 'w'),
      sources: sources.values(),
      reader,
    });
    if (!opened.includes(tables)) opened.push(tables);
    return tables;
  };
  const rig = new Rig({ agent, store, sources: reader, wholeTables });
  folders.push(await rig.write(options.files ?? {}));
  const pipeline = await rig.pipeline(yaml);
  sources.values = () => pipeline.sources.values() as Iterable<never>;
  for (const source of pipeline.sources.values()) {
    const checked = await reader.check(source);
    if (!checked.ok) throw new Error(JSON.stringify(checked.error));
  }
  return rig;
}

const SIZES: Record<string, number> = { a: 5, b: 50, c: 500 };

/** Says how large a firm is, and where it is. */
const firms = (asked: string[], sizes = SIZES): AgentBackend =>
  asking(asked, (request: AgentRequest) => {
    const { id, name } = rowOf(request);
    if (request.query.startsWith('Where')) return { town: `Town of ${shown(name)}` };
    return { found: [{ name: `Firm ${shown(id)}`, size: sizes[shown(id)] ?? 0 }] };
  });

const FIRMS = `
steps:
  firms:
    input: ${inline([{ id: 'a' }, { id: 'b' }, { id: 'c' }])}
    query: Which firm is {{row.id}}?${FOUND}
    key: name`;

describe('a SQL step', () => {
  const yaml = `${FIRMS}
  large:
    sql: select name from firms where size > 10 order by name
    key: name
  homes:
    input: large
    query: Where is {{row.name}}?${TOWN}`;

  test('feeds the step after it', async () => {
    const asked: string[] = [];
    const rig = await process(firms(asked), yaml);
    expect((await rig.run(yaml)).exit).toBe(0);
    expect(names(await rig.table('large'))).toEqual(['Firm b', 'Firm c']);
    expect(asked.slice(3).toSorted()).toEqual(['Where is Firm b?', 'Where is Firm c?']);
    expect(await rig.table('homes')).toHaveLength(2);
  });

  test('stops the wave where its rows stay what they were', async () => {
    const asked: string[] = [];
    const first = await process(firms(asked), yaml);
    await first.run(yaml);
    asked.length = 0;
    // Another size, on the same side of the condition.
    const { store } = first;
    const next = await process(firms(asked, { ...SIZES, c: 501 }), yaml, { store });
    const report = await next.run(yaml, { refresh: ['firms'] });
    expect(report.exit).toBe(0);
    expect(asked).toHaveLength(3);
    expect(report.steps.get('homes')?.counts).toMatchObject({ reused: 2, started: 0 });
    asked.length = 0;
    const third = await process(firms(asked, { ...SIZES, a: 11 }), yaml, { store });
    await third.run(yaml, { refresh: ['firms'] });
    expect(asked).toContain('Where is Firm a?');
    expect(asked).toHaveLength(4);
  });

  test('is left alone when nothing it reads changed, and not when its text or key did', async () => {
    const first = await process(firms([]), yaml);
    await first.run(yaml);
    const { store } = first;
    const outcome = async (text: string): Promise<string | undefined> => {
      const rig = await process(firms([]), text, { store });
      const report = await rig.run(text);
      return report.steps.get('large')?.outcome;
    };
    expect(await outcome(yaml)).toBe('unchanged');
    expect(await outcome(yaml.replace('size > 10', 'size > 11'))).toBe('finished');
    expect(await outcome(yaml)).toBe('finished');
    expect(await outcome(yaml.replace('    key: name\n  homes', '    key: [name]\n  homes'))).toBe(
      'unchanged',
    );
    const wide = yaml.replace('select name from', 'select name, size from');
    expect(await outcome(wide)).toBe('finished');
    expect(
      await outcome(wide.replace('    key: name\n  homes', '    key: [name, size]\n  homes')),
    ).toBe('finished');
    const rig = await process(firms([]), wide, { store });
    expect((await rig.state('large')).layout.key).toEqual(['name', 'size']);
  });

  test('is not made from answers that are not in the table it names', async () => {
    const first = await process(firms([]), yaml);
    await first.run(yaml);
    const next = await process(firms([]), yaml, { store: first.store });
    const report = await next.run(yaml, { refresh: ['firms'], limit: 1 });
    expect(report.steps.get('firms')?.message).toContain('the table stays as it was');
    for (const step of ['large', 'homes']) {
      expect(report.steps.get(step)?.outcome).toBe('skipped');
      expect(await next.table(step)).toHaveLength(2);
    }
  });

  test('is made from what a first try with a limit came to', async () => {
    const rig = await process(firms([]), yaml);
    const report = await rig.run(yaml, { limit: 3 });
    expect(report.steps.get('large')?.outcome).toBe('finished');
  });

  test('waits where every task of a step that it reads failed', async () => {
    const first = await process(firms([]), yaml);
    await first.run(yaml);
    const broken = functionAgent(() => ({ found: 'none of the kind' }));
    const next = await process(broken, yaml, { store: first.store });
    const report = await next.run(yaml, { refresh: ['firms'] });
    expect(report.exit).toBe(1);
    expect(await next.table('firms')).toEqual([]);
    expect(report.steps.get('large')).toMatchObject({
      outcome: 'skipped',
      message: 'waits for firms',
    });
    for (const step of ['large', 'homes']) expect(await next.table(step)).toHaveLength(2);
  });

  test('that the database refuses fails with its words, and what is before it stays', async () => {
    const text = yaml.replace('size > 10', "size > 'many'");
    const rig = await process(firms([]), text);
    const report = await rig.run(text);
    expect(report).toMatchObject({ exit: 1, status: 'failed' });
    expect(report.steps.get('large')?.message).toContain('many');
    expect(report.steps.get('homes')?.outcome).toBe('skipped');
    expect(await rig.table('firms')).toHaveLength(3);
  });

  test('reads a source, and notices when it changes', async () => {
    const text = `
sources: { crm: { file: crm.csv } }
steps:
  known:
    sql: select name from crm where stage = 'won' order by name`;
    const rig = await process(firms([]), text, {
      files: { 'crm.csv': 'name,stage\nX,won\nY,lost\n' },
    });
    expect((await rig.run(text)).exit).toBe(0);
    expect(names(await rig.table('known'))).toEqual(['X']);
    const { store } = rig;
    const same = await process(firms([]), text, {
      store,
      files: { 'crm.csv': 'name,stage\nX,won\nY,lost\n' },
    });
    expect((await same.run(text)).steps.get('known')?.outcome).toBe('unchanged');
    const next = await process(firms([]), text, {
      store,
      files: { 'crm.csv': 'name,stage\nX,won\nY,won\n' },
    });
    await next.run(text);
    expect(names(await next.table('known'))).toEqual(['X', 'Y']);
  });
});

describe('an input with a condition or a limit', () => {
  const homes = (input: string): string => `${FIRMS}
  homes:
    input: { from: firms, ${input} }
    query: Where is {{row.name}}?${TOWN}`;

  test.each([
    ['where: size >= 50', ['Where is Firm b?', 'Where is Firm c?']],
    ['limit: 2', ['Where is Firm a?', 'Where is Firm b?']],
    ['where: size < 500, limit: 1', ['Where is Firm a?']],
    ["where: name = 'nobody'", []],
  ])('asks about just those records: %s', async (input, expected) => {
    const asked: string[] = [];
    const yaml = homes(input);
    const rig = await process(firms(asked), yaml);
    expect((await rig.run(yaml)).exit).toBe(0);
    expect(asked.slice(3).toSorted()).toEqual(expected);
    const again = await process(firms(asked), yaml, { store: rig.store });
    expect((await again.run(yaml)).steps.get('homes')?.outcome).toBe('unchanged');
  });

  test('shows the agent no column that the table adds', async () => {
    const sent: AgentRequest[] = [];
    const yaml = homes('limit: 1');
    const rig = await process(
      functionAgent((request) => {
        sent.push(request);
        return rowOf(request)['name'] === undefined
          ? { found: [{ name: `Firm ${shown(rowOf(request)['id'])}`, size: 1 }] }
          : { town: 'Oslo' };
      }),
      yaml,
    );
    await rig.run(yaml);
    expect(sent.at(-1)?.input?.data).toEqual([{ name: 'Firm a', size: 1 }]);
  });

  test('widened asks only about the records that it adds', async () => {
    const asked: string[] = [];
    const rig = await process(firms(asked), homes('limit: 1'));
    await rig.run(homes('limit: 1'));
    asked.length = 0;
    const wide = homes('limit: 3');
    const next = await process(firms(asked), wide, { store: rig.store });
    await next.run(wide);
    expect(asked.toSorted()).toEqual(['Where is Firm b?', 'Where is Firm c?']);
  });
});

test('an exclusion with a condition leaves out just those records', async () => {
  const sent: AgentRequest[] = [];
  const agent = functionAgent((request) => {
    sent.push(request);
    const { id } = rowOf(request);
    if (id !== undefined)
      return { found: [{ name: `Firm ${shown(id)}`, size: SIZES[shown(id)] ?? 0 }] };
    return { found: ['a', 'b', 'c', 'd'].map((it) => ({ name: `FIRM ${it}, Inc.`, size: 1 })) };
  });
  const yaml = `${FIRMS}
  more:
    exclude: [{ from: firms, where: size >= 50 }]
    query: Find more firms.${FOUND}
    key: name`;
  const rig = await process(agent, yaml);
  expect((await rig.run(yaml)).exit).toBe(0);
  expect(sent.at(-1)?.input?.exclusion).toEqual([{ name: 'Firm b' }, { name: 'Firm c' }]);
  expect(names(await rig.table('more'))).toEqual(['FIRM a, Inc.', 'FIRM d, Inc.']);
});

test('a table of many rows that a query names is refused, however many they are', async () => {
  const asked: string[] = [];
  const rig = await process(
    firms(asked),
    `
steps:
  many:
    sql: select i from range(300000) as t(i)
  told:
    query: Say something of {{json steps.many}}.${TOWN}`,
  );
  const { steps } = await rig.run(`
steps:
  many:
    sql: select i from range(300000) as t(i)
  told:
    query: Say something of {{json steps.many}}.${TOWN}`);
  expect(steps.get('told')?.mistake?.message).toContain('more than 1000 records');
  expect(asked).toEqual([]);
});

test('a column of a name that no record can have is refused, and not lost', async () => {
  const yaml = `
steps:
  one:
    sql: select 1 as "__proto__", 2 as b`;
  const rig = await process(firms([]), yaml);
  const { steps } = await rig.run(yaml);
  expect(steps.get('one')?.mistake).toMatchObject({
    code: 'E-P14',
    message: 'a column cannot be called "__proto__"',
  });
});
