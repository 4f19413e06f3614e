import { spawn } from 'node:child_process';
import { getEventListeners, once } from 'node:events';
import { mkdtemp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { JsonObject } from '../../src/base/json.ts';
import {
  openDatabase,
  SqlError,
  type Database,
  type DatabaseOptions,
  type RowStream,
} from '../../src/duckdb/database.ts';
import { quoteIdentifier, quoteLiteral } from '../../src/duckdb/quote.ts';

// DuckDB shares two cores with everything else that is tested at the same time.
vi.setConfig({ testTimeout: 30_000 });

let folder: string;
const open: Database[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fieldwork-duckdb-'));
  await writeFile(join(folder, 'allowed.csv'), 'a\n1\n');
  await writeFile(join(folder, 'secret.csv'), 'a\n2\n');
  await mkdir(join(folder, 'scratch'));
  await symlink(join(folder, 'secret.csv'), join(folder, 'link.csv'));
});
afterEach(async () => {
  for (const database of open.splice(0)) await database.close();
});
afterAll(() => rm(folder, { recursive: true }));

async function opened(options: DatabaseOptions = {}): Promise<Database> {
  const database = await openDatabase(options);
  if (!database.ok) throw new Error(database.error.message);
  open.push(database.value);
  return database.value;
}

async function rowsOf(database: Database, sql: string): Promise<readonly JsonObject[]> {
  const rows = await database.rows(sql);
  if (!rows.ok) throw new Error(rows.error.message);
  return rows.value;
}

async function streamOf(database: Database, sql: string): Promise<RowStream> {
  const stream = await database.stream(sql);
  if (!stream.ok) throw new Error(stream.error.message);
  return stream.value;
}

describe('Values come as JSON', () => {
  const cases: readonly [sql: string, value: unknown][] = [
    [`'text'`, 'text'],
    [`'a longer text, beyond twelve bytes: é 😀'`, 'a longer text, beyond twelve bytes: é 😀'],
    [`NULL`, null],
    [`true`, true],
    [`1::TINYINT`, 1],
    [`4294967295::UINTEGER`, 4_294_967_295],
    [`9007199254740991::BIGINT`, 9_007_199_254_740_991],
    [`9007199254740992::BIGINT`, '9007199254740992'],
    [`-9007199254740993::BIGINT`, '-9007199254740993'],
    [`18446744073709551615::UBIGINT`, '18446744073709551615'],
    [`170141183460469231731687303715884105727::HUGEINT`, '170141183460469231731687303715884105727'],
    [`12::HUGEINT`, 12],
    [`1.50::DECIMAL(9,2)`, 1.5],
    [`0.1::DECIMAL(38,20)`, 0.1],
    [`12345678901234567890.12::DECIMAL(38,2)`, '12345678901234567890.12'],
    [`9007199254740993::DECIMAL(38,0)`, '9007199254740993'],
    [`1e300::DOUBLE`, 1e300],
    [`'nan'::DOUBLE`, null],
    [`'-inf'::FLOAT`, null],
    [`DATE '2024-02-29'`, '2024-02-29'],
    [`'infinity'::DATE`, 'infinity'],
    [`'-infinity'::DATE`, '-infinity'],
    [`DATE '0044-03-15 (BC)'`, '0044-03-15 (BC)'],
    [`TIMESTAMP '2024-02-29 10:11:12'`, '2024-02-29T10:11:12'],
    [`TIMESTAMP '2024-02-29 10:11:12.000345'`, '2024-02-29T10:11:12.000345'],
    [`'infinity'::TIMESTAMP`, 'infinity'],
    [`'2024-02-29 10:11:12.123456789'::TIMESTAMP_NS`, '2024-02-29T10:11:12.123456789'],
    [`TIMESTAMPTZ '2024-02-29 10:11:12+02'`, '2024-02-29T08:11:12Z'],
    [`TIMESTAMPTZ '1969-12-31 23:59:59.999999+00'`, '1969-12-31T23:59:59.999999Z'],
    [`TIME '10:11:12'`, '10:11:12'],
    [`INTERVAL 3 DAY`, '3 days'],
    [`'\\xDE\\xAD\\xBE\\xEF'::BLOB`, '3q2+7w=='],
    [`'9f3c1d2e-0000-4000-8000-000000000001'::UUID`, '9f3c1d2e-0000-4000-8000-000000000001'],
    [`'b'::ENUM('a', 'b')`, 'b'],
    [`'{"a": [1, {"b": null}]}'::JSON`, { a: [1, { b: null }] }],
    [`[1, NULL, 3]`, [1, null, 3]],
    [`[[9007199254740993], []]`, [['9007199254740993'], []]],
    [`[1, 2]::INTEGER[2]`, [1, 2]],
    [
      `{'a': 1, 'b': {'c': DATE '2020-01-01', 'd': NULL}}`,
      { a: 1, b: { c: '2020-01-01', d: null } },
    ],
    [`MAP {'k': 1.5, 'l': NULL}`, { k: 1.5, l: null }],
    [`MAP {1: 'x'}`, [{ key: 1, value: 'x' }]],
    [`union_value(k := 9007199254740993)`, '9007199254740993'],
    [`[{'a': DATE '2020-01-01'}]::VARIANT`, [{ a: '2020-01-01' }]],
  ];

  test.each(cases)('%s', async (sql, value) => {
    const database = await opened();
    expect(await rowsOf(database, `SELECT ${sql} AS v`)).toEqual([{ v: value }]);
  });

  test('and their columns have names and types', async () => {
    const database = await opened();
    const sql = `SELECT 1 AS a, 'x' AS A, '{}'::JSON AS j, [{'b': 1.5}] AS l, now() AS a`;
    expect((await streamOf(database, sql)).columns).toEqual([
      { name: 'a', type: 'INTEGER' },
      { name: 'A_1', type: 'VARCHAR' },
      { name: 'j', type: 'JSON' },
      { name: 'l', type: 'STRUCT("b" DECIMAL(2,1))[]' },
      { name: 'a_2', type: 'TIMESTAMP WITH TIME ZONE' },
    ]);
  });

  test('and JSON inside of them is told from text', async () => {
    const database = await opened();
    const sql = `SELECT ['1'::JSON] AS l, {'a b': [{'j': '1'::JSON}], 't': ''} AS s, ['1'::JSON]::JSON[1] AS a`;
    expect((await streamOf(database, sql)).columns).toEqual([
      { name: 'l', type: 'JSON[]' },
      { name: 's', type: 'STRUCT("a b" STRUCT("j" JSON)[], "t" VARCHAR)' },
      { name: 'a', type: 'JSON[1]' },
    ]);
  });

  test('and times are those of UTC, whatever the machine is set to', async () => {
    const database = await opened();
    const sql = `SELECT (TIMESTAMPTZ '2024-06-01 00:30:00+02')::DATE AS day`;
    expect(await rowsOf(database, sql)).toEqual([{ day: '2024-05-31' }]);
  });
});

