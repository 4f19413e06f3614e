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

/** From words to the values that they name, over all tables. */
export class ValueIndex {
  readonly #values = new Map<string, IndexedValue[]>();
  readonly #beginnings = new Map<string, IndexedValue[]>();

  add(table: Table, column: Column, value: string, records: string): void {
    const words = wordsOf(value);
    if (words.length === 0 || words.length > MAX_VALUE_WORDS) return;
    const key = words.join(' ');
    this.#put(key, { table, column, value, exact: true, records });
    const [first = ''] = words;
    if (column.distinct <= FEW && words.length === 2) {
      const begun = this.#beginnings.get(first) ?? [];
      begun.push({ table, column, value, exact: false, records });
      this.#beginnings.set(first, begun);
    }
    for (const variant of variantsOf(value, words)) {
      if (variant !== key) this.#put(variant, { table, column, value, exact: false, records });
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

  #put(key: string, entry: IndexedValue): void {
    const entries = this.#values.get(key);
    if (entries === undefined) this.#values.set(key, [entry]);
    else entries.push(entry);
  }
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
