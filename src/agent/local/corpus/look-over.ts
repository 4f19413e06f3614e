import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { stampOf, type FileStamp } from './file-stamp.ts';

/** What is known of a file after its bytes were read once, before anything is made of them. */
export interface LookedOver {
  readonly bytes: number;
  /** Taken before the content was read, so that a change meanwhile shows. */
  readonly stamp: string;
  /** When it changed last, in ms since 1970. */
  readonly changedMs: number;
  /** SHA-256 of its content, in hex; for a file that was not read, why. */
  readonly hash: string;
  /** Why it cannot be used: half a sentence. */
  readonly problem: string | undefined;
}

export const NOT_UTF_8 = 'its name is not UTF-8';

/** Larger files are read in parts of this size. */
const PART = 1024 * 1024;

/** How a file is looked over. */
interface Look {
  readonly parquet: boolean;
  readonly mostBytes: number;
  /** What is known of the file when it has this stamp. */
  readonly seen: (stamp: string) => Content | undefined;
}

type Content = Pick<LookedOver, 'hash' | 'problem'>;

/** Reads a file for its digest and for what would make it unusable. Does not reject. */
export async function lookOver(
  location: string,
  { parquet, mostBytes, seen }: Look,
): Promise<LookedOver> {
  let file: FileStamp = { bytes: 0, stamp: '', changedMs: 0 };
  try {
    file = await stampOf(location);
    const { bytes, stamp } = file;
    if (bytes > mostBytes) {
      const problem = `it is larger than ${mostBytes / 1024 / 1024} MB`;
      return { ...file, hash: `${bytes} bytes`, problem };
    }
    const known = seen(stamp);
    if (known !== undefined) return { ...file, ...known };
    const content = parquet ? new ParquetContent() : new TextContent();
    const digest = createHash('sha256');
    for await (const part of partsOf(location, bytes)) {
      digest.update(part);
      content.add(part);
    }
    return { ...file, hash: digest.digest('hex'), problem: content.problem() };
  } catch {
    // A name that is not UTF-8 cannot be said back to the file system.
    const problem = location.includes('\uFFFD') ? NOT_UTF_8 : 'it cannot be read';
    return { ...file, hash: 'unreadable', problem };
  }
}

async function* partsOf(
  location: string,
  bytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (bytes <= PART) {
    yield await readFile(location);
    return;
  }
  const handle = await open(location);
  try {
    const buffer = new Uint8Array(PART);
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, PART);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

class TextContent {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  #problem: string | undefined;
  #blank = true;

  add(part: Uint8Array): void {
    if (this.#problem !== undefined) return;
    if (part.includes(0)) this.#problem = 'it is binary, not text';
    else this.#decode(part);
  }

  problem(): string | undefined {
    // What the last character lacks would be missing silently.
    if (this.#problem === undefined) this.#decode(undefined);
    return this.#problem ?? (this.#blank ? 'it is empty' : undefined);
  }

  #decode(part: Uint8Array | undefined): void {
    try {
      const text = this.#decoder.decode(part, { stream: part !== undefined });
      if (this.#blank && /\S/u.test(text)) this.#blank = false;
    } catch {
      this.#problem = 'it is not UTF-8 text';
    }
  }
}

/** A Parquet file begins and ends with `PAR1`. */
class ParquetContent {
  #head = '';
  #tail = '';

  add(part: Uint8Array): void {
    const [first, last] = [part.subarray(0, 4), part.subarray(-4)].map((bytes) =>
      Buffer.from(bytes).toString('latin1'),
    );
    if (this.#head.length < 4) this.#head = (this.#head + (first ?? '')).slice(0, 4);
    this.#tail = (this.#tail + (last ?? '')).slice(-4);
  }

  problem(): string | undefined {
    if (this.#head !== 'PAR1') return 'it is not a Parquet file';
    return this.#tail === 'PAR1' ? undefined : 'it is cut off';
  }
}
