import type { Period } from '../text/period.ts';
import { unitOf } from '../text/words.ts';
import { DATED, dateColumn } from './date-column.ts';
import { findColumn } from './find-column.ts';
import {
  isPartOfDecade,
  isRelative,
  numberPeriod,
  periodAt,
  type SaidPeriod,
} from './period-at.ts';
import type { Scan } from './scan.ts';

/** From the words before a date to the open or closed period that they mean. */
const OPENINGS: readonly (readonly [readonly string[], Kind])[] = (
  [
    ['no later than', 'until'],
    ['not later than', 'until'],
    ['no earlier than', 'since'],
    ['not earlier than', 'since'],
    ['on or before', 'until'],
    ['in or before', 'until'],
    ['on or after', 'since'],
    ['in or after', 'since'],
    ['later than', 'after'],
    ['earlier than', 'before'],
    ['more recent than', 'after'],
    ['newer than', 'after'],
    ['older than', 'before'],
    ['prior to', 'before'],
    ['up to', 'until'],
    ['as of', 'until'],
    ['starting in', 'since'],
    ['starting from', 'since'],
    ['beginning in', 'since'],
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
interface Span extends SaidPeriod {
  readonly start: number;
  readonly kind: Kind;
  /** Only `in`: it may be part of anything, so the column must be named. */
  readonly loose: boolean;
  /** It stands at the records themselves, so it is about when they began: `2021 startups`. */
  readonly own: boolean;
}

function readPeriod(scan: Scan, at: number, first: SaidPeriod): void {
  const single = rangeSpan(scan, at, first) ?? openSpan(scan, at, first);
  if (single === undefined || isMeasure(scan, single.end)) return;
  const span = single.kind === 'in' ? withNext(scan, single) : single;
  const { start, end } = span;
  const column = span.unclear ?? dateColumn(scan, span);
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
  const [early, late] = [period, next.period].toSorted((a, b) => (a.start < b.start ? -1 : 1));
  if (early === undefined || late?.start !== early.end) {
    return { ...joined, unclear: 'it is more than one period' };
  }
  return withNext(scan, { ...joined, period: { start: early.start, end: late.end } });
}

function rangeSpan(scan: Scan, at: number, first: SaidPeriod): Span | undefined {
  const range = rangeFrom(scan, at, first);
  if (range === undefined) return undefined;
  const opened = /^(?:between|from)$/u.test(scan.word(at - 1));
  return { ...range, start: opened ? at - 1 : at, kind: 'in', loose: false, own: false };
}

function openSpan(scan: Scan, at: number, first: SaidPeriod): Span | undefined {
  const { start, year } = leadIn(scan, at);
  const trailing = trailingSpan(scan, first);
  const opening = OPENINGS.find(([words]) => scan.matches(start - words.length, words));
  if (opening !== undefined) return openedSpan(scan, at, first, { start, year, opening });
  if (trailing !== undefined) return { ...first, ...trailing, start, loose: false, own: false };
  if (isRelative(scan, at) || scan.tokens[at]?.kind === 'date') {
    return { ...first, start, kind: 'in', loose: true, own: false };
  }
  return isYear(scan, at, first) ? yearSpan(scan, at, first) : undefined;
}

interface Opened {
  /** Where the date begins, with `the year` before it. */
  readonly start: number;
  readonly year: boolean;
  readonly opening: (typeof OPENINGS)[number];
}

function openedSpan(
  scan: Scan,
  at: number,
  first: SaidPeriod,
  { start, year, opening: [words, kind] }: Opened,
): Span {
  const trailing = trailingSpan(scan, first);
  const from = start - words.length;
  if (kind === 'in' && trailing !== undefined) {
    return { ...first, ...trailing, start: from, loose: false, own: year };
  }
  if (kind !== 'from') {
    const own = words.includes('-') || year;
    return { ...first, start: from, kind, loose: kind === 'in' && !year, own };
  }
  const one = trailing === undefined && isYear(scan, at, first);
  const plain = { ...first, kind: one ? ('in' as const) : ('since' as const), loose: false };
  return { ...plain, ...trailing, start: from, own: one || trailing !== undefined };
}

/** Before a date: `the`, `the year`, `either`. */
function leadIn(scan: Scan, at: number): { readonly start: number; readonly year: boolean } {
  const year = /^(?:year|years)$/u.test(scan.word(at - 1)) && scan.matches(at - 2, ['the']);
  let start = year ? at - 1 : at;
  while (/^(?:the|either|both)$/u.test(scan.word(start - 1)) && scan.free(start - 1)) start--;
  return { start, year };
}

/** A year or a decade, without a month. */
const isYear = (scan: Scan, at: number, { end }: SaidPeriod): boolean =>
  (end === at + 1 && scan.tokens[at]?.number !== undefined) || isPartOfDecade(scan.word(at));

/** What a year at a record is called: `the class of`, `2013-era startups`. */
const ERA = /^(?:era|class|cohort|vintage|batch|wave|founded|born|built)$/u;

/** A year without any word before it: `2021 startups`, `2013-era`, `the year 1979`. */
function yearSpan(scan: Scan, at: number, first: SaidPeriod): Span | undefined {
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
function trailingSpan(scan: Scan, { end }: SaidPeriod): Pick<Span, 'kind' | 'end'> | undefined {
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

/** `between 1900 and 1950`, `from 2015 to 2018`, `2015-2018`. */
function rangeFrom(scan: Scan, at: number, first: SaidPeriod): SaidPeriod | undefined {
  const joint = scan.tokens[first.end]?.text ?? '';
  const between = scan.word(at - 1) === 'between' && joint === 'and';
  if (!between && !/^(?:to|until|till|through|thru|-|–|—)$/u.test(joint)) return undefined;
  const second = periodAt(scan, first.end + 1);
  if (second === undefined) return undefined;
  return { period: { start: first.period.start, end: second.period.end }, end: second.end };
}
