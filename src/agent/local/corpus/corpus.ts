import type { Json, JsonObject } from '../../../base/json.ts';
import { fail, ok, type Result } from '../../../base/result.ts';
import type { Database, SqlParameter } from '../../../duckdb/database.ts';
import type { CorpusFolder } from './corpus-folder.ts';
import { openIndex, type IndexWork, type OpenIndex } from './index-file.ts';
import type { IndexPlace } from './index-place.ts';
import { IndexError } from './index-writer.ts';
import { textOf } from './load-table.ts';
import { readTable, type Column, type CorpusRecord, type Stated, type Table } from './table.ts';
import { ValueIndex, type ColumnValues } from './value-index.ts';

/** Records that are kept in memory. */
const MAX_RECENT = 4_096;

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
 * What the local agent answers from: records and documents, in the database that is their index.
 *
 * Names of files and columns are never part of a statement: tables are `c0`, columns `t0`.
 */
export class Corpus {
  readonly name: string;
  readonly tables: readonly Table[];
  readonly values: ValueIndex;
  /** Documents that can be used. */
  readonly documents: number;
  /** Files that are not used, and why: one sentence each. */
  readonly skipped: readonly string[];
  /** What there was to do to open it. */
  readonly work: IndexWork;
  readonly #database: Database;
  /** Records that were read last, for what is linked to one is about to be asked of it. */
  readonly #recent = new Map<string, CorpusRecord>();

  readonly #discard: () => Promise<void>;

  private constructor(folder: CorpusFolder, index: OpenIndex<Contents>) {
    const { database, contents, work, discard } = index;
    this.name = folder.name;
    this.tables = contents.tables;
    this.values = contents.values;
    this.documents = contents.documents;
    this.skipped = [...folder.skipped, ...contents.skipped];
    this.work = work;
    this.#database = database;
    this.#discard = discard;
  }

  /**
   * Opens the index of all files, brought up to date. One that cannot be read whole is left out
   * and named. Without a `place` the index is made in memory.
   */
  static async load(folder: CorpusFolder, place?: IndexPlace): Promise<Result<Corpus, string>> {
    const index = await openIndex(folder, place, readContents);
    if (!index.ok) return index;
    const corpus = new Corpus(folder, index.value);
    if (corpus.tables.length + corpus.documents > 0) return ok(corpus);
    await corpus.close();
    return fail(`No file of the corpus can be used. ${corpus.skipped.join(' ')}`);
  }

  get records(): number {
    return this.tables.reduce((sum, table) => sum + table.rows, 0);
  }

  async rowNumbers(query: RowQuery): Promise<readonly number[]> {
    const rows = await this.select(
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
    const [row] = await this.select(`select ${counts.join(', ')} from c${table.index}`, parameters);
    return conditions.map((_, at) => Number(row?.[`q${at}`] ?? 0));
  }

  /** Records in the order of `rows`. */
  async read(table: Table, rows: readonly number[]): Promise<readonly CorpusRecord[]> {
    const key = (row: number): string => `${table.index} ${row}`;
    const known = new Map(rows.map((row) => [row, this.#recent.get(key(row))] as const));
    const missing = rows.filter((row) => known.get(row) === undefined);
    for (const record of await this.#fetch(table, missing)) {
      known.set(record.row, record);
      this.#recent.set(key(record.row), record);
    }
    for (const oldest of this.#recent.keys()) {
      if (this.#recent.size <= MAX_RECENT) break;
      this.#recent.delete(oldest);
    }
    return rows.flatMap((row) => known.get(row) ?? []);
  }

  async #fetch(table: Table, rows: readonly number[]): Promise<readonly CorpusRecord[]> {
    if (rows.length === 0) return [];
    const cells = table.columns.map(({ index }) => `t${index}`);
    if (table.gathered) cells.push('stated');
    const found = await this.select(
      `select row, ${cells.join(', ')} from c${table.index} where row in (${rows.map(String).join(', ')})`,
    );
    return found.map((row) => recordOf(table, row));
  }

  /** Every value of a column with its row, in row order. */
  async cells(table: Table, column: Column): Promise<readonly (readonly [number, string])[]> {
    const text = column.kind === 'list' ? `unnest(l${column.index})` : `t${column.index}`;
    const rows = await this.select(
      `select row, v from (select row, ${text} as v from c${table.index}) where v is not null order by row`,
      [],
    );
    return rows.map((row) => [Number(row['row']), textOf(row, 'v')] as const);
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  /** Rows of a statement of the agent's own over its tables. */
  async select(
    sql: string,
    parameters: readonly SqlParameter[] = [],
  ): Promise<readonly JsonObject[]> {
    const result = await this.#database.rows(sql, parameters);
    if (result.ok) return result.value;
    await this.#discard();
    throw new Error(`A statement of the local agent failed: ${result.error.message}`);
  }
}

/** What of an index is kept in memory. */
interface Contents {
  readonly tables: readonly Table[];
  readonly values: ValueIndex;
  readonly documents: number;
  readonly skipped: readonly string[];
}

async function readContents(database: Database): Promise<Contents> {
  const select = async (sql: string): Promise<readonly JsonObject[]> => {
    const read = await database.rows(sql);
    if (!read.ok) throw new IndexError(read.error.message);
    return read.value;
  };
  const described = await select('select t, description from tables order by t');
  const tables = described.map((row) => readTable(Number(row['t']), textOf(row, 'description')));
  const values = new ValueIndex();
  for (const row of await select('select t, c, entries from named_values order by t, c')) {
    const table = tables[Number(row['t'])];
    const column = table?.columns[Number(row['c'])];
    if (table === undefined || column === undefined) throw new IndexError('a table is missing');
    values.add(table, column, JSON.parse(textOf(row, 'entries')) as ColumnValues);
  }
  const skipped: string[] = [];
  for (const files of ['record_files', 'document_files']) {
    const rows = await select(
      `select path, problem from ${files} where problem is not null order by rowid`,
    );
    skipped.push(
      ...rows.map((row) => `${textOf(row, 'path')} is not used: ${textOf(row, 'problem')}.`),
    );
  }
  const [count] = await select('select count(*) as n from documents');
  return { tables, values, documents: Number(count?.['n'] ?? 0), skipped };
}

function recordOf(table: Table, row: JsonObject): CorpusRecord {
  const { stated } = row;
  return {
    table,
    row: Number(row['row']),
    cells: table.columns.map(({ index, kind }) => {
      const value = row[`t${index}`];
      if (typeof value !== 'string') return null;
      return kind === 'list' ? (JSON.parse(value) as readonly Json[]) : value;
    }),
    stated:
      typeof stated === 'string'
        ? (JSON.parse(stated) as readonly (Stated | null)[]).map((it) => it ?? undefined)
        : undefined,
  };
}
