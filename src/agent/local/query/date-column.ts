import type { Column, ColumnKind } from '../corpus/table.ts';
import { attribute } from '../text/words.ts';
import { findColumn, saysColumn } from './find-column.ts';
import type { Scan } from './scan.ts';

/** Columns that a date can be about. */
export const DATED: readonly ColumnKind[] = ['date', 'year'];

/** The column, and where the words that name it begin. */
interface DateColumn {
  readonly column: Column;
  readonly start: number;
}

export type ColumnAnswer = DateColumn | string | undefined;

/** Where a date stands, and what is known of it by its place. */
interface Place {
  readonly start: number;
  /** It may be part of anything, so the column must be named. */
  readonly loose: boolean;
  /** It stands at the records themselves, so it is about when they began. */
  readonly own: boolean;
}

/**
 * The date column that the words before mean. A text says why there is none; undefined leaves the
 * words to other passes.
 */
export function dateColumn(scan: Scan, { start, loose, own }: Place): ColumnAnswer {
  const dated = scan.table.columns.filter(({ kind }) => DATED.includes(kind));
  const bracket = /^[([]$/u.test(scan.word(start - 1));
  const said = saidBefore(scan, bracket ? start - 1 : start, dated);
  if (said !== 'strangers' && said !== 'nothing') return said.answer;
  const first = own || bracket ? beginning(dated) : undefined;
  if (first !== undefined) return { column: first, start };
  if (said === 'strangers') {
    return dated.length === 0 && loose ? undefined : 'no column for it';
  }
  return loose ? ownDate(dated, start) : onlyColumn(dated, start);
}

/** `strikes in 1996` where a record has one date, and it is the date of the record itself. */
function ownDate(dated: readonly Column[], start: number): ColumnAnswer {
  const [only] = dated;
  const own = only?.words.some((word) => /^(?:date|day)$/u.test(word) || isBeginning(word));
  return only !== undefined && dated.length === 1 && own === true
    ? { column: only, start }
    : undefined;
}

const isBeginning = (word: string): boolean => BEGINNING.has(attribute(word));

/** Words before a date that are looked at, and those of them that may be about nothing known. */
const [REACH, STRANGERS] = [8, 4];

function saidBefore(
  scan: Scan,
  start: number,
  dated: readonly Column[],
): { readonly answer: ColumnAnswer } | 'strangers' | 'nothing' {
  let strangers = 0;
  for (let at = start - 1; start - at <= REACH && strangers < STRANGERS; at--) {
    if (isBarrier(scan, at)) break;
    if (!scan.content(at)) continue;
    const answer = namedColumn(scan, at, dated);
    if (answer !== STRANGER) return { answer };
    if (!saysColumn(scan.word(at), scan.table.columns)) strangers++;
  }
  return strangers > 0 ? 'strangers' : 'nothing';
}

/** What stands before it is about something else. */
const isBarrier = (scan: Scan, at: number): boolean => {
  const token = scan.tokens[at];
  if (token === undefined || token.kind === 'mark') return true;
  // `raised $5M in 2023` says what was in 2023.
  const money = /^[$€£]$/u.test(token.number?.unit ?? '');
  return (token.kind === 'number' && !money) || (scan.content(at) && scan.isNoun(at));
};

const BEGINNING = new Set(['founded', 'born', 'released', 'year', 'built', 'opened']);

/** The one column that says when a record came to be. */
function beginning(dated: readonly Column[]): Column | undefined {
  const first = dated.filter(({ words }) => words.some(isBeginning));
  return first.length === 1 ? first[0] : undefined;
}

function onlyColumn(dated: readonly Column[], start: number): ColumnAnswer {
  const [only] = dated;
  if (only === undefined) return 'no column with dates';
  return dated.length === 1 ? { column: only, start } : severalColumns(dated);
}

/** A word that names no column. */
const STRANGER = Symbol('stranger');

const severalColumns = (columns: readonly Column[]): string =>
  `it could be ${columns.map(({ name }) => name).join(' or ')}`;

/** What the word at `at`, alone or with the one before it, says about the column. */
function namedColumn(
  scan: Scan,
  at: number,
  dated: readonly Column[],
): ColumnAnswer | typeof STRANGER {
  const pair = scan.contentWords(at - 1, at + 1);
  const two = pair === undefined ? undefined : findColumn(pair, dated);
  if (two?.kind === 'one') return { column: two.column, start: at - 1 };
  const one = findColumn([scan.stem(at)], dated);
  if (one.kind === 'one') return { column: one.column, start: at };
  if (findColumn([scan.stem(at)], scan.table.columns, ['number']).kind !== 'none') return undefined;
  return one.kind === 'several' ? severalColumns(one.columns) : STRANGER;
}
