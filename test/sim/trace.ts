/**
 * What happens in a history, line by line. The hash is always kept, the lines only when somebody
 * wants to read them: two histories of one seed have the same hash, or something is not in its hands.
 */
export class Trace {
  readonly lines: string[] = [];
  readonly #keeps: boolean;
  readonly #now: () => number;
  readonly #start: number;
  #low = 0x811c9dc5;
  #high = 0x1b873593;
  #count = 0;

  constructor(now: () => number, keeps: boolean) {
    this.#now = now;
    this.#start = now();
    this.#keeps = keeps;
  }

  get hash(): string {
    const hex = (part: number): string => (part >>> 0).toString(16).padStart(8, '0');
    return hex(this.#high) + hex(this.#low);
  }

  /** Things that happened. */
  get count(): number {
    return this.#count;
  }

  /** `detail` is for readers only, and made only for them. */
  add(who: string, what: string, detail?: () => string): void {
    const seconds = (this.#now() - this.#start) / 1_000;
    this.#count++;
    let low = this.#low ^ Math.round(seconds * 1_000);
    let high = this.#high;
    for (let i = 0; i < what.length; i++) {
      const code = what.charCodeAt(i);
      low = Math.imul(low ^ code, 0x01000193);
      high = Math.imul(high ^ code, 0x5bd1e995) ^ (low >>> 15);
    }
    this.#low = low;
    this.#high = high;
    if (!this.#keeps) return;
    const told = detail === undefined ? what : `${what} ${detail()}`;
    this.lines.push(`${seconds.toFixed(3).padStart(11)} ${who.padEnd(4)} ${told}`);
  }
}
