import { join } from 'node:path';
import type { Json, JsonObject } from '../base/json.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import { openDatabase, type Database } from '../duckdb/database.ts';
import type { SqlFailure } from '../duckdb/failure.ts';
import { quoteIdentifier, quoteLiteral } from '../duckdb/quote.ts';
import { conditionMistake, sqlTables } from '../duckdb/sql-tables.ts';
import type {
  ColumnType,
  QueryResult,
  Selection,
  TableRow,
  Workspace,
} from '../execution/ports.ts';
import type { Source } from '../pipeline/pipeline.ts';
import type { StepLayout } from '../store/store.ts';
import { META_COLUMNS, recordColumns, type RecordColumn } from './column-types.ts';
import { recordFitter } from './output-cells.ts';
import { Spool } from './output-spool.ts';
import { SourceReadError, type FileSourceReader } from './source-reader.ts';
import { conditionMessage, pickColumns, typedSource } from './source-typed.ts';

export interface WorkspaceOptions {
  /** An existing folder of its own for temporary files. The caller removes it after {@link Workspace.close}. */
  readonly folder: string;
  /** All sources that may be added: which files can be read is fixed when the workspace opens. */
  readonly sources: Iterable<Source>;
  readonly reader: FileSourceReader;
  /** In DuckDB's form; `512MB` when left out. What does not fit goes to the folder. */
  readonly memoryLimit?: string;
}

/** Where tables are that SQL of a pipeline cannot name: it is refused any schema. */
const HIDDEN = 'hidden';
/** The record as it was, as JSON text, beside its typed columns. */
const RECORD = 'hidden record';

/** Opens a workspace. Fails when DuckDB does not start, such as without memory. */
export async function openWorkspace(options: WorkspaceOptions): Promise<Result<Workspace, string>> {
  const sources = [...options.sources];
  const opened = await openDatabase({
    // A DuckDB file is read together with what was not yet written into it.
    files: sources.flatMap(({ path }) => [path, `${path}.wal`]),
    folders: [options.folder],
    spillFolder: options.folder,
    memoryLimit: options.memoryLimit ?? '512MB',
    // With more, groups and joins come out in another order each time, and rows would differ.
    threads: 1,
  });
  if (!opened.ok) return fail(opened.error.message);
  const created = await opened.value.run(`CREATE SCHEMA ${HIDDEN}`);
  if (!created.ok) return fail(created.error.message);
  return ok(new DuckDbWorkspace(opened.value, options));
}

/** A step's table: its columns, and how they are called in its records. */
interface StepTable {
  readonly columns: readonly RecordColumn[];
}

class DuckDbWorkspace implements Workspace {
  readonly #database: Database;
  readonly #options: WorkspaceOptions;
  readonly #sources = new Map<string, { readonly source: Source; readonly ready: Promise<void> }>();
  readonly #steps = new Map<string, StepTable>();
  #made = 0;

  constructor(database: Database, options: WorkspaceOptions) {
    this.#database = database;
    this.#options = options;
  }

  addSource(source: Source): Promise<void> {
    const known = this.#sources.get(source.name);
    if (known !== undefined) return known.ready;
    const ready = this.#loadSource(source);
    this.#sources.set(source.name, { source, ready });
    return ready;
  }

