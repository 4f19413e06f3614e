import type { Column, Table } from '../corpus/table.ts';
import { FILLER, LINKS, NEGATOR_PHRASES, NEGATORS } from './lexicon.ts';
import type { Condition, Order } from './reading.ts';
import type { Quantity, Token } from './tokens.ts';

/**
 * A query on its way to a {@link Reading} of one table. Each pass takes the tokens that it
 * understands, so that no word is used twice and what is left over is known.
 */
export class Scan {
  readonly tokens: readonly Token[];
  readonly table: Table;
  /** Words for the records asked for: the table's own, and the name of the list to fill. */
  readonly nouns: ReadonlySet<string>;
  readonly nowMs: number;

  readonly conditions: Condition[] = [];
  order: Order | undefined;
  limit: number | undefined;
  readonly mentioned: Set<Column> = new Set();
  readonly notApplied: string[] = [];
  unrankable: string | undefined;
  explained = 0;
  named = false;

  readonly #taken: boolean[];
  /** Filler that stands for a column: the `first` of `first lit`. */
  readonly #naming: ReadonlySet<number>;
  /** Filler that names of columns have in them. */
  readonly #inNames: ReadonlySet<string>;

  constructor(tokens: readonly Token[], table: Table, nouns: ReadonlySet<string>, nowMs: number) {
    this.tokens = tokens;
    this.table = table;
    this.nouns = nouns;
    this.nowMs = nowMs;
    this.#taken = tokens.map(() => false);
    const names = table.columns.flatMap(({ words }) => words);
    this.#naming = namingAt(tokens, table);
    this.#inNames = new Set(names.filter((word) => FILLER.has(word)));
  }

  word(at: number): string {
    return this.tokens[at]?.word ?? '';
  }

  stem(at: number): string {
    return this.tokens[at]?.stem ?? '';
  }

  free(at: number): boolean {
    return this.#taken[at] === false;
  }

  freeWord(at: number): boolean {
    return this.free(at) && this.tokens[at]?.kind === 'word';
  }

  /** The number at `at`, when it is free. */
  numberAt(at: number): Quantity | undefined {
    return this.free(at) ? this.tokens[at]?.number : undefined;
  }

  /** Free, a word, and neither filler nor negator. */
  content(at: number): boolean {
    const token = this.tokens[at];
    return (
      token?.kind === 'word' &&
      this.free(at) &&
      (!FILLER.has(token.word) || this.#naming.has(at)) &&
      !NEGATORS.has(token.word)
    );
  }

  /** Stems from `start` up to `end` when all are content, or stand inside a name: `miles per gallon`. */
  contentWords(start: number, end: number): readonly string[] | undefined {
    const words: string[] = [];
    for (let at = start; at < end; at++) {
      const inside =
        this.#inNames.has(this.word(at)) && this.free(at) && this.#isName(at, start, end);
      if (!inside && !this.content(at)) return undefined;
      words.push(this.stem(at));
    }
    return words;
  }

  /** Inside of a name, or a short word in capitals: the `US` of `US gross`. */
  #isName(at: number, start: number, end: number): boolean {
    const text = this.tokens[at]?.text ?? '';
    return (at > start && at < end - 1) || (text.length > 1 && text === text.toUpperCase());
  }

  /** Free filler between a condition and the words that say what it is about. */
  link(at: number): boolean {
    const word = this.word(at);
    if (this.#naming.has(at)) return false;
    return (
      this.free(at) && this.tokens[at]?.kind === 'word' && (FILLER.has(word) || LINKS.has(word))
    );
  }

  isNoun(at: number): boolean {
    return this.nouns.has(this.stem(at));
  }

  /** The words stand, free, at `at`. */
  matches(at: number, words: readonly string[]): boolean {
    return words.every((word, i) => this.free(at + i) && this.word(at + i) === word);
  }

  take(start: number, end: number): void {
    for (let at = start; at < end; at++) {
      if (!this.free(at)) continue;
      this.#taken[at] = true;
      if (this.tokens[at]?.kind !== 'mark' && !FILLER.has(this.word(at))) this.explained++;
    }
  }

  /** The query's own words from `start` up to `end`. */
  quote(start: number, end: number): string {
    let text = '';
    for (const token of this.tokens.slice(start, end)) {
      text += text === '' || token.glued ? token.text : ` ${token.text}`;
    }
    return `“${text}”`;
  }

  /** Takes a negator that stands before `start`, over linking words; says whether there was one. */
  takeNegator(start: number): boolean {
    for (let at = start - 1; at >= 0 && start - at <= 4; at--) {
      const length = this.#negatorAt(at);
      if (length > 0) {
        this.take(at + 1 - length, start);
        return true;
      }
      const hyphen = this.tokens[at]?.text === '-' && this.tokens[at]?.glued === true;
      const noun = this.isNoun(at) && this.free(at);
      if (!hyphen && !noun && !this.link(at) && !this.#isVerb(at)) return false;
    }
    return false;
  }

  /** `live` in `do not live on`: right after the negator, before a preposition. */
  #isVerb(at: number): boolean {
    return (
      this.content(at) &&
      this.#negatorAt(at - 1) > 0 &&
      /^(?:in|on|at|by|from|of|with|to)$/u.test(this.word(at + 1))
    );
  }

  /** How many words the negator that ends at `at` has: 2 for `other than`, `anyone but`. */
  #negatorAt(at: number): number {
    if (!this.free(at)) return 0;
    const phrase = NEGATOR_PHRASES.find((words) => this.matches(at + 1 - words.length, words));
    if (phrase !== undefined) return phrase.length;
    return NEGATORS.has(this.word(at)) ? 1 : 0;
  }
}

/** Filler that is a whole name together with its neighbours, or alone the noun of one column. */
function namingAt(tokens: readonly Token[], { columns }: Table): ReadonlySet<number> {
  const naming = new Set<number>();
  const says = (at: number, words: readonly string[]): boolean =>
    words.every((word, i) => tokens[at + i]?.stem === word);
  const ranges = columns.filter(({ words }) => words.includes('range'));
  for (const [at, { word }] of tokens.entries()) {
    if (word === 'range' && ranges.length === 1 && tokens[at - 1]?.word !== 'the') naming.add(at);
    for (const { words } of columns) {
      if (words.length < 2 || !/^(?:first|last)$/u.test(word) || !says(at, words)) continue;
      naming.add(at);
    }
  }
  return naming;
}
