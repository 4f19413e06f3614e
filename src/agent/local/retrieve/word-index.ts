import type { JsonObject } from '../../../base/json.ts';
import type { SqlParameter } from '../../../duckdb/database.ts';

/** Runs one statement of the agent's own. */
export type Select = (
  sql: string,
  parameters?: readonly SqlParameter[],
) => Promise<readonly JsonObject[]>;

/** Texts with numbers that can be found by their words, as the index of the corpus has them. */
export interface IndexedTexts {
  /** A relation `(word, id, times)`: how often each text has each word. */
  readonly words: string;
  /** A relation `(id, size)`: how many words each text has. */
  readonly sizes: string;
}

/** A text that can be found by its words. */
export interface Hit {
  readonly id: number;
  /** BM25 over the words that were asked for. */
  readonly score: number;
  /** How many of the words it has. */
  readonly words: number;
}

/** The usual weights of BM25: how soon more of a word counts less, and how much length counts. */
const [K, B] = [1.2, 0.75];
const MAX_HITS = 5_000;

/** Finds texts by words. */
export class WordIndex {
  readonly #select: Select;
  readonly #texts: IndexedTexts;
  #all: Promise<{ readonly count: number; readonly average: number }> | undefined;

  constructor(select: Select, texts: IndexedTexts) {
    this.#select = select;
    this.#texts = texts;
  }

  /**
   * Texts that have at least `least` of the words (each in any of its forms), the best first; of
   * two alike the one with the lower number.
   */
  async find(words: readonly string[], least: number): Promise<readonly Hit[]> {
    if (words.length === 0) return [];
    this.#all ??= this.#measure();
    const { count, average } = await this.#all;
    const forms = words.flatMap((word, at) => formsOf(word).map((form) => [at, form] as const));
    const values = forms.map((_, at) => `($${2 * at + 1}::int, $${2 * at + 2})`).join(', ');
    const rows = await this.#select(
      `with asked(k, word) as (values ${values}),
       found as (select id, k, sum(times) as times from ${this.#texts.words} join asked using (word) group by id, k),
       weights as (select k, ln(1 + (${count} - count(*) + 0.5) / (count(*) + 0.5)) as weight from found group by k)
       select f.id as id, count(*) as words,
         sum(w.weight * f.times * ${K + 1} / (f.times + ${K} * (1 - ${B} + ${B} * s.size / ${average}::double))) as score
       from found f join weights w using (k) join ${this.#texts.sizes} s using (id)
       group by f.id having count(*) >= ${least} order by round(score, 9) desc, id limit ${MAX_HITS}`,
      forms.flat(),
    );
    return rows.map((row) => ({
      id: Number(row['id']),
      score: Number(row['score']),
      words: Number(row['words']),
    }));
  }

  async #measure(): Promise<{ readonly count: number; readonly average: number }> {
    const [row] = await this.#select(
      `select count(*) as n, sum(size) as size from ${this.#texts.sizes}`,
    );
    const count = Number(row?.['n'] ?? 0);
    return { count, average: count === 0 ? 1 : Number(row?.['size'] ?? 0) / count };
  }
}

/** The forms in which a text may have a word: `database`, `databases`; `make`, `makes`, `making`. */
function formsOf(word: string): readonly string[] {
  const forms = [word, `${word}s`, `${word}es`];
  if (/[^aeiou]y$/u.test(word)) forms.push(`${word.slice(0, -1)}ies`);
  if (word.length > 3 && /\p{L}$/u.test(word)) {
    const stem = word.endsWith('e') ? word.slice(0, -1) : word;
    forms.push(`${stem}ing`, `${stem}ed`, `${stem}er`, `${stem}ers`);
  }
  return [...new Set(forms)];
}
