import type { Diagnostic, Place } from '../diagnostics/diagnostic.ts';
import { blocks, UTF8_MARK } from './source-bytes.ts';

/** Lines that begin later are not shown: a message is not worth another reading of a large file. */
const MOST_BYTES = 64 * 1024 * 1024;
/** Bytes of a line that are kept before and after the place. */
const AROUND = 512;

type InFile = Extract<Place, { kind: 'file' }>;

/**
 * Puts the lines of a text file to the diagnostics about them, in one reading of it: of a long line
 * the part around the place. Columns, which count bytes until then, count characters after it.
 */
export async function withLines(
  path: string,
  diagnostics: readonly Diagnostic[],
): Promise<readonly Diagnostic[]> {
  const wanted = new Map<InFile, Piece>();
  for (const { place } of diagnostics) {
    if (place.kind === 'file' && place.line !== undefined) wanted.set(place, new Piece(place));
  }
  if (wanted.size > 0) await readPieces(path, [...wanted.values()]);
  return diagnostics.map((diagnostic) => {
    const { place } = diagnostic;
    const piece = place.kind === 'file' ? wanted.get(place) : undefined;
    return piece === undefined ? diagnostic : { ...diagnostic, place: piece.place };
  });
}

async function readPieces(path: string, pieces: readonly Piece[]): Promise<void> {
  const byLine = new Map<number, Piece[]>();
  for (const piece of pieces) byLine.set(piece.line, [...(byLine.get(piece.line) ?? []), piece]);
  const last = Math.max(...byLine.keys());
  let [line, read] = [1, 0];
  for await (const block of blocks(path)) {
    const isMarked = read === 0 && block.subarray(0, UTF8_MARK.length).equals(UTF8_MARK);
    for (const { bytes, ends } of partsOfLines(isMarked ? block.subarray(3) : block)) {
      for (const piece of byLine.get(line) ?? []) piece.take(bytes);
      if (ends) line += 1;
    }
    read += block.length;
    if (line > last || read > MOST_BYTES) return;
  }
}

function* partsOfLines(block: Buffer): Generator<{ bytes: Buffer; ends: boolean }> {
  for (let at = 0; at < block.length;) {
    const feed = block.indexOf(10, at);
    const end = feed === -1 ? block.length : feed;
    yield { bytes: block.subarray(at, end), ends: feed !== -1 };
    at = end + 1;
  }
}

/** What is kept of one line. */
class Piece {
  readonly #place: InFile;
  readonly #from: number;
  readonly #to: number;
  readonly line: number;
  readonly #kept: Buffer[] = [];
  #read = 0;
  /** UTF-16 units of the line before what is kept, and before the place. */
  #before = 0;
  #column = 0;

  constructor(place: InFile) {
    const at = (place.column ?? 1) - 1;
    this.#place = place;
    this.line = place.line ?? 1;
    this.#from = Math.max(0, at - AROUND);
    this.#to = at + AROUND;
  }

  /** The next bytes of the line. */
  take(bytes: Buffer): void {
    const cut = (offset: number): number => Math.max(0, offset - this.#read);
    const at = (this.#place.column ?? 1) - 1;
    this.#before += unitsOf(bytes.subarray(0, cut(this.#from)));
    this.#column += unitsOf(bytes.subarray(0, cut(at)));
    const kept = bytes.subarray(cut(this.#from), cut(this.#to));
    if (kept.length > 0) this.#kept.push(Buffer.from(kept));
    this.#read += bytes.length;
  }

  get place(): InFile {
    const bytes = Buffer.concat(this.#kept);
    if (bytes.length === 0) return this.#place;
    const inside = bytes.findIndex((byte) => (byte & 0xc0) !== 0x80);
    const text = bytes.subarray(Math.max(0, inside)).toString().replace(/\r$/u, '');
    const { column } = this.#place;
    return {
      ...this.#place,
      ...(column === undefined ? {} : { column: this.#column + 1 }),
      text: { text, from: this.#before, goesOn: this.#read > this.#to },
    };
  }
}

/** Length in UTF-16 of what some bytes of UTF-8 say; of a character in two halves, once. */
function unitsOf(bytes: Buffer): number {
  let units = 0;
  for (const byte of bytes) {
    if ((byte & 0xc0) !== 0x80) units += byte >= 0xf0 ? 2 : 1;
  }
  return units;
}
