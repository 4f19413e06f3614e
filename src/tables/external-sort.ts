import { open, rm, type FileHandle } from 'node:fs/promises';

/** Lines in memory at a time, and their characters. */
const MOST_LINES = 20_000;
const MOST_CHARS = 2 ** 21;

/** Bytes of a run read at a time: there may be hundreds of runs. */
const READ_BYTES = 2 ** 15;

/** Lines handed out at a time. */
const PORTION = 1_024;

const NO_BYTES = Buffer.alloc(0);

interface Line {
  readonly key: string;
  readonly text: string;
}

/** Lines that are in order already, somewhere in the file. */
interface Run {
  readonly start: number;
  end: number;
}

/**
 * Sorts more lines than fit into memory: an external merge sort over one temporary file. Few lines
 * never touch the disk.
 *
 * DuckDB sorts too, but not in little memory: a million lines of 250 bytes fail within 128 MB, and
 * take 690 MB where 256 are allowed (1.5.6).
 */
export class ExternalSort {
  readonly #path: string;
  readonly #inMemory: number;
  readonly #runs: Run[] = [];
  #lines: Line[] = [];
  #chars = 0;
  #file: FileHandle | undefined;
  /** Of the line that was written last. */
  #lastKey = '';
  /** One for all writes: each with its own would be megabytes for the collector to find. */
  #bytes: Buffer = NO_BYTES;

  /** `path` is free for a temporary file. Up to `inMemory` lines are sorted without it. */
  constructor(path: string, inMemory: number = MOST_LINES) {
    this.#path = path;
    this.#inMemory = inMemory;
  }

  /** Neither has line breaks, `key` no tabs; keys sort by UTF-16 code units. {@link flush} now and then. */
  add(key: string, text: string): void {
    this.#lines.push({ key, text });
    this.#chars += key.length + text.length;
  }

