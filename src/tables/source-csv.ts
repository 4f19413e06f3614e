import { isAscii } from 'node:buffer';
import type { Json, JsonObject } from '../base/json.ts';
import { markedBlocks, MAX_RECORD } from './source-bytes.ts';

/** Why a CSV file cannot be read on from a record. */
export interface CsvFault {
  readonly kind: 'unclosed-quote' | 'long-record' | 'around-quotes' | 'line-end';
  /** Line of the record, or of the quote that is not closed; from 1. */
  readonly line: number;
  /** From 1, in bytes; left out where it is about the whole line. */
  readonly column?: number;
}

const [QUOTE, LF, CR, SPACE, TAB] = [34, 10, 13, 32, 9];

/** How a cell is written: bare, in quotes, in quotes with doubled quotes inside. */
type Form = 0 | 1 | 2;

/**
 * Finds records and cells in CSV (RFC 4180) that comes in blocks, without making strings of them.
 *
 * It is as strict as DuckDB, so that both read the same rows of a file: one kind of line end, and
 * nothing between a closing quote and the next comma. A quote inside a bare cell is plain text.
 */
export class CsvScanner {
  readonly #delimiter: number;
  #block: Buffer = Buffer.alloc(0);
  #rest: Buffer = Buffer.alloc(0);
  #ascii = false;
  #starts: number[] = [];
  #ends: number[] = [];
  #forms: Form[] = [];
  #lineEnd: string | undefined;
  #linesInside = 0;
  /** Where in the block the present record begins. */
  #begin = 0;
  /** Line on which the present record begins, from 1. */
  line = 1;
  /** Cells of the present record. */
  count = 0;
  fault: CsvFault | undefined;

  constructor(delimiter: ',' | '\t') {
    this.#delimiter = delimiter.charCodeAt(0);
  }