describe('A statement', () => {
  test('takes parameters', async () => {
    const database = await opened();
    const rows = await database.rows('SELECT $1::VARCHAR AS a, $2 + 1 AS b, $3 AS c', [
      `'; --`,
      2,
      null,
    ]);
    expect(rows).toEqual({ ok: true, value: [{ a: `'; --`, b: 3, c: null }] });
  });

  test('with a mistake says what and where', async () => {
    const database = await opened();
    const failures = await Promise.all(
      [`SELECT 'é', x + 1`, `SELECT 'é' FROM a b c d`, `FROM companys`, `SELECT 'a'::INT`].map(
        async (sql) => {
          const result = await database.rows(sql);
          return result.ok ? undefined : result.error;
        },
      ),
    );
    expect(failures).toEqual([
      {
        kind: 'Binder',
        message: 'Referenced column "x" was not found because the FROM clause is missing',
        offset: 12,
      },
      { kind: 'Parser', message: 'syntax error at or near "c"', offset: 20 },
      {
        kind: 'Catalog',
        message: expect.stringMatching(/^Table with name companys does not exist!/u),
        offset: 5,
      },
      { kind: 'Conversion', message: `Could not convert string 'a' to INT32`, offset: 10 },
    ]);
  });

  test('whose mistake shows in a late row throws it while it is read', async () => {
    const database = await opened({ threads: 1 });
    const stream = await streamOf(
      database,
      `SELECT CASE WHEN i = 2_000_000 THEN error('at the end') ELSE 1 END AS v FROM range(2_000_001) t(i)`,
    );
    let read = 0;
    let thrown: unknown;
    try {
      for await (const rows of stream.rows) read += rows.length;
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(SqlError);
    expect((thrown as SqlError).message).toBe('at the end');
    expect(read).toBeGreaterThan(0);
  });
});

describe('A stream', () => {
  const LONG = 'SELECT i FROM range(1_000_000_000_000) t(i)';

  test('comes in portions of at most 2,048 rows, in order, while another is read', async () => {
    const database = await opened();
    const one = await streamOf(database, 'SELECT i FROM range(10_000) t(i)');
    const other = (await streamOf(database, LONG)).rows[Symbol.asyncIterator]();
    const seen: number[] = [];
    for await (const rows of one.rows) {
      expect(rows.length).toBeLessThanOrEqual(2_048);
      seen.push(...rows.map((row) => row['i'] as number));
      expect((await other.next()).done).toBe(false);
    }
    expect(seen).toEqual(Array.from({ length: 10_000 }, (_, i) => i));
    await other.return?.();
  });

  test('can be left, and the database closed while one is open', async () => {
    const database = await opened();
    for await (const rows of (await streamOf(database, LONG)).rows) {
      expect(rows).toHaveLength(2_048);
      break;
    }
    await streamOf(database, LONG);
    await database.close();
    await database.close();
  });
});

describe('A database reads what it was given and nothing else', () => {
  const path = (name: string): string => quoteLiteral(join(folder, name));
  const refusals: readonly (() => string)[] = [
    () => `FROM read_csv(${path('secret.csv')})`,
    () => `FROM ${path('secret.csv')}`,
    () => `FROM ${path('link.csv')}`,
    () => `FROM ${path('scratch/../secret.csv')}`,
    () => `FROM read_text('/etc/passwd')`,
    () => `FROM read_blob('/etc/passwd')`,
    () => `FROM glob('/etc/*')`,
    () => `FROM read_csv('https://example.com/a.csv')`,
    () => `FROM read_parquet('s3://bucket/a.parquet')`,
    () => `COPY (SELECT 1) TO ${path('out.csv')}`,
    () => `COPY (SELECT 1) TO ${path('allowed.csv')}`,
    () => `COPY (SELECT 1) TO '/dev/stdout'`,
    () => `EXPORT DATABASE ${path('export')}`,
    () => `ATTACH ${path('other.duckdb')} AS other`,
    () => `INSTALL httpfs`,
    () => `LOAD httpfs`,
    () => `LOAD ${path('evil.duckdb_extension')}`,
    () => `SET enable_external_access = true`,
    () => `SET lock_configuration = false`,
    () => `SET allowed_paths = ['/etc/passwd']`,
    () => `SET allowed_directories = ['/']`,
    () => `SET temp_directory = '/tmp'`,
    () => `SET autoload_known_extensions = true`,
    () => `SET allow_community_extensions = true`,
    () => `SET memory_limit = '100GB'`,
    () => `RESET enable_external_access`,
    () => `PRAGMA enable_external_access = true`,
  ];

  test.each(refusals.map((sql) => [sql]))('%s', async (sql) => {
    const database = await opened({
      files: [join(folder, 'allowed.csv')],
      folders: [join(folder, 'scratch')],
    });
    const done = await database.run(sql());
    expect(done).toMatchObject({ ok: false });
  });

  test('but those', async () => {
    const database = await opened({
      files: [join(folder, 'allowed.csv')],
      folders: [join(folder, 'scratch')],
    });
    expect(await rowsOf(database, `FROM ${path('allowed.csv')}`)).toEqual([{ a: 1 }]);
    const out = path('scratch/out.csv');
    expect(await database.run(`COPY (SELECT 1 AS b) TO ${out}`)).toMatchObject({ ok: true });
    expect(await rowsOf(database, `FROM ${out}`)).toEqual([{ b: 1 }]);
  });

  test('and a path with signs of a pattern is that file', async () => {
    await writeFile(join(folder, 'b[1]*.csv'), 'a\n3\n');
    await writeFile(join(folder, 'b1x.csv'), 'a\n4\n');
    const database = await opened({ files: [join(folder, 'b[1]*.csv')] });
    expect(await rowsOf(database, `FROM ${path('b[[]1][*].csv')}`)).toEqual([{ a: 3 }]);
    expect(await database.run(`FROM ${path('b1x.csv')}`)).toMatchObject({ ok: false });
  });
});

describe('A database file', () => {
  test('keeps what was written, and can be attached to be read only', async () => {
    const path = join(folder, 'kept.duckdb');
    const written = await opened({ path });
    expect(await written.run(`CREATE TABLE "my table" AS SELECT 1 AS a`)).toMatchObject({
      ok: true,
    });
    await written.close();
    const reader = await opened({ attach: { path, as: 'kept' } });
    expect(await rowsOf(reader, 'FROM kept."my table"')).toEqual([{ a: 1 }]);
    expect(await reader.run('INSERT INTO kept."my table" VALUES (2)')).toMatchObject({ ok: false });
    await reader.close();
    const readOnly = await opened({ path, readOnly: true });
    expect(await rowsOf(readOnly, 'FROM "my table"')).toEqual([{ a: 1 }]);
    expect(await readOnly.run('DROP TABLE "my table"')).toMatchObject({ ok: false });
  });

  test('that cannot be opened is a failure', async () => {
    const missing = await openDatabase({ path: join(folder, 'none', 'x.duckdb') });
    expect(missing.ok ? undefined : missing.error.message).toMatch(/^Cannot open file /u);
  });

  test('that another process writes to names that process', async () => {
    const path = join(folder, 'held.duckdb');
    const script = `require('@duckdb/node-api').DuckDBInstance.create(process.argv[1])
      .then(() => process.stdout.write('open'), (error) => process.stdout.write(error.message));
      process.stdin.resume();`;
    const holder = spawn(process.execPath, ['-e', script, path]);
    try {
      const [said] = (await once(holder.stdout, 'data')) as [Buffer];
      expect(said.toString()).toBe('open');
      const refused = await openDatabase({ attach: { path, as: 'held' } });
      expect(refused.ok ? '' : refused.error.message).toContain(`(PID ${holder.pid})`);
    } finally {
      holder.stdin.end();
      await once(holder, 'exit');
    }
    const free = await opened({ attach: { path, as: 'held' } });
    expect(await rowsOf(free, 'SELECT 1 AS a')).toEqual([{ a: 1 }]);
  });

  test('that does not fit into memory goes to the spill folder', async () => {
    const options = { memoryLimit: '64MB', threads: 1 };
    const sql = `CREATE TABLE t AS SELECT i, repeat(md5(i::VARCHAR), 8) AS x FROM range(400_000) t(i) ORDER BY x`;
    const strict = await opened(options);
    expect(await strict.run(sql)).toMatchObject({ ok: false, error: { kind: 'Out of Memory' } });
    const spilling = await opened({ ...options, spillFolder: join(folder, 'scratch') });
    expect(await spilling.run(sql)).toEqual({ ok: true, value: undefined });
  });
});

test('Names and texts are quoted so that they stay what they are', async () => {
  const database = await opened();
  const odd = `a"; DROP TABLE x; -- ' \\ ü`;
  const sql = `SELECT ${quoteLiteral(odd)} AS ${quoteIdentifier(odd)}`;
  expect(await rowsOf(database, sql)).toEqual([{ [odd]: odd }]);
});

describe('A statement that may be interrupted', () => {
  /** Takes hours, in any order of work. */
  const ENDLESS = `CREATE TABLE made AS
    SELECT count(*) FROM range(10_000_000) a(i), range(10_000_000) b(j) WHERE hash(i) = hash(j + 1) + 1 OR i * j < 0`;
  const INTERRUPTED = { ok: false, error: { kind: 'Interrupt' } };

  test('is stopped before it has begun, and while it runs; nothing of it stays', async () => {
    const database = await opened();
    const early = new AbortController();
    const atOnce = database.runUntil(early.signal, ENDLESS);
    early.abort();
    expect(await atOnce).toMatchObject(INTERRUPTED);
    const late = new AbortController();
    const running = database.runUntil(late.signal, ENDLESS);
    // Other statements go on beside it, and are not stopped with it.
    expect(await rowsOf(database, 'SELECT sum(i)::INTEGER AS n FROM range(1_000) t(i)')).toEqual([
      { n: 499_500 },
    ]);
    late.abort();
    expect(await running).toMatchObject(INTERRUPTED);
    expect(await database.runUntil(late.signal, 'SELECT 1')).toMatchObject(INTERRUPTED);
    expect(await database.run('CREATE TABLE made AS SELECT 1 AS a')).toMatchObject({ ok: true });
  });

  test('does what any other does, tells its mistakes, and leaves no listener', async () => {
    const database = await opened();
    const { signal } = new AbortController();
    expect(await database.runUntil(signal, 'CREATE TABLE t AS SELECT 1 AS a')).toMatchObject({
      ok: true,
    });
    expect(await database.runUntil(signal, 'SELECT b FROM t')).toMatchObject({
      ok: false,
      error: { kind: 'Binder' },
    });
    expect(await rowsOf(database, 'SELECT a FROM t')).toEqual([{ a: 1 }]);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});
