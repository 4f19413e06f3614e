/**
 * A stream of seeded draws. Each purpose has a stream of its own, named, so that one more draw for
 * one thing does not change all the others.
 */
export class Chance {
  #a: number;
  #b: number;
  #c: number;
  #d = 1;

  constructor(seed: number, stream: string) {
    let hash = 0x811c9dc5;
    for (let i = 0; i < stream.length; i++) {
      hash = Math.imul(hash ^ stream.charCodeAt(i), 0x01000193);
    }
    this.#a = seed | 0;
    this.#b = hash | 0;
    this.#c = Math.floor(seed / 2 ** 32) ^ 0x9e3779b9;
    for (let i = 0; i < 12; i++) this.#next();
  }

  /** From 0 (included) to 1 (not included). */
  fraction(): number {
    return this.#next() / 2 ** 32;
  }

  hit(probability: number): boolean {
    return probability > 0 && this.fraction() < probability;
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.fraction() * (high - low + 1));
  }

  /** Spread evenly over orders of magnitude: as often from 1 to 10 as from 10 to 100. */
  magnitude(low: number, high: number): number {
    return Math.round(low * (high / low) ** this.fraction());
  }

  pick<T>(choices: readonly [T, ...T[]]): T {
    return choices[Math.floor(this.fraction() * choices.length)] ?? choices[0];
  }

  /** sfc32 by Chris Doty-Humphrey. */
  #next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#d) | 0;
    this.#d = (this.#d + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum >>> 0;
  }
}
