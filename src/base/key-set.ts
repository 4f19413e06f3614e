import { hash } from 'node:crypto';

/** 32-bit words kept of a digest. */
const WORDS = 3;
const FIRST_SLOTS = 1_024;

/** Fuller than this, and the search for a free slot grows long. */
const FULL = 0.75;

/**
 * A set of texts for millions of keys. It keeps 96 bits of the SHA-256 of each text, in one flat
 * array that the garbage collector never walks: 12 bytes a slot, about 25 MB for a million keys
 * (a `Set` of strings takes 60 to 100 MB). Texts cannot be had back or removed.
 *
 * Two texts with the same 96 bits count as one. Among n random digests that has the probability
 * n² / 2^97: for ten million texts 6 in 10^16. Nobody can aim for it either, as they can with a
 * short, quick hash: it takes 2^48 digests to find one pair.
 */
export class KeySet {
  #slots = new Uint32Array(FIRST_SLOTS * WORDS);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** True when the text is new. */
  add(text: string): boolean {
    if (this.#size >= (this.#slots.length / WORDS) * FULL) this.#grow();
    const [a, b, c] = wordsOf(text);
    const at = find(this.#slots, a, b, c);
    if (!isFree(this.#slots, at)) return false;
    put(this.#slots, at, a, b, c);
    this.#size += 1;
    return true;
  }

  has(text: string): boolean {
    const [a, b, c] = wordsOf(text);
    return !isFree(this.#slots, find(this.#slots, a, b, c));
  }

  #grow(): void {
    const before = this.#slots;
    const slots = new Uint32Array(before.length * 2);
    for (let at = 0; at < before.length; at += WORDS) {
      if (isFree(before, at)) continue;
      const [a, b, c] = [before[at] ?? 0, before[at + 1] ?? 0, before[at + 2] ?? 0];
      put(slots, find(slots, a, b, c), a, b, c);
    }
    this.#slots = slots;
  }
}

function wordsOf(text: string): readonly [number, number, number] {
  // One character a byte: quicker to make than a buffer.
  const digest = hash('sha256', distinctBytes(text), 'binary');
  // Zeros mark a free slot, so the last word of a digest is never zero.
  return [word(digest, 0), word(digest, 4), word(digest, 8) || 1];
}

const word = (digest: string, at: number): number =>
  (digest.charCodeAt(at) |
    (digest.charCodeAt(at + 1) << 8) |
    (digest.charCodeAt(at + 2) << 16) |
    (digest.charCodeAt(at + 3) << 24)) >>>
  0;

/** UTF-8 has one replacement for all lone surrogates, so a text with surrogates is taken as UTF-16. */
function distinctBytes(text: string): string | Buffer {
  if (!/[\ud800-\udfff]/.test(text)) return text;
  // No UTF-8 begins with this byte.
  return Buffer.concat([Buffer.of(0xff), Buffer.from(text, 'utf16le')]);
}

/** Where these words are, or the free slot where they belong. */
function find(slots: Uint32Array, a: number, b: number, c: number): number {
  const last = slots.length / WORDS - 1;
  for (let slot = a & last; ; slot = (slot + 1) & last) {
    const at = slot * WORDS;
    if (isFree(slots, at)) return at;
    if (slots[at] === a && slots[at + 1] === b && slots[at + 2] === c) return at;
  }
}

const isFree = (slots: Uint32Array, at: number): boolean => slots[at + 2] === 0;

function put(slots: Uint32Array, at: number, a: number, b: number, c: number): void {
  slots[at] = a;
  slots[at + 1] = b;
  slots[at + 2] = c;
}
