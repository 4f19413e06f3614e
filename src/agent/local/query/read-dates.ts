import type { Column, ColumnKind } from '../corpus/table.ts';
import {
  calendarPeriod,
  dayPeriod,
  lastPeriod,
  monthPeriod,
  quarterPeriod,
  yearPeriod,
  yearsPeriod,
  type CalendarUnit,
  type Period,
} from '../text/period.ts';
import { attribute, monthOf, unitOf } from '../text/words.ts';
import { findColumn, saysColumn } from './find-column.ts';
import type { Scan } from './scan.ts';

const DATED: readonly ColumnKind[] = ['date', 'year'];

interface Found {
  readonly period: Period;
  readonly end: number;
}

/** From the words before a date to the open or closed period that they mean. */
const OPENINGS: readonly (readonly [readonly string[], Kind])[] = (
  [
    ['no later than', 'until'],
    ['not later than', 'until'],
    ['later than', 'after'],
    ['earlier than', 'before'],
    ['no earlier than', 'since'],
    ['prior to', 'before'],
    ['up to', 'until'],
    ['as of', 'until'],
    ['starting in', 'since'],
    ['since', 'since'],
    ['from', 'from'],
    ['after', 'after'],
    ['before', 'before'],
    ['until', 'until'],
    ['till', 'until'],
    ['by', 'until'],
    ['post -', 'after'],
    ['pre -', 'before'],
    ['within', 'in'],
    ['during', 'in'],
    ['in', 'in'],
    ['on', 'in'],
    ['over', 'in'],
  ] as const
).map(([words, kind]) => [words.split(' '), kind] as const);

/** Reads dates, years and spans of time: `founded since 2015`, `in the last 6 months`. */
export function readDates(scan: Scan): void {
  for (let at = 0; at < scan.tokens.length; at++) {
    if (!scan.free(at)) continue;
    const first = periodAt(scan, at);
    if (first === undefined) continue;
    readPeriod(scan, at, first);
  }
}

/** `from` is `in` for one year (`startups from 2021`) and `since` for a day, or with `on`. */
type Kind = 'since' | 'from' | 'after' | 'before' | 'until' | 'in';

/** A date with the words around it that say which side of it is meant. */
interface Span extends Found {
  readonly start: number;
  readonly kind: Kind;
  /** Only `in`: it may be part of anything, so the column must be named. */
  readonly loose: boolean;
  /** With years between its years: not one period. */
  readonly apart?: boolean;
  /** It stands at the records themselves, so it is about when they began: `2021 startups`. */
  readonly own: boolean;
}

function readPeriod(scan: Scan, at: number, first: Found): void {
  const single = rangeSpan(scan, at, first) ?? openSpan(scan, at, first);
  if (single === undefined || isMeasure(scan, single.end)) return;
  const span = single.kind === 'in' ? withNext(scan, single) : single;
  const { start, end } = span;
  const column = span.apart === true ? 'it is more than one period' : columnFor(scan, span);
  if (typeof column === 'string') {
    scan.notApplied.push(`${scan.quote(start, end)} (${column})`);
    scan.take(start, end);
  } else if (column !== undefined) {
    const negated = scan.takeNegator(column.start);
    scan.take(column.start, end);
    const { kind, period } = span;
    scan.conditions.push({
      kind: 'period',
      column: column.column,
      ...bounds(kind, period),
      negated,
    });
  }
}

/** `2020 or 2021`, `in 2020, 2021`. */
function withNext(scan: Scan, span: Span): Span {
  const { end, period } = span;
  if (!/^(?:or|and|,)$/u.test(scan.tokens[end]?.text ?? '') || !scan.free(end)) return span;
  const next = scan.free(end + 1) ? numberPeriod(scan, end + 1) : undefined;
  if (next === undefined || scan.content(next.end)) return span;
  const joined = { ...span, end: next.end };
  if (next.period.start !== period.end) return { ...joined, apart: true };
  return withNext(scan, { ...joined, period: { start: period.start, end: next.period.end } });
}

function rangeSpan(scan: Scan, at: number, first: Found): Span | undefined {
  const range = rangeFrom(scan, at, first);
  if (range === undefined) return undefined;
  const opened = /^(?:between|from)$/u.test(scan.word(at - 1));
  return { ...range, start: opened ? at - 1 : at, kind: 'in', loose: false, own: false };
}

function openSpan(scan: Scan, at: number, first: Found): Span | undefined {
  const start = scan.matches(at - 1, ['the']) ? at - 1 : at;
  const trailing = trailingSpan(scan, first);
  const opening = OPENINGS.find(([words]) => scan.matches(start - words.length, words));
  if (opening !== undefined) {
    const [words, kind] = opening;
    const from = start - words.length;
    const own = words.includes('-');
    if (kind !== 'from') return { ...first, start: from, kind, loose: kind === 'in', own };
    const one = trailing === undefined && isYear(scan, at, first);
    const plain = { ...first, kind: one ? ('in' as const) : ('since' as const), loose: false };
    return { ...plain, ...trailing, start: from, own: one || trailing !== undefined };
  }
  if (trailing !== undefined) return { ...first, ...trailing, start, loose: false, own: false };
  if (isRelative(scan, at) || scan.tokens[at]?.kind === 'date') {
    return { ...first, start, kind: 'in', loose: true, own: false };
  }
  return isYear(scan, at, first) ? yearSpan(scan, at, first) : undefined;
}

