import { dayPeriod } from './period.ts';
import { fold, monthOf } from './words.ts';

/** A day, a month or a year as a text writes it. */
export interface WrittenDate {
  readonly start: number;
  readonly end: number;
  /** `2015-03-09`, `2015-03` or `2015`. */
  readonly iso: string;
}

const MONTH = String.raw`(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?`;
const DAY = String.raw`\d{1,2}(?:st|nd|rd|th)?`;
const YEAR = String.raw`(?:1[0-9]|20)\d\d`;
const PATTERN = new RegExp(
  [
    String.raw`(?<y1>\d{4})-(?<m1>\d\d)(?:-(?<d1>\d\d))?(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?`,
    String.raw`(?<d2>${DAY})(?:\s+of)?[\s-]+(?<m2>${MONTH}),?[\s-]+(?<y2>${YEAR})`,
    String.raw`(?<m3>${MONTH})\s+(?<d3>${DAY}),?\s+(?<y3>${YEAR})`,
    String.raw`(?<m4>${MONTH})(?:\s+of)?,?\s+(?<y4>${YEAR})`,
    String.raw`(?<y5>${YEAR})`,
  ]
    .map((form) => `(?:${form})`)
    .join('|'),
  'giu',
);
const BOUNDED = new RegExp(
  String.raw`(?<![\p{L}\d.,$€£/-])(?:${PATTERN.source})(?![\p{L}\d%]|[.,]\d)`,
  'giu',
);

/** All dates of a text, in order. Days that come before a year are only read with a month's name. */
export function findDates(text: string): readonly WrittenDate[] {
  const found: WrittenDate[] = [];
  for (const match of text.matchAll(BOUNDED)) {
    const iso = isoOf(match.groups ?? {});
    if (iso === undefined) continue;
    found.push({ start: match.index, end: match.index + match[0].length, iso });
  }
  return found;
}

type Groups = Readonly<Record<string, string | undefined>>;

function isoOf(groups: Groups): string | undefined {
  const pick = (name: string): string | undefined =>
    [1, 2, 3, 4, 5].map((form) => groups[`${name}${form}`]).find((it) => it !== undefined);
  const [year, month, day] = [pick('y'), pick('m'), pick('d')];
  if (year === undefined) return undefined;
  if (month === undefined) return year;
  const number = /^\d/u.test(month) ? Number(month) : monthNamed(month);
  if (number === undefined || number < 1 || number > 12) return undefined;
  const text = String(number).padStart(2, '0');
  if (day === undefined) return `${year}-${text}`;
  return dayPeriod(Number(year), number, Number.parseInt(day, 10))?.start;
}

const monthNamed = (name: string): number | undefined => {
  const plain = fold(name).replace('.', '');
  return monthOf(plain) ?? monthOf(plain.slice(0, 3));
};
