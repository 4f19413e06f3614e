import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/duckdb/database.ts';
import { FileSourceReader, type SourceReaderOptions } from '../../src/tables/source-reader.ts';
import { saidOf, SECRET, SourceFolder } from './source-fixtures/sources.ts';

let folder: SourceFolder;
beforeAll(async () => {
  folder = await SourceFolder.create();
});
afterAll(() => folder.remove());

const key = ['domain'];

describe('A binary file is told', () => {
  /** Writes a table of two columns with DuckDB. */
  async function make(file: string, rows: string): Promise<void> {
    const database = await openDatabase({ folders: [folder.path] });
    if (!database.ok) throw new Error(database.error.message);
    const path = `${folder.path}/${file}`;
    const sql = file.endsWith('.parquet')
      ? `COPY (${rows}) TO '${path}' (FORMAT parquet)`
      : `ATTACH '${path}' AS made; CREATE TABLE made.crm AS ${rows}; CREATE SCHEMA made.other; CREATE TABLE made.other.t AS SELECT 1 AS n; CREATE TABLE made."a.b" AS SELECT 2 AS m; CREATE VIEW made.away AS SELECT * FROM made.crm; DETACH made`;
    const done = await database.value.run(sql);
    if (!done.ok) throw new Error(done.error.message);
    await database.value.close();
  }

  const said = (
    file: string,
    options: { key?: readonly string[]; table?: string } = {},
    limits: SourceReaderOptions = {},
  ): Promise<string[]> => saidOf(folder.source(file, options), limits);

  const check = async (file: string, content: string): Promise<string[]> =>
    saidOf(await folder.write(file, content));

  beforeAll(async () => {
    const rows = `SELECT * FROM (VALUES ('a.io', 1), ('b.io', 2), ('a.io', 3), (NULL, 4), ('A.io', 5)) t(domain, "n n")`;
    await make('good.parquet', rows);
    await make('good.duckdb', rows);
    await make('none.parquet', `SELECT 1 AS a WHERE false`);
    await make(
      'odd.parquet',
      `SELECT '${SECRET}' AS "Name", 'x' || chr(0) AS b, repeat('x', 70000) AS "name "`,
    );
  });

  test('nothing when it is right, and what its columns are', async () => {
    const reader = new FileSourceReader();
    const columns = [
      { name: 'domain', type: 'VARCHAR' },
      { name: 'n n', type: 'INTEGER' },
    ];
    const parquet = await reader.check(folder.source('good.parquet'));
    expect(parquet).toEqual({ ok: true, value: columns });
    const table = await reader.check(folder.source('good.duckdb', { table: 'crm' }));
    expect(table).toEqual({ ok: true, value: columns });
    const dotted = await reader.check(folder.source('good.duckdb', { table: '"a.b"' }));
    expect(dotted).toEqual({ ok: true, value: [{ name: 'm', type: 'INTEGER' }] });
    const other = await reader.check(folder.source('good.duckdb', { table: 'other.t' }));
    expect(other).toEqual({ ok: true, value: [{ name: 'n', type: 'INTEGER' }] });
  });

  test('where its keys are missing and repeated', async () => {
    expect(await said('good.parquet', { key })).toEqual([
      'E-R102 good.parquet: the key (domain) is empty in row 4 [fill it in, or choose another key]',
      'E-R102 good.parquet: the key (domain) is the same in rows 1, 3 and 5 ("a.io") [remove the repeated rows, or add a column to the key]',
    ]);
  });

  test('that it has no rows, or too many', async () => {
    expect(await said('none.parquet')).toEqual([
      'warning E-R88 none.parquet: the table has no rows [fill it, or leave the steps out that read it]',
    ]);
    expect(await said('good.parquet', {}, { maxRows: 4 })).toEqual([
      'E-R89 good.parquet: there are 5 rows; the limit is 4 [raise the limit with --max-rows if so many are meant]',
    ]);
  });

  test('what is odd in its cells', async () => {
    expect(await said('odd.parquet')).toEqual([
      'warning E-R104 odd.parquet: row 1 may hold an API key or a private key [rows are sent to the agent: remove it, and replace the key at its provider]',
      'E-R97 odd.parquet: there is white space around the column name "name " [remove it]',
      'E-R105 odd.parquet: a cell in row 1 is over 64 KB [shorten it, or leave its column out: an agent is asked about few words]',
      'E-R101 odd.parquet: there is a NUL character in row 1 [remove it: it comes from a fault of the program that wrote the file]',
    ]);
  });

  test('that it does not have the table', async () => {
    expect(await said('good.duckdb', { table: 'crn' })).toEqual([
      'E-R88 good.duckdb: the file has no table "crn" [tables: \'"a.b"\', away, crm, other.t]',
    ]);
    expect(await said('good.duckdb', { table: 'x.other.t' })).toEqual([
      'E-R88 good.duckdb: the file has no table "x.other.t" [tables: \'"a.b"\', away, crm, other.t]',
    ]);
    expect(await said('good.duckdb', { table: 't' })).toEqual([
      'E-R88 good.duckdb: the file has no table "t" [tables: \'"a.b"\', away, crm, other.t]',
    ]);
  });

  test('that a view of it cannot be read', async () => {
    expect(await said('good.duckdb', { table: 'away' })).toEqual([
      expect.stringMatching(
        /^E-R90 good\.duckdb: DuckDB cannot read "away": .*made.* \[name a table in its place/u,
      ),
    ]);
  });

  test('that it is not what its name says', async () => {
    expect(await check('text.parquet', 'a,b\n1,2\n')).toEqual([
      'E-R90 text.parquet: this is something else, not a Parquet file [write it again as a Parquet file, or set "format" to what it is]',
    ]);
    expect(await check('cut.parquet', 'PAR1 and nothing more PAR1')).toEqual([
      expect.stringContaining('E-R90 cut.parquet: DuckDB cannot read the file: '),
    ]);
    expect(await check('cut.duckdb', `........DUCK${'.'.repeat(100)}`)).toEqual([
      expect.stringContaining('E-R90 cut.duckdb: DuckDB cannot open the file: '),
    ]);
  });

  test('that it has to be trusted, where the reader asks for that', async () => {
    expect(await said('good.parquet', {}, { binary: false })).toEqual([
      'E-R91 good.parquet: a Parquet file is only read when it comes from somebody trusted [use CSV or NDJSON, whose content can be looked over]',
    ]);
  });
});

test('A file that is not there, and a folder, are told so', async () => {
  expect(await saidOf(folder.source('missing.csv'))).toEqual([
    'E-R88 missing.csv: there is no such file [put it back, or name another in "file"]',
  ]);
  const root = { ...folder.source('root.csv'), path: folder.path };
  expect(await saidOf(root)).toEqual(['E-R88 root.csv: this is not a file [name a file in it]']);
});
