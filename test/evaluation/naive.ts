import type { Json, JsonObject } from '../../src/base/json.ts';
import type { Records } from './data-sets.ts';

const words = (text: string): readonly string[] => text.toLowerCase().match(/[\p{L}\d]+/gu) ?? [];

const textOf = (value: Json | undefined): string =>
  value === null || value === undefined
    ? ''
    : typeof value === 'object'
      ? Object.values(value)
          .map((it) => textOf(it as Json | undefined))
          .join(' ')
      : String(value);

/**
 * The comparator of every table: BM25 over whole records, and of the best ones the first value of
 * the right type. It shows what the figures would be without understanding anything.
 */
export class Naive {
  readonly #records: Records;
  readonly #postings = new Map<string, Map<number, number>>();
  readonly #lengths: readonly number[];
  readonly #average: number;

  constructor(records: Records) {
    this.#records = records;
    this.#lengths = records.map((record, at) => {
      const tokens = words(textOf(record));
      for (const token of tokens) {
        const posting = this.#postings.get(token) ?? new Map<number, number>();
        posting.set(at, (posting.get(at) ?? 0) + 1);
        this.#postings.set(token, posting);
      }
      return tokens.length;
    });
    this.#average = this.#lengths.reduce((sum, it) => sum + it, 0) / Math.max(1, records.length);
  }

  /** The records that fit the words best, best first. */
  best(text: string, count: number): Records {
    const scores = new Map<number, number>();
    for (const token of new Set(words(text))) {
      const posting = this.#postings.get(token);
      if (posting === undefined) continue;
      const rare = (this.#records.length - posting.size + 0.5) / (posting.size + 0.5);
      const idf = Math.log(1 + rare);
      for (const [at, often] of posting) {
        const long = 0.25 + (0.75 * (this.#lengths[at] ?? 0)) / this.#average;
        const gain = (idf * often * 2.2) / (often + 1.2 * long);
        scores.set(at, (scores.get(at) ?? 0) + gain);
      }
    }
    return [...scores]
      .toSorted((a, b) => b[1] - a[1] || a[0] - b[0])
      .slice(0, count)
      .map(([at]) => this.#records[at] ?? {});
  }
}

/** The first value of the type, wherever in the record it stands. */
export function firstOfType(record: JsonObject, type: string): Json {
  const fits = (value: Json | undefined): boolean => {
    if (type === 'array') return Array.isArray(value);
    if (type === 'integer') return Number.isInteger(value);
    return typeof value === type;
  };
  return (Object.values(record) as readonly (Json | undefined)[]).find(fits) ?? null;
}

/** A reader of queries that takes every word that is a value of a column, and every number. */
export class NaiveReader {
  readonly #columnOf = new Map<string, { readonly column: string; readonly value: string }>();
  readonly #number: string | undefined;

  constructor(records: Records) {
    for (const record of records) {
      for (const [column, value] of Object.entries(record)) {
        if (typeof value !== 'string' || this.#columnOf.has(value.toLowerCase())) continue;
        this.#columnOf.set(value.toLowerCase(), { column, value });
      }
    }
    const [first = {}] = records;
    this.#number = Object.keys(first).find((column) =>
      records.some((record) => typeof record[column] === 'number'),
    );
  }

  read(text: string): readonly string[] {
    const found: string[] = [];
    for (const word of text.split(/[^\p{L}\d.-]+/u)) {
      const value = this.#columnOf.get(word.toLowerCase());
      if (value !== undefined) found.push(`${value.column} in ${value.value}`);
      else if (/^\d+$/u.test(word) && this.#number !== undefined) {
        found.push(`${this.#number} >= ${word}`);
      }
    }
    return [...new Set(found)];
  }
}
