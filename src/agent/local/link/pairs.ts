import type { Json, JsonObject } from '../../../base/json.ts';
import type { Column, Table } from '../corpus/table.ts';
import { nameScore } from '../query/find-column.ts';
import { attribute, nameWords } from '../text/words.ts';

/** A value of an input record, and a column of the table that it may be a value of. */
export interface Pair {
  readonly value: string;
  readonly column: Column;
}

/** Columns that tell two records of one name apart. */
const TELLING = new Set([
  'company',
  'employer',
  'country',
  'city',
  'state',
  'code',
  'id',
  'domain',
  'email',
  'website',
]);
const IDENTIFYING = new Set([
  'code',
  'id',
  'domain',
  'email',
  'website',
  'slug',
  'uuid',
  'isbn',
  'isin',
  'lei',
  'doi',
  'key',
]);

/** Input values and the columns that they can find a record by. */
export function pairsOf(table: Table, record: JsonObject): readonly Pair[] {
  return sharedOf(table, record).filter(
    ({ column }) =>
      column === table.label ||
      column.unique ||
      isIdentifying(table, column) ||
      isTelling(table, column),
  );
}

/** Input values with the column of the same name; a name finds the column that names records. */
export function sharedOf(table: Table, record: JsonObject): readonly Pair[] {
  const pairs: Pair[] = [];
  for (const [key, json] of Object.entries(record)) {
    const value = textOf(json);
    if (value === undefined) continue;
    const words = withoutNouns(table, nameWords(key));
    for (const column of table.columns) {
      if (column.kind === 'list' || column.kind === 'other') continue;
      const same =
        nameScore(words, { ...column, words: withoutNouns(table, column.words) }) >= 0.95;
      const names = column === table.label && isName(words, table);
      if (same || names) pairs.push({ value, column });
    }
  }
  return pairs;
}

const isName = (words: readonly string[], table: Table): boolean =>
  words.every((word) => attribute(word) === 'name' || table.nouns.has(word));

function withoutNouns(table: Table, words: readonly string[]): readonly string[] {
  const rest = words.filter((word) => !table.nouns.has(word));
  return rest.length === 0 ? words : rest;
}

const attributesOf = (table: Table, column: Column): readonly string[] =>
  withoutNouns(table, column.words).map(attribute);

export const isIdentifying = (table: Table, column: Column): boolean => {
  const words = attributesOf(table, column);
  return words.length === 1 && IDENTIFYING.has(words[0] ?? '') && column !== table.label;
};

export const isTelling = (table: Table, column: Column): boolean => {
  const words = attributesOf(table, column);
  return words.length === 1 && TELLING.has(words[0] ?? '');
};

/** Columns with other names of the same record: `aliases`, `native_name`. */
export function otherNames(table: Table): readonly Column[] {
  return table.columns.filter(
    ({ words, kind }) =>
      (kind === 'list' || kind === 'text') &&
      (words.some((word) => /^(?:alias|aka|synonym)$/u.test(word)) ||
        (words.length === 2 &&
          words[1] === 'name' &&
          /^(?:native|official|short|other|alternative|former|legal)$/u.test(words[0] ?? ''))),
  );
}

export function textOf(value: Json | undefined): string | undefined {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value;
  return typeof value === 'number' ? String(value) : undefined;
}
