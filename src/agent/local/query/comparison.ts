import { AFTER_NUMBER, BEFORE_NUMBER, OPPOSITE, VAGUE, type Comparator } from './lexicon.ts';
import { scaleOf } from '../text/number-words.ts';
import { singular } from '../text/words.ts';
import { findColumn } from './find-column.ts';
import type { Scan } from './scan.ts';
import type { Quantity } from './tokens.ts';

/** A comparison found in the words, before it is known which column it is about. */
export interface Comparison {
  readonly start: number;
  readonly end: number;
  readonly unit: string | undefined;
  /** `around 5 million`: nothing that can be checked. */
  readonly vague: boolean;
  /** A number alone, as in `825 people`: it counts only when it stands at its column. */
  readonly bare: boolean;
  /** Where words that belong to it end, when others stand between. */
  readonly tail?: number;
  readonly bounds: readonly Bound[];
}

interface Bound {
  readonly operator: Comparator | '<>';
  readonly value: number;
  /** As it is written, where it may be in the column's own unit; see {@link Quantity}. */
  readonly digits: number | undefined;
  /** As a version: `[18, 17]`. */
  readonly parts: readonly number[] | undefined;
}

/** The comparison whose (last) number stands at `at`. */
export const comparisonAt = (scan: Scan, at: number): Comparison | undefined =>
  rangeAt(scan, at) ?? singleAt(scan, at);

/** `between A and B`, `from A to B`, `A to B`, `A-B`. */
function rangeAt(scan: Scan, at: number): Comparison | undefined {
  const left = scan.matches(at - 2, ['up', 'to']) ? at - 3 : at - 2;
  const [second, first] = [scan.numberAt(at), scan.numberAt(left)];
  const start = first === undefined ? undefined : rangeStart(scan, left, scan.word(at - 1));
  if (second === undefined || first === undefined || start === undefined) return undefined;
  const sign = signAfter(scan, at);
  // `scaled from 20 to 100+`: only the end of the way is a bound.
  if (sign !== undefined) return { ...upTo(second, sign), start };
  const factor = first.value < 1_000 && second.value >= 1_000 ? factorOfText(scan, at) : 1;
  const [low, high] = [
    {
      value: first.value * factor,
      digits: digitsUnless(factor, first),
      parts: first.parts,
    },
    { value: second.value, digits: second.digits, parts: second.parts },
  ].toSorted((a, b) => a.value - b.value);
  if (low === undefined || high === undefined) return undefined;
  return {
    start,
    end: at + 1,
    unit: second.unit ?? first.unit,
    vague: false,
    bare: false,
    bounds: [
      { operator: '>=', ...low },
      { operator: '<=', ...high },
    ],
  };
}

/** The digits as written, unless the number after them says in what they are counted. */
const digitsUnless = (factor: number, { digits }: Quantity): number | undefined =>
  factor === 1 ? digits : undefined;

/** Where a range begins whose first number stands at `left`; undefined when it is none. */
function rangeStart(scan: Scan, left: number, joint: string): number | undefined {
  const opening = /^(?:between|from)$/u.exec(scan.word(left - 1))?.[0];
  if (!/^(?:to|-|–|—)$/u.test(joint) && !(joint === 'and' && opening === 'between')) {
    return undefined;
  }
  return opening === undefined ? left : left - 1;
}

const upTo = (
  { value, unit, parts, digits }: Quantity,
  { operator, end, tail }: Sign,
): Omit<Comparison, 'start'> => {
  const bounds = [{ operator, value, digits, parts }];
  return { end, tail, unit, vague: false, bare: false, bounds };
};

/** In `10 to 50 million` and `five to six thousand` the first number is counted so too. */
function factorOfText(scan: Scan, at: number): number {
  const { text = '', number } = scan.tokens[at] ?? {};
  const scale = scaleOf(singular(text.toLowerCase().split(' ').at(-1) ?? ''));
  if (scale !== undefined && scale >= 1_000) return scale;
  const factor = (number?.value ?? 0) / Number.parseFloat(text.replace(/[^\d.]/gu, ''));
  return factor >= 1_000 ? factor : 1;
}

interface Sign {
  readonly operator: Comparator;
  readonly end: number;
  readonly tail: number;
}

/** `5 or more`, `5 people or more`; what stands between is left for the words that are counted. */
function signAfter(scan: Scan, at: number): Sign | undefined {
  for (let from = at + 1; from <= at + 3; from++) {
    const found = AFTER_NUMBER.find(([words]) => scan.matches(from, words));
    // In `100 staff, at least 5 million raised` the sign belongs to the next number.
    const next = scan.tokens[from + (found?.[0].length ?? 0)];
    if (found !== undefined && next?.number === undefined && next?.word !== 'than') {
      const tail = from + found[0].length;
      return { operator: found[1], end: from === at + 1 ? tail : at + 1, tail };
    }
    if (!scan.content(from)) return undefined;
  }
  return undefined;
}

/** `8 cylinder cars`: what is counted stands before the records that have so many. */
const describes = (scan: Scan, at: number): boolean =>
  scan.content(at + 1) &&
  scan.isNoun(at + 2) &&
  findColumn([scan.stem(at + 1)], scan.table.columns, ['number']).kind === 'one';

/** `no more than`, `doesn't exceed`. */
const NEGATED = /^(?:no|not|never|cannot|cant|dont|doesnt|didnt|isnt|arent)$/u;

/** With the `no` or the `a` that stands before it. */
function opened(
  scan: Scan,
  start: number,
  operator: Comparator,
): { readonly start: number; readonly operator: Bound['operator'] } {
  const negated = NEGATED.test(scan.word(start - 1)) && scan.free(start - 1);
  const first = negated ? start - 1 : start;
  const article = scan.matches(first - 1, ['a']) ? 1 : 0;
  return { start: first - article, operator: negated ? OPPOSITE[operator] : operator };
}

function singleAt(scan: Scan, at: number): Comparison | undefined {
  const quantity = scan.numberAt(at);
  if (quantity === undefined) return undefined;
  const common = { end: at + 1, unit: quantity.unit, vague: false, bare: false, bounds: [] };
  if (VAGUE.has(scan.word(at - 1))) return { ...common, start: at - 1, vague: true };
  const { value, parts, digits } = quantity;
  const before = BEFORE_NUMBER.find(([words]) => scan.matches(at - words.length, words));
  if (before !== undefined) {
    const { start, operator } = opened(scan, at - before[0].length, before[1]);
    return { ...common, start, bounds: [{ operator, value, digits, parts }] };
  }
  const after = signAfter(scan, at);
  if (after !== undefined)
    return {
      ...common,
      ...after,
      start: at,
      bounds: [{ operator: after.operator, value, digits, parts }],
    };
  if (!describes(scan, at) && !/^(?:of|is|are|was|:|with)$/u.test(scan.tokens[at - 1]?.text ?? ''))
    return undefined;
  return { ...common, start: at, bare: true, bounds: [{ operator: '=', value, digits, parts }] };
}
