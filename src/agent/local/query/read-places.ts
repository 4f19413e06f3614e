import type { Column } from '../corpus/table.ts';
import type { ValueIndex } from '../corpus/value-index.ts';
import { placeOf } from '../text/places.ts';
import { wordsOf } from '../text/words.ts';
import { placeColumns, placeValues, type PlaceValues } from './place-columns.ts';
import type { Scan } from './scan.ts';

interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** Also plain words, which mean the place only when they are written as a name. */
const ALSO_WORDS = new Set(
  'china turkey chad jordan mali jersey guinea polish kiwi lima bali bay nice portland'.split(' '),
);

/**
 * Words that name a place by another name than the table does: `Dutch`, `the UK`, `in Tel Aviv`
 * where the table has countries, `the Nordics` where it has no such region.
 */
export function readPlace(
  scan: Scan,
  values: ValueIndex,
  words: readonly string[],
  { start, end }: Stretch,
  column: Column | undefined,
): (PlaceValues & Stretch) | undefined {
  const meant = placeOf(words);
  if (meant === undefined || !isWritten(scan, words, start)) return undefined;
  const found = placeValues(meant.place, scan.table, values);
  if (found === undefined || (column !== undefined && found.column !== column)) return undefined;
  // A city is smaller than the country that stands for it.
  return { ...found, wider: found.wider || meant.by === 'part', start, end };
}

/** `US` and not `us`; `Turkey`, and not `turkey`. */
function isWritten(scan: Scan, words: readonly string[], at: number): boolean {
  const [word = ''] = words;
  const token = scan.tokens[at];
  if (words.length > 1 || token === undefined) return true;
  if (word.length <= 3) return token.text === token.text.toUpperCase();
  return !ALSO_WORDS.has(word) || token.text !== token.text.toLowerCase();
}

export const isPlaceColumn = (scan: Scan, values: ValueIndex, column: Column): boolean =>
  column !== scan.table.label &&
  placeColumns(scan.table, values).some((place) => place.column === column);

/** Where something goes to, or what it is weighed against; not where it is. */
const ELSEWHERE = /^(?:to|beyond|before|into|towards?|against|like|serving|targeting|via)$/u;

/**
 * Whether a place says where the records are: not `expanded to the US`, `the Russia-Ukraine war`,
 * `from US investors`, `for non-US founders`.
 */
export function saysWhere(scan: Scan, values: ValueIndex, start: number, end: number): boolean {
  if (isJoined(scan, start - 2, start - 1) || isJoined(scan, end + 1, end)) return false;
  let at = start - 1;
  while (/^(?:the|both|either|-|non|a|an)$/u.test(scan.word(at))) at--;
  const before = scan.word(at);
  if (ELSEWHERE.test(before)) return false;
  const ofOthers = /^(?:from|for)$/u.test(before) && isStranger(scan, values, end);
  return !ofOthers || at === 0;
}

/** In `Russia-Ukraine` the places are one thing. */
const isJoined = (scan: Scan, place: number, hyphen: number): boolean =>
  scan.word(hyphen) === '-' &&
  scan.tokens[hyphen]?.glued === true &&
  placeOf(wordsOf(scan.tokens[place]?.text ?? '')) !== undefined;

/** A word that is no record of the table and no place: `US founders`. */
function isStranger(scan: Scan, values: ValueIndex, at: number): boolean {
  const token = scan.tokens[at];
  if (token === undefined || !scan.content(at) || scan.isNoun(at)) return false;
  const words = wordsOf(token.text);
  return placeOf(words) === undefined && values.find(words).length === 0;
}
