import type { Column, ColumnKind } from '../corpus/table.ts';
import { attribute, fold, otherSense } from '../text/words.ts';
import { isVersion } from './compile.ts';

export type Found =
  | { readonly kind: 'one'; readonly column: Column }
  | { readonly kind: 'several'; readonly columns: readonly Column[] }
  | { readonly kind: 'none' };

const NONE: Found = { kind: 'none' };

/** Words in a column's name that say what kind of value it is rather than what it is about. */
const GENERIC = new Set([
  'year',
  'date',
  'number',
  'count',
  'total',
  'value',
  'amount',
  'name',
  'size',
]);

const about = (words: readonly string[]): readonly string[] => {
  const special = words.filter((word) => !GENERIC.has(word));
  return (special.length === 0 ? words : special).map(attribute);
};

/** `mpg` for miles per gallon; two letters would be too few to tell. */
const initials = (words: readonly string[]): string | undefined =>
  words.length < 3 ? undefined : words.map((word) => word.slice(0, 1)).join('');

/** How well words name a column: 1 when they are its whole name, 0 when they are not about it. */
export function nameScore(words: readonly string[], column: Column): number {
  if (words.length === 1 && words[0]?.includes('_') === true) {
    return words[0] === fold(column.name) ? 1 : 0;
  }
  if (words.length === 1 && words[0] === initials(column.words)) return 0.9;
  const asked = new Set(about(words));
  const own = new Set(about(column.words));
  let shared = 0;
  for (const word of asked) if (own.has(word)) shared++;
  if (shared < asked.size) return 0;
  const exact = words.join(' ') === column.words.join(' ');
  return (shared / own.size) * (exact ? 1 : 0.95);
}

/**
 * The column that words name; `several` when they name more than one equally well. Where they name
 * none, another meaning of theirs may: `people` are the employees of a company.
 */
export function findColumn(
  words: readonly string[],
  columns: readonly Column[],
  kinds?: readonly ColumnKind[],
): Found {
  const found = namedColumn(words, columns, kinds);
  if (found.kind !== 'none' || !words.some((word) => otherSense(word) !== undefined)) return found;
  const others = words.map((word) => otherSense(word) ?? word);
  return namedColumn(others, columns, kinds);
}

/** A verb of a column's noun: `directed` where there is a director. */
export const saysColumn = (word: string, columns: readonly Column[]): boolean => {
  const root = /^(\p{L}{4,}?)(?:ed|ing|s)?$/u.exec(word)?.[1] ?? '';
  return (
    root.length >= 4 &&
    columns.some(({ words }) => words.some((own) => own !== word && own.startsWith(root)))
  );
};

/** Versions are compared and ranked as numbers are. */
const isOneOf = (kinds: readonly ColumnKind[], column: Column): boolean =>
  kinds.includes(column.kind) || (kinds.includes('number') && isVersion(column));

function namedColumn(
  words: readonly string[],
  columns: readonly Column[],
  kinds: readonly ColumnKind[] | undefined,
): Found {
  let best: Column[] = [];
  let top = 0;
  for (const column of columns) {
    if (kinds !== undefined && !isOneOf(kinds, column)) continue;
    const score = words.length === 0 ? 0 : nameScore(words, column);
    if (score > top) [best, top] = [[column], score];
    else if (score === top && score > 0) best.push(column);
  }
  const [only] = best;
  if (only === undefined) return NONE;
  return best.length === 1 ? { kind: 'one', column: only } : { kind: 'several', columns: best };
}
