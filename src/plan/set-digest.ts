/**
 * A digest of a set of texts that does not depend on the order in which they were added: the sum,
 * in two 32-bit words each, of a mixed hash of every member.
 *
 * It tells whether two versions of a table are the same. Members are digests themselves or short
 * texts that contain one, so that sums of unequal sets meet by chance only (about 1 in 2^64).
 */
export class SetDigest {
  #count = 0;
  #low = 0;
  #high = 0;

  add(member: string): void {
    let a = 0x811c9dc5;
    let b = 0x9747b28c;
    for (let i = 0; i < member.length; i++) {
      const code = member.charCodeAt(i);
      a = Math.imul(a ^ code, 0x01000193);
      b = Math.imul(b + code, 0x5bd1e995) ^ (b >>> 15);
    }
    this.#count++;
    this.#low = (this.#low + mix(a ^ (b >>> 3))) | 0;
    this.#high = (this.#high + mix(b ^ (a << 7))) | 0;
  }

  toString(): string {
    const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');
    return `${this.#count}-${hex(this.#high)}${hex(this.#low)}`;
  }
}

/** The finalizer of MurmurHash3 (Austin Appleby, public domain): every input bit moves them all. */
function mix(word: number): number {
  let h = word;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