  /**
   * Writes the first half of what has gathered once it is much. Lines that come nearly in order thus
   * make one run of any length, and need no merging.
   */
  async flush(): Promise<void> {
    if (this.#lines.length <= this.#inMemory && this.#chars <= MOST_CHARS) return;
    this.#lines.sort(byKey);
    await this.#write(this.#lines.splice(0, Math.ceil(this.#lines.length / 2)));
  }

  /** The texts in the order of their keys; those of equal keys in the order added. Can be had again. */
  async *sorted(): AsyncGenerator<readonly string[]> {
    this.#lines.sort(byKey);
    if (this.#file === undefined) {
      for (let start = 0; start < this.#lines.length; start += PORTION) {
        yield this.#lines.slice(start, start + PORTION).map(({ text }) => text);
      }
      return;
    }
    await this.#write(this.#lines.splice(0));
    yield* merged(this.#file, this.#runs);
  }

  /** Deletes the file. */
  async discard(): Promise<void> {
    this.#lines = [];
    this.#bytes = NO_BYTES;
    await this.#file?.close();
    this.#file = undefined;
    await rm(this.#path, { force: true });
  }

  async #write(lines: readonly Line[]): Promise<void> {
    const [first] = lines;
    if (first === undefined) return;
    this.#file ??= await open(this.#path, 'w+');
    const start = this.#runs.at(-1)?.end ?? 0;
    let end = start;
    for (let from = 0; from < lines.length; from += PORTION) {
      const portion = lines.slice(from, from + PORTION).map(({ key, text }) => `${key}\t${text}\n`);
      const length = this.#encode(portion.join(''));
      // A disk that is nearly full takes a part, and says so at the next.
      for (let at = 0; at < length;) {
        const { bytesWritten } = await this.#file.write(this.#bytes, at, length - at, end + at);
        at += bytesWritten;
      }
      end += length;
    }
    for (const { key, text } of lines) this.#chars -= key.length + text.length;
    // What comes in order already is one run, however long.
    const before = this.#runs.at(-1);
    if (before !== undefined && this.#lastKey <= first.key) before.end = end;
    else this.#runs.push({ start, end });
    this.#lastKey = lines.at(-1)?.key ?? '';
  }

  /** Puts text into `#bytes`; gives how many it takes. */
  #encode(text: string): number {
    // A UTF-16 code unit is at most 3 bytes of UTF-8.
    const most = text.length * 3;
    if (this.#bytes.length < most) this.#bytes = Buffer.allocUnsafeSlow(most);
    return this.#bytes.write(text);
  }
}

const byKey = (a: Line, b: Line): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);

async function* merged(file: FileHandle, runs: readonly Run[]): AsyncGenerator<readonly string[]> {
  const cursors: Cursor[] = [];
  for (const [number, run] of runs.entries()) {
    const cursor = new Cursor(file, run, number);
    if (await cursor.advance()) insert(cursors, cursor);
  }
  let portion: string[] = [];
  for (let first = cursors[0]; first !== undefined; first = cursors[0]) {
    portion.push(first.text);
    if (portion.length >= PORTION) {
      yield portion;
      portion = [];
    }
    // The lines at hand are taken without waiting: a promise a line would cost more than all else.
    const goesOn = first.step() || (await first.advance());
    const second = cursors[1];
    if (goesOn && (second === undefined || isBefore(first, second))) continue;
    cursors.shift();
    if (goesOn) insert(cursors, first);
  }
  if (portion.length > 0) yield portion;
}

/** Lines with equal keys come in the order of their runs. */
const isBefore = (a: Cursor, b: Cursor): boolean =>
  a.key < b.key || (a.key === b.key && a.number < b.number);

function insert(cursors: Cursor[], cursor: Cursor): void {
  let low = 0;
  let high = cursors.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = cursors[middle];
    if (other !== undefined && isBefore(other, cursor)) low = middle + 1;
    else high = middle;
  }
  cursors.splice(low, 0, cursor);
}

/** A place in a run. */
class Cursor {
  readonly number: number;
  key = '';
  text = '';
  readonly #file: FileHandle;
  readonly #end: number;
  #position: number;
  /** Lines that were read and not yet passed, the next one last. */
  #ahead: string[] = [];
  /** One for all reads. It begins with `#rest` bytes of a line whose end was not read yet. */
  #bytes: Buffer = NO_BYTES;
  #rest = 0;

  constructor(file: FileHandle, { start, end }: Run, number: number) {
    this.#file = file;
    this.#position = start;
    this.#end = end;
    this.number = number;
  }

  /** Goes to the next line; false when it has to be read first, or there is none. */
  step(): boolean {
    const line = this.#ahead.pop();
    if (line === undefined) return false;
    const tab = line.indexOf('\t');
    this.key = line.slice(0, tab);
    this.text = line.slice(tab + 1);
    return true;
  }

  /** Goes to the next line, reading on; false when there is none. */
  async advance(): Promise<boolean> {
    while (this.#ahead.length === 0 && this.#position < this.#end) {
      const rest = this.#rest;
      this.#makeRoom(rest + Math.max(READ_BYTES, rest));
      const wanted = Math.min(this.#bytes.length - rest, this.#end - this.#position);
      const { bytesRead } = await this.#file.read(this.#bytes, rest, wanted, this.#position);
      if (bytesRead === 0) throw new Error('A file of the sort ended too early');
      this.#position += bytesRead;
      const filled = rest + bytesRead;
      const lineEnd = this.#bytes.subarray(0, filled).lastIndexOf(0x0a);
      if (lineEnd >= 0)
        this.#ahead = this.#bytes.toString('utf8', 0, lineEnd).split('\n').reverse();
      this.#bytes.copyWithin(0, lineEnd + 1, filled);
      this.#rest = filled - lineEnd - 1;
    }
    return this.step();
  }

  /** A long line is read in ever larger portions. */
  #makeRoom(bytes: number): void {
    if (this.#bytes.length >= bytes) return;
    const larger = Buffer.allocUnsafeSlow(bytes);
    this.#bytes.copy(larger, 0, 0, this.#rest);
    this.#bytes = larger;
  }
}
