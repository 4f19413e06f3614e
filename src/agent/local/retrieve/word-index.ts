import type { JsonObject } from '../../../base/json.ts';
import type { SqlParameter } from '../../../duckdb/database.ts';

/** Runs one statement of the agent's own. */
export type Select = (
  sql: string,
  parameters?: readonly SqlParameter[],
) => Promise<readonly JsonObject[]>;

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

/**
 * An index of words over texts with numbers, as two tables: `w<name>` has how often each text has
 * each word, `s<name>` how many words each text has.
 */
export class WordIndex {
  readonly #select: Select;
  readonly #name: string;

  private constructor(select: Select, name: string) {
    this.#select = select;
    this.#name = name;
  }

  /** Indexes the rows `(id, text)` of a statement. */
  static async build(
    select: Select,
    name: string,
    texts: string,
    parameters: readonly SqlParameter[] = [],
  ): Promise<WordIndex> {
    await select(
      `create table w${name} as
       select id, word, count(*) as times from (
         select id, unnest(regexp_extract_all(lower(strip_accents(text)), '[\\p{L}\\d]+')) as word from (${texts})
       ) group by id, word`,
      parameters,
    );
    await select(
      `create table s${name} as select id, sum(times) as size from w${name} group by id`,
    );
    return new WordIndex(select, name);
  }

  /**
   * Texts that have at least `least` of the words (each in any of its forms), the best first; of
   * two alike the one with the lower number.
   */
  async find(words: readonly string[], least: number): Promise<readonly Hit[]> {
    if (words.length === 0) return [];
    const forms = words.flatMap((word, at) => formsOf(word).map((form) => [at, form] as const));
    const values = forms.map((_, at) => `($${2 * at + 1}::int, $${2 * at + 2})`).join(', ');
    const rows = await this.#select(
      `with asked(k, word) as (values ${values}),
       found as (select id, k, sum(times) as times from w${this.#name} join asked using (word) group by id, k),
       weights as (select k, ln(1 + ((select count(*) from s${this.#name}) - count(*) + 0.5) / (count(*) + 0.5)) as weight from found group by k),
       average as (select avg(size) as size from s${this.#name})
       select f.id as id, count(*) as words,
         sum(w.weight * f.times * ${K + 1} / (f.times + ${K} * (1 - ${B} + ${B} * s.size / a.size))) as score
       from found f join weights w using (k) join s${this.#name} s using (id) cross join average a
       group by f.id having count(*) >= ${least} order by round(score, 9) desc, id limit ${MAX_HITS}`,
      forms.flat(),
    );
    return rows.map((row) => ({
      id: Number(row['id']),
      score: Number(row['score']),
      words: Number(row['words']),
    }));
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
