import { createRequire } from 'node:module';
import type {
  DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  DuckDBResult,
  DuckDBValue,
} from '@duckdb/node-api';
import type * as DuckDB from '@duckdb/node-api';
import type { Json, JsonObject } from '../base/json.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { INTERRUPTED, sqlFailure, type SqlFailure } from './failure.ts';
import { escapePattern, quoteIdentifier, quoteLiteral } from './quote.ts';
import { typeText } from './type-text.ts';
import { columnValues, toJsonOf } from './values.ts';

/** A constant for a placeholder (`$1`, `?`) of a statement. */
export type SqlParameter = string | number | bigint | boolean | null;

export interface DatabaseOptions {
  /** File of the database; in memory when left out. */
  readonly path?: string;
  /** Opens `path` without writing. Several processes may read one file. */
  readonly readOnly?: boolean;
  /** Another DuckDB file, to read: its tables are `<as>.main.<table>`. */
  readonly attach?: { readonly path: string; readonly as: string };
  /** A DuckDB file to write, which may be new: a row group of a new table has `groupRows` rows. */
  readonly write?: { readonly path: string; readonly as: string; readonly groupRows: number };
  /** Absolute paths that statements may read. Everything else on the machine is refused. */
  readonly files?: readonly string[];
  /** Absolute folders below which statements may read and write. */
  readonly folders?: readonly string[];
  /** Where rows go that do not fit into the memory; without it such a statement fails. */
  readonly spillFolder?: string;
  /** In DuckDB's form, such as `512MB` (the default). */
  readonly memoryLimit?: string;
  /** 2 when left out. One thread also makes the order of groups and joins repeatable. */
  readonly threads?: number;
  /** Rows keep the order of their files and tables. On when left out; exports turn it off. */
  readonly preserveOrder?: boolean;
}

/** A column of a result. `type` is DuckDB's name of it, such as `DECIMAL(18,3)`. */
interface Column {
  readonly name: string;
  readonly type: string;
}

/** Rows on their way. They must be read to the end, or the iteration left by `break`. */
export interface RowStream {
  /** Names that came twice carry a number: `name`, `name_1`. */
  readonly columns: readonly Column[];
  /** Portions of at most 2,048 rows. Throws a {@link SqlError} when a row cannot be computed. */
  readonly rows: AsyncIterable<readonly JsonObject[]>;
}

/** A statement that began well and failed on a later row, such as by a bad cast. */
export class SqlError extends Error {
  readonly failure: SqlFailure;

  constructor(failure: SqlFailure) {
    super(failure.message);
    this.name = 'SqlError';
    this.failure = failure;
  }
}

/**
 * A DuckDB database that can read the files named when it was opened and nothing else: no other
 * file, no network, no extensions, and no statement can change that.
 */
export interface Database {
  /** Runs a statement, or several separated by `;`, and forgets their rows. */
  run(sql: string, parameters?: readonly SqlParameter[]): Promise<Result<void, SqlFailure>>;
  /**
   * Runs a statement that may take long. Once `signal` aborts it is stopped where it is and fails
   * with {@link INTERRUPTED}; what it would have made is not there then.
   */
  runUntil(signal: AbortSignal, sql: string): Promise<Result<void, SqlFailure>>;
  /** All rows of a statement that is known to give few. */
  rows(
    sql: string,
    parameters?: readonly SqlParameter[],
  ): Promise<Result<readonly JsonObject[], SqlFailure>>;
  /** Rows of a statement that may give any number; several streams may be open at once. */
  stream(sql: string, parameters?: readonly SqlParameter[]): Promise<Result<RowStream, SqlFailure>>;
  /** Ends streams that are still open. */
  close(): Promise<void>;
}

/**
 * Opens a database. Fails when the file is not one, is of another version, or is held by another
 * process. The package is loaded here, by `require`: half the time of an `import`.
 */
export async function openDatabase(
  options: DatabaseOptions,
): Promise<Result<Database, SqlFailure>> {
  const duckdb = createRequire(import.meta.url)('@duckdb/node-api') as typeof DuckDB;
  let instance: DuckDBInstance | undefined;
  try {
    instance = await duckdb.DuckDBInstance.create(options.path ?? ':memory:', {
      access_mode: options.readOnly === true ? 'READ_ONLY' : 'AUTOMATIC',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      allow_community_extensions: 'false',
      memory_limit: options.memoryLimit ?? '512MB',
      threads: String(options.threads ?? 2),
      preserve_insertion_order: String(options.preserveOrder ?? true),
      temp_directory: options.spillFolder ?? '',
      errors_as_json: 'true',
    });
    const connection = await instance.connect();
    for (const statement of lockDown(options)) await connection.run(statement);
    return ok(new OpenDatabase(instance, connection));
  } catch (error) {
    instance?.closeSync();
    return fail(sqlFailure(error, ''));
  }
}

