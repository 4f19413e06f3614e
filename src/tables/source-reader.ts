import type { BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { JsonObject } from '../base/json.ts';
import { fail, ok, type Result } from '../base/result.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import { SqlError, type Database } from '../duckdb/database.ts';
import { quoteIdentifier } from '../duckdb/quote.ts';
import { conditionMistake } from '../duckdb/sql-tables.ts';
import {
  SourceUnreadable,
  type ColumnType,
  type Selection,
  type SourceReader,
} from '../execution/ports.ts';
import type { Source } from '../pipeline/pipeline.ts';
import { digestOfFile } from './source-bytes.ts';
import { csvRows } from './source-csv.ts';
import { delimiterOf } from './source-csv-check.ts';
import { inspectSource } from './source-inspect.ts';
import type { Inspection, SourceLimits } from './source-inspection.ts';
import { jsonRows } from './source-json.ts';
import { withLines } from './source-excerpts.ts';
import { SourceReport } from './source-report.ts';
import { openSource } from './source-table.ts';
import { conditionMessage, pickColumns, typedSource } from './source-typed.ts';

export interface SourceReaderOptions {
  /** Rows a source may have; 100,000 when left out. */
  readonly maxRows?: number;
  /** Bytes a source may have; 512 MB when left out. */
  readonly maxBytes?: number;
  /** False refuses Parquet and DuckDB files, as for pipelines of strangers. */
  readonly binary?: boolean;
  /** For DuckDB, in its form; `512MB` when left out. */
  readonly memoryLimit?: string;
  /** Gets what {@link FileSourceReader.check} found that keeps nobody from running. */
  readonly onWarning?: (warning: Diagnostic) => void;
}

/** Reading a source failed: the file changed, or a condition does not fit it. For a person. */
export class SourceReadError extends SourceUnreadable {
  constructor(source: Source, message: string) {
    super(`${source.shownPath}: ${message}`);
    this.name = 'SourceReadError';
  }
}

/** Rows in a portion. */
const PORTION = 2_048;

/**
 * Reads files and tables that the user brings.
 *
 * CSV, JSON and NDJSON are read here, without DuckDB: rows come within milliseconds, at a sixth of
 * the cost of fetching them from it. Conditions, Parquet and DuckDB files are DuckDB's. The value
 * of a row never depends on other rows: cells of a CSV file are text (an empty one is null), and
 * JSON records are as they stand.
 */
export class FileSourceReader implements SourceReader {
  readonly #limits: SourceLimits;
  readonly #onWarning: (warning: Diagnostic) => void;
  readonly #inspected = new Map<string, { readonly state: string; readonly of: Inspection }>();

  constructor(options: SourceReaderOptions = {}) {
    this.#limits = {
      rows: options.maxRows ?? 100_000,
      bytes: options.maxBytes ?? 512 * 1024 * 1024,
      binary: options.binary ?? true,
      memory: options.memoryLimit ?? '512MB',
    };
    this.#onWarning = options.onWarning ?? ((): void => undefined);
  }

  async check(source: Source): Promise<Result<readonly ColumnType[], readonly Diagnostic[]>> {
    const report = new SourceReport(source.shownPath);
    const inspection = await this.#inspect(source, report);
    const found = await shown(source, [...report.errors, ...report.warnings]);
    const errors = found.filter(({ severity }) => severity === 'error');
    for (const it of found) if (it.severity === 'warning') this.#onWarning(it);
    if (errors.length > 0) return fail(errors);
    return ok(inspection?.columns ?? []);
  }

  /** What is wrong with a selection, for a person: a column or condition that does not fit. */
  async checkSelection(source: Source, selection: Selection): Promise<string | undefined> {
    try {
      if (selection.where === undefined) {
        await this.#columnMistake(source, selection);
        return undefined;
      }
      // Some mistakes show only in a row, such as a cast of what is no number: so all are read.
      for await (const _ of this.#filtered(source, { ...selection, limit: undefined }, true));
      return undefined;
    } catch (error) {
      if (error instanceof SourceReadError) return error.message;
      throw error;
    }
  }

  async digest(source: Source): Promise<string> {
    try {
      return await digestOfFile(source.path);
    } catch (error) {
      throw asReadError(source, error);
    }
  }

  /**
   * Throws a {@link SourceReadError} for a column or condition that does not fit, and where the file
   * is written to meanwhile: its rows would be of no file that ever was. One that is put in its
   * place does not matter, because the old one is read on.
   */
  async *read(
    source: Source,
    selection: Selection,
  ): AsyncGenerator<readonly JsonObject[], void, undefined> {
    let left = selection.limit ?? Number.POSITIVE_INFINITY;
    const begun = await statusOf(source);
    for await (const rows of this.#rows(source, selection)) {
      if (isWrittenTo(begun, await statusOf(source))) {
        const message = 'it was changed while it was read; run again to read it as it is now';
        throw new SourceReadError(source, message);
      }
      for (let at = 0; at < rows.length && left > 0; at += PORTION) {
        const portion = rows.slice(at, at + Math.min(PORTION, left));
        left -= portion.length;
        yield portion;
      }
      if (left <= 0) return;
    }
  }

  async *#rows(
    source: Source,
    selection: Selection,
  ): AsyncGenerator<readonly JsonObject[], void, undefined> {
    const { format } = source;
    const binary = format === 'parquet' || format === 'duckdb';
    try {
      if (binary || selection.where !== undefined) yield* this.#filtered(source, selection, false);
      else if (format === 'csv' || format === 'tsv') yield* this.#csv(source, selection);
      else yield* this.#json(source, format, selection);
    } catch (error) {
      throw asReadError(source, error);
    }
  }

  async *#csv(
    source: Source,
    { columns }: Selection,
  ): AsyncGenerator<readonly JsonObject[], void, undefined> {
    const fault = yield* csvRows(source.path, delimiterOf(source), (names) => {
      if (columns !== undefined) requireColumns(source, columns, names);
      return columns ?? names;
    });
    if (fault !== undefined) {
      throw new SourceReadError(source, `line ${fault.line} cannot be read (${fault.kind})`);
    }
  }

  async *#json(
    source: Source,
    format: 'json' | 'ndjson',
    selection: Selection,
  ): AsyncGenerator<readonly JsonObject[], void, undefined> {
    const { columns } = selection;
    await this.#columnMistake(source, selection);
    const rows = jsonRows(source.path, format);
    for (;;) {
      const next = await rows.next();
      if (next.done !== true) {
        yield columns === undefined
          ? next.value
          : next.value.map((record) => pickColumns(record, columns));
      } else if (next.value !== undefined) {
        const { line, kind } = next.value;
        throw new SourceReadError(source, `line ${line} cannot be read (${kind})`);
      } else return;
    }
  }

  /** Rows by way of DuckDB. With `judge`, the condition is computed for all and no row comes. */
  async *#filtered(
    source: Source,
    { columns, where, limit }: Selection,
    judge: boolean,
  ): AsyncGenerator<readonly JsonObject[], void, undefined> {
    const inspection = await this.inspection(source);
    const names = inspection.columns.map((column) => column.name);
    if (columns !== undefined) requireColumns(source, columns, names);
    if (where !== undefined) {
      const mistake = await conditionMistake(where);
      if (mistake !== undefined) throw whereError(source, mistake.message, names);
    }
    const opened = await openSource(source, this.#limits.memory);
    if (!opened.ok) throw new SourceReadError(source, opened.error.message);
    const database = opened.value;
    try {
      const typed = typedSource(source, inspection);
      const filter = where === undefined ? '' : ` WHERE (\n${where}\n)`;
      const most = limit === undefined ? '' : ` LIMIT ${limit}`;
      const list = judge ? 'count(*)' : typed.list(columns);
      const sql = `SELECT ${list} FROM ${typed.from} AS ${quoteIdentifier(source.name)}${filter}${most}`;
      for await (const rows of this.#streamed(database, sql, source, names)) {
        if (!judge) yield rows.map((row) => typed.toRow(row, columns));
      }
    } finally {
      await database.close();
    }
  }

  async *#streamed(
    database: Database,
    sql: string,
    source: Source,
    names: readonly string[],
  ): AsyncGenerator<readonly JsonObject[], void, undefined> {
    const stream = await database.stream(sql);
    if (!stream.ok) throw whereError(source, stream.error.message, names);
    try {
      yield* stream.value.rows;
    } catch (error) {
      throw error instanceof SqlError ? whereError(source, error.message, names) : error;
    }
  }

  async #columnMistake(source: Source, { columns }: Selection): Promise<void> {
    if (columns === undefined) return;
    const inspection = await this.inspection(source);
    requireColumns(
      source,
      columns,
      inspection.columns.map((column) => column.name),
    );
  }

  /** Columns of a source, by reading it once; remembered while the file stays as it is. */
  async inspection(source: Source): Promise<Inspection> {
    const known = this.#inspected.get(source.name);
    if (known !== undefined && known.state === (await stateOf(source))) return known.of;
    const report = new SourceReport(source.shownPath);
    const inspection = await this.#inspect(source, report);
    if (inspection !== undefined) return inspection;
    throw new SourceReadError(source, report.errors[0]?.message ?? 'it cannot be read');
  }

  async #inspect(source: Source, report: SourceReport): Promise<Inspection | undefined> {
    const state = await stateOf(source);
    const inspection = await inspectSource(source, this.#limits, report);
    if (inspection !== undefined) this.#inspected.set(source.name, { state, of: inspection });
    return inspection;
  }
}

