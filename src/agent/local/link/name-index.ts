import { wordsOf } from '../text/words.ts';

/** A name of the table, in words. */
interface Known {
  readonly row: number;
  readonly words: readonly string[];
}

/** How far two names have words in common; weights are information: rare words weigh more. */
export interface Overlap {
  readonly row: number;
  /** Weight of the words that both have. */
  readonly shared: number;
  /** Words that only the one looked for has, and only the known one. */
  readonly onlyAsked: readonly string[];
  readonly onlyKnown: readonly string[];
}

/** Words in more than this share of the names find no candidates: `airport`, `inc`. */
const COMMON = 0.05;
/** Words that abbreviations may stand for are in at least this share of the names. */
const USUAL = 0.01;
/** A word with a slip of the pen counts a little less. */
const SLIP = 0.8;
const SHORTEST_WITH_SLIP = 7;
/** Candidates beyond this are too many to tell apart. */
const MOST_CANDIDATES = 500;

/** The names of one table by their words, to find those that are written alike. */
export class NameIndex {
  readonly #names: readonly Known[];
  readonly #postings = new Map<string, number[]>();
  /** From a word without one letter to the words that it may be. */
  readonly #slips = new Map<string, string[]>();
  readonly #usual: readonly string[];

  constructor(names: readonly (readonly [row: number, name: string])[]) {
    this.#names = names.map(([row, name]) => ({ row, words: [...new Set(wordsOf(name))] }));
    for (const [at, { words }] of this.#names.entries()) {
      for (const word of words) {
        const posting = this.#postings.get(word);
        if (posting === undefined) this.#postings.set(word, [at]);
        else posting.push(at);
      }
    }
    const usual: string[] = [];
    for (const [word, posting] of this.#postings) {
      if (posting.length >= names.length * USUAL && posting.length >= 3) usual.push(word);
      if (word.length < SHORTEST_WITH_SLIP - 1) continue;
      for (const key of slipKeys(word)) {
        this.#slips.set(key, [...(this.#slips.get(key) ?? []), word]);
      }
    }
    this.#usual = usual;
  }

  /** Information of a word: natural logarithm of how rare it is among the names. */
  weight(word: string): number {
    const often = this.#postings.get(word)?.length ?? 0;
    return Math.log((this.#names.length + 1) / (often + 0.5));
  }

  weightOf(words: readonly string[]): number {
    return words.reduce((sum, word) => sum + this.weight(word), 0);
  }

  /** Names that share a telling word with `name`. */
  similar(name: string): readonly Overlap[] {
    const asked = [...new Set(wordsOf(name).map((word) => this.#expanded(word)))];
    const known = asked.map((word) => this.#known(word));
    const candidates = new Set<number>();
    for (const word of known) {
      const posting = word === undefined ? [] : (this.#postings.get(word) ?? []);
      if (posting.length > Math.max(3, this.#names.length * COMMON)) continue;
      for (const at of posting) candidates.add(at);
      if (candidates.size > MOST_CANDIDATES) return [];
    }
    return [...candidates].flatMap((at) => {
      const candidate = this.#names[at];
      return candidate === undefined ? [] : [this.#overlap(asked, known, candidate)];
    });
  }

  #overlap(
    asked: readonly string[],
    known: readonly (string | undefined)[],
    { row, words }: Known,
  ): Overlap {
    let shared = 0;
    const onlyAsked: string[] = [];
    const matched = new Set<string>();
    for (const [at, word] of asked.entries()) {
      const own = known[at];
      if (own === undefined || !words.includes(own)) {
        onlyAsked.push(word);
        continue;
      }
      matched.add(own);
      shared += own === word ? this.weight(own) : SLIP * this.weight(own);
    }
    return { row, shared, onlyAsked, onlyKnown: words.filter((word) => !matched.has(word)) };
  }

  /** `intl` is `international` where that is a usual word of these names. */
  #expanded(word: string): string {
    if ((this.#postings.get(word)?.length ?? 0) >= 3) return word;
    const [only, ...others] = this.#usual.filter((usual) => isAbbreviation(word, usual));
    return only !== undefined && others.length === 0 ? only : word;
  }

  /** The word itself, or the one that it is with one letter wrong. */
  #known(word: string): string | undefined {
    if (this.#postings.has(word)) return word;
    if (word.length < SHORTEST_WITH_SLIP) return undefined;
    const close = new Set(
      slipKeys(word)
        .flatMap((key) => this.#slips.get(key) ?? [])
        .filter((other) => isSlip(word, other)),
    );
    const [only, ...others] = close;
    return others.length === 0 ? only : undefined;
  }
}

/** The word, and it without each of its letters: words one slip apart have one in common. */
const slipKeys = (word: string): readonly string[] => [
  word,
  ...Array.from(word, (_, at) => word.slice(0, at) + word.slice(at + 1)),
];

/** One letter wrong, missing, too many, or in its neighbour's place; the first one is right. */
function isSlip(a: string, b: string): boolean {
  if (a[0] !== b[0]) return false;
  let start = 1;
  while (start < Math.min(a.length, b.length) && a[start] === b[start]) start++;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const [one, two] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  if (one.length <= 1 && two.length <= 1) return true;
  return one.length === 2 && one[0] === two[1] && one[1] === two[0] && two.length === 2;
}

function isAbbreviation(short: string, long: string): boolean {
  if (short.length < 3 || short.length > 5 || long.length < short.length * 1.25) return false;
  if (short[0] !== long[0]) return false;
  let at = 0;
  for (const letter of long) if (letter === short[at]) at++;
  return at === short.length;
}
