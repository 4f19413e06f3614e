import { numberInWords, scaleOf, withHalf, type WrittenNumber } from '../text/number-words.ts';
import { isoPeriod, type Period } from '../text/period.ts';
import { factorOf, fold, singular, unitOf } from '../text/words.ts';

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
  /** The digits alone, where no other word counts them: 50 of `50` and of `50m`. */
  readonly digits?: number;
  /** The parts of a plain number at its points: `[18, 17, 1]`. */
  readonly parts?: readonly number[];
}

const PATTERN =
  /(?<date>\d{4}-\d\d(?:-\d\d)?(?![\d-]))|(?<number>(?:US\$|(?:USD|EUR|GBP)\s?|[$€£])?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)*(?:k|mn|m|bn|b|tn)?(?![\p{L}\d])(?:\s?%)?|[12]\d{3}s(?![\p{L}\d]))|(?<word>[\p{L}\d](?:[\p{L}\p{M}\d]|['’.](?=\p{L}))*)|(?<mark>[<>]=?|≥|≤|[^\s])/giu;

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

const digitsIn = (text: string): Pick<Quantity, 'digits'> =>
  /^\d+(?:\.\d+)?m?$/iu.test(text) ? { digits: Number.parseFloat(text) } : {};

function quantityOf(text: string): Quantity {
  const match = /^([$€£]|US\$|[a-z]{3})?\s?([\d,]+(?:\.\d+)?)(?:\.[\d.]+)?([a-z]*)\s?(%?)$/iu.exec(
    text,
  );
  const [, money = '', digits = '', suffix = '', percent = ''] = match ?? [];
  const currency = unitOf(money.toLowerCase()) ?? money.replace(/US/iu, '');
  const decade = suffix.toLowerCase() === 's';
  const factor = decade ? 1 : (factorOf(suffix.toLowerCase(), false) ?? 1);
  return {
    value: scaled(Number(digits.replaceAll(',', '')), factor),
    unit: percent === '' ? (currency === '' ? undefined : currency) : '%',
    yearLike: /^[12]\d{3}$/u.test(text),
    decade,
    ...digitsIn(text),
    ...(/^\d+(?:\.\d+)*$/u.test(text) ? { parts: text.split('.').map(Number) } : {}),
  };
}

/** The product without the noise of binary fractions: 1.1 million is 1100000. */
const scaled = (value: number, factor: number): number =>
  factor === 1 ? value : Number((value * factor).toPrecision(15));

/** `50 million`, `twenty five` and `the nineties` become one number each. */
function mergeNumbers(tokens: readonly Token[]): readonly Token[] {
  const merged: Token[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] as Token;
    const found = token.number === undefined ? writtenAt(tokens, at) : digitsAt(tokens, at, token);
    if (found === undefined) {
      merged.push(token);
      continue;
    }
    const text = tokens
      .slice(at, found.end)
      .map((part) => part.text)
      .join(' ');
    merged.push({ ...token, kind: 'number', text, number: found.number });
    at = found.end - 1;
  }
  return merged;
}

interface Merged {
  readonly number: Quantity;
  readonly end: number;
}

/** Digits, and the words that they are counted in: `1.5 million`, `2 and a half thousand`. */
function digitsAt(tokens: readonly Token[], at: number, { number }: Token): Merged | undefined {
  if (number === undefined) return undefined;
  let [value, end] = [number.value, at + 1];
  for (; tokens[end]?.kind === 'word'; end++) {
    const factor = scaleOf(tokens[end]?.stem ?? '');
    if (factor === undefined) break;
    value = scaled(value, factor);
  }
  const rest = tokens.slice(end, end + 4).map(({ word }) => word);
  const whole = withHalf(['', ...rest], { value, length: 1 });
  end += whole.length - 1;
  if (end === at + 1) return { number, end };
  const { digits: _, ...counted } = number;
  return { number: { ...counted, value: whole.value, yearLike: false }, end };
}

const plain = { unit: undefined, yearLike: false };

/** A number in words, or a decade: `a hundred and fifty`, `the eighties`, `the 80s`. */
function writtenAt(tokens: readonly Token[], at: number): Merged | undefined {
  if (tokens[at]?.kind !== 'word') return undefined;
  const decade = decadeOf(tokens, at);
  if (decade !== undefined)
    return { number: { value: decade, ...plain, decade: true }, end: at + 1 };
  const { words, ends } = wordsFrom(tokens, at);
  const hour = hoursIn(words);
  if (hour !== undefined) {
    return {
      number: { ...plain, value: hour.value, unit: 'h', decade: false },
      end: ends[hour.length - 1] ?? at + 1,
    };
  }
  const written = numberInWords(words);
  const end = written && ends[written.length - 1];
  if (written === undefined || end === undefined) return undefined;
  return { number: { value: written.value, ...plain, decade: false }, end };
}

/** `an hour`, `an hour and a half`. */
function hoursIn(words: readonly string[]): WrittenNumber | undefined {
  if (words[0] !== 'an' || words[1] !== 'hour') return undefined;
  return withHalf(words, { value: 1, length: 2 });
}

const MOST_WORDS = 16;

/** Words from `at` on, hyphens between them left out, and where each of them ends. */
function wordsFrom(
  tokens: readonly Token[],
  from: number,
): { readonly words: readonly string[]; readonly ends: readonly number[] } {
  const words: string[] = [];
  const ends: number[] = [];
  for (let at = from; at < tokens.length && words.length < MOST_WORDS; at++) {
    const token = tokens[at];
    if (token?.text === '-' && token.glued && tokens[at + 1]?.glued === true) continue;
    if (token?.kind !== 'word') break;
    words.push(token.stem === 'and' ? 'and' : singularOf(token));
    ends.push(at + 1);
  }
  return { words, ends };
}

/** `millions` counts as `million`; other words stay as they are. */
const singularOf = ({ word, stem }: Token): string => (scaleOf(stem) === undefined ? word : stem);

const DECADES: readonly (readonly [RegExp, number])[] = [
  [/^(?:noughties|00s)$/u, 2000],
  [/^10s$/u, 2010],
  [/^(?:twenties)$/u, 1920],
  [/^(?:thirties|30s)$/u, 1930],
  [/^(?:forties|40s)$/u, 1940],
  [/^(?:fifties|50s)$/u, 1950],
  [/^(?:sixties|60s)$/u, 1960],
  [/^(?:seventies|70s)$/u, 1970],
  [/^(?:eighties|80s)$/u, 1980],
  [/^(?:nineties|90s)$/u, 1990],
];

/** The first year of a decade; somebody in `their thirties` is not meant. */
function decadeOf(tokens: readonly Token[], at: number): number | undefined {
  if (/^(?:their|his|her|my|your|our)$/u.test(tokens[at - 1]?.word ?? '')) return undefined;
  const word = fold(tokens[at]?.text ?? '').replace(/['’]/u, '');
  return DECADES.find(([pattern]) => pattern.test(word))?.[1];
}

/** Makes one word of every name of a column that is written as in the table: `height_m`. */
export function mergeNames(tokens: readonly Token[], names: readonly string[]): readonly Token[] {
  const known = new Set(names.filter((name) => name.includes('_')).map(fold));
  if (known.size === 0) return tokens;
  const merged: Token[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const first = tokens[at] as Token;
    let [text, end, found] = [first.text, at + 1, at];
    for (; tokens[end]?.glued === true; end++) {
      text += tokens[end]?.text ?? '';
      if (known.has(fold(text))) found = end;
    }
    const name = tokens
      .slice(at, found + 1)
      .map((token) => token.text)
      .join('');
    const word = fold(name);
    merged.push(
      found === at ? first : { kind: 'word', text: name, word, stem: word, glued: first.glued },
    );
    at = found;
  }
  return merged;
}
