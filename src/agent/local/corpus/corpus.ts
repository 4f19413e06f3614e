import { basename, extname } from 'node:path';
import type { Json, JsonObject } from '../../../base/json.ts';
import { fail, ok, type Result } from '../../../base/result.ts';
import { openDatabase, type Database, type SqlParameter } from '../../../duckdb/database.ts';
import type { CorpusFolder } from './corpus-folder.ts';
import { gather, type CorpusDocument } from './gather.ts';
import { loadGathered } from './load-gathered.ts';
import { loadTable, textOf, type RawTable } from './load-table.ts';
import { NO_CACHE, readDocuments, type DocumentCache } from './read-documents.ts';
import { settle, type SettledColumn } from './settle.ts';
import { columnOf, labelAndNouns, profileSql, typedSql } from './profile.ts';
import type { Column, CorpusRecord, Stated, Table } from './table.ts';
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
  readonly documents: readonly CorpusDocument[];
  /** Files that are not used, and why: one sentence each. */
  readonly skipped: readonly string[];
  readonly #stated: ReadonlyMap<Table, readonly SettledColumn[]>;
  readonly #database: Database;

  private constructor(parts: Parts, name: string, documents: readonly CorpusDocument[]) {
    this.name = name;
    this.documents = documents;
    this.tables = parts.tables;
    this.values = parts.values;
    this.skipped = parts.skipped;
    this.#stated = parts.stated;
    this.#database = parts.database;
  }

  /**
   * Loads all files. One that cannot be read whole is left out and named. `cache` keeps what was
   * read of documents from one loading to the next.
   */
  static async load(
    folder: CorpusFolder,
    cache: DocumentCache = NO_CACHE,
  ): Promise<Result<Corpus, string>> {
    const opened = await openDatabase({
      files: folder.files.map((file) => file.location),
      memoryLimit: '2GB',
    });
    if (!opened.ok) return fail(opened.error.message);
    const parts: Parts = {
      tables: [],
      values: new ValueIndex(),
      skipped: [...folder.skipped],
      stated: new Map(),
      database: opened.value,
    };
    for (const file of folder.files) {
      const raw = await loadTable(opened.value, file, parts.tables.length);
      const problem = raw.ok ? await addTable(parts, file.path, raw.value) : raw.error;
      if (problem !== undefined) parts.skipped.push(`${file.path} is not used: ${problem}.`);
    }
    const read = await readDocuments(folder.documents, cache);
    parts.skipped.push(...read.skipped);
    await addGathered(parts, read.documents);
    if (parts.tables.length + read.documents.length === 0) {
      await opened.value.close();
      return fail(`No file of the corpus can be used. ${parts.skipped.join(' ')}`);
    }
    return ok(new Corpus(parts, folder.name, read.documents));
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
    if (rows.length === 0) return [];
    const cells = table.columns.map(({ index }) => `t${index}`);
    const found = await this.select(
      `select row, ${cells.join(', ')} from c${table.index} where row in (${rows.map(String).join(', ')})`,
      [],
    );
    const settled = this.#stated.get(table);
    const byRow = new Map(
      found.map((row) => [Number(row['row']), recordOf(table, row, settled)] as const),
    );
    return rows.flatMap((row) => byRow.get(row) ?? []);
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

  /** Sentences of the documents that a table was gathered from, each with the row it is about. */
  textsOf(table: Table): readonly { readonly row: number; readonly text: string }[] {
    const settled = this.#stated.get(table) ?? [];
    const rowsByPath = new Map<string, Set<number>>();
    for (const { stated } of settled.slice(0, 1)) {
      for (const [at, cell] of stated.entries()) {
        for (const { source } of cell?.support ?? []) {
          const rows = rowsByPath.get(source.path) ?? new Set();
          rowsByPath.set(source.path, rows.add(at + 1));
        }
      }
    }
    return this.documents.flatMap(({ path, document }) => {
      const rows = rowsByPath.get(path);
      // A page about many things says of none of them what its sentences say.
      if (rows === undefined || rows.size !== 1) return [];
      const text = document.sentences.map((sentence) => sentence.text).join(' ');
      return [...rows].map((row) => ({ row, text }));
    });
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
    if (!result.ok)
      throw new Error(`A statement of the local agent failed: ${result.error.message}`);
    return result.value;
  }
}

interface Parts {
  readonly tables: Table[];
  readonly values: ValueIndex;
  readonly skipped: string[];
  readonly stated: Map<Table, readonly SettledColumn[]>;
  readonly database: Database;
}

/** Makes the table of what was loaded raw, under the next number; a sentence when that fails. */
async function addTable(
  { tables, values, database, stated }: Parts,
  path: string,
  { names, rows }: RawTable,
  gathered?: { readonly name: string; readonly columns: readonly SettledColumn[] },
): Promise<string | undefined> {
  const index = tables.length;
  const profiled = await database.rows(profileSql(index, names.length));
  if (!profiled.ok) return profiled.error.message;
  const profile = profiled.value[0] ?? {};
  const columns = names.map((name, at): Column => {
    const column = columnOf(name, at, rows, profile);
    const settled = gathered?.columns[at];
    return settled?.kind === undefined
      ? column
      : { ...column, kind: settled.kind, unit: settled.unit };
  });
  const made = await database.run(`${typedSql(index, columns)}; drop table raw${index}`);
  if (!made.ok) return made.error.message;
  const name = gathered?.name ?? basename(path, extname(path));
  const table: Table = {
    index,
    name,
    path,
    gathered: gathered !== undefined,
    rows,
    columns,
    ...labelAndNouns(name, columns),
  };
  tables.push(table);
  if (gathered !== undefined) stated.set(table, gathered.columns);
  await indexValues(database, table, values);
  return undefined;
}

async function addGathered(parts: Parts, documents: readonly CorpusDocument[]): Promise<void> {
  for (const draft of gather(documents)) {
    const columns = settle(draft).filter(({ cells }) => cells.some((cell) => cell !== null));
    if (columns.length === 0) continue;
    const raw = await loadGathered(parts.database, columns, parts.tables.length);
    const problem = await addTable(parts, draft.path, raw, { name: draft.name, columns });
    if (problem !== undefined) throw new Error(`Documents cannot be indexed: ${problem}`);
  }
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

function recordOf(
  table: Table,
  row: JsonObject,
  settled: readonly SettledColumn[] | undefined,
): CorpusRecord {
  return {
    table,
    row: Number(row['row']),
    cells: table.columns.map(({ index, kind }) => {
      const value = row[`t${index}`];
      if (typeof value !== 'string') return null;
      return kind === 'list' ? (JSON.parse(value) as readonly Json[]) : value;
    }),
    stated: settled?.map(({ stated }): Stated | undefined => stated[Number(row['row']) - 1]),
  };
}
