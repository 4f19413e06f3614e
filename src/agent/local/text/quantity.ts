import { factorOf, fold, unitOf } from './words.ts';

/** A number as a text writes it, with what it counts. */
export interface Quantity {
  readonly start: number;
  readonly end: number;
  readonly value: number;
  /** `$`, `€`, `km2`, `%`; undefined for a plain number. */
  readonly unit: string | undefined;
  /** Digits that say nothing are not in the value: `1.2 million` is right to 100,000. */
  readonly precision: number;
}

const CURRENCIES: Readonly<Record<string, string>> = {
  $: '$',
  us$: '$',
  usd: '$',
  '€': '€',
  eur: '€',
  '£': '£',
  gbp: '£',
  '¥': '¥',
  '₹': '₹',
};

const NUMBER = String.raw`\d{1,3}(?:[,\u00a0\u202f']\d{3})+(?:\.\d+)?|\d{1,3}(?:\.\d{3}){2,}|\d+(?:\.\d+)?`;
const FACTOR = String.raw`thousand|million|billion|trillion|mn|bn|tn|k|m|b`;
const UNIT = String.raw`%|percent|per cent|km²|km2|sq\.? ?km|square kilomet(?:re|er)s?|mi²|mi2|sq\.? ?mi|square miles?|m²|square met(?:re|er)s?|hectares?|ha|acres?|kilomet(?:re|er)s?|km|miles?|mi|met(?:re|er)s?|m|feet|foot|ft|kilograms?|kg|pounds?|lbs?|tonnes?|US dollars?|dollars?|USD|euros?|EUR|GBP|minutes?|mins?|hours?|days?`;
const PATTERN = new RegExp(
  String.raw`(?<![\p{L}\d.,/-])(?<sign>[-−])?(?<currency>US\$|USD|EUR|GBP|[$€£¥₹])?\s?(?<number>${NUMBER})(?:[\s-]?(?<factor>${FACTOR})(?![\p{L}\d]))?(?:[\s-]?(?<unit>${UNIT})(?![\p{L}\d]))?(?![\p{L}\d]|[.,]\d|\s?[-–]\s?\d)`,
  'giu',
);

const NAMES: readonly (readonly [RegExp, string])[] = [
  [/^(?:km²|km2|sq\.? ?km|square kilomet)/u, 'km2'],
  [/^(?:mi²|mi2|sq\.? ?mi|square mile)/u, 'mi2'],
  [/^(?:m²|square met)/u, 'm2'],
  [/^acre/u, 'acre'],
  [/^(?:feet|foot|ft)$/u, 'ft'],
  [/^(?:pounds?|lbs?)$/u, 'lb'],
  [/^tonne/u, 't'],
  [/^min/u, 'min'],
  [/^hour/u, 'h'],
  [/^day/u, 'd'],
  [/dollars?$/u, '$'],
  [/^per ?cent$/u, '%'],
];

function unitNamed(text: string): string | undefined {
  const plain = fold(text.replace('²', '2'));
  const named = NAMES.find(([pattern]) => pattern.test(plain))?.[1];
  return named ?? unitOf(plain.replace(/s$/u, '')) ?? (plain === '%' ? '%' : plain);
}

/** A length of time as mark-up writes it (ISO 8601): `PT2H8M`. */
const DURATION = /^PT(?:(\d{1,3})H)?(?:(\d{1,4})M)?(?:0?S)?$/u;

/** All numbers of a text, in order; parts of words, versions and dates are none. */
export function findQuantities(text: string): readonly Quantity[] {
  const duration = DURATION.exec(text.trim());
  if (duration !== null) {
    const [, hours = '0', minutes = '0'] = duration;
    const value = Number(hours) * 60 + Number(minutes);
    return [{ start: 0, end: text.length, value, unit: 'min', precision: 1 }];
  }
  return [...text.matchAll(PATTERN)].map((match) => {
    const lead = /^\s*/u.exec(match[0])?.[0].length ?? 0;
    return {
      start: match.index + lead,
      end: match.index + match[0].trimEnd().length,
      ...measureOf(match.groups ?? {}),
    };
  });
}

function measureOf(
  groups: Readonly<Record<string, string | undefined>>,
): Pick<Quantity, 'value' | 'unit' | 'precision'> {
  const { sign, currency, number = '', factor, unit } = groups;
  const digits = plainDigits(number);
  const times = factorOf(factor?.toLowerCase() ?? '', false) ?? 1;
  const decimals = /\.(\d+)$/u.exec(digits)?.[1]?.length ?? 0;
  return {
    value: round(Number(digits) * times) * (sign === undefined ? 1 : -1),
    unit:
      currency === undefined
        ? unit && unitNamed(unit)
        : (CURRENCIES[currency.toLowerCase()] ?? currency),
    precision: times * 10 ** -decimals,
  };
}

/** `1,234.5`, `1.234.567` and `1 234` without what only groups the digits. */
const plainDigits = (number: string): string =>
  /^\d{1,3}(?:\.\d{3}){2,}$/u.test(number)
    ? number.replaceAll('.', '')
    : number.replace(/[,\u00a0\u202f']/gu, '');

/** Without the last digits, which are an artefact of counting in twos: 1.1 × 1000000. */
const round = (value: number): number => Number(value.toPrecision(15));

/** What one of each unit is, in the unit that stands for its kind. */
const MEASURES: Readonly<Record<string, readonly [kind: string, size: number]>> = {
  km2: ['area', 1e6],
  mi2: ['area', 2_589_988.110336],
  m2: ['area', 1],
  ha: ['area', 1e4],
  acre: ['area', 4046.8564224],
  km: ['length', 1000],
  mi: ['length', 1609.344],
  m: ['length', 1],
  cm: ['length', 0.01],
  mm: ['length', 0.001],
  ft: ['length', 0.3048],
  kg: ['weight', 1],
  g: ['weight', 0.001],
  lb: ['weight', 0.45359237],
  t: ['weight', 1000],
  min: ['time', 60],
  h: ['time', 3600],
  d: ['time', 86_400],
};

/** Digits of a number that say something, but no fewer than four. */
export const digitsOf = ({ value, precision }: Quantity): number =>
  Math.min(15, Math.max(4, Math.floor(Math.log10(Math.abs(value / precision) || 1)) + 1));

export const sameKind = (a: string, b: string): boolean =>
  a === b || (MEASURES[a] !== undefined && MEASURES[a][0] === MEASURES[b]?.[0]);

/**
 * A measure in another unit, to as many digits as were written; undefined when the units measure
 * different things.
 */
export function convert(
  value: number,
  from: string,
  to: string,
  digits: number = 7,
): number | undefined {
  if (from === to) return value;
  const [a, b] = [MEASURES[from], MEASURES[to]];
  if (a === undefined || b === undefined || a[0] !== b[0]) return undefined;
  return Number(((value * a[1]) / b[1]).toPrecision(digits));
}