  /**
   * Calls `take` once for each record that ends in this block or before; `last` says that the file
   * ends with it. Stops when `take` returns false.
   */
  push(bytes: Buffer, last: boolean, take: () => boolean): void {
    const block = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    this.#block = block;
    this.#ascii = isAscii(block);
    let at = 0;
    while (at < block.length) {
      const next = this.#record(at, last);
      if (next === undefined) break;
      if (next - at > MAX_RECORD) {
        this.fault = { kind: 'long-record', line: this.line };
        return;
      }
      if (!take()) return;
      this.line += this.#linesInside + 1;
      at = next;
    }
    if (this.fault !== undefined) return;
    this.#rest = block.subarray(at);
    if (this.#rest.length > MAX_RECORD) this.fault = { kind: 'long-record', line: this.line };
  }

  /** Text of a cell of the present record; null when it is empty. */
  cell(index: number): string | null {
    const form = this.#forms[index] ?? 0;
    const start = (this.#starts[index] ?? 0) + (form === 0 ? 0 : 1);
    const end = (this.#ends[index] ?? 0) - (form === 0 ? 0 : 1);
    if (end <= start || index >= this.count) return null;
    const text = this.#block.toString(this.#ascii ? 'latin1' : 'utf8', start, end);
    return form === 2 ? text.replaceAll('""', '"') : text;
  }

  /** Length of a cell in bytes, with its quotes. */
  size(index: number): number {
    return (this.#ends[index] ?? 0) - (this.#starts[index] ?? 0);
  }

  /** True for a line with nothing on it. */
  get blank(): boolean {
    return this.count === 1 && this.size(0) === 0;
  }

  /** Where the record after the one at `at` begins; undefined when the block ends too early. */
  #record(at: number, last: boolean): number | undefined {
    const block = this.#block;
    this.count = 0;
    this.#linesInside = 0;
    this.#begin = at;
    for (let start = at; ;) {
      const end = block[start] === QUOTE ? this.#quoted(start, last) : this.#bare(start, last);
      if (end === undefined) return undefined;
      this.#starts[this.count] = start;
      this.#ends[this.count] = end;
      this.count += 1;
      if (end >= block.length) return block.length;
      if (block[end] !== this.#delimiter) return this.#newRecord(end, last);
      start = end + 1;
      if (start >= block.length && !last) return undefined;
    }
  }

  #bare(start: number, last: boolean): number | undefined {
    const block = this.#block;
    this.#forms[this.count] = 0;
    let end = start;
    while (end < block.length && !this.#endsCell(block[end])) end += 1;
    if (end === block.length && !last) return undefined;
    let text = start;
    while (text < end && (block[text] === SPACE || block[text] === TAB)) text += 1;
    return text > start && block[text] === QUOTE
      ? this.#stop('around-quotes', this.line + this.#linesInside, text)
      : end;
  }

  #quoted(start: number, last: boolean): number | undefined {
    const block = this.#block;
    const line = this.line + this.#linesInside;
    const end = this.#closingQuote(start) + 1;
    if (end === 0 && (last || block.length - start > MAX_RECORD)) {
      return this.#stop('unclosed-quote', line, start);
    }
    if (end === 0 || (end === block.length && !last)) return undefined;
    const lineFeed = this.#lineEnd === '\r' ? CR : LF;
    for (let at = block.indexOf(lineFeed, start); at !== -1 && at < end;) {
      this.#linesInside += 1;
      at = block.indexOf(lineFeed, at + 1);
    }
    const closed = end === block.length || this.#endsCell(block[end]);
    return closed ? end : this.#stop('around-quotes', this.line + this.#linesInside, end);
  }

  /** -1 when the block ends before it. */
  #closingQuote(start: number): number {
    const block = this.#block;
    this.#forms[this.count] = 1;
    let close = block.indexOf(QUOTE, start + 1);
    while (close !== -1 && block[close + 1] === QUOTE) {
      this.#forms[this.count] = 2;
      close = block.indexOf(QUOTE, close + 2);
    }
    return close;
  }

  #endsCell(byte: number | undefined): boolean {
    return byte === this.#delimiter || byte === LF || byte === CR;
  }

  /** Past the line end at `end`, which must be of the same kind as those before it. */
  #newRecord(end: number, last: boolean): number | undefined {
    const block = this.#block;
    if (block[end] === CR && end + 1 === block.length && !last) return undefined;
    const kind = block[end] === LF ? '\n' : block[end + 1] === LF ? '\r\n' : '\r';
    this.#lineEnd ??= kind;
    if (kind !== this.#lineEnd) return this.#stop('line-end', this.line + this.#linesInside);
    return end + kind.length;
  }

  /** `at` is where in the block it is, for what is not about a whole line. */
  #stop(kind: CsvFault['kind'], line: number, at?: number): undefined {
    if (at === undefined) this.fault = { kind, line };
    else {
      const feed =
        at === 0 ? -1 : this.#block.lastIndexOf(this.#lineEnd === '\r' ? CR : LF, at - 1);
      this.fault = { kind, line, column: at - Math.max(this.#begin, feed + 1) + 1 };
    }
    return undefined;
  }
}

/** All cells of the scanner's present record; an empty one is empty text. */
export const cells = (scanner: CsvScanner): string[] =>
  Array.from({ length: scanner.count }, (_, index) => scanner.cell(index) ?? '');

/**
 * Rows of a CSV file in its order: cells are text, empty ones null. `pick` chooses columns. Ends
 * early, with the fault, when the rest cannot be read.
 */
export async function* csvRows(
  path: string,
  delimiter: ',' | '\t',
  pick: (names: readonly string[]) => readonly string[],
): AsyncGenerator<readonly JsonObject[], CsvFault | undefined, undefined> {
  const scanner = new CsvScanner(delimiter);
  let header: readonly string[] | undefined;
  let names: readonly string[] = [];
  let at: readonly number[] = [];
  for await (const { block, last } of markedBlocks(path)) {
    const rows: JsonObject[] = [];
    scanner.push(block, last, () => {
      if (header === undefined) {
        header = cells(scanner);
        names = pick(header);
        at = names.map((name) => header?.indexOf(name) ?? -1);
      } else if (!scanner.blank || header.length === 1) {
        const row: Record<string, Json> = {};
        for (let i = 0; i < names.length; i++) row[names[i] ?? ''] = scanner.cell(at[i] ?? -1);
        rows.push(row);
      }
      return true;
    });
    yield rows;
    if (scanner.fault !== undefined) return scanner.fault;
  }
  return undefined;
}