  async #loadSource(source: Source): Promise<void> {
    const attachedAs = `file of ${source.name}`;
    const inspection = await this.#options.reader.inspection(source);
    if (source.format === 'duckdb') {
      const file = `${quoteLiteral(source.path)} AS ${quoteIdentifier(attachedAs)}`;
      must(source, await this.#database.run(`ATTACH ${file} (READ_ONLY)`));
    }
    const typed = typedSource(source, inspection, attachedAs);
    // Text is read once and kept; binary files are as fast to read as a copy of them.
    const kind = source.format === 'parquet' || source.format === 'duckdb' ? 'VIEW' : 'TABLE';
    const name = quoteIdentifier(source.name);
    must(source, await this.#database.run(`CREATE ${kind} ${name} AS ${typed.select}`));
  }

  async addStep(
    step: string,
    layout: StepLayout,
    rows: AsyncIterable<readonly TableRow[]>,
  ): Promise<void> {
    const columns = recordColumns(layout);
    const spool = new Spool(join(this.#options.folder, `table-${this.#made++}`));
    try {
      await spoolRows(spool, columns, rows);
      await spool.end();
      await this.#createStep(step, columns, spool);
    } finally {
      await spool.discard();
    }
    this.#steps.set(step, { columns });
  }

  async #createStep(step: string, columns: readonly RecordColumn[], spool: Spool): Promise<void> {
    const name = quoteIdentifier(step);
    const all = [...columns, ...META_COLUMNS, { name: RECORD, type: 'VARCHAR' }];
    const shown = [...columns, ...META_COLUMNS].map((column) => quoteIdentifier(column.name));
    const created = await this.#database.run(
      `CREATE OR REPLACE TABLE ${HIDDEN}.${name} AS ${spool.query(all)};
       CREATE OR REPLACE VIEW ${name} AS SELECT ${shown.join(', ')} FROM ${HIDDEN}.${name}`,
    );
    // Every cell was made to fit its column, so nothing in the rows can be at fault.
    if (!created.ok) throw new Error(`Table ${step}: ${created.error.message}`);
  }

  async query(sql: string, signal?: AbortSignal): Promise<Result<QueryResult, SqlFailure>> {
    const named = await sqlTables(sql);
    if (!named.ok) {
      const { message, offset } = named.error;
      return fail({ kind: 'Parser', message, offset });
    }
    const known = [...this.#steps.keys(), ...this.#sources.keys()];
    const unknown = named.value.find((table) => !known.includes(table));
    if (unknown !== undefined) {
      const help = didYouMean(unknown, known, 'tables');
      const message = `there is no table "${unknown}"; ${help}`;
      return fail({ message, kind: 'Catalog', offset: undefined });
    }
    return this.#kept(sql, signal);
  }

  async read(table: string, selection: Selection): Promise<Result<QueryResult, string>> {
    const added = this.#sources.get(table);
    if (added !== undefined) return this.#readSource(added.source, selection);
    const step = this.#steps.get(table);
    if (step === undefined) return fail(`there is no table "${table}"`);
    return this.#readStep(table, step, selection);
  }

  /** By the reader, so that a row is the same whoever reads it. */
  async #readSource(source: Source, selection: Selection): Promise<Result<QueryResult, string>> {
    const { reader } = this.#options;
    const mistake = await reader.checkSelection(source, selection);
    if (mistake !== undefined) return fail(mistake);
    const { columns } = await reader.inspection(source);
    const wanted = selection.columns;
    return ok({
      columns: wanted === undefined ? columns : columnsNamed(columns, wanted),
      rows: reader.read(source, selection),
    });
  }

  async #readStep(
    table: string,
    { columns }: StepTable,
    { columns: wanted, where, limit }: Selection,
  ): Promise<Result<QueryResult, string>> {
    const all = [
      ...columns.map(({ property, type }) => ({ name: property, type })),
      ...META_COLUMNS,
    ];
    const names = all.map((column) => column.name);
    const missing = wanted?.find((name) => !names.includes(name));
    if (missing !== undefined) {
      const help = didYouMean(missing, names, 'columns');
      return fail(`there is no column "${missing}"; ${help}`);
    }
    const inColumns = (message: string): string => conditionMessage(message, names);
    if (where !== undefined) {
      const mistake = await conditionMistake(where);
      if (mistake !== undefined) return fail(inColumns(mistake.message));
    }
    const meta = META_COLUMNS.map((column) => quoteIdentifier(column.name));
    const name = quoteIdentifier(table);
    const filter = where === undefined ? '' : `WHERE (\n${where}\n)`;
    const most = limit === undefined ? '' : `LIMIT ${limit}`;
    const sql = `SELECT ${quoteIdentifier(RECORD)}, ${meta.join(', ')} FROM ${HIDDEN}.${name} AS ${name} ${filter} ${most}`;
    const rows = where === undefined ? await this.#streamed(sql) : await this.#kept(sql);
    if (!rows.ok) return fail(inColumns(rows.error.message));
    return ok({
      columns: wanted === undefined ? all : columnsNamed(all, wanted),
      rows: asRecords(rows.value.rows, wanted),
    });
  }

  /**
   * The result is kept as a table and read from there: so a mistake that only shows in a late row
   * is known before the first row is handed out.
   */
  async #kept(sql: string, signal?: AbortSignal): Promise<Result<QueryResult, SqlFailure>> {
    const table = `${HIDDEN}.result_${this.#made++}`;
    const prefix = `CREATE TABLE ${table} AS\n`;
    const statement = `${prefix}${sql}`;
    const created =
      signal === undefined
        ? await this.#database.run(statement)
        : await this.#database.runUntil(signal, statement);
    if (!created.ok) {
      const { offset } = created.error;
      const inside = offset !== undefined && offset >= prefix.length;
      return fail({ ...created.error, offset: inside ? offset - prefix.length : undefined });
    }
    const stream = await this.#streamed(`SELECT * FROM ${table}`);
    if (!stream.ok) return stream;
    const { columns, rows } = stream.value;
    return ok({ columns, rows: this.#readAndDrop(table, rows) });
  }

  #streamed(sql: string): Promise<Result<QueryResult, SqlFailure>> {
    return this.#database.stream(sql);
  }

  async *#readAndDrop(
    table: string,
    rows: AsyncIterable<readonly JsonObject[]>,
  ): AsyncGenerator<readonly JsonObject[], void, undefined> {
    try {
      yield* rows;
    } finally {
      await this.#database.run(`DROP TABLE IF EXISTS ${table}`);
    }
  }

  close(): Promise<void> {
    return this.#database.close();
  }
}

/** A source that was checked before may still have changed, or be held by now. */
function must(source: Source, result: Result<void, SqlFailure>): void {
  if (result.ok) return;
  throw new SourceReadError(source, result.error.message);
}

async function spoolRows(
  spool: Spool,
  columns: readonly RecordColumn[],
  rows: AsyncIterable<readonly TableRow[]>,
): Promise<void> {
  const fit = recordFitter(columns);
  for await (const portion of rows) {
    for (const row of portion) {
      const { record, _key, _parent_key, _agent_run_id, _answered_at, _confidence } = row;
      const meta = [_key, _parent_key, _agent_run_id, _answered_at, _confidence];
      spool.add([...fit(record).cells, ...meta, JSON.stringify(record)]);
    }
    await spool.flush();
  }
}

/** Records as they went in, with the columns that every table has. */
async function* asRecords(
  portions: AsyncIterable<readonly JsonObject[]>,
  wanted: readonly string[] | undefined,
): AsyncGenerator<readonly JsonObject[], void, undefined> {
  for await (const rows of portions) {
    yield rows.map(({ [RECORD]: text, ...meta }) => {
      const record = JSON.parse(text as string) as Record<string, Json>;
      return pickColumns({ ...record, ...meta }, wanted);
    });
  }
}

const columnsNamed = (
  columns: readonly ColumnType[],
  names: readonly string[],
): readonly ColumnType[] =>
  names.flatMap((name) => columns.find((column) => column.name === name) ?? []);
