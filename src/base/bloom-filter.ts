/** Bits of the filter: 8 MiB, of which only what is used becomes memory. */
const BITS = 2 ** 26;

/** Bits set for each text. */
const PROBES = 4;

/**
 * Tells texts that were seen before from those that were not, in memory that never grows. It may
 * take a new text for an old one, never the reverse: of one million texts it does so with a few, of
 * ten million with 1 in 100.
 */
export class BloomFilter {
  readonly #bits = new Uint32Array(BITS / 32);

  /** True when the text is surely new. */
  add(text: string): boolean {
    const first = hashOf(text, 0x811c9dc5);
    // Odd, so that the probes of a text never fall together.
    const stride = hashOf(text, first) | 1;
    let isNew = false;
    for (let probe = 0; probe < PROBES; probe++) {
      const bit = (first + probe * stride) >>> 0;
      const word = (bit % BITS) >>> 5;
      const mask = 1 << (bit & 31);
      const before = this.#bits[word] ?? 0;
      if ((before & mask) === 0) isNew = true;
      this.#bits[word] = before | mask;
    }
    return isNew;
  }
}

/** FNV-1a over UTF-16 code units, mixed as MurmurHash3 ends. */
function hashOf(text: string, seed: number): number {
  let hash = seed;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