/** A year or a decade, without a month. */
const isYear = (scan: Scan, at: number, { end }: Found): boolean =>
  (end === at + 1 && scan.tokens[at]?.number !== undefined) || PARTS[scan.word(at)] !== undefined;

/** What a year at a record is called: `the class of`, `2013-era startups`. */
const ERA = /^(?:era|class|cohort|vintage|batch|wave|founded|born|built)$/u;

/** A year without any word before it: `2021 startups`, `2013-era`, `the year 1979`. */
function yearSpan(scan: Scan, at: number, first: Found): Span | undefined {
  const plain = { ...first, start: at, kind: 'in' as const, loose: false };
  const era = scan.word(first.end) === '-' ? first.end + 1 : first.end;
  if (ERA.test(scan.word(era))) return { ...plain, end: era + 1, own: true };
  const named = namedBefore(scan, at);
  if (named) return { ...plain, own: false };
  const leading = at === 0 || (at === 1 && scan.link(0));
  return leading && scan.content(first.end) ? { ...plain, own: true } : undefined;
}

const namedBefore = (scan: Scan, at: number): boolean => {
  const dated = scan.table.columns.filter(({ kind }) => DATED.includes(kind));
  return scan.content(at - 1) && findColumn([scan.stem(at - 1)], dated).kind === 'one';
};

/** `2015 or later`, `2015 and before`, `2015 onwards`, `2015+`. */
function trailingSpan(scan: Scan, { end }: Found): Pick<Span, 'kind' | 'end'> | undefined {
  if (scan.matches(end, ['+'])) return { kind: 'since', end: end + 1 };
  if (/^onwards?$/u.test(scan.word(end)) && scan.free(end)) return { kind: 'since', end: end + 1 };
  if (scan.matches(end, ['on'])) return { kind: 'since', end: end + 1 };
  const kind = trailingKind(scan, end);
  return kind && { kind, end: end + 2 };
}

/** In `between 1000 and 2000 km2` the numbers are no years. */
const isMeasure = (scan: Scan, end: number): boolean =>
  scan.free(end) &&
  (unitOf(scan.stem(end)) !== undefined ||
    /^(?:square|sq)$/u.test(scan.word(end)) ||
    (scan.content(end) &&
      findColumn([scan.stem(end)], scan.table.columns, ['number', 'list']).kind === 'one'));

function bounds(
  kind: Kind,
  { start, end }: Period,
): { readonly start: string | undefined; readonly end: string | undefined } {
  switch (kind) {
    case 'since':
    case 'from':
      return { start, end: undefined };
    case 'after':
      return { start: end, end: undefined };
    case 'before':
      return { start: undefined, end: start };
    case 'until':
      return { start: undefined, end };
    case 'in':
      return { start, end };
  }
}

function trailingKind(scan: Scan, end: number): 'since' | 'until' | undefined {
  if (!/^(?:or|and)$/u.test(scan.word(end)) || !scan.free(end + 1)) return undefined;
  if (/^(?:later|after|since|newer|onward|onwards)$/u.test(scan.word(end + 1))) return 'since';
  return /^(?:earlier|before|older)$/u.test(scan.word(end + 1)) ? 'until' : undefined;
}

const isRelative = (scan: Scan, at: number): boolean =>
  /^(?:last|past|previous|this)$/u.test(scan.word(at));

function periodAt(scan: Scan, at: number): Found | undefined {
  const token = scan.tokens[at];
  if (token?.period !== undefined) return { period: token.period, end: at + 1 };
  if (token?.number !== undefined) return numberPeriod(scan, at);
  return namedPeriod(scan, at) ?? relativePeriod(scan, at);
}

function numberPeriod(scan: Scan, at: number): Found | undefined {
  const { value, yearLike, decade, unit } = scan.tokens[at]?.number ?? {};
  if (value === undefined || unit !== undefined) return undefined;
  if (decade === true) return { period: yearsPeriod(value, value + 9), end: at + 1 };
  if (yearLike === true) return { period: yearPeriod(value), end: at + 1 };
  const month = monthOf(scan.word(at + 1));
  const year = yearOf(scan, at + 2);
  if (month === undefined || year === undefined) return undefined;
  const period = dayPeriod(year, month, value);
  return period === undefined ? undefined : { period, end: at + 3 };
}

