import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { copyFile, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { JsonObject } from '../../src/base/json.ts';
import { openDatabase } from '../../src/duckdb/database.ts';
import { itemsSchema, OutputRig, PIPELINE, type Task } from './output-rig.ts';

const schema = itemsSchema({ n: { type: 'string' } });
const items = (...names: readonly string[]): Task => ({ items: names.map((n) => ({ n })) });

async function databaseRows(path: string, sql: string): Promise<readonly JsonObject[]> {
  const opened = await openDatabase({ path, readOnly: true });
  if (!opened.ok) throw new Error(opened.error.message);
  const rows = await opened.value.rows(sql);
  await opened.value.close();
  if (!rows.ok) throw new Error(rows.error.message);
  return rows.value;
}

/** A digest a file. */
const contents = (tables: readonly { readonly path: string }[]): Promise<readonly string[]> =>
  Promise.all(
    tables.map(async ({ path }) =>
      createHash('sha256')
        .update(await readFile(path))
        .digest('hex'),
    ),
  );

/** A program that has the database open until the test ends. */
async function hold(path: string): Promise<number | undefined> {
  const duckdb = createRequire(import.meta.url).resolve('@duckdb/node-api');
  const script = `const { DuckDBInstance } = require(${JSON.stringify(duckdb)});
    DuckDBInstance.create(${JSON.stringify(path)}).then((instance) => {
      globalThis.instance = instance;
      process.stdout.write('open');
      process.stdin.resume().on('end', () => process.exit(0));
    });`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(async () => {
    child.stdin.end();
    if (child.exitCode === null) await once(child, 'exit');
  });
  await once(child.stdout, 'data');
  return child.pid;
}

describe('the files of a pipeline', () => {
  test('include a database with all the tables, their types and descriptions', async () => {
    const rig = await OutputRig.create();
    const typed = itemsSchema({
      day: { type: 'string', format: 'date' },
      l: { items: { type: 'integer' } },
    });
    await rig.step('days', { schema: typed, description: "The days' list" }, [
      { items: [{ day: '2026-01-02', l: [1, 2] }] },
    ]);
    const { database, tables } = await rig.write();
    expect(database.status).toBe('written');
    const listed = await databaseRows(
      database.path,
      'SELECT table_name AS name, comment FROM duckdb_tables() ORDER BY name',
    );
    expect(listed.map(({ name }) => name)).toEqual(tables.map(({ name }) => name).sort());
    expect(listed.find(({ name }) => name === 'days')).toMatchObject({ comment: "The days' list" });
    expect(
      await databaseRows(database.path, 'SELECT day, typeof(day) t, l, typeof(l) u FROM days'),
    ).toEqual([{ day: '2026-01-02', t: 'DATE', l: [1, 2], u: 'BIGINT[]' }]);
  });

  test('are the same, byte for byte, when the state is written again', async () => {
    const rig = await OutputRig.create();
    await rig.step('one', { schema }, [items('a', 'b'), items('c')]);
    await rig.step('two', { schema, rank: 1 }, [items('d')]);
    const { tables } = await rig.write();
    const before = await contents(tables);
    const again = await rig.write({ skipUnchanged: false });
    expect(again.tables).toEqual(tables);
    expect(await contents(tables)).toEqual(before);
  });

  test('stay when they are what would be written, and so do their lines in the other tables', async () => {
    const rig = await OutputRig.create();
    const cited = {
      grounding: [{ field: 'items[0].n', citations: [{ url: 'https://a.example' }] }],
    };
    await rig.step('one', { schema }, [
      { ...items('a', 'x'), ...cited, dropped: [{ index: 1, reason: 'limit', detail: '' }] },
    ]);
    await rig.step('two', { schema, rank: 1 }, [{ ...items('b'), ...cited }]);
    await rig.write();
    await rig.step('two', { schema, rank: 1 }, [{ ...items('c'), ...cited }]);
    const inode = (await stat(rig.path('one'))).ino;
    const second = await rig.write();
    expect(second.tables.map(({ name, kept }) => `${name} ${kept}`).slice(0, 2)).toEqual([
      'one true',
      'two false',
    ]);
    expect((await stat(rig.path('one'))).ino).toBe(inode);
    expect(await rig.read('_citations')).toMatchObject([
      { step: 'one', row: 1n, agent_run_id: 'run-1' },
      { step: 'two', row: 1n, agent_run_id: 'run-3' },
    ]);
    expect(await rig.read('_rejected')).toMatchObject([{ step: 'one', reason: 'limit' }]);
    const kept = await contents(second.tables);
    await rig.write({ skipUnchanged: false });
    expect(await contents(second.tables)).toEqual(kept);
    const { database } = second;
    expect(
      await databaseRows(database.path, 'SELECT n FROM one UNION ALL SELECT n FROM two'),
    ).toEqual([{ n: 'a' }, { n: 'c' }]);
  });

  test('are written anew when a file is missing, foreign, or was left behind by a crash', async () => {
    const rig = await OutputRig.create();
    await rig.step('one', { schema }, [items('a')]);
    await rig.write();
    const old = join(rig.folder, 'old.parquet');
    await copyFile(rig.path('one'), old);
    await rig.step('one', { schema }, [items('b')]);
    await rig.write();
    await copyFile(old, rig.path('one'));
    await writeFile(
      `${rig.path('x').replace('x.parquet', '.one.parquet.unfinished')}`,
      'half a file',
    );
    const { tables } = await rig.write();
    expect(tables[0]).toMatchObject({ name: 'one', kept: false });
    expect(await rig.read('one')).toMatchObject([{ n: 'b' }]);
    expect((await rig.files()).filter((file) => file.includes('unfinished'))).toEqual([]);
  });

  test('go when their step has gone; files of the user stay', async () => {
    const rig = await OutputRig.create();
    await rig.step('one', { schema }, [items('a')]);
    await rig.step('gone', { schema, rank: 1 }, [items('b')]);
    await rig.write();
    await writeFile(rig.path('mine'), 'not ours');
    const { removed, tables, database } = await rig.write({ steps: ['one'] });
    expect(removed).toEqual([rig.path('gone')]);
    expect(tables.map(({ name }) => name)).not.toContain('gone');
    expect(await rig.files()).toContain(`${PIPELINE}/mine.parquet`);
    const names = await databaseRows(
      database.path,
      'SELECT table_name AS name FROM duckdb_tables()',
    );
    expect(names.map(({ name }) => name)).not.toContain('gone');
    expect(await rig.read('_agent_runs')).toHaveLength(2);
  });

  test('stay whole when one of them cannot be replaced', async () => {
    const rig = await OutputRig.create();
    await rig.step('one', { schema }, [items('a')]);
    await mkdir(join(rig.path('_costs'), 'in the way'), { recursive: true });
    const { problems, tables, database } = await rig.write();
    expect(problems).toEqual([
      { path: rig.path('_costs'), message: expect.stringContaining('rename') as string },
    ]);
    expect(tables.map(({ name }) => name)).not.toContain('_costs');
    expect(await rig.read('one')).toMatchObject([{ n: 'a' }]);
    expect(database.status).toBe('written');
    expect((await rig.files()).filter((file) => file.includes('unfinished'))).toEqual([]);
  });

  test('are untouched when the state cannot be read to its end', async () => {
    const rig = await OutputRig.create();
    await rig.step('one', { schema }, [items('a')]);
    await rig.step('two', { schema, rank: 1 }, [items('b')]);
    const { tables } = await rig.write();
    const before = await contents(tables);
    await rig.step('one', { schema }, [items('c')]);
    const { version } = await rig.step('two', { schema, rank: 1 }, [items('d')]);
    const broken = new Proxy(rig.store, {
      get: (store, name) => {
        const value: unknown = Reflect.get(store, name);
        if (name !== 'members')
          return typeof value === 'function' ? (value.bind(store) as unknown) : value;
        return (asked: string) => {
          if (asked === version) throw new TypeError('a bug, or a damaged store');
          return store.members(asked);
        };
      },
    });
    await expect(rig.write({ store: broken })).rejects.toThrow('a damaged store');
    expect(await contents(tables)).toEqual(before);
    expect((await rig.files()).filter((file) => file.includes('unfinished'))).toEqual([]);
  });

  test('are refused as a value when the folder cannot be made', async () => {
    const rig = await OutputRig.create();
    await writeFile(rig.outFolder, 'a file');
    const { problems, tables, database } = await rig.write();
    expect(tables).toEqual([]);
    expect(problems).toEqual([
      {
        path: join(rig.outFolder, PIPELINE),
        message: expect.stringContaining('ENOTDIR') as string,
      },
    ]);
    expect(database.status).toBe('failed');
  });

  test('are written while another program has the database open; that one stays, and is told', async () => {
    const rig = await OutputRig.create();
    await rig.step('one', { schema }, [items('a')]);
    const { database } = await rig.write();
    const content = await contents([database]);
    const pid = await hold(database.path);
    await rig.step('one', { schema }, [items('b')]);
    const second = await rig.write();
    expect(second.database).toEqual({
      status: 'held',
      path: database.path,
      message: expect.stringContaining(`PID ${pid}`) as string,
    });
    expect(second.problems).toEqual([]);
    expect(await rig.read('one')).toMatchObject([{ n: 'b' }]);
    expect(await contents([database])).toEqual(content);
  });

  test('replace a database that is damaged, or is a folder, without losing the tables', async () => {
    const rig = await OutputRig.create();
    await rig.step('one', { schema }, [items('a')]);
    await mkdir(rig.outFolder);
    const path = join(rig.outFolder, `${PIPELINE}.duckdb`);
    await writeFile(path, 'not a database');
    expect((await rig.write()).database.status).toBe('written');
    expect(await databaseRows(path, 'SELECT n FROM one')).toEqual([{ n: 'a' }]);

    const other = await OutputRig.create();
    await other.step('one', { schema }, [items('a')]);
    await mkdir(join(other.outFolder, `${PIPELINE}.duckdb`, 'x'), { recursive: true });
    const { database, problems } = await other.write();
    expect(database.status).toBe('failed');
    expect(problems).toEqual([]);
    expect(await other.read('one')).toMatchObject([{ n: 'a' }]);
  });
});
