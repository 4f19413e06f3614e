import { findColumn } from './find-column.ts';
import type { Scan } from './scan.ts';

/** What they are further to is said by the exclusions. */
const FURTHER = new Set(['more', 'other', 'further', 'additional']);
const MANY = new Set(['record', 'row', 'item', 'result', 'entry', ...FURTHER]);
const ASKING = new Set(['find', 'list', 'give', 'show', 'return', 'name', 'first', 'limit', 'add']);
const CEILING = ['up to', 'at most', 'maximum of', 'max', 'no more than', 'not more than'];

/** `10 countries`, `up to 5 landlocked countries`, `find 3 more`. */
export function readLimit(scan: Scan): void {
  if (scan.limit !== undefined) return;
  for (let at = 0; at < scan.tokens.length; at++) {
    const number = scan.tokens[at]?.number;
    if (number === undefined || !scan.free(at) || !Number.isInteger(number.value)) continue;
    if (number.unit !== undefined || number.value < 1 || number.decade) continue;
    if (!isLimit(scan, at)) continue;
    scan.limit = number.value;
    scan.take(ceilingStart(scan, at) ?? at, limitEnd(scan, at));
    return;
  }
}

/** With the `more` of `3 more`, which is not that of `more than`. */
const limitEnd = (scan: Scan, at: number): number =>
  FURTHER.has(scan.word(at + 1)) && scan.word(at + 2) !== 'than' ? at + 2 : at + 1;

function ceilingStart(scan: Scan, at: number): number | undefined {
  for (const ceiling of CEILING) {
    const words = ceiling.split(' ');
    if (scan.matches(at - words.length, words)) return at - words.length;
  }
  return undefined;
}

const COMPARED =
  /^(?:than|least|over|above|under|below|exactly|between|and|to|or|in|since|before|after|[<>=]+)$/u;

/** `2024 startups` are not two thousand of them. */
const isYear = (scan: Scan, at: number): boolean => {
  const { yearLike = false, value = 0 } = scan.tokens[at]?.number ?? {};
  return yearLike && value >= 1900 && value < 2100;
};

/** It is a bound of something, or a year. */
const saysOther = (scan: Scan, at: number): boolean =>
  COMPARED.test(scan.word(at - 1)) || (isYear(scan, at) && !ASKING.has(scan.word(at - 1)));

/** Whether the number counts records, and not what a column of them says. */
function isLimit(scan: Scan, at: number): boolean {
  const before = scan.word(at - 1);
  if (ceilingStart(scan, at) === undefined && saysOther(scan, at)) return false;
  for (let i = at + 1; i < at + 5 && scan.tokens[i]?.kind === 'word'; i++) {
    const word = scan.word(i);
    if (scan.isNoun(i) || MANY.has(scan.stem(i))) return true;
    if (word === 'or' || word === 'and') break;
    if (findColumn([scan.stem(i)], scan.table.columns, ['number']).kind === 'one') return false;
  }
  return ASKING.has(before) && !scan.content(at + 1);
}