/** `March 2020`, `March 15, 2020`, `Q3 2025`. */
function namedPeriod(scan: Scan, at: number): Found | undefined {
  const quarter = /^q([1-4])$/u.exec(scan.word(at));
  const year = yearOf(scan, at + 1);
  if (quarter !== null && year !== undefined) {
    return { period: quarterPeriod(year, Number(quarter[1])), end: at + 2 };
  }
  const part = partOfDecade(scan, at);
  if (part !== undefined) return part;
  const month = monthOf(scan.word(at));
  if (month === undefined) return undefined;
  if (year !== undefined) return { period: monthPeriod(year, month), end: at + 2 };
  const day = scan.tokens[at + 1]?.number?.value;
  const comma = scan.tokens[at + 2]?.text === ',' ? 1 : 0;
  const later = yearOf(scan, at + 2 + comma);
  if (day === undefined || later === undefined) return undefined;
  const period = dayPeriod(later, month, day);
  return period === undefined ? undefined : { period, end: at + 3 + comma };
}

/** Years of a decade, counted from its first one. */
const PARTS: Readonly<Record<string, readonly [number, number]>> = {
  early: [0, 4],
  mid: [3, 7],
  late: [5, 9],
};

/** `late 2010s`, `mid-1990s`. */
function partOfDecade(scan: Scan, at: number): Found | undefined {
  const years = PARTS[scan.word(at)];
  const place = scan.word(at + 1) === '-' ? at + 2 : at + 1;
  const number = scan.tokens[place]?.number;
  if (years === undefined || number?.decade !== true) return undefined;
  const period = yearsPeriod(number.value + years[0], number.value + years[1]);
  return { period, end: place + 1 };
}

function yearOf(scan: Scan, at: number): number | undefined {
  const number = scan.tokens[at]?.number;
  return number?.yearLike === true && scan.free(at) ? number.value : undefined;
}

/** `last 6 months`, `past year`, `this quarter`, `last year`. */
function relativePeriod(scan: Scan, at: number): Found | undefined {
  if (!isRelative(scan, at)) return undefined;
  const count = scan.tokens[at + 1]?.number?.value;
  const last = count === undefined ? at + 1 : at + 2;
  const unit = unitOfTime(scan.stem(last));
  if (unit === undefined) return undefined;
  const rolling = count !== undefined || scan.word(at) === 'past';
  const period =
    rolling || unit === 'day' || unit === 'week'
      ? lastPeriod(scan.nowMs, count ?? 1, unit)
      : calendarPeriod(scan.nowMs, scan.word(at) === 'this' ? 0 : -1, unit);
  return { period, end: last + 1 };
}

const unitOfTime = (word: string): CalendarUnit | undefined =>
  (['day', 'week', 'month', 'quarter', 'year'] as const).find((unit) => unit === word);

/** `between 1900 and 1950`, `from 2015 to 2018`, `2015-2018`. */
function rangeFrom(scan: Scan, at: number, first: Found): Found | undefined {
  const joint = scan.tokens[first.end]?.text ?? '';
  const between = scan.word(at - 1) === 'between' && joint === 'and';
  if (!between && !/^(?:to|until|-|–|—)$/u.test(joint)) return undefined;
  const second = periodAt(scan, first.end + 1);
  if (second === undefined) return undefined;
  return { period: { start: first.period.start, end: second.period.end }, end: second.end };
}

interface DateColumn {
  readonly column: Column;
  readonly start: number;
}

type ColumnAnswer = DateColumn | string | undefined;

/**
 * The date column that the words before mean. A text says why there is none; undefined leaves the
 * words to other passes.
 */
function columnFor(scan: Scan, { start, loose, own }: Span): ColumnAnswer {
  const dated = scan.table.columns.filter(({ kind }) => DATED.includes(kind));
  const bracket = /^[([]$/u.test(scan.word(start - 1));
  let stranger = false;
  for (let at = start - (bracket ? 2 : 1), seen = 0; start - at <= 8 && seen < 4; at--) {
    const { kind } = scan.tokens[at] ?? { kind: 'mark' };
    if (kind === 'mark' || kind === 'number' || (scan.content(at) && scan.isNoun(at))) break;
    if (!scan.content(at)) continue;
    const named = namedColumn(scan, at, dated);
    if (named !== STRANGER) return named;
    if (saysColumn(scan.word(at), scan.table.columns)) continue;
    stranger = true;
    seen++;
  }
  const first = own || bracket ? beginning(dated) : undefined;
  if (first !== undefined) return { column: first, start };
  if (stranger) return dated.length === 0 && loose ? undefined : 'no column for it';
  return loose ? undefined : onlyColumn(dated, start);
}

const BEGINNING = new Set(['founded', 'born', 'released', 'year', 'built', 'opened']);

/** The one column that says when a record came to be. */
function beginning(dated: readonly Column[]): Column | undefined {
  const first = dated.filter(({ words }) => words.some((word) => BEGINNING.has(attribute(word))));
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
