import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/base/json.ts';
import { openDatabase } from '../../src/duckdb/database.ts';
import type { Selection } from '../../src/execution/ports.ts';
import type { Source } from '../../src/pipeline/pipeline.ts';
import { FileSourceReader } from '../../src/tables/source-reader.ts';
import { allRows, SourceFolder } from './source-fixtures/sources.ts';

let folder: SourceFolder;
const reader = new FileSourceReader();
const ALL: Selection = { columns: undefined, where: undefined, limit: undefined };

beforeAll(async () => {
  folder = await SourceFolder.create();
});
afterAll(() => folder.remove());

const read = (source: Source, selection: Partial<Selection> = {}): Promise<JsonObject[]> =>
  allRows(reader.read(source, { ...ALL, ...selection }));

describe('Rows of Parquet and DuckDB files', () => {
  const VALUES = `SELECT * FROM (VALUES
    (1::BIGINT, 9007199254740993::BIGINT, 1.5::DECIMAL(9,2), 'nan'::DOUBLE, DATE '2020-02-29', TIMESTAMP '2020-01-02 03:04:05.678', TIMESTAMPTZ '2020-01-02 03:04:05+02', ['a', NULL], {'x': 1, 'y': [true]}, '\\xDE\\xAD'::BLOB),
    (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
  ) t(id, big, price, ratio, day, local, moment, tags, nested, bytes)`;
  const ROWS = [
    {
      id: 1,
      big: '9007199254740993',
      price: 1.5,
      ratio: null,
      day: '2020-02-29',
      local: '2020-01-02T03:04:05.678',
      moment: '2020-01-02T01:04:05Z',
      tags: ['a', null],
      nested: { x: 1, y: [true] },
      bytes: '3q0=',
    },
    {
      id: 2,
      big: null,
      price: null,
      ratio: null,
      day: null,
      local: null,
      moment: null,
      tags: null,
      nested: null,
      bytes: null,
    },
  ];
  let parquet: Source;
  let table: Source;

  beforeAll(async () => {
    const database = await openDatabase({ folders: [folder.path] });
    if (!database.ok) throw new Error(database.error.message);
    parquet = folder.source('values.parquet');
    table = folder.source('values.duckdb', { table: '"my.table"' });
    const made = await database.value.run(
      `COPY (${VALUES}) TO '${parquet.path}' (FORMAT parquet);
       ATTACH '${table.path}' AS made; CREATE TABLE made."my.table" AS ${VALUES}; DETACH made;
       COPY (SELECT i AS id FROM range(50_000) t(i)) TO '${folder.path}/long.parquet' (FORMAT parquet, ROW_GROUP_SIZE 2048)`,
    );
    if (!made.ok) throw new Error(made.error.message);
    await database.value.close();
  });

  test('are JSON, without losing a digit', async () => {
    expect(await read(parquet)).toEqual(ROWS);
    expect(await read(table)).toEqual(ROWS);
  });

  test('are chosen by columns, condition and limit', async () => {
    for (const source of [parquet, table]) {
      expect(await read(source, { columns: ['id'], where: 'day is null' })).toEqual([{ id: 2 }]);
      expect(await read(source, { columns: ['id'], limit: 1 })).toEqual([{ id: 1 }]);
    }
  });

  test('keep the order of the file', async () => {
    const rows = await read(folder.source('long.parquet'), { where: 'id % 3 = 0' });
    expect(rows.map((row) => row['id'])).toEqual(Array.from({ length: 16_667 }, (_, i) => i * 3));
  });
});
