/** A stretch of days, ISO dates; `end` is the first day after it. */
export interface Period {
  readonly start: string;
  readonly end: string;
}

const iso = (ms: number): string => {
  const date = new Date(ms);
  const year = date.getUTCFullYear();
  const rest = date.toISOString().slice(-20, -14);
  return `${year < 0 ? '-' : ''}${String(Math.abs(year)).padStart(4, '0')}${rest}`;
};

const day = (year: number, month: number, dayOfMonth: number): number => {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, dayOfMonth);
  return date.getTime();
};

export const yearPeriod = (year: number): Period => ({
  start: iso(day(year, 1, 1)),
  end: iso(day(year + 1, 1, 1)),
});

export const yearsPeriod = (first: number, last: number): Period => ({
  start: iso(day(first, 1, 1)),
  end: iso(day(last + 1, 1, 1)),
});

export const monthPeriod = (year: number, month: number): Period => ({
  start: iso(day(year, month, 1)),
  end: iso(day(year, month + 1, 1)),
});

export const quarterPeriod = (year: number, quarter: number): Period => ({
  start: iso(day(year, quarter * 3 - 2, 1)),
  end: iso(day(year, quarter * 3 + 1, 1)),
});

/** Undefined for a day that the calendar does not have. */
export function dayPeriod(year: number, month: number, dayOfMonth: number): Period | undefined {
  const start = day(year, month, dayOfMonth);
  const date = new Date(start);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== dayOfMonth) return undefined;
  return { start: iso(start), end: iso(day(year, month, dayOfMonth + 1)) };
}

/** `2020`, `2020-03`, `2020-03-09`: the period that the text names. */
export function isoPeriod(text: string): Period | undefined {
  const match = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?$/u.exec(text);
  if (match === null) return undefined;
  const [year, month, dayOfMonth] = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (match[2] === undefined) return yearPeriod(year);
  if (month < 1 || month > 12) return undefined;
  return match[3] === undefined ? monthPeriod(year, month) : dayPeriod(year, month, dayOfMonth);
}

export type CalendarUnit = 'day' | 'week' | 'month' | 'quarter' | 'year';

/** From `count` units before the day of `nowMs` up to that day, both included. */
export function lastPeriod(nowMs: number, count: number, unit: CalendarUnit): Period {
  const now = new Date(nowMs);
  const [year, month, date] = [now.getUTCFullYear(), now.getUTCMonth() + 1, now.getUTCDate()];
  const end = iso(day(year, month, date + 1));
  if (unit === 'day') return { start: iso(day(year, month, date - count)), end };
  if (unit === 'week') return { start: iso(day(year, month, date - 7 * count)), end };
  const months = count * { month: 1, quarter: 3, year: 12 }[unit];
  const lastDay = new Date(day(year, month - months + 1, 0)).getUTCDate();
  return { start: iso(day(year, month - months, Math.min(date, lastDay))), end };
}

/** The calendar unit that `nowMs` is in, or one before or after it: `last year` is -1. */
export function calendarPeriod(
  nowMs: number,
  shift: number,
  unit: 'month' | 'quarter' | 'year',
): Period {
  const now = new Date(nowMs);
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth() + 1];
  if (unit === 'year') return yearPeriod(year + shift);
  const size = unit === 'month' ? 1 : 3;
  const first = Math.floor((month - 1) / size) * size + 1 + shift * size;
  return { start: iso(day(year, first, 1)), end: iso(day(year, first + size, 1)) };
}