const open = new Set<OpenDatabase>();

/**
 * Stops what all databases of this process are computing. A process cannot end before: it waits
 * for the threads that compute.
 */
export function interruptDatabases(): void {
  for (const database of open) database.interrupt();
}

/** In this order: what is locked last can change nothing before it. */
function lockDown(options: DatabaseOptions): readonly string[] {
  const list = (paths: readonly string[]): string => `[${paths.map(quoteLiteral).join(', ')}]`;
  const { attach, write, files = [], folders = [] } = options;
  // DuckDB checks a pattern as it is written, and then the files that it stands for.
  const readable = files.flatMap((file) => [...new Set([file, escapePattern(file)])]);
  return [
    ...(attach === undefined
      ? []
      : [`ATTACH ${quoteLiteral(attach.path)} AS ${quoteIdentifier(attach.as)} (READ_ONLY)`]),
    ...(write === undefined
      ? []
      : [
          `ATTACH ${quoteLiteral(write.path)} AS ${quoteIdentifier(write.as)} (ROW_GROUP_SIZE ${write.groupRows})`,
        ]),
    `SET GLOBAL TimeZone = 'UTC'`,
    `SET GLOBAL allowed_paths = ${list(readable)}`,
    `SET GLOBAL allowed_directories = ${list(folders.map((folder) => `${folder}/`))}`,
    'SET GLOBAL enable_external_access = false',
    'SET GLOBAL lock_configuration = true',
  ];
}

class OpenDatabase implements Database {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  /**
   * A connection has one result at a time, so every stream has its own; and so has what may be
   * interrupted, for nothing else is to stop with it.
   */
  readonly #besides = new Set<DuckDBConnection>();
  #closed = false;

  constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance;
    this.#connection = connection;
    open.add(this);
  }

  interrupt(): void {
    for (const connection of [this.#connection, ...this.#besides]) connection.interrupt();
  }

  async run(
    sql: string,
    parameters: readonly SqlParameter[] = [],
  ): Promise<Result<void, SqlFailure>> {
    try {
      await this.#connection.run(sql, asValues(parameters));
      return ok(undefined);
    } catch (error) {
      return fail(sqlFailure(error, sql));
    }
  }

  async runUntil(signal: AbortSignal, sql: string): Promise<Result<void, SqlFailure>> {
    if (signal.aborted) return fail(INTERRUPTED);
    const connection = await this.#instance.connect();
    const besides = await this.#instance.connect();
    this.#besides.add(connection).add(besides);
    try {
      await interruptedBy(signal, connection, besides, connection.run(sql));
      return ok(undefined);
    } catch (error) {
      const why = sqlFailure(error, sql);
      return fail(why.kind.toLowerCase() === 'interrupt' ? INTERRUPTED : why);
    } finally {
      this.#leave(connection);
      this.#leave(besides);
    }
  }

  async rows(
    sql: string,
    parameters: readonly SqlParameter[] = [],
  ): Promise<Result<readonly JsonObject[], SqlFailure>> {
    try {
      const result = await this.#connection.run(sql, asValues(parameters));
      const all: JsonObject[] = [];
      for await (const rows of portions(result, columnsOf(result))) all.push(...rows);
      return ok(all);
    } catch (error) {
      return fail(error instanceof SqlError ? error.failure : sqlFailure(error, sql));
    }
  }

  async stream(
    sql: string,
    parameters: readonly SqlParameter[] = [],
  ): Promise<Result<RowStream, SqlFailure>> {
    const connection = await this.#instance.connect();
    this.#besides.add(connection);
    try {
      const result = await connection.stream(sql, asValues(parameters));
      const columns = columnsOf(result);
      const rows = this.#readAndLeave(connection, result, columns, [sql, parameters]);
      return ok({ columns, rows });
    } catch (error) {
      this.#leave(connection);
      return fail(sqlFailure(error, sql));
    }
  }

  async *#readAndLeave(
    connection: DuckDBConnection,
    result: DuckDBResult,
    columns: readonly Column[],
    statement: readonly [sql: string, parameters: readonly SqlParameter[]],
  ): AsyncGenerator<readonly JsonObject[], void, undefined> {
    try {
      yield* portions(result, columns);
      if (isBroken(result)) throw new SqlError(await whyBroken(connection, ...statement));
    } finally {
      this.#leave(connection);
    }
  }

  #leave(connection: DuckDBConnection): void {
    if (!this.#besides.delete(connection)) return;
    connection.interrupt();
    connection.disconnectSync();
  }

  close(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#closed = true;
    open.delete(this);
    for (const connection of this.#besides) this.#leave(connection);
    this.#connection.disconnectSync();
    this.#instance.closeSync();
    return Promise.resolve();
  }
}

/**
 * Interrupts `work` once `signal` aborts. Again and again, because an interrupt is lost that comes
 * before a thread has begun the work; a statement on `besides` is the pause between them.
 */
async function interruptedBy(
  signal: AbortSignal,
  connection: DuckDBConnection,
  besides: DuckDBConnection,
  work: Promise<unknown>,
): Promise<void> {
  let isDone = false;
  let interrupting = Promise.resolve();
  const interrupt = async (): Promise<void> => {
    while (!isDone) {
      connection.interrupt();
      await besides.run('SELECT 1');
    }
  };
  const begin = (): void => {
    // Fails only once the database is closed, and then the work ends as well.
    interrupting = interrupt().catch(() => undefined);
  };
  if (signal.aborted) begin();
  else signal.addEventListener('abort', begin, { once: true });
  try {
    await work;
  } finally {
    isDone = true;
    signal.removeEventListener('abort', begin);
    await interrupting;
  }
}

const asValues = (parameters: readonly SqlParameter[]): DuckDBValue[] => [...parameters];

function columnsOf(result: DuckDBResult): readonly Column[] {
  const taken = new Set<string>();
  return result.columnNames().map((name, index) => {
    let free = name;
    for (let i = 1; taken.has(free.toLowerCase()); i++) free = `${name}_${i}`;
    taken.add(free.toLowerCase());
    return { name: free, type: typeText(result.columnType(index)) };
  });
}

/**
 * Fetching rows does not report what went wrong: a result that fails on its way ends as if it were
 * complete. Only its type then says that it is invalid (0).
 */
const isBroken = (result: DuckDBResult): boolean => (result.returnType as number) === 0;

/** Computes the statement once more, without keeping its rows, for the words of its failure. */
async function whyBroken(
  connection: DuckDBConnection,
  sql: string,
  parameters: readonly SqlParameter[],
): Promise<SqlFailure> {
  const prefix = 'SELECT bit_xor(hash(q)) FROM (\n';
  const again = `${prefix}${sql.replace(/;\s*$/u, '')}\n) AS q`;
  try {
    await connection.run(again, asValues(parameters));
  } catch (error) {
    const failure = sqlFailure(error, again);
    const offset = failure.offset === undefined ? undefined : failure.offset - prefix.length;
    if (failure.kind !== 'Parser') return { ...failure, offset };
  }
  const message = 'the statement failed while its rows were read';
  return { message, kind: 'Unknown', offset: undefined };
}

/** Column by column within a portion: one conversion is chosen a column, not one a value. */
async function* portions(
  result: DuckDBResult,
  columns: readonly Column[],
): AsyncGenerator<readonly JsonObject[], void, undefined> {
  const names = columns.map((column) => column.name);
  const converters = names.map((_, index) => toJsonOf(result.columnType(index)));
  for (;;) {
    const chunk = await fetchChunk(result);
    if (chunk === null || chunk.rowCount === 0) return;
    const values = converters.map((toJson, index) => columnValues(chunk, index, toJson));
    const rows: JsonObject[] = [];
    for (let row = 0; row < chunk.rowCount; row++) {
      const record: Record<string, Json> = {};
      for (let column = 0; column < names.length; column++) {
        record[names[column] as string] = (values[column] as Json[])[row] as Json;
      }
      rows.push(record);
    }
    yield rows;
  }
}

async function fetchChunk(result: DuckDBResult): Promise<DuckDBDataChunk | null> {
  try {
    return await result.fetchChunk();
  } catch (error) {
    throw new SqlError(sqlFailure(error, ''));
  }
}
