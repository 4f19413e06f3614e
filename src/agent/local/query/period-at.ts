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
}

/** The date, year, decade or span of time that begins at `at`. */
export function periodAt(scan: Scan, at: number): SaidPeriod | undefined {
  const token = scan.tokens[at];
  if (token?.period !== undefined) return { period: token.period, end: at + 1 };
  if (token?.number !== undefined) return numberPeriod(scan, at);
  return partOfDecade(scan, at) ?? namedPeriod(scan, at) ?? relativePeriod(scan, at);
}

/** `2015`, `1990s`, `15 March 2020`. */
export function numberPeriod(scan: Scan, at: number): SaidPeriod | undefined {
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
function namedPeriod(scan: Scan, at: number): SaidPeriod | undefined {
  const year = yearOf(scan, at + 1);
  const month = monthOf(scan.word(at));
  const quarter = Number(/^q([1-4])$/u.exec(scan.word(at))?.[1] ?? 0);
  if (year !== undefined && quarter > 0) {
    return { period: quarterPeriod(year, quarter), end: at + 2 };
  }
  if (month === undefined) return undefined;
  return year === undefined
    ? dayOfMonth(scan, at, month)
    : { period: monthPeriod(year, month), end: at + 2 };
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

/** `last`, `past`, `this`: counted from now. */
export const isRelative = (scan: Scan, at: number): boolean =>
  /^(?:last|past|previous|this)$/u.test(scan.word(at));
