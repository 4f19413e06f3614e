import { wordsOf } from '../text/words.ts';
import type { Column, Table } from './table.ts';

/** A value of a column that words of a query may mean. */
export interface IndexedValue {
  readonly table: Table;
  readonly column: Column;
  /** As the source writes it. */
  readonly value: string;
  /** False when only a variant of it (without its article, `north` for `northern`) matched. */
  readonly exact: boolean;
  /** Digest of the set of records that have it: two values with one digest select the same. */
  readonly records: string;
}

/** Longest value that is indexed, in words. */
export const MAX_VALUE_WORDS = 8;

/** So few different values are kinds of records, not names of them. */
const FEW = 30;

/** What is kept of the values of one column, entry by entry: the words that name one, and which. */
export interface ColumnValues {
  readonly keys: readonly string[];
  readonly values: readonly string[];
  readonly exact: readonly boolean[];
  readonly records: readonly string[];
}

/** Makes the entries of a column; `values` are different, each with the digest of its records. */
export function columnValues(
  values: Iterable<readonly [value: string, records: string]>,
): ColumnValues {
  const made = {
    keys: [] as string[],
    values: [] as string[],
    exact: [] as boolean[],
    records: [] as string[],
  };
  const put = (key: string, value: string, exact: boolean, records: string): void => {
    made.keys.push(key);
    made.values.push(value);
    made.exact.push(exact);
    made.records.push(records);
  };
  for (const [value, records] of values) {
    const words = wordsOf(value);
    if (words.length === 0 || words.length > MAX_VALUE_WORDS) continue;
    const key = words.join(' ');
    put(key, value, true, records);
    for (const variant of variantsOf(value, words)) {
      if (variant !== key) put(variant, value, false, records);
    }
  }
  return made;
}

/** From words to the values that they name, over all tables. */
export class ValueIndex {
  readonly #values = new Map<string, IndexedValue[]>();
  readonly #beginnings = new Map<string, IndexedValue[]>();

  add(table: Table, column: Column, { keys, values, exact, records }: ColumnValues): void {
    for (const [at, key] of keys.entries()) {
      const entry = {
        table,
        column,
        value: values[at] ?? '',
        exact: exact[at] ?? false,
        records: records[at] ?? '',
      };
      put(this.#values, key, entry);
      if (column.distinct > FEW || !entry.exact) continue;
      const [first = '', second, third] = key.split(' ');
      if (second === undefined || third !== undefined) continue;
      put(this.#beginnings, first, { ...entry, exact: false });
    }
  }

  /** Values whose words are exactly these, singular and folded. */
  find(words: readonly string[]): readonly IndexedValue[] {
    return this.#values.get(words.join(' ')) ?? [];
  }

  /** Values of two words in columns with few values, by their first word: `public` company. */
  beginning(word: string): readonly IndexedValue[] {
    return this.#beginnings.get(word) ?? [];
  }
}

function put(index: Map<string, IndexedValue[]>, key: string, entry: IndexedValue): void {
  const entries = index.get(key);
  if (entries === undefined) index.set(key, [entry]);
  else entries.push(entry);
}

const DIRECTIONS: Readonly<Record<string, string>> = {
  northern: 'north',
  southern: 'south',
  eastern: 'east',
  western: 'west',
  central: 'middle',
  southeastern: 'southeast',
  southwestern: 'southwest',
  northeastern: 'northeast',
  northwestern: 'northwest',
};

export const plainDirection = (word: string): string => DIRECTIONS[word] ?? word;

function variantsOf(value: string, words: readonly string[]): ReadonlySet<string> {
  const variants = new Set<string>();
  const put = (list: readonly string[]): void => {
    if (list.length > 0) variants.add(list.join(' '));
  };
  put(words.map(plainDirection));
  if (words[0] === 'the' && words.length > 1) put(words.slice(1));
  const outside = wordsOf(value.replace(/\([^()]*\)/gu, ' '));
  if (outside.length < words.length) put(outside);
  return variants;
}
