import { isJsonObject, type JsonObject } from '../base/json.ts';
import { markedBlocks, MAX_RECORD } from './source-bytes.ts';

/** Why a JSON or NDJSON file cannot be cut into records from some place on. */
export interface JsonFault {
  readonly kind:
    | 'not-a-list'
    | 'trailing-comma'
    | 'missing-comma'
    | 'not-closed'
    | 'text-after'
    | 'long-record'
    | 'blank-line'
    | 'not-an-object';
  readonly line: number;
  readonly column: number;
}

const [LF, CR, SPACE, TAB, QUOTE, BACKSLASH, COMMA] = [10, 13, 32, 9, 34, 92, 44];
const [OPEN_LIST, CLOSE_LIST, OPEN_MAP, CLOSE_MAP] = [91, 93, 123, 125];

const isSpace = (byte: number | undefined): boolean =>
  byte === SPACE || byte === LF || byte === CR || byte === TAB;

/**
 * Cuts a list of JSON values, or lines of JSON, into the texts of its records as the file comes in
 * blocks. Only brackets and quotes are looked at: whether a record is JSON is for its reader.
 */
export class JsonSplitter {
  readonly #lines: boolean;
  #rest: Buffer = Buffer.alloc(0);
  #state: 'start' | 'first' | 'record' | 'comma' | 'end' = 'start';
  #line = 1;
  #lineStart = 0;
  #read = 0;
  #blank: JsonFault | undefined;
  /** True once `take` wanted no more. */
  #left = false;
  /** Where the present record begins, from 1. Columns count bytes. */
  line = 1;
  column = 1;
  fault: JsonFault | undefined;

  constructor(format: 'json' | 'ndjson') {
    this.#lines = format === 'ndjson';
  }

  /** Calls `take` with each record that ends in this block or before, until it returns false. */
  push(bytes: Buffer, last: boolean, take: (text: string) => boolean): void {
    const block = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    let at = 0;
    while (at < block.length) {
      const end = this.#lines
        ? this.#nextLine(block, at, last, take)
        : this.#nextPart(block, at, last, take);
      if (end === undefined) break;
      at = end;
    }
    const rest = block.subarray(at);
    if (this.fault === undefined && !this.#left) {
      if (rest.length > MAX_RECORD) this.#stop('long-record', at);
      else if (last && !this.#lines && this.#state !== 'end') {
        this.#stop(this.#state === 'start' ? 'not-a-list' : 'not-closed', block.length);
      }
    }
    this.#read += at;
    this.#rest = rest;
  }

