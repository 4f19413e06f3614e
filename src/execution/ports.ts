import type { JsonObject } from '../base/json.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Result } from '../base/result.ts';
import type { SqlFailure } from '../duckdb/failure.ts';
import type { Source, StepInput } from '../pipeline/pipeline.ts';
import type { StepLayout } from '../store/store.ts';

/** Part of a table: which columns, which rows. */
export type Selection = Pick<StepInput, 'columns' | 'where' | 'limit'>;

export interface ColumnType {
  readonly name: string;
  /** A DuckDB type, such as `VARCHAR` or `STRUCT(a BIGINT)[]`. */
  readonly type: string;
}

/**
 * Thrown while a source is read, for what shows only then: a condition that does not fit its rows,
 * a file that changed since it was checked. It ends the step, as a failure and not as a bug.
 */
export class SourceUnreadable extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SourceUnreadable';
  }
}

/** Reads what the user brings. Implemented over DuckDB; rows stream, never the whole table. */
export interface SourceReader {
  /**
   * Looks the file over before anything is spent: existence, kind, header, encoding, key column.
   * All that is wrong with it comes back at once.
   */
  check(source: Source): Promise<Result<readonly ColumnType[], readonly Diagnostic[]>>;
  /** SHA-256 of the content, in hex. */
  digest(source: Source): Promise<string>;
  /** Rows in file order, in portions of at most 2,048. */
  read(source: Source, selection: Selection): AsyncIterable<readonly JsonObject[]>;
}

/** A row of a step's table: the record and the columns that every table has. */
export interface TableRow {
  readonly record: JsonObject;
  readonly _key: string | null;
  readonly _parent_key: string | null;
  readonly _agent_run_id: string | null;
  readonly _answered_at: string | null;
  readonly _confidence: 'low' | 'medium' | 'high' | null;
}

/** A scratch database that holds the tables of finished steps, for SQL over whole tables. */
export interface Workspace {
  /** Makes the source available under its name. Again is harmless. */
  addSource(source: Source): Promise<void>;
  /** Makes a step's table available under its name, replacing an earlier one. */
  addStep(
    step: string,
    layout: StepLayout,
    rows: AsyncIterable<readonly TableRow[]>,
  ): Promise<void>;
  /**
   * A user's mistake in `sql` (unknown column, wrong type) comes back, with its place in `sql`. Once
   * `signal` aborts it is stopped: a failure of kind `Interrupt`.
   */
  query(sql: string, signal?: AbortSignal): Promise<Result<QueryResult, SqlFailure>>;
  /** Rows of one table, in the table's order. */
  read(table: string, selection: Selection): Promise<Result<QueryResult, string>>;
  close(): Promise<void>;
}

export interface QueryResult {
  readonly columns: readonly ColumnType[];
  /** Portions of at most 2,048 rows; values as JSON: dates as ISO text, wide integers as text. */
  readonly rows: AsyncIterable<readonly JsonObject[]>;
}

/**
 * Finished tables as a whole, for what cannot go record by record: SQL, conditions, limits, and
 * exclusions. A step's table is loaded from the store once, in row order.
 */
export interface WholeTables {
  addSource(source: Source): Promise<void>;
  addStep(table: {
    readonly pipeline: string;
    readonly step: string;
    readonly version: string;
    readonly layout: StepLayout;
  }): Promise<void>;
  query(sql: string, signal: AbortSignal): Promise<Result<QueryResult, SqlFailure>>;
  read(table: string, selection: Selection): Promise<Result<QueryResult, string>>;
  close(): Promise<void>;
}
