import { basename, extname } from 'node:path';
import type { Json, JsonObject } from '../../../base/json.ts';
import { fail, ok, type Result } from '../../../base/result.ts';
import { openDatabase, type Database, type SqlParameter } from '../../../duckdb/database.ts';
import type { CorpusFolder, RecordFile } from './corpus-folder.ts';
import { loadTable, textOf } from './load-table.ts';
import { columnOf, labelAndNouns, profileSql, typedSql } from './profile.ts';
import type { Column, CorpusRecord, Table } from './table.ts';
import { ValueIndex } from './value-index.ts';

/** Columns with more different values are filtered by number and date only, not by word. */
const MAX_INDEXED_VALUES = 50_000;

/** Row numbers of one table in the order asked for. */
export interface RowQuery {
  readonly table: Table;
  /** A condition over the columns of {@link typedSql}. */
  readonly where: string;
  readonly parameters: readonly SqlParameter[];
  readonly orderBy: string;
  readonly limit: number;
  readonly offset: number;
}

/**
 * The records that the local agent answers from, in a database in memory.
 *
 * Names of files and columns are never part of a statement: tables are `c0`, columns `t0`.
 */
export class Corpus {
  readonly name: string;
  readonly tables: readonly Table[];
  readonly values: ValueIndex;
  /** Files that are not used, and why: one sentence each. */
  readonly skipped: readonly string[];
  readonly #database: Database;

  private constructor(
    name: string,
    tables: readonly Table[],
    values: ValueIndex,
    skipped: readonly string[],
    database: Database,
  ) {
    this.name = name;
    this.tables = tables;
    this.values = values;
    this.skipped = skipped;
    this.#database = database;
  }

  /** Loads all record files. A file that cannot be read whole is left out and named. */
  static async load(folder: CorpusFolder): Promise<Result<Corpus, string>> {
    const opened = await openDatabase({
      files: folder.files.map((file) => file.location),
      memoryLimit: '2GB',
    });
    if (!opened.ok) return fail(opened.error.message);
    const database = opened.value;
    const tables: Table[] = [];
    const skipped = [...folder.skipped];
    const values = new ValueIndex();
    for (const file of folder.files) {
      const table = await readTable(database, file, tables.length);
      if (!table.ok) {
        skipped.push(`${file.path} is not used: ${table.error}.`);
        continue;
      }
      tables.push(table.value);
      await indexValues(database, table.value, values);
    }
    if (tables.length === 0) {
      await database.close();
      return fail(`No file of the corpus can be used. ${skipped.join(' ')}`);
    }
    return ok(new Corpus(folder.name, tables, values, skipped, database));
  }

  get records(): number {
    return this.tables.reduce((sum, table) => sum + table.rows, 0);
  }

  async rowNumbers(query: RowQuery): Promise<readonly number[]> {
    const rows = await this.#rows(
      `select row from c${query.table.index} where ${query.where} order by ${query.orderBy} limit ${query.limit} offset ${query.offset}`,
      query.parameters,
    );
    return rows.map((row) => Number(row['row']));
  }

  /** Each expression counted over the rows of a table where it is true. */
  async counts(
    table: Table,
    conditions: readonly string[],
    parameters: readonly SqlParameter[],
  ): Promise<readonly number[]> {
    if (conditions.length === 0) return [];
    const counts = conditions.map((sql, at) => `count(*) filter (${sql}) as q${at}`);
    const [row] = await this.#rows(`select ${counts.join(', ')} from c${table.index}`, parameters);
    return conditions.map((_, at) => Number(row?.[`q${at}`] ?? 0));
  }

  /** Records in the order of `rows`. */
  async read(table: Table, rows: readonly number[]): Promise<readonly CorpusRecord[]> {
    if (rows.length === 0) return [];
    const cells = table.columns.map(({ index }) => `t${index}`);
    const found = await this.#rows(
      `select row, ${cells.join(', ')} from c${table.index} where row in (${rows.map(String).join(', ')})`,
      [],
    );
    const byRow = new Map(found.map((row) => [Number(row['row']), recordOf(table, row)]));
    return rows.flatMap((row) => byRow.get(row) ?? []);
  }

  /** Every value of a column with its row, in row order. */
  async cells(table: Table, column: Column): Promise<readonly (readonly [number, string])[]> {
    const text = column.kind === 'list' ? `unnest(l${column.index})` : `t${column.index}`;
    const rows = await this.#rows(
      `select row, v from (select row, ${text} as v from c${table.index}) where v is not null order by row`,
      [],
    );
    return rows.map((row) => [Number(row['row']), textOf(row, 'v')] as const);
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  async #rows(sql: string, parameters: readonly SqlParameter[]): Promise<readonly JsonObject[]> {
    const result = await this.#database.rows(sql, parameters);
    if (!result.ok)
      throw new Error(`A statement of the local agent failed: ${result.error.message}`);
    return result.value;
  }
}

async function readTable(
  database: Database,
  file: RecordFile,
  index: number,
): Promise<Result<Table, string>> {
  const raw = await loadTable(database, file, index);
  if (!raw.ok) return raw;
  const { names, rows } = raw.value;
  const profiled = await database.rows(profileSql(index, names.length));
  if (!profiled.ok) return fail(profiled.error.message);
  const profile = profiled.value[0] ?? {};
  const columns = names.map((name, at) => columnOf(name, at, rows, profile));
  const made = await database.run(`${typedSql(index, columns)}; drop table raw${index}`);
  if (!made.ok) return fail(made.error.message);
  const name = basename(file.path, extname(file.path));
  return ok({ index, name, path: file.path, rows, columns, ...labelAndNouns(name, columns) });
}

async function indexValues(database: Database, table: Table, values: ValueIndex): Promise<void> {
  for (const column of table.columns) {
    const list = column.kind === 'list';
    if ((column.kind !== 'text' && !list) || column.url) continue;
    const text = list ? `unnest(l${column.index})` : `t${column.index}`;
    const found = await database.rows(
      `select v, cast(count(*) as varchar) || ':' || cast(bit_xor(hash(row)) as varchar) as records
       from (select row, ${text} as v from c${table.index}) where v is not null and length(v) <= 100
       group by v order by v limit ${MAX_INDEXED_VALUES + 1}`,
    );
    if (!found.ok) throw new Error(`Values cannot be indexed: ${found.error.message}`);
    if (found.value.length > MAX_INDEXED_VALUES) continue;
    for (const row of found.value)
      values.add(table, column, textOf(row, 'v'), textOf(row, 'records'));
  }
}

function recordOf(table: Table, row: JsonObject): CorpusRecord {
  return {
    table,
    row: Number(row['row']),
    cells: table.columns.map(({ index, kind }) => {
      const value = row[`t${index}`];
      if (typeof value !== 'string') return null;
      return kind === 'list' ? (JSON.parse(value) as readonly Json[]) : value;
    }),
  };
}
