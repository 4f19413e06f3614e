import type { Result } from '../base/result.ts';
import { openDatabase, type Database } from '../duckdb/database.ts';
import type { SqlFailure } from '../duckdb/failure.ts';
import { quoteLiteral } from '../duckdb/quote.ts';
import { OutputProblem, sqlValue } from './output-problem.ts';

/** Rows that DuckDB hands on at a time, and the fewest of a row group. */
const CHUNK_ROWS = 2_048;

/** Rows of a file that its writer holds together: at most so many, and of so many bytes. */
const GROUP_ROWS = 20_480;
const GROUP_BYTES = 8 * 2 ** 20;

/** Bytes of text that the reader of JSON lines has in hand at a time. */
const JSON_BUFFER = 2 ** 25;

const MIB = 2 ** 20;
const LEAST_MEMORY = 32 * MIB;
const MOST_MEMORY = 2_048 * MIB;

/**
 * How DuckDB writes tables. One thread takes rows one after the other, so their order stays without
 * being looked after, which would cost memory; it takes less time over all, too. Groups of 20,480
 * rows need a fifth of the memory that DuckDB's usual 122,880 do, for files that are 1 % larger.
 */
const WRITING = { threads: 1, preserveOrder: false } as const;

/** Snappy, because every reader of Parquet has it built in. */
const FILE_OPTIONS = `FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE ${GROUP_ROWS}, ROW_GROUP_SIZE_BYTES ${GROUP_BYTES}`;

/** Rows are counted as at least so long, so that tables of short ones share a database. */
const SHORT_ROW = 1_024;

const limitOf = (bytes: number): string => `${Math.ceil(bytes / MIB)}MiB`;

/** What it takes to copy rows of up to `longest` bytes into a file; found by trying (1.5.6). */
function copyingMemory(longest: number): number {
  const width = Math.max(longest, SHORT_ROW);
  return LEAST_MEMORY + JSON_BUFFER / 2 + 4 * Math.min(JSON_BUFFER, CHUNK_ROWS * width) + 8 * width;
}

/**
 * Does `work` with as much memory as it is reckoned to need, and again with more where DuckDB says
 * that it was too little. Whatever it is allowed it takes, so none is given beforehand.
 */
async function withMemory(
  reckoned: number,
  work: (bytes: number, isAgain: boolean) => Promise<Result<void, SqlFailure>>,
): Promise<Result<void, SqlFailure>> {
  for (let bytes = Math.min(reckoned, MOST_MEMORY); ; bytes = Math.min(4 * bytes, MOST_MEMORY)) {
    const done = await work(bytes, bytes > reckoned);
    if (done.ok || bytes >= MOST_MEMORY || !isOutOfMemory(done.error)) return done;
  }
}

/** A commit that fails for want of memory is told as one of a transaction. */
const isOutOfMemory = ({ kind, message }: SqlFailure): boolean =>
  /out of memory/iu.test(kind) || /failed to (?:pin|allocate)|could not allocate/iu.test(message);

/**
 * A DuckDB in memory that copies rows into files. It may take as much memory as their longest needs
 * and no more: what DuckDB is allowed, it takes.
 */
export class CopyingDatabase {
  readonly #folders: readonly string[];
  readonly #spillFolder: string;
  #open: Database | undefined;
  /** Bytes that the open one may take. */
  #memory = 0;

  constructor(folders: readonly string[], spillFolder: string) {
    this.#folders = folders;
    this.#spillFolder = spillFolder;
  }

  /** One for short rows; one that was had before may be closed. */
  get(): Promise<Database> {
    return this.#with(copyingMemory(0));
  }

  async #with(memory: number): Promise<Database> {
    if (this.#open !== undefined && memory <= this.#memory) return this.#open;
    await this.close();
    const opened = await openDatabase({
      folders: this.#folders,
      spillFolder: this.#spillFolder,
      memoryLimit: limitOf(memory),
      ...WRITING,
    });
    this.#open = sqlValue(opened);
    this.#memory = memory;
    return this.#open;
  }

