/** Bytes that a buffer begins with, and beyond which it is not kept for another time. */
const USUAL_BYTES = 2 ** 22;
const MOST_KEPT_BYTES = 4 * USUAL_BYTES;

const NO_BYTES = Buffer.alloc(0);

interface Line {
  readonly key: string;
  /** Where it stands in the bytes: its key, a tab, its text from `text` on, a line break. */
  readonly start: number;
  readonly text: number;
  readonly end: number;
}

/**
 * Lines of a key and a text, in order once they are sorted. Their bytes lie outside the heap: they
 * stay for long enough that the collector would move each of them twice, and then have to find it
 * among all that lives.
 */
export class LineBuffer {
  #lines: Line[] = [];
  #bytes: Buffer = NO_BYTES;
  #filled = 0;
  /** In turn with `#bytes`, when lines are taken out. */
  #spare: Buffer = NO_BYTES;

  get size(): number {
    return this.#lines.length;
  }

  get bytes(): number {
    return this.#filled;
  }

  keyAt(index: number): string {
    return this.#lines[index]?.key ?? '';
  }

  /** Neither has line breaks, `key` no tabs. */
  add(key: string, text: string): void {
    const start = this.#filled;
    this.#makeRoom(key, text);
    const tab = start + this.#bytes.write(key, start);
    const from = this.#bytes.writeUInt8(0x09, tab);
    const end = this.#bytes.writeUInt8(0x0a, from + this.#bytes.write(text, from));
    this.#lines.push({ key, start, text: from, end });
    this.#filled = end;
  }

  /** By UTF-16 code units of the keys; lines of equal keys stay in the order added. */
  sort(): void {
    this.#lines.sort(byKey);
  }

  /** The texts of lines `from` to before `to`. */
  texts(from: number, to: number): readonly string[] {
    const lines = this.#lines.slice(from, to);
    return lines.map(({ text, end }) => this.#bytes.toString('utf8', text, end - 1));
  }

  /** Takes the first `count` lines out, as one piece of bytes that is good until the next line. */
  take(count: number): Buffer {
    const taken = this.#lines.slice(0, count);
    const kept = this.#lines.slice(count);
    const from = this.#bytes;
    const to =
      this.#spare.length < this.#filled
        ? Buffer.allocUnsafeSlow(Math.max(USUAL_BYTES, this.#filled))
        : this.#spare;
    this.#lines = [];
    this.#filled = 0;
    // Those that stay come first, so that more can follow once the others are written.
    for (const { key, start, text, end } of kept) {
      const moved = this.#filled - start;
      this.#lines.push({ key, start: start + moved, text: text + moved, end: end + moved });
      this.#filled += from.copy(to, this.#filled, start, end);
    }
    let at = this.#filled;
    for (const { start, end } of taken) at += from.copy(to, at, start, end);
    this.#bytes = to;
    this.#spare = from.length > MOST_KEPT_BYTES ? NO_BYTES : from;
    return to.subarray(this.#filled, at);
  }

  #makeRoom(key: string, text: string): void {
    // A UTF-16 code unit is at most 3 bytes of UTF-8.
    if (this.#filled + (key.length + text.length) * 3 + 2 <= this.#bytes.length) return;
    const needed = this.#filled + Buffer.byteLength(key) + Buffer.byteLength(text) + 2;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(USUAL_BYTES, 2 * needed));
    this.#bytes.copy(larger, 0, 0, this.#filled);
    this.#bytes = larger;
  }
}

const byKey = (a: Line, b: Line): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
