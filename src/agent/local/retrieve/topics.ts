import type { JsonObject } from '../../../base/json.ts';
import type { Corpus } from '../corpus/corpus.ts';
import { SENTENCES_A_DOCUMENT } from '../corpus/index-tables.ts';
import { textOf } from '../corpus/load-table.ts';
import type { Span } from '../corpus/plain-text.ts';
import type { DocumentSource, Table } from '../corpus/table.ts';
import { FILLER } from '../query/lexicon.ts';
import { wordsOf } from '../text/words.ts';
import { WordIndex, type Hit, type Select } from './word-index.ts';

/** Words of a query that records were searched for, and the records that have them. */
export interface Topic {
  /** As they stand in the query. */
  readonly phrase: string;
  readonly rows: ReadonlyMap<number, number>;
}

/** A sentence of a document that was found. */
export interface FoundSentence {
  readonly source: DocumentSource;
  /** What its document is about. */
  readonly subject: string;
  readonly text: string;
  readonly span: Span;
  readonly hit: Hit;
}

/** Finds records and sentences by words. */
export class Topics {
  readonly #select: Select;
  readonly #tables = new Map<Table, WordIndex>();
  readonly #sentences: WordIndex;

  constructor(corpus: Corpus) {
    this.#select = (sql, parameters) => corpus.select(sql, parameters);
    this.#sentences = new WordIndex(this.#select, {
      words: 'sentence_words',
      sizes: 'sentence_sizes',
    });
  }

  /**
   * For each phrase the records of a table that have all its words; where none has, for each word
   * by itself. Phrases and words that no record has are not in the result.
   */
  async search(table: Table, phrases: readonly string[]): Promise<readonly Topic[]> {
    const topics: Topic[] = [];
    for (const phrase of phrases) {
      const whole = await this.#find(table, phrase);
      if (whole.rows.size > 0) topics.push(whole);
      else if (phrase.includes(' ')) {
        for (const word of phrase.split(/\s+/u)) {
          const one = await this.#find(table, word);
          if (one.rows.size > 0) topics.push(one);
        }
      }
    }
    return topics;
  }

  async #find(table: Table, phrase: string): Promise<Topic> {
    const words = contentWords(phrase);
    const hits = await this.#tableIndex(table).find(words, words.length);
    return { phrase, rows: new Map(hits.map(({ id, score }) => [id, score])) };
  }

  /** Sentences that have the most of the words, by BM25; at most `limit`. */
  async sentences(query: string, limit: number): Promise<readonly FoundSentence[]> {
    const words = contentWords(query);
    const least = Math.max(1, Math.ceil(words.length / 2));
    const hits = (await this.#sentences.find(words, least)).slice(0, limit);
    if (hits.length === 0) return [];
    const rows = await this.#select(
      `select doc * ${SENTENCES_A_DOCUMENT} + nth as id, path, title, url, subject, text, start, stop
       from sentences join documents using (doc) where id in (${hits.map(({ id }) => id).join(', ')})`,
    );
    const byId = new Map(rows.map((row) => [Number(row['id']), foundSentence(row)]));
    return hits.flatMap((hit) => {
      const found = byId.get(hit.id);
      return found === undefined ? [] : [{ ...found, hit }];
    });
  }

  #tableIndex(table: Table): WordIndex {
    let index = this.#tables.get(table);
    if (index === undefined) {
      index = new WordIndex(this.#select, {
        words: `(select word, id, times from record_words where t = ${table.index})`,
        sizes: `(select id, size from record_sizes where t = ${table.index})`,
      });
      this.#tables.set(table, index);
    }
    return index;
  }
}

function foundSentence(row: JsonObject): Omit<FoundSentence, 'hit'> {
  const { url } = row;
  return {
    source: {
      path: textOf(row, 'path'),
      title: textOf(row, 'title'),
      url: typeof url === 'string' ? url : undefined,
    },
    subject: textOf(row, 'subject'),
    text: textOf(row, 'text'),
    span: { start: Number(row['start']), end: Number(row['stop']) },
  };
}

/** The words of a phrase that mean something, each once. */
const contentWords = (phrase: string): readonly string[] => [
  ...new Set(
    wordsOf(phrase).filter(
      (word) =>
        !FILLER.has(word) &&
        !/^(?:what|who|whom|whose|when|where|why|how|does|did|do|has|have|had|was|were|been|will|can|could|should|would|about|there|it|this|that|say|tell|explain|describe)$/u.test(
          word,
        ),
    ),
  ),
];