  /**
   * Writes rows of up to `longest` bytes into a Parquet file, and tells how many they are; `table` is
   * for the problem.
   */
  async copy(
    table: string,
    query: string,
    { path, longest, option }: { path: string; longest: number; option?: string },
  ): Promise<RowSize> {
    const options = option === undefined ? FILE_OPTIONS : `${FILE_OPTIONS}, ${option}`;
    const sql = `COPY (${query}) TO ${quoteLiteral(path)} (${options})`;
    const written = await withMemory(copyingMemory(longest), async (memory) =>
      (await this.#with(memory)).run(sql),
    );
    if (!written.ok) throw new OutputProblem(`${table}: ${written.error.message}`);
    const size = await this.sizeOf(path);
    // What it took is only given back when it is closed, and whatever comes next needs memory too.
    if (isLarge(size)) await this.close();
    return size;
  }

  async sizeOf(path: string): Promise<RowSize> {
    const file = quoteLiteral(path);
    const database = await this.get();
    const found = await database.rows(
      `SELECT count(*) AS rows, (SELECT sum(total_uncompressed_size) FROM parquet_metadata(${file})) AS bytes
       FROM read_parquet(${file})`,
    );
    const [row] = sqlValue(found);
    return { rows: Number(row?.['rows'] ?? 0), bytes: Number(row?.['bytes'] ?? 0) };
  }

  /** Can be had again afterwards. */
  async close(): Promise<void> {
    await this.#open?.close();
    this.#open = undefined;
  }
}

/** How large the rows of a table are. */
export interface RowSize {
  readonly rows: number;
  /** Of all rows, before compression. */
  readonly bytes: number;
}

/** A table after whose writing the memory that it took should be given back. */
const isLarge = ({ rows, bytes }: RowSize): boolean => rows > GROUP_ROWS || bytes > GROUP_BYTES;

/** A DuckDB file that tables are written into, under the name `as`. */
export class TableFile {
  readonly #path: string;
  readonly #as: string;
  readonly #folders: readonly string[];
  readonly #spillFolder: string;
  #open: Database | undefined;

  constructor(
    file: { readonly path: string; readonly as: string },
    folders: readonly string[],
    spillFolder: string,
  ) {
    this.#path = file.path;
    this.#as = file.as;
    this.#folders = folders;
    this.#spillFolder = spillFolder;
  }

  /**
   * Does the work that writes a table of about this size. Whole row groups go to the file at once;
   * the last stays in memory until the end of the table.
   */
  async write(
    size: RowSize,
    work: (database: Database) => Promise<Result<void, SqlFailure>>,
  ): Promise<Result<void, SqlFailure>> {
    if (isLarge(size)) await this.save();
    const width = Math.max(1, size.bytes / Math.max(1, size.rows));
    const fitting = Math.floor(GROUP_BYTES / width / CHUNK_ROWS) * CHUNK_ROWS;
    const groupRows = Math.min(GROUP_ROWS, Math.max(CHUNK_ROWS, fitting));
    const memory = LEAST_MEMORY + 3 * Math.min(size.rows, groupRows) * width;
    const done = await withMemory(memory, async (bytes, isAgain) => {
      if (isAgain) await this.close();
      // A file tells what its rows take compressed: those that are all alike may be longer by far.
      this.#open ??= await this.#openWith(bytes, isAgain ? CHUNK_ROWS : groupRows);
      return work(this.#open);
    });
    if (isLarge(size) && done.ok) await this.save();
    return done;
  }

  async #openWith(memory: number, groupRows: number): Promise<Database> {
    const opened = await openDatabase({
      write: { path: this.#path, as: this.#as, groupRows },
      folders: this.#folders,
      spillFolder: this.#spillFolder,
      memoryLimit: limitOf(memory),
      ...WRITING,
    });
    return sqlValue(opened);
  }

  /** All that was written is in the file; what it took is given back. */
  async save(): Promise<void> {
    if (this.#open !== undefined) sqlValue(await this.#open.run(`CHECKPOINT ${this.#as}`));
    await this.close();
  }

  async close(): Promise<void> {
    await this.#open?.close();
    this.#open = undefined;
  }
}
