import { open, rm, type FileHandle } from 'node:fs/promises';
import type { Json } from '../base/json.ts';
import { quoteIdentifier, quoteLiteral } from '../duckdb/quote.ts';

/** Bytes gathered before the file is written to. */
const PORTION = 1 << 19;

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

export interface SpoolColumn {
  readonly name: string;
  readonly type: string;
}

/**
 * Rows on their way into DuckDB: a file of JSON lines, the cheapest way in. Values stand under
 * short names, `c0`, `c1`, …, so that no column's name can clash or cost space in every line.
 */
export class Spool {
  readonly path: string;
  readonly #file: FileHandle;
  /** Text goes into bytes at once: a megabyte of short strings would keep the collector busy. */
  #buffer: Buffer = Buffer.allocUnsafeSlow(PORTION);
  #filled = 0;
  #full: Buffer[] = [];
  #longest = 0;
  #rows = 0;
  #open = true;

  private constructor(path: string, file: FileHandle) {
    this.path = path;
    this.#file = file;
  }

  static async create(path: string): Promise<Spool> {
    return new Spool(path, await open(path, 'w'));
  }

  get rows(): number {
    return this.#rows;
  }

  /** One row: its values in the order of the columns. {@link flush} now and then. */
  add(cells: readonly Json[]): void {
    let line = '';
    for (let i = 0; i < cells.length; i++) {
      const cell = cells[i] ?? null;
      if (cell === null) continue;
      line += `${line === '' ? '{' : ','}"c${i}":`;
      line += JSON.stringify(cell);
    }
    line += line === '' ? '{}\n' : '}\n';
    if (line.includes('\\ud')) line = line.replace(HALF_PAIR, '\uFFFD');
    this.#rows++;
    // A UTF-16 code unit is at most 3 bytes of UTF-8.
    const bytes = line.length * 3;
    if (bytes > this.#longest) this.#longest = bytes;
    if (this.#filled + bytes > PORTION) this.#turn();
    if (bytes > PORTION) this.#full.push(Buffer.from(line));
    else this.#filled += this.#buffer.write(line, this.#filled);
  }

  /** Writes what is in memory, but for the last half a megabyte. */
  async flush(): Promise<void> {
    const full = this.#full;
    this.#full = [];
    for (const bytes of full) await this.#file.appendFile(bytes);
  }

  #turn(): void {
    if (this.#filled === 0) return;
    this.#full.push(this.#buffer.subarray(0, this.#filled));
    this.#buffer = Buffer.allocUnsafeSlow(PORTION);
    this.#filled = 0;
  }

  /** Nothing can be added any more; the file can be read. */
  async end(): Promise<void> {
    this.#turn();
    await this.flush();
    await this.#close();
  }

  /** Deletes the file, whatever state it is in. */
  async discard(): Promise<void> {
    await this.#close();
    await rm(this.path, { force: true });
  }

  async #close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#file.close();
  }

  /** The rows as a DuckDB query, in the order added, under the names of `columns`. */
  query(columns: readonly SpoolColumn[]): string {
    const types = columns.map(({ type }, i) => `c${i}: ${quoteLiteral(type)}`).join(', ');
    const names = columns.map(({ name }, i) => `c${i} AS ${quoteIdentifier(name)}`).join(', ');
    const longest = Math.max(LONGEST_LINE, this.#longest);
    return `SELECT ${names} FROM read_json(${quoteLiteral(this.path)}, format = 'newline_delimited', columns = {${types}}, maximum_object_size = ${longest})`;
  }
}
