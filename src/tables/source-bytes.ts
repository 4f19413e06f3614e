import { createHash } from 'node:crypto';
import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';

const BLOCK = 256 * 1024;

/** The bytes of a file from its start, a block at a time. */
export async function* blocks(path: string): AsyncGenerator<Buffer, void, undefined> {
  yield* createReadStream(path, { highWaterMark: BLOCK }) as AsyncIterable<Buffer>;
}

/** SHA-256 of a file's bytes, in lower-case hex. */
export async function digestOfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const block of blocks(path)) hash.update(block);
  return hash.digest('hex');
}

/** The first bytes of a file, at most `count`. */
export async function headOf(path: string, count: number): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(count), 0, count, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** First bytes of kinds of files that people mistake for tables, and what to do with one. */
const KINDS: readonly { readonly at?: number; readonly bytes: string; readonly kind: string }[] = [
  { bytes: '504b0304', kind: 'zip' },
  { bytes: '1f8b', kind: 'gzip' },
  { bytes: '425a68', kind: 'bzip2' },
  { bytes: '28b52ffd', kind: 'zstd' },
  { bytes: 'fd377a585a00', kind: 'xz' },
  { bytes: '377abcaf271c', kind: '7z' },
  { bytes: 'd0cf11e0a1b11ae1', kind: 'xls' },
  { bytes: '25504446', kind: 'pdf' },
  { bytes: '50415231', kind: 'parquet' },
  { at: 8, bytes: '4455434b', kind: 'duckdb' },
  { bytes: '53514c69746520666f726d6174203300', kind: 'sqlite' },
  { bytes: 'fffe', kind: 'utf-16' },
  { bytes: 'feff', kind: 'utf-16' },
];

/** What the first bytes of a file say it is; undefined for text, and for kinds not listed. */
export function kindOfBytes(head: Buffer): string | undefined {
  const found = KINDS.find(({ at = 0, bytes }) => {
    const magic = Buffer.from(bytes, 'hex');
    return head.subarray(at, at + magic.length).equals(magic);
  });
  if (found?.kind !== 'zip') return found?.kind;
  const first = head.subarray(30, 62).toString('latin1');
  return /^(?:\[Content_Types\]|_rels\/|xl\/|docProps\/)/u.test(first) ? 'xlsx' : 'zip';
}

/** The three bytes with which some programs begin a file in UTF-8. */
export const UTF8_MARK: Buffer = Buffer.from('efbbbf', 'hex');

/** Longest record of a source, in bytes: what is longer is a quote that nobody closed. */
export const MAX_RECORD: number = 1024 * 1024;

/** Blocks with a word on which is the last one, and without the mark of UTF-8 at the start. */
export async function* markedBlocks(
  path: string,
): AsyncGenerator<{ readonly block: Buffer; readonly last: boolean }, void, undefined> {
  let waiting: Buffer | undefined;
  for await (const block of blocks(path)) {
    if (waiting !== undefined) yield { block: waiting, last: false };
    waiting =
      waiting === undefined && block.subarray(0, 3).equals(UTF8_MARK) ? block.subarray(3) : block;
  }
  if (waiting !== undefined) yield { block: waiting, last: true };
}

/** Looks for the first byte that is not UTF-8 in a file that comes in blocks. */
export class Utf8Check {
  #read = 0;
  #rest: Buffer = Buffer.alloc(0);

  /** Offset in the file of the first bad byte, once there is one. */
  push(block: Buffer, last: boolean): number | undefined {
    const bytes = this.#rest.length === 0 ? block : Buffer.concat([this.#rest, block]);
    const whole = last ? bytes.length : bytes.length - unfinished(bytes);
    if (!isUtf8(bytes.subarray(0, whole))) return this.#read + firstBad(bytes);
    this.#read += whole;
    this.#rest = bytes.subarray(whole);
    return undefined;
  }
}

/** Bytes at the end that begin a character which goes on in the next block. */
function unfinished(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > back ? back : 0;
    }
  }
  return 0;
}

/** The longest beginning that is UTF-8, found by halving. */
function firstBad(bytes: Buffer): number {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const readable = (length: number): boolean => {
    try {
      decoder.decode(bytes.subarray(0, length), { stream: true });
      return true;
    } catch {
      return false;
    } finally {
      try {
        decoder.decode();
      } catch {
        // Only resets the decoder: a character cut in half is no mistake here.
      }
    }
  };
  let [good, bad] = [0, bytes.length];
  while (good < bad) {
    const middle = (good + bad + 1) >> 1;
    if (readable(middle)) good = middle;
    else bad = middle - 1;
  }
  // The decoder waits for the rest of a character, so step back to where the bad one began.
  return good - unfinished(bytes.subarray(0, good));
}

/** Forms of keys and tokens that services hand out; each is unlikely to be anything else. */
const SECRET =
  /\b(?:sk-[A-Za-z0-9_-]{20,}|exa_[A-Za-z0-9]{16,}|gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{40,}|glpat-[\w-]{20}|AKIA[0-9A-Z]{16}|AIza[\w-]{35}|xox[abprs]-[\w-]{10,}|[rs]k_live_[A-Za-z0-9]{20,}|npm_[A-Za-z0-9]{36})\b|-----BEGIN [A-Z ]*PRIVATE KEY-----/;

/** Whether a text holds what looks like an API key or a private key. */
export const looksSecret = (text: string): boolean => SECRET.test(text);

/** Looks for secrets in a file that comes in blocks; says where the first one begins. */
export class SecretCheck {
  #read = 0;
  #tail = '';

  /** Offset in the file of the first secret, once there is one. */
  push(block: Buffer): number | undefined {
    const text = this.#tail + block.toString('latin1');
    const found = SECRET.exec(text);
    if (found !== null) return this.#read - this.#tail.length + found.index;
    this.#read += block.length;
    // Long enough for any of the forms, so that one cut in two by a block is found.
    this.#tail = text.slice(-256);
    return undefined;
  }
}

/**
 * Line and column, both from 1, of a byte of a file. Columns count bytes, without the mark at the
 * start of the file.
 */
export async function placeOfByte(
  path: string,
  offset: number,
): Promise<{ readonly line: number; readonly column: number }> {
  let [line, lineStart, read] = [1, 0, 0];
  for await (const block of blocks(path)) {
    if (read === 0 && block.subarray(0, UTF8_MARK.length).equals(UTF8_MARK)) {
      lineStart = UTF8_MARK.length;
    }
    const end = Math.min(block.length, offset - read);
    for (let at = block.indexOf(10); at !== -1 && at < end; at = block.indexOf(10, at + 1)) {
      line += 1;
      lineStart = read + at + 1;
    }
    read += block.length;
    if (read >= offset) break;
  }
  return { line, column: offset - lineStart + 1 };
}
