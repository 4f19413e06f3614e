import { calendarPeriod, lastPeriod, type CalendarUnit, type Period } from '../text/period.ts';
import { dateColumn } from './date-column.ts';
import { findColumn } from './find-column.ts';
import { BEFORE_NUMBER, OPPOSITE, type Comparator } from './lexicon.ts';
import { unitOfTime } from './period-at.ts';
import type { Scan } from './scan.ts';

/** A length of time counted back from now, and which side of that day is meant. */
interface Age {
  readonly start: number;
  readonly end: number;
  readonly from: string | undefined;
  readonly before: string | undefined;
}

/**
 * Reads ages as dates: `founded more than 30 years ago`, `at least 10 years old`, `older than 5
 * years`, `founded two years ago`. A table with a column for the age itself keeps its numbers.
 */
export function readAges(scan: Scan): void {
  if (findColumn(['age'], scan.table.columns, ['number']).kind === 'one') return;
  for (let at = 0; at < scan.tokens.length; at++) {
    const age = ageAt(scan, at);
    if (age === undefined) continue;
    const { start, end } = age;
    const found = dateColumn(scan, { start, loose: false, own: true });
    if (typeof found === 'string') {
      scan.notApplied.push(`${scan.quote(start, end)} (${found})`);
      scan.take(start, end);
    } else if (found !== undefined) {
      const negated = scan.takeNegator(found.start);
      const { column } = found;
      scan.conditions.push({ kind: 'period', column, start: age.from, end: age.before, negated });
      scan.take(found.start, end);
    }
  }
}

function ageAt(scan: Scan, at: number): Age | undefined {
  const count = scan.numberAt(at);
  const unit = unitOfTime(scan.stem(afterHyphen(scan, at + 1)));
  if (count === undefined || count.unit !== undefined || unit === undefined) return undefined;
  const next = afterHyphen(scan, at + 1) + 1;
  const word = afterHyphen(scan, next);
  const said = /^(?:ago|old)$/u.test(scan.word(word)) ? scan.word(word) : '';
  const end = said === '' ? next : word + 1;
  const side = sideOf(scan, at, said);
  if (side === undefined) return undefined;
  if (side.operator === '=') return calendarAge(scan, { ...side, end }, count.value, unit, said);
  const { start: day } = lastPeriod(scan.nowMs, count.value, unit);
  const older = side.operator.startsWith('>');
  return { ...side, end, from: older ? undefined : day, before: older ? day : undefined };
}

/** `10-year-old` has a hyphen between its words. */
const afterHyphen = (scan: Scan, at: number): number => (scan.word(at) === '-' ? at + 1 : at);

/** `two years ago` is the whole of that year. */
function calendarAge(
  scan: Scan,
  { start, end }: Pick<Age, 'start' | 'end'>,
  count: number,
  unit: CalendarUnit,
  said: string,
): Age | undefined {
  if (said !== 'ago' || !Number.isInteger(count)) return undefined;
  const period = calendarUnit(scan, count, unit);
  return { start, end, from: period.start, before: period.end };
}

/** The year, month or quarter that was so long ago. */
function calendarUnit(scan: Scan, count: number, unit: CalendarUnit): Period {
  if (unit !== 'day' && unit !== 'week') return calendarPeriod(scan.nowMs, -count, unit);
  const { start } = lastPeriod(scan.nowMs, count, unit);
  return { start, end: lastPeriod(scan.nowMs, count * (unit === 'week' ? 7 : 1) - 1, 'day').start };
}

interface Side {
  readonly start: number;
  readonly operator: Comparator;
}

const ELDER: readonly (readonly [readonly string[], Comparator])[] = [
  [['older', 'than'], '>'],
  [['younger', 'than'], '<'],
  [['newer', 'than'], '<'],
];

/** `older than` before the number is enough; other comparisons need `ago` or `old` behind it. */
function sideOf(scan: Scan, at: number, said: string): Side | undefined {
  for (const [words, operator] of ELDER) {
    if (scan.matches(at - words.length, words)) return { start: at - words.length, operator };
  }
  if (said !== 'ago' && said !== 'old') return undefined;
  const before = BEFORE_NUMBER.find(([words]) => scan.matches(at - words.length, words));
  if (before === undefined) {
    if (said === 'ago' && scan.matches(at - 1, ['within'])) return { start: at - 1, operator: '<' };
    return { start: at, operator: '=' };
  }
  const start = at - before[0].length;
  const [, operator] = before;
  if (!scan.matches(start - 1, ['no']) && !scan.matches(start - 1, ['not'])) {
    return { start, operator };
  }
  const opposite = OPPOSITE[operator];
  return opposite === '<>' ? undefined : { start: start - 1, operator: opposite };
}
