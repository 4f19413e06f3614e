import type { Column, ColumnKind } from '../corpus/table.ts';
import { attribute, attributesIn } from '../text/words.ts';
import { findColumn } from './find-column.ts';
import type { Superlative } from './lexicon.ts';
import type { Scan } from './scan.ts';

const RANKED: readonly ColumnKind[] = ['number', 'year', 'date'];

/** A column, and the words that name it. */
export interface Named {
  readonly column: Column;
  readonly start: number;
  readonly end: number;
}

/** The longest run of words from `at` that names a column which can be ranked. */
export function columnFrom(scan: Scan, at: number): Named | undefined {
  const start = afterArticles(scan, at);
  for (let end = start + 3; end > start; end--) {
    const words = scan.contentWords(start, end);
    const found = words === undefined ? undefined : findColumn(words, scan.table.columns, RANKED);
    if (found?.kind === 'one') return { column: found.column, start: at, end };
    // Of an amount and its date the amount is what there can be most of.
    const numbers = found?.kind === 'several' ? found.columns.filter(isNumber) : [];
    const [column] = numbers;
    if (column !== undefined && numbers.length === 1) return { column, start: at, end };
  }
  return undefined;
}

const isNumber = ({ kind }: Column): boolean => kind === 'number';

/** Past words that may stand before a column's name. */
export function afterArticles(scan: Scan, at: number): number {
  let start = at;
  if (/^(?:number|amount|count)$/u.test(scan.word(at)) && scan.word(at + 1) === 'of')
    start = at + 1;
  while (/^(?:the|their|its|total|of|-|highly|heavily|well)$/u.test(scan.word(start))) start++;
  return start;
}

const OPENINGS = [['ranked', 'by'], ['by'], ['in', 'terms', 'of'], ['according', 'to'], ['in']];

/** `by population`, `in terms of area`, `according to revenue`, `in area`, later in the query. */
export function byPhrase(scan: Scan, from: number): Named | undefined {
  for (const opening of OPENINGS) {
    for (let at = from; at < scan.tokens.length; at++) {
      if (!scan.matches(at, opening)) continue;
      const found = columnFrom(scan, at + opening.length);
      if (found !== undefined) return { ...found, start: at };
    }
  }
  return undefined;
}

/** The oldest has the earliest year, but the highest age. */
export const directed = (column: Column, superlative: Superlative): boolean =>
  column.kind === 'number' && column.words.includes('age') && !superlative.bare
    ? !superlative.descending
    : superlative.descending;

/** The columns that a superlative can be about, by its meaning and by what is asked to be told. */
export function senseOf(
  scan: Scan,
  superlative: Superlative,
  wanted: readonly Column[],
): readonly Column[] {
  const about = superlative.about.map(attribute);
  const fitting = scan.table.columns.filter(
    ({ kind, words }) =>
      RANKED.includes(kind) && attributesIn(words).some((word) => about.includes(word)),
  );
  const asked = fitting.filter((column) => wanted.includes(column));
  if (asked.length === 1) return asked;
  // A column that says when something began goes before one that only holds a date.
  const begun = fitting.filter(({ words }) => words.some((word) => isBeginning(word, about)));
  return begun.length === 1 ? begun : fitting;
}

const isBeginning = (word: string, about: readonly string[]): boolean =>
  about.includes('born') && !/^(?:date|year)$/u.test(word) && about.includes(attribute(word));