  /** A line with its end; undefined when the block ends before the line. */
  #nextLine(
    block: Buffer,
    at: number,
    last: boolean,
    take: (text: string) => boolean,
  ): number | undefined {
    const found = block.indexOf(LF, at);
    if (found === -1 && !last) return undefined;
    const end = found === -1 ? block.length : found;
    const line = this.#line;
    this.#line += 1;
    let text = at;
    while (text < end && isSpace(block[text])) text += 1;
    if (text === end) {
      this.#blank ??= { kind: 'blank-line', line, column: 1 };
      return end + 1;
    }
    if (this.#blank !== undefined) {
      // Blank lines at the end of the file are nothing; one before a record is a mistake.
      this.fault = this.#blank;
      return undefined;
    }
    [this.line, this.column] = [line, text - at + 1];
    if (end - text > MAX_RECORD) return this.#stop('long-record', at);
    this.#left = !take(block.toString('utf8', text, end));
    return this.#left ? undefined : end + 1;
  }

  /** White space, a record, comma or bracket of a list; undefined when the block ends too early. */
  #nextPart(
    block: Buffer,
    at: number,
    last: boolean,
    take: (text: string) => boolean,
  ): number | undefined {
    // White space is consumed alone, so that a record cut by the block counts no line twice.
    if (isSpace(block[at])) return this.#pastSpace(block, at);
    const isRecord = this.#state === 'first' || this.#state === 'record';
    return isRecord && block[at] !== CLOSE_LIST
      ? this.#nextRecord(block, at, last, take)
      : this.#sign(block[at], at);
  }

  #pastSpace(block: Buffer, at: number): number {
    let end = at;
    for (; end < block.length && isSpace(block[end]); end++) {
      if (block[end] !== LF) continue;
      this.#line += 1;
      this.#lineStart = this.#read + end + 1;
    }
    return end;
  }

  /** A bracket or comma between records. */
  #sign(byte: number | undefined, at: number): number | undefined {
    switch (this.#state) {
      case 'start':
        if (byte !== OPEN_LIST) return this.#stop('not-a-list', at);
        this.#state = 'first';
        break;
      case 'comma':
        if (byte !== COMMA && byte !== CLOSE_LIST) return this.#stop('missing-comma', at);
        this.#state = byte === COMMA ? 'record' : 'end';
        break;
      case 'record':
        return this.#stop('trailing-comma', at);
      case 'first':
        this.#state = 'end';
        break;
      case 'end':
        return this.#stop('text-after', at);
    }
    return at + 1;
  }

  #nextRecord(
    block: Buffer,
    start: number,
    last: boolean,
    take: (text: string) => boolean,
  ): number | undefined {
    const end = endOfValue(block, start);
    if (end === undefined) {
      if (!last) return undefined;
      return this.#stop('not-closed', start);
    }
    if (end - start > MAX_RECORD) return this.#stop('long-record', start);
    [this.line, this.column] = [this.#line, this.#read + start - this.#lineStart + 1];
    this.#state = 'comma';
    this.#left = !take(block.toString('utf8', start, end));
    if (this.#left) return undefined;
    for (let at = block.indexOf(LF, start); at !== -1 && at < end; at = block.indexOf(LF, at + 1)) {
      this.#line += 1;
      this.#lineStart = this.#read + at + 1;
    }
    return end;
  }

  #stop(kind: JsonFault['kind'], at: number): undefined {
    const column = this.#lines ? 1 : this.#read + at - this.#lineStart + 1;
    this.fault = { kind, line: this.#line, column };
    return undefined;
  }
}

/** Where the value that begins at `start` ends, by its brackets; undefined when it goes on. */
function endOfValue(block: Buffer, start: number): number | undefined {
  if (block[start] !== OPEN_MAP && block[start] !== OPEN_LIST) return endOfScalar(block, start);
  let depth = 0;
  for (let at = start; at < block.length; at++) {
    const byte = block[at];
    if (byte === QUOTE) {
      const close = endOfText(block, at);
      if (close === undefined) return undefined;
      at = close;
    } else if (byte === OPEN_MAP || byte === OPEN_LIST) {
      depth += 1;
    } else if (byte === CLOSE_MAP || byte === CLOSE_LIST) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return undefined;
}

/** A text, number or word; it is no record, but its end is needed to go on. */
function endOfScalar(block: Buffer, start: number): number | undefined {
  if (block[start] === QUOTE) {
    const close = endOfText(block, start);
    return close === undefined ? undefined : close + 1;
  }
  for (let at = start + 1; at < block.length; at++) {
    const byte = block[at];
    if (byte === COMMA || byte === CLOSE_LIST || isSpace(byte)) return at;
  }
  return undefined;
}

/** The closing quote of the text whose opening quote is at `open`. */
function endOfText(block: Buffer, open: number): number | undefined {
  for (let at = block.indexOf(QUOTE, open + 1); at !== -1; at = block.indexOf(QUOTE, at + 1)) {
    let slashes = 0;
    while (block[at - 1 - slashes] === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return at;
  }
  return undefined;
}

/** Records of a JSON or NDJSON file in its order. Ends early, with the fault, where it must. */
export async function* jsonRows(
  path: string,
  format: 'json' | 'ndjson',
): AsyncGenerator<readonly JsonObject[], JsonFault | undefined, undefined> {
  const splitter = new JsonSplitter(format);
  let fault: JsonFault | undefined;
  for await (const { block, last } of markedBlocks(path)) {
    const rows: JsonObject[] = [];
    splitter.push(block, last, (text) => {
      const record = parseObject(text);
      if (record !== undefined) rows.push(record);
      else fault = { kind: 'not-an-object', line: splitter.line, column: splitter.column };
      return fault === undefined;
    });
    yield rows;
    fault ??= splitter.fault;
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
