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
import { monthOf } from '../text/words.ts';
import type { Scan } from './scan.ts';

/** A period that words say, and where they end. */
export interface SaidPeriod {
  readonly period: Period;
  readonly end: number;
  /** Why it cannot be told which period is meant. */
  readonly unclear?: string;
}

/** The date, year, decade or span of time that begins at `at`. */
export function periodAt(scan: Scan, at: number): SaidPeriod | undefined {
  const token = scan.tokens[at];
  if (token?.period !== undefined) return { period: token.period, end: at + 1 };
  if (token?.number !== undefined) return numberPeriod(scan, at);
  return (
    partOfDecade(scan, at) ??
    partOfYear(scan, at) ??
    namedPeriod(scan, at) ??
    relativePeriod(scan, at)
  );
}

/** `2015`, `1990s`, `15 March 2020`. */
export function numberPeriod(scan: Scan, at: number): SaidPeriod | undefined {
  const { value, yearLike, decade, unit } = scan.tokens[at]?.number ?? {};
  if (value === undefined || unit !== undefined) return undefined;
  if (decade === true) return { period: yearsPeriod(value, value + 9), end: at + 1 };
  if (yearLike === true) return { period: yearPeriod(value), end: at + 1 };
  const slashed = slashedDay(scan, at, value);
  if (slashed !== undefined) return slashed;
  const month = monthOf(scan.word(at + 1));
  const year = yearOf(scan, at + 2);
  if (month === undefined || year === undefined) return undefined;
  const period = dayPeriod(year, month, value);
  return period === undefined ? undefined : { period, end: at + 3 };
}

/** `3/15/2018`, `15/3/2018`; of `3/4/2018` nobody can tell which number is the month. */
function slashedDay(scan: Scan, at: number, first: number): SaidPeriod | undefined {
  const year = yearOf(scan, at + 4);
  const second = scan.tokens[at + 2]?.number?.value;
  const slashed = [1, 3].every((place) => scan.word(at + place) === '/');
  if (!slashed || second === undefined || year === undefined) return undefined;
  const [month, day] = first > 12 ? [second, first] : [first, second];
  const period = dayPeriod(year, month, day);
  if (period === undefined) return undefined;
  const sure = first > 12 || second > 12 || first === second;
  return {
    period,
    end: at + 5,
    ...(sure ? {} : { unclear: 'either number could be the month' }),
  };
}

const ORDINALS = ['first', 'second', 'third', 'fourth'];

/** `first half of 2022`, `the third quarter of 2020`, `H2 2021`, `the end of 2019`. */
function partOfYear(scan: Scan, at: number): SaidPeriod | undefined {
  const short = /^h([12])$/u.exec(scan.word(at))?.[1];
  const edge = EDGES[scan.word(at)];
  const place = short === undefined && edge === undefined ? at + 2 : at + 1;
  const of = /^(?:of|in)$/u.test(scan.word(place)) ? place + 1 : place;
  const year = yearOf(scan, of);
  if (year === undefined) return undefined;
  const count = short === undefined ? ORDINALS.indexOf(scan.word(at)) + 1 : Number(short);
  const unit = short === undefined ? scan.word(at + 1) : 'half';
  const period = edge === undefined ? yearPart(year, unit, count) : edgeOf(year, edge);
  return period && { period, end: of + 1 };
}

function yearPart(year: number, unit: string, count: number): Period | undefined {
  if (unit === 'quarter' && count > 0) return quarterPeriod(year, count);
  if (unit !== 'half' || (count !== 1 && count !== 2)) return undefined;
  const { start } = quarterPeriod(year, count * 2 - 1);
  return { start, end: quarterPeriod(year, count * 2).end };
}

function edgeOf(year: number, edge: 'start' | 'end'): Period {
  const { start, end } = yearPeriod(year);
  const day = edge === 'start' ? start : end;
  return { start: day, end: day };
}

/** A year's first and last moment: `since the start of 2024`, `by the end of 2016`. */
const EDGES: Readonly<Record<string, 'start' | 'end'>> = {
  beginning: 'start',
  start: 'start',
  end: 'end',
  close: 'end',
};

/** `March 2020`, `March 15, 2020`, `Q3 2025`. */
function namedPeriod(scan: Scan, at: number): SaidPeriod | undefined {
  const year = yearOf(scan, at + 1);
  const month = monthOf(scan.word(at));
  const quarter = Number(/^q([1-4])$/u.exec(scan.word(at))?.[1] ?? 0);
  if (year !== undefined && quarter > 0) {
    return { period: quarterPeriod(year, quarter), end: at + 2 };
  }
  if (month === undefined) return undefined;
  return year === undefined
    ? (dayOfMonth(scan, at, month) ?? monthOfLaterYear(scan, at, month))
    : { period: monthPeriod(year, month), end: at + 2 };
}

/** The January of `January to March 2019`. */
function monthOfLaterYear(scan: Scan, at: number, month: number): SaidPeriod | undefined {
  if (!/^(?:to|and|until|through|thru|-|–)$/u.test(scan.word(at + 1))) return undefined;
  const [next, year] = [monthOf(scan.word(at + 2)), yearOf(scan, at + 3)];
  if (next === undefined || year === undefined || next < month) return undefined;
  return { period: monthPeriod(year, month), end: at + 1 };
}

function dayOfMonth(scan: Scan, at: number, month: number): SaidPeriod | undefined {
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

export const isPartOfDecade = (word: string): boolean => PARTS[word] !== undefined;

/** `late 2010s`, `mid-1990s`. */
function partOfDecade(scan: Scan, at: number): SaidPeriod | undefined {
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
function relativePeriod(scan: Scan, at: number): SaidPeriod | undefined {
  if (!isRelative(scan, at)) return undefined;
  const count = scan.tokens[at + 1]?.number?.value;
  const last = count === undefined ? at + 1 : at + 2;
  if (scan.stem(last) === 'decade') {
    return { period: decadePeriod(scan, at, count), end: last + 1 };
  }
  const unit = unitOfTime(scan.stem(last));
  if (unit === undefined) return undefined;
  return { period: unitsBack(scan, at, count, unit), end: last + 1 };
}

/** `last 6 months` and `past year` end today; `last year` is the calendar's. */
function unitsBack(scan: Scan, at: number, count: number | undefined, unit: CalendarUnit): Period {
  const rolling = count !== undefined || scan.word(at) === 'past';
  return rolling || unit === 'day' || unit === 'week'
    ? lastPeriod(scan.nowMs, count ?? 1, unit)
    : calendarPeriod(scan.nowMs, scan.word(at) === 'this' ? 0 : -1, unit);
}

/** `this decade` is the calendar's; `the last decade` the ten years up to now. */
function decadePeriod(scan: Scan, at: number, count: number = 1): Period {
  if (scan.word(at) !== 'this') return lastPeriod(scan.nowMs, count * 10, 'year');
  const year = Number(calendarPeriod(scan.nowMs, 0, 'year').start.slice(0, 4));
  return yearsPeriod(year - (year % 10), year - (year % 10) + 9);
}

export const unitOfTime = (word: string): CalendarUnit | undefined =>
  (['day', 'week', 'month', 'quarter', 'year'] as const).find((unit) => unit === word);

/** `last`, `past`, `this`: counted from now. */
export const isRelative = (scan: Scan, at: number): boolean =>
  /^(?:last|past|previous|this)$/u.test(scan.word(at));
