import { open, rm, type FileHandle } from 'node:fs/promises';
import type { Json } from '../base/json.ts';
import { quoteIdentifier, quoteLiteral } from '../duckdb/quote.ts';

/** Bytes gathered before the file is written to. */
const PORTION = 1 << 19;

/**
 * Bytes of a file before the next one is begun. DuckDB reads 32 MB of a file at a time; of a smaller
 * one it has no more than that in memory.
 */
const FILE_BYTES = 1 << 22;

/**
 * DuckDB has to know the longest line, in bytes. It reserves twice as much for each reader, so its
 * default of 16 MB makes reading a small file slow.
 */
const LONGEST_LINE = 1 << 20;

/**
 * Half of a surrogate pair, which JSON can write and no Unicode text can hold. It is replaced: who
 * must not lose it looks for it before.
 */
const HALF_PAIR = /(?<=(?:^|[^\\])(?:\\\\)*)\\ud[89a-f][\da-f]{2}/gu;

const NO_BYTES = Buffer.alloc(0);

export interface SpoolColumn {
  readonly name: string;
  readonly type: string;
}

/** The line of a row: its values in the order of the columns, but for those that are null. */
export function spoolLine(cells: readonly Json[]): string {
  // Joined, because a text that grows piece by piece keeps all pieces until somebody reads it.
  const parts: string[] = [];
  for (let i = 0; i < cells.length; i++) {
    const cell = cells[i] ?? null;
    if (cell !== null) parts.push(`"c${i}":${JSON.stringify(cell)}`);
  }
  const line = `{${parts.join(',')}}`;
  return line.includes('\\ud') ? line.replace(HALF_PAIR, '\uFFFD') : line;
}

/** The same line with a value in its first column, which was null. */
export const withFirstCell = (line: string, cell: Json): string =>
  `{"c0":${JSON.stringify(cell)},${line.slice(1)}`;

/**
 * Rows on their way into DuckDB: a file of JSON lines, the cheapest way in. Values stand under
 * short names, `c0`, `c1`, …, so that no column's name can clash or cost space in every line.
 */
export class Spool {
  readonly #path: string;
  readonly #files: string[] = [];
  #file: FileHandle | undefined;
  /** Bytes in the file that is open. */
  #written = 0;
  /** Text goes into bytes at once: a megabyte of short strings would keep the collector busy. */
  #buffer: Buffer = NO_BYTES;
  /** Buffers whose bytes are in the file: new ones would be megabytes for the collector to find. */
  readonly #spare: Buffer[] = [];
  #filled = 0;
  #full: Buffer[] = [];
  #longest = 0;
  #rows = 0;

  /** Files under names that begin with `path` are its own. */
  constructor(path: string) {
    this.#path = path;
  }

  get rows(): number {
    return this.#rows;
  }

  /** Bytes of the longest line, or somewhat more. */
  get longest(): number {
    return this.#longest;
  }

  /** One row: its values in the order of the columns. {@link flush} now and then. */
  add(cells: readonly Json[]): void {
    this.addLine(spoolLine(cells));
  }

  /** One row as {@link spoolLine} made it. */
  addLine(text: string): void {
    const line = `${text}\n`;
    this.#rows++;
    // A UTF-16 code unit is at most 3 bytes of UTF-8.
    const most = line.length * 3;
    if (this.#filled + most > this.#buffer.length) this.#turn();
    let bytes = most;
    if (most > PORTION) {
      const long = Buffer.from(line);
      bytes = long.length;
      this.#full.push(long);
    } else this.#filled += this.#buffer.write(line, this.#filled);
    if (bytes > this.#longest) this.#longest = bytes;
  }

  /** Writes what is in memory, but for the last half a megabyte. */
  async flush(): Promise<void> {
    const full = this.#full;
    this.#full = [];
    for (const bytes of full) {
      await this.#write(bytes);
      if (bytes.buffer.byteLength === PORTION) this.#spare.push(Buffer.from(bytes.buffer));
    }
  }

  async #write(bytes: Buffer): Promise<void> {
    if (this.#file === undefined) {
      const path = `${this.#path}.${this.#files.length}.ndjson`;
      this.#file = await open(path, 'w');
      this.#files.push(path);
    }
    await this.#file.appendFile(bytes);
    this.#written += bytes.length;
    if (this.#written >= FILE_BYTES) await this.#close();
  }

  #turn(): void {
    if (this.#filled > 0) this.#full.push(this.#buffer.subarray(0, this.#filled));
    else if (this.#buffer.length > 0) return;
    this.#buffer = this.#spare.pop() ?? Buffer.allocUnsafeSlow(PORTION);
    this.#filled = 0;
  }

  /** Nothing can be added any more; the rows can be read. */
  async end(): Promise<void> {
    if (this.#filled > 0) this.#turn();
    await this.flush();
    this.#buffer = NO_BYTES;
    this.#spare.length = 0;
    // Of no rows at all there is an empty file, for the query to read.
    if (this.#files.length === 0) await this.#write(NO_BYTES);
    await this.#close();
  }

  /** Deletes the files, whatever state they are in. */
  async discard(): Promise<void> {
    await this.#close();
    for (const path of this.#files.splice(0)) await rm(path, { force: true });
  }

  async #close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    this.#written = 0;
    await file?.close();
  }

  /** The rows as a DuckDB query, in the order added, under the names of `columns`. */
  query(columns: readonly SpoolColumn[]): string {
    const types = columns.map(({ type }, i) => `c${i}: ${quoteLiteral(type)}`).join(', ');
    const names = columns.map(({ name }, i) => `c${i} AS ${quoteIdentifier(name)}`).join(', ');
    const longest = Math.max(LONGEST_LINE, this.#longest);
    const files = this.#files.map(quoteLiteral).join(', ');
    return `SELECT ${names} FROM read_json([${files}], format = 'newline_delimited', columns = {${types}}, maximum_object_size = ${longest})`;
  }
}