/** With the lines of a text file; one that is gone meanwhile has none. */
async function shown(source: Source, found: readonly Diagnostic[]): Promise<readonly Diagnostic[]> {
  if (source.format === 'parquet' || source.format === 'duckdb') return found;
  try {
    return await withLines(source.path, found);
  } catch (error) {
    if (asReadError(source, error) instanceof SourceReadError) return found;
    throw error;
  }
}

/** A file that was there when it was checked may be gone, or closed to us, by now. */
function asReadError(source: Source, error: unknown): unknown {
  const isOfFile = error instanceof Error && 'code' in error && 'syscall' in error;
  return isOfFile
    ? new SourceReadError(source, `it cannot be read (${String(error.code)})`)
    : error;
}

const statusOf = ({ path }: Pick<Source, 'path'>): Promise<BigIntStats | undefined> =>
  stat(path, { bigint: true }).catch(() => undefined);

/** The same file with other content. */
const isWrittenTo = (before: BigIntStats | undefined, now: BigIntStats | undefined): boolean =>
  before !== undefined &&
  now?.ino === before.ino &&
  (now.size !== before.size || now.mtimeNs !== before.mtimeNs);

/** Changes when the file does. */
async function stateOf({ path, table }: Source): Promise<string> {
  const found = await statusOf({ path });
  return [path, table, found?.ino, found?.size, found?.mtimeNs].join('\0');
}

function requireColumns(
  source: Source,
  columns: readonly string[],
  names: readonly string[],
): void {
  const missing = columns.find((name) => !names.includes(name));
  if (missing === undefined) return;
  const help = didYouMean(missing, names, 'columns');
  throw new SourceReadError(source, `there is no column "${missing}"; ${help}`);
}

const whereError = (source: Source, message: string, names: readonly string[]): SourceReadError =>
  new SourceReadError(source, `where: ${conditionMessage(message, names)}`);
