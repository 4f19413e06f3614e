import type { Span } from '../corpus/plain-text.ts';
import { plainText } from './value-in-quote.ts';

/**
 * Where a quote stands in a text, whatever white space, kind of quotes and dashes either of them
 * has; undefined where the text does not have it. Of several places it is the first.
 */
export function locateQuote(text: string, quote: string): Span | undefined {
  const exact = text.indexOf(quote);
  if (exact !== -1 && quote.trim() === quote && quote !== '') {
    return { start: exact, end: exact + quote.length };
  }
  const wanted = plainText(quote);
  if (wanted === '') return undefined;
  const { plain, starts, ends } = flatten(text);
  const at = plain.indexOf(wanted);
  if (at === -1) return undefined;
  return { start: starts[at] ?? 0, end: ends[at + wanted.length - 1] ?? 0 };
}

interface Flat {
  readonly plain: string;
  /** Where each character of `plain` begins and ends in the text. */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/** A text as {@link plainText} would have it, with the place of every character. */
function flatten(text: string): Flat {
  let plain = '';
  const starts: number[] = [];
  const ends: number[] = [];
  // A letter and the marks on it are one character for Unicode's normal form.
  for (const match of text.matchAll(/\s+|\P{M}\p{M}*|\p{M}+/gu)) {
    const blank = /^\s/u.test(match[0]);
    const shown = blank ? ' ' : plainText(match[0]);
    if (blank && (plain === '' || plain.endsWith(' '))) continue;
    for (const character of shown) {
      for (let i = 0; i < character.length; i++) {
        starts.push(match.index);
        ends.push(match.index + match[0].length);
      }
      plain += character;
    }
  }
  return { plain, starts, ends };
}
