import { open, rm, type FileHandle } from 'node:fs/promises';
import { LineBuffer } from './line-buffer.ts';

/** Lines in memory at a time, and their bytes. */
const MOST_LINES = 20_000;
const MOST_BYTES = 2 ** 21;

/** Bytes of a run read at a time: there may be hundreds of runs. */
const READ_BYTES = 2 ** 15;

/** Lines handed out at a time. */
const PORTION = 1_024;

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
  #lines = new LineBuffer();
  #file: FileHandle | undefined;
  /** Of the line that was written last. */
  #lastKey = '';

  /** `path` is free for a temporary file. Up to `inMemory` lines are sorted without it. */
  constructor(path: string, inMemory: number = MOST_LINES) {
    this.#path = path;
    this.#inMemory = inMemory;
  }

  /** Neither has line breaks, `key` no tabs; keys sort by UTF-16 code units. {@link flush} now and then. */
  add(key: string, text: string): void {
    this.#lines.add(key, text);
  }

  /**
   * Writes the first half of what has gathered once it is much. Lines that come nearly in order thus
   * make one run of any length, and need no merging.
   */
  async flush(): Promise<void> {
    const { size, bytes } = this.#lines;
    if (size > this.#inMemory || bytes > MOST_BYTES) await this.#write(Math.ceil(size / 2));
  }

  /** The texts in the order of their keys; those of equal keys in the order added. Can be had again. */
  async *sorted(): AsyncGenerator<readonly string[]> {
    if (this.#file === undefined) {
      this.#lines.sort();
      for (let start = 0; start < this.#lines.size; start += PORTION) {
        yield this.#lines.texts(start, start + PORTION);
      }
      return;
    }
    await this.#write(this.#lines.size);
    this.#lines = new LineBuffer();
    yield* merged(this.#file, this.#runs);
  }

  /** Deletes the file. */
  async discard(): Promise<void> {
    this.#lines = new LineBuffer();
    await this.#file?.close();
    this.#file = undefined;
    await rm(this.#path, { force: true });
  }

  /** Writes the first lines. */
  async #write(count: number): Promise<void> {
    if (count === 0) return;
    this.#lines.sort();
    const [firstKey, lastKey] = [this.#lines.keyAt(0), this.#lines.keyAt(count - 1)];
    const bytes = this.#lines.take(count);
    this.#file ??= await open(this.#path, 'w+');
    const start = this.#runs.at(-1)?.end ?? 0;
    // A disk that is nearly full takes a part, and says so at the next.
    for (let at = 0; at < bytes.length;) {
      const { bytesWritten } = await this.#file.write(bytes, at, bytes.length - at, start + at);
      at += bytesWritten;
    }
    const end = start + bytes.length;
    // What comes in order already is one run, however long.
    const before = this.#runs.at(-1);
    if (before !== undefined && this.#lastKey <= firstKey) before.end = end;
    else this.#runs.push({ start, end });
    this.#lastKey = lastKey;
  }
}

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
  #bytes: Buffer = Buffer.alloc(0);
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
