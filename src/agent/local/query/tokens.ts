import { isoPeriod, type Period } from '../text/period.ts';
import { factorOf, fold, numberWord, singular } from '../text/words.ts';

/** A word, number, date or mark of the query. */
export interface Token {
  readonly kind: 'word' | 'number' | 'date' | 'mark';
  /** As it stands in the query. */
  readonly text: string;
  /** Folded. */
  readonly word: string;
  /** Folded and singular. */
  readonly stem: string;
  readonly number?: Quantity;
  readonly period?: Period;
  /** Glued to the token before it, as `+` in `100+`. */
  readonly glued: boolean;
}

/** A number with all that is written at it: `$1.5M` is 1500000 in `$`. */
export interface Quantity {
  readonly value: number;
  readonly unit: string | undefined;
  /** Four bare digits, which may be a year. */
  readonly yearLike: boolean;
  /** `1990s`: the ten years from it. */
  readonly decade: boolean;
}

const PATTERN =
  /(?<date>\d{4}-\d\d(?:-\d\d)?(?![\d-]))|(?<number>[$€£]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:k|mn|m|bn|b|tn)?(?![\p{L}\d])(?:\s?%)?|[12]\d{3}s(?![\p{L}\d]))|(?<word>[\p{L}\d](?:[\p{L}\p{M}\d]|['’.](?=\p{L}))*)|(?<mark>[<>]=?|≥|≤|[^\s])/giu;

/** Splits a query into tokens; numbers written as words are numbers too. */
export function tokenize(query: string): readonly Token[] {
  const tokens: Token[] = [];
  let end = 0;
  for (const match of query.normalize('NFKC').matchAll(PATTERN)) {
    const glued = match.index === end && end > 0;
    end = match.index + match[0].length;
    tokens.push(tokenOf(match[0].trim(), match.groups ?? {}, glued));
  }
  return mergeNumbers(tokens);
}

function tokenOf(
  text: string,
  groups: Readonly<Record<string, string | undefined>>,
  glued: boolean,
): Token {
  const word = fold(text).replace(/(?<=^|\.)(\p{L})\.(?=\p{L}(?:\.|$))/gu, '$1');
  const plain = { text, word, stem: word, glued };
  if (groups['date'] !== undefined) {
    const period = isoPeriod(text);
    return period === undefined ? { kind: 'word', ...plain } : { kind: 'date', ...plain, period };
  }
  if (groups['number'] !== undefined) {
    return { kind: 'number', ...plain, number: quantityOf(text) };
  }
  if (groups['word'] === undefined) return { kind: 'mark', ...plain };
  const bare = word.replace(/['’]s$/u, '').replace(/['’.]/gu, '');
  return { kind: 'word', text, word: bare, stem: singular(bare), glued };
}

function quantityOf(text: string): Quantity {
  const match = /^([$€£]?)([\d,]+(?:\.\d+)?)([a-z]*)\s?(%?)$/iu.exec(text);
  const [, currency = '', digits = '', suffix = '', percent = ''] = match ?? [];
  const decade = suffix.toLowerCase() === 's';
  const factor = decade ? 1 : (factorOf(suffix.toLowerCase(), false) ?? 1);
  return {
    value: scaled(Number(digits.replaceAll(',', '')), factor),
    unit: percent === '' ? (currency === '' ? undefined : currency) : '%',
    yearLike: /^[12]\d{3}$/u.test(text),
    decade,
  };
}

/** The product without the noise of binary fractions: 1.1 million is 1100000. */
const scaled = (value: number, factor: number): number =>
  factor === 1 ? value : Number((value * factor).toPrecision(15));

/** `50 million` and `twenty five` become one number. */
function mergeNumbers(tokens: readonly Token[]): readonly Token[] {
  const merged: Token[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] as Token;
    const number = startOfNumber(tokens, i);
    if (number === undefined) {
      merged.push(token);
      continue;
    }
    let { value } = number.quantity;
    let next = i + number.length;
    let factors = 0;
    for (; tokens[next]?.kind === 'word'; next++, factors++) {
      const factor = factorOf(tokens[next]?.stem ?? '', true);
      if (factor === undefined) break;
      value = scaled(value, factor);
    }
    const text = tokens
      .slice(i, next)
      .map((part) => part.text)
      .join(' ');
    const yearLike = number.quantity.yearLike && factors === 0;
    merged.push({
      ...token,
      kind: 'number',
      text,
      number: { ...number.quantity, value, yearLike },
    });
    i = next - 1;
  }
  return merged;
}

function startOfNumber(
  tokens: readonly Token[],
  at: number,
): { readonly quantity: Quantity; readonly length: number } | undefined {
  const [token, joint, after] = tokens.slice(at, at + 3);
  if (token?.number !== undefined) return { quantity: token.number, length: 1 };
  if (token?.kind !== 'word') return undefined;
  const hyphen = joint !== undefined && joint.text === '-' && joint.glued;
  const next = hyphen ? after : joint;
  const written = numberWord(next === undefined ? [token.word] : [token.word, next.word]);
  return (
    written && {
      quantity: { value: written.value, unit: undefined, yearLike: false, decade: false },
      length: written.length === 2 && hyphen ? 3 : written.length,
    }
  );
}
