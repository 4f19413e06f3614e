import { trimEndOf } from '../text/trim-end.ts';
import type { Json } from '../../../base/json.ts';
import { convert, findQuantities, type Quantity } from '../text/quantity.ts';
import { wordsOf } from '../text/words.ts';
import { findDates } from '../text/written-date.ts';

/** So much of the words of a longer text must be in the quote; of a name all. */
const SHARE = 0.8;
const NAME_WORDS = 5;

/**
 * Whether words of a source state a value: a number to the digits that are printed, in any unit of
 * its kind, a date to the day, month or year that is printed, a text by its words.
 */
export function valueInQuote(value: Json, quote: string): boolean {
  if (value === null) return true;
  if (Array.isArray(value))
    return (value as readonly Json[]).every((it) => valueInQuote(it, quote));
  if (typeof value === 'number') return numberInQuote(value, quote);
  if (typeof value === 'string') return textInQuote(value, quote);
  return typeof value === 'boolean' && /(?<![\p{L}])(?:yes|no|true|false)(?![\p{L}])/iu.test(quote);
}

function numberInQuote(value: number, quote: string): boolean {
  return (
    findQuantities(quote).some((quantity) => isNumber(value, quantity)) ||
    findDates(quote).some(({ iso }) => Number(iso.slice(0, 4)) === value) ||
    plainNumber(value, quote)
  );
}

/** The same to the digits that are printed, counted in thousands or millions, or in another unit. */
function isNumber(value: number, { value: printed, unit, precision }: Quantity): boolean {
  const rounded = precision > 1 ? precision / 2 : 0;
  if (Math.abs(value - printed) <= Math.max(rounded, Math.abs(value) * 1e-6)) return true;
  const near = (other: number, share: number): boolean =>
    Math.abs(value - other) <= Math.abs(value) * share;
  if (FACTORS.some((factor) => near(printed / factor, 1e-6))) return true;
  return unit !== undefined && UNITS.some((to) => near(convert(printed, unit, to) ?? NaN, 5e-4));
}

const UNITS = 'km2 mi2 m2 ha acre km mi m ft kg lb t min h d'.split(' ');
/** For slots that count in thousands, millions or billions. */
const FACTORS = [1e3, 1e6, 1e9];

/** Numbers in forms that prose has not, such as `1.5e3`. */
const plainNumber = (value: number, quote: string): boolean =>
  quote.trim() !== '' && Number(quote.replace(/[$€£,%\s]/gu, '')) === value;

function textInQuote(value: string, quote: string): boolean {
  const [text, own] = [squeeze(value), squeeze(quote)];
  if (own.includes(text)) return true;
  if (/^\d{4}(?:-\d\d){0,2}$/u.test(value)) {
    return findDates(quote).some(({ iso }) => iso.startsWith(value));
  }
  if (/^https?:\/\//u.test(text) || isMail(text)) return own.includes(bareAddress(text));
  const words = wordsOf(value);
  const there = new Set(wordsOf(quote));
  const found = words.filter((word) => there.has(word)).length;
  return (
    words.length > 0 && found >= (words.length <= NAME_WORDS ? words.length : words.length * SHARE)
  );
}

const isMail = (text: string): boolean => /^[^\s@]+@[^\s@]+$/u.test(text);

const bareAddress = (url: string): string =>
  trimEndOf(url.replace(/^https?:\/\/(?:www\.)?/u, ''), '/');

/** As {@link file://./locate-quote.ts} compares texts, and without case. */
const squeeze = (text: string): string => plainText(text).toLowerCase();

/** One blank for white space, one kind of quotes and dashes, nothing that nobody sees. */
export const plainText = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(/[\u00ad\u200b-\u200d\u2060\ufeff]/gu, '')
    .replace(/[‘’‚‛′`´]/gu, "'")
    .replace(/[“”„‟″«»]/gu, '"')
    .replace(/[‐‑‒–—―−]/gu, '-')
    .replace(/\s+/gu, ' ')
    .trim();
