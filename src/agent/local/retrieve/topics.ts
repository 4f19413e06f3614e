import type { Corpus } from '../corpus/corpus.ts';
import type { Table } from '../corpus/table.ts';
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
  readonly document: number;
  readonly sentence: number;
  readonly hit: Hit;
}

/** Finds records and sentences by words. Each index is made when it is first asked for. */
export class Topics {
  readonly #corpus: Corpus;
  readonly #tables = new Map<Table, Promise<WordIndex>>();
  #sentences: Promise<SentenceIndex> | undefined;

  constructor(corpus: Corpus) {
    this.#corpus = corpus;
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
    const index = await this.#tableIndex(table);
    const hits = await index.find(words, words.length);
    return { phrase, rows: new Map(hits.map(({ id, score }) => [id, score])) };
  }

  /** Sentences that have the most of the words, by BM25; at most `limit`. */
  async sentences(query: string, limit: number): Promise<readonly FoundSentence[]> {
    this.#sentences ??= indexSentences(this.#corpus);
    const { index, places } = await this.#sentences;
    const words = contentWords(query);
    const hits = await index.find(words, Math.max(1, Math.ceil(words.length / 2)));
    return hits.slice(0, limit).flatMap((hit) => {
      const place = places[hit.id];
      return place === undefined ? [] : [{ ...place, hit }];
    });
  }

  #tableIndex(table: Table): Promise<WordIndex> {
    let index = this.#tables.get(table);
    if (index === undefined) {
      index = indexTable(this.#corpus, table);
      this.#tables.set(table, index);
    }
    return index;
  }
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

const selectOf =
  (corpus: Corpus): Select =>
  (sql, parameters) =>
    corpus.select(sql, parameters);

/** A record's words: of all its texts, and for one of documents of their sentences. */
async function indexTable(corpus: Corpus, table: Table): Promise<WordIndex> {
  const texts = table.columns.filter(
    ({ kind, url }) => (kind === 'text' || kind === 'list') && !url,
  );
  const joined = texts.map(({ index }) => `coalesce(t${index}, '')`).join(` || ' ' || `);
  const own = `select row as id, ${joined === '' ? `''` : joined} as text from c${table.index}`;
  const name = `t${table.index}`;
  if (!table.gathered) return WordIndex.build(selectOf(corpus), name, own);
  const sentences = JSON.stringify(corpus.textsOf(table));
  const more = `select j.row as id, j.text from (select unnest(from_json(cast($1 as json), '[{"row":"INTEGER","text":"VARCHAR"}]')) as j)`;
  return WordIndex.build(
    selectOf(corpus),
    name,
    `select id, string_agg(text, ' ') as text from (${own} union all ${more}) group by id`,
    [sentences],
  );
}

interface SentenceIndex {
  readonly index: WordIndex;
  /** By number. */
  readonly places: readonly { readonly document: number; readonly sentence: number }[];
}

const PORTION = 20_000;

/** The sentences of all documents, each with the name of what its document is about. */
async function indexSentences(corpus: Corpus): Promise<SentenceIndex> {
  const places = corpus.documents.flatMap(({ document }, at) =>
    document.sentences.map((_, sentence) => ({ document: at, sentence })),
  );
  await corpus.select('create table sentences (id integer, text varchar)');
  for (let from = 0; from < places.length; from += PORTION) {
    const portion = places.slice(from, from + PORTION).map(({ document, sentence }, i) => {
      const { document: read } = corpus.documents[document] ?? {};
      return {
        id: from + i,
        text: `${read?.subject ?? ''} ${read?.sentences[sentence]?.text ?? ''}`,
      };
    });
    await corpus.select(
      `insert into sentences select j.id, j.text from (select unnest(from_json(cast($1 as json), '[{"id":"INTEGER","text":"VARCHAR"}]')) as j)`,
      [JSON.stringify(portion)],
    );
  }
  const index = await WordIndex.build(
    selectOf(corpus),
    'sentences',
    'select id, text from sentences',
  );
  return { index, places };
}
