import { AFTER_NUMBER, BEFORE_NUMBER, OPPOSITE, VAGUE, type Comparator } from './lexicon.ts';
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
  readonly bounds: readonly { readonly operator: Comparator | '<>'; readonly value: number }[];
}

/** The comparison whose (last) number stands at `at`. */
export const comparisonAt = (scan: Scan, at: number): Comparison | undefined =>
  rangeAt(scan, at) ?? singleAt(scan, at);

/** `between A and B`, `from A to B`, `A to B`, `A-B`. */
function rangeAt(scan: Scan, at: number): Comparison | undefined {
  const [second, first] = [scan.numberAt(at), scan.numberAt(at - 2)];
  if (second === undefined || first === undefined) return undefined;
  const opening = /^(?:between|from)$/u.exec(scan.word(at - 3))?.[0];
  const joint = scan.word(at - 1);
  if (!/^(?:to|-|–|—)$/u.test(joint) && !(joint === 'and' && opening === 'between')) {
    return undefined;
  }
  const start = opening === undefined ? at - 2 : at - 3;
  const sign = signAfter(scan, at);
  // `scaled from 20 to 100+`: only the end of the way is a bound.
  if (sign !== undefined) return { ...upTo(second, sign), start };
  const factor = first.value < 1_000 && second.value >= 1_000 ? factorOfText(scan, at) : 1;
  const values = [first.value * factor, second.value];
  return {
    start,
    end: at + 1,
    unit: second.unit ?? first.unit,
    vague: false,
    bare: false,
    bounds: [
      { operator: '>=', value: Math.min(...values) },
      { operator: '<=', value: Math.max(...values) },
    ],
  };
}

const upTo = (
  { value, unit }: Quantity,
  { operator, end, tail }: Sign,
): Omit<Comparison, 'start'> => {
  const bounds = [{ operator, value }];
  return { end, tail, unit, vague: false, bare: false, bounds };
};

/** In `10 to 50 million` the first number is in millions too. */
function factorOfText(scan: Scan, at: number): number {
  const token = scan.tokens[at];
  const plain = Number.parseFloat(token?.text.replace(/[$€£,]/gu, '') ?? '');
  const factor = (token?.number?.value ?? 0) / plain;
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
    if (found !== undefined) {
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

function singleAt(scan: Scan, at: number): Comparison | undefined {
  const quantity = scan.numberAt(at);
  if (quantity === undefined) return undefined;
  const common = { end: at + 1, unit: quantity.unit, vague: false, bare: false, bounds: [] };
  if (VAGUE.has(scan.word(at - 1))) return { ...common, start: at - 1, vague: true };
  const { value } = quantity;
  const before = BEFORE_NUMBER.find(([words]) => scan.matches(at - words.length, words));
  if (before !== undefined) {
    const start = at - before[0].length;
    const negated = /^(?:no|not)$/u.test(scan.word(start - 1)) && scan.free(start - 1);
    const operator = negated ? OPPOSITE[before[1]] : before[1];
    return { ...common, start: negated ? start - 1 : start, bounds: [{ operator, value }] };
  }
  const after = signAfter(scan, at);
  if (after !== undefined)
    return { ...common, ...after, start: at, bounds: [{ operator: after.operator, value }] };
  if (!describes(scan, at) && !/^(?:of|is|are|was|:|with)$/u.test(scan.tokens[at - 1]?.text ?? ''))
    return undefined;
  return { ...common, start: at, bare: true, bounds: [{ operator: '=', value }] };
}
