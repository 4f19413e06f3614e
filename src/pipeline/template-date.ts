/** What a date format may contain; everything that is not a letter is written as it stands. */
export const DATE_PARTS: readonly string[] = [
  'YYYY',
  'MMMM',
  'MMM',
  'MM',
  'M',
  'DD',
  'D',
  'HH',
  'mm',
  'ss',
];

const MONTHS =
  'January February March April May June July August September October November December'.split(
    ' ',
  );

/** How exact a date is: a year alone, with a month, with a day, with a time. */
type Precision = 1 | 2 | 3 | 4;

export interface TemplateDate {
  readonly time: Date;
  readonly precision: Precision;
}

const DATE =
  /^(\d{4}(?:-\d{2}(?:-\d{2})?)?)(?:(?<=-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.\d{1,9})?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/iu;

/**
 * An ISO 8601 date, with a time or without, or only a year or a month. A time without an offset is
 * UTC. Undefined when it is none of these or no day of the calendar.
 */
export function parseDate(text: string): TemplateDate | undefined {
  const match = DATE.exec(text.trim());
  if (match === null) return undefined;
  const [, date = '', time, offset] = match;
  const day = date + '-01-01'.slice(date.length - 4);
  const local = Date.parse(`${day}T${time ?? '00:00'}Z`);
  // February 30 and 24:00 are read as the day after.
  if (Number.isNaN(local) || !new Date(local).toISOString().startsWith(day)) return undefined;
  const precision = time === undefined ? PRECISIONS[date.length] : 4;
  return { time: new Date(local - offsetMinutes(offset) * 60_000), precision: precision ?? 1 };
}

/** By the length of a date without a time. */
const PRECISIONS: Readonly<Record<number, Precision>> = { 4: 1, 7: 2, 10: 3 };

function offsetMinutes(offset: string | undefined): number {
  if (offset === undefined || offset.toUpperCase() === 'Z') return 0;
  const digits = offset.slice(1).replace(':', '').padEnd(4, '0');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return offset.startsWith('-') ? -minutes : minutes;
}

/** A format, ready to use; the error is the letters that mean nothing. */
export interface DateFormat {
  /** How exact a date must be for it. */
  readonly needs: Precision;
  /** In UTC. */
  format(time: Date): string;
}

export function dateFormat(pattern: string): DateFormat | string {
  const parts: readonly string[] = pattern.match(/[A-Za-z]+|[^A-Za-z]+/gu) ?? [];
  const unknown = parts.find((part) => /[A-Za-z]/u.test(part) && !DATE_PARTS.includes(part));
  if (unknown !== undefined || pattern.trim() === '') return unknown ?? pattern;
  return {
    needs: parts.reduce<Precision>((most, part) => {
      const exact = precisionOf(part);
      return exact > most ? exact : most;
    }, 1),
    format: (time) => parts.map((part) => datePart(part, time)).join(''),
  };
}

function precisionOf(part: string): Precision {
  if (/^[Hms]/u.test(part)) return 4;
  if (part.startsWith('D')) return 3;
  return part.startsWith('M') ? 2 : 1;
}

function datePart(part: string, time: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const month = MONTHS[time.getUTCMonth()] ?? '';
  switch (part) {
    case 'YYYY':
      return String(time.getUTCFullYear()).padStart(4, '0');
    case 'MMMM':
      return month;
    case 'MMM':
      return month.slice(0, 3);
    case 'MM':
      return two(time.getUTCMonth() + 1);
    case 'M':
      return String(time.getUTCMonth() + 1);
    case 'DD':
      return two(time.getUTCDate());
    case 'D':
      return String(time.getUTCDate());
    case 'HH':
      return two(time.getUTCHours());
    case 'mm':
      return two(time.getUTCMinutes());
    case 'ss':
      return two(time.getUTCSeconds());
    default:
      return part;
  }
}
