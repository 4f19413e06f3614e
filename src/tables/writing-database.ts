import { openDatabase, type Database } from '../duckdb/database.ts';
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

const limitOf = (bytes: number): string =>
  `${Math.min(Math.ceil((LEAST_MEMORY + bytes) / MIB), MOST_MEMORY / MIB)}MiB`;

/** What it takes to copy rows of up to `longest` bytes into a file; found by trying (1.5.6). */
const copyingBytes = (longest: number): number =>
  JSON_BUFFER / 2 + 4 * Math.min(JSON_BUFFER, CHUNK_ROWS * longest) + 8 * longest;

/**
 * A DuckDB in memory that copies rows into files. It may take as much memory as their longest needs
 * and no more: what DuckDB is allowed, it takes.
 */
export class CopyingDatabase {
  readonly #folders: readonly string[];
  readonly #spillFolder: string;
  #open: Database | undefined;
  #longest = -1;

  constructor(folders: readonly string[], spillFolder: string) {
    this.#folders = folders;
    this.#spillFolder = spillFolder;
  }

  /** One for rows of up to so many bytes; one that was had before may be closed. */
  async forRows(longest: number): Promise<Database> {
    if (this.#open !== undefined && longest <= this.#longest) return this.#open;
    await this.#open?.close();
    this.#open = undefined;
    const opened = await openDatabase({
      folders: this.#folders,
      spillFolder: this.#spillFolder,
      memoryLimit: limitOf(copyingBytes(longest)),
      ...WRITING,
    });
    this.#open = sqlValue(opened);
    this.#longest = longest;
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
    const database = await this.forRows(longest);
    const options = option === undefined ? FILE_OPTIONS : `${FILE_OPTIONS}, ${option}`;
    const written = await database.run(`COPY (${query}) TO ${quoteLiteral(path)} (${options})`);
    if (!written.ok) throw new OutputProblem(`${table}: ${written.error.message}`);
    const size = await this.sizeOf(path);
    // What it took is only given back when it is closed, and whatever comes next needs memory too.
    if (isLarge(size)) await this.close();
    return size;
  }

  async sizeOf(path: string): Promise<RowSize> {
    const file = quoteLiteral(path);
    const [row] = sqlValue(
      await (
        await this.forRows(0)
      ).rows(
        `SELECT count(*) AS rows, (SELECT sum(total_uncompressed_size) FROM parquet_metadata(${file})) AS bytes
         FROM read_parquet(${file})`,
      ),
    );
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
export const isLarge = ({ rows, bytes }: RowSize): boolean =>
  rows > GROUP_ROWS || bytes > GROUP_BYTES;

/**
 * Opens a database that writes a table into a DuckDB file, under the name `as`. Whole row groups go
 * to the file at once; the last stays in memory until the end of the table.
 */
export async function openOutFile(
  file: { readonly path: string; readonly as: string },
  folders: readonly string[],
  spillFolder: string,
  { rows, bytes }: RowSize,
): Promise<Database> {
  const width = Math.max(1, bytes / Math.max(1, rows));
  const fitting = Math.floor(GROUP_BYTES / width / CHUNK_ROWS) * CHUNK_ROWS;
  const groupRows = Math.min(GROUP_ROWS, Math.max(CHUNK_ROWS, fitting));
  const opened = await openDatabase({
    write: { ...file, groupRows },
    folders,
    spillFolder,
    memoryLimit: limitOf(3 * Math.min(rows, groupRows) * width),
    ...WRITING,
  });
  return sqlValue(opened);
}
