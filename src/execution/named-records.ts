/** Records that a message names before it goes on to count them. */
const MOST_NAMED = 5;
/** Characters of a name; keys can be long. */
const MOST_CHARACTERS = 60;

/** Records that have something in common: all are counted, the first ones are named. */
export class NamedRecords {
  readonly #names: string[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Whether there is room for another name. */
  get hasRoom(): boolean {
    return this.#names.length < MOST_NAMED;
  }

  /** False where it is about no record in particular. */
  get areNamed(): boolean {
    return this.#names.some((name) => name !== '');
  }

  /** `name` is a record's key, or `#3`. */
  add(name: string): void {
    this.#count += 1;
    if (this.hasRoom) this.#names.push(name);
  }

  /** `#3, #9 and 4 more`. */
  toString(): string {
    const more = this.#count - this.#names.length;
    const names = this.#names.join(', ');
    return more === 0 ? names : `${names} and ${more.toLocaleString('en-US')} more`;
  }
}

/** A record's key as a message names it. */
export const shortName = (label: string): string =>
  label.length > MOST_CHARACTERS ? `${label.slice(0, MOST_CHARACTERS - 1)}…` : label;
