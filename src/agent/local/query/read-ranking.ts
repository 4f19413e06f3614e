import type { Column, ColumnKind } from '../corpus/table.ts';
import { attribute } from '../text/words.ts';
import { findColumn } from './find-column.ts';
import { ADJECTIVES, SUPERLATIVES, type Superlative } from './lexicon.ts';
import type { Scan } from './scan.ts';

const RANKED: readonly ColumnKind[] = ['number', 'year', 'date'];
const MANY = new Set(['record', 'row', 'item', 'result', 'entry', 'more', 'other', 'further']);
const ASKING = new Set(['find', 'list', 'give', 'show', 'return', 'name', 'first', 'limit', 'add']);
const CEILING = ['up to', 'at most', 'maximum of', 'max', 'no more than', 'not more than'];

/** Reads what is ranked or sorted, and how many are wanted: `the ten largest … by population`. */
export function readRanking(scan: Scan, wanted: readonly Column[]): void {
  for (let at = 0; at < scan.tokens.length; at++) {
    const superlative = superlativeAt(scan, at);
    if (superlative === undefined || scan.order !== undefined) continue;
    readSuperlative(scan, at, superlative, wanted);
  }
  if (scan.order === undefined && scan.unrankable === undefined) readSort(scan);
  readLimit(scan);
}

interface Found {
  readonly superlative: Superlative;
  readonly length: number;
}

function superlativeAt(scan: Scan, at: number): Found | undefined {
  const word = scan.word(at);
  const superlative = SUPERLATIVES.get(word);
  if (superlative === undefined || !scan.free(at)) return undefined;
  if (scan.word(at - 1) === 'at' || scan.word(at + 1) === 'of' || scan.word(at + 1) === 'first') {
    return undefined;
  }
  if (word !== 'most' && word !== 'least') return { superlative, length: 1 };
  const about = ADJECTIVES[scan.word(at + 1)];
  if (about !== undefined)
    return { superlative: { ...superlative, about, bare: false }, length: 2 };
  const column = columnFrom(scan, at + 1);
  return column === undefined ? undefined : { superlative, length: 1 };
}

interface Named {
  readonly column: Column;
  readonly start: number;
  readonly end: number;
}

/** The longest run of words from `at` that names a column which can be ranked. */
function columnFrom(scan: Scan, at: number): Named | undefined {
  const start = afterArticles(scan, at);
  for (let end = start + 3; end > start; end--) {
    const words = scan.contentWords(start, end);
    const found = words === undefined ? undefined : findColumn(words, scan.table.columns, RANKED);
    if (found?.kind === 'one') return { column: found.column, start: at, end };
  }
  return undefined;
}

function afterArticles(scan: Scan, at: number): number {
  let start = at;
  while (/^(?:the|their|its|total|of)$/u.test(scan.word(start))) start++;
  return start;
}

function readSuperlative(scan: Scan, at: number, found: Found, wanted: readonly Column[]): void {
  const { superlative } = found;
  const { start, end, limit } = counted(scan, at, at + found.length);
  const quoted = scan.quote(start, end);
  const named = columnFrom(scan, end) ?? byPhrase(scan, end);
  const unknown = named === undefined ? unknownBy(scan, end) : undefined;
  const one = asksForOne(scan) || isSingular(scan, nounFrom(scan, end));
  scan.limit = limit ?? (one ? 1 : undefined);
  scan.take(start, end);
  if (named !== undefined) scan.take(named.start, named.end);
  const columns = unknown === undefined ? senseOf(scan, superlative, wanted) : [];
  const column = named?.column ?? onlyOf(columns);
  if (column === undefined) scan.unrankable = unrankable(unknown ?? quoted, columns);
  else scan.order = { column, descending: directed(column, superlative), ranking: true };
}

const onlyOf = <T>(list: readonly T[]): T | undefined => (list.length === 1 ? list[0] : undefined);

/** The number beside a superlative: `top 5`, `ten largest`. */
function counted(
  scan: Scan,
  start: number,
  end: number,
): { readonly start: number; readonly end: number; readonly limit: number | undefined } {
  const after = scan.tokens[end]?.number;
  if (after !== undefined) return { start, end: end + 1, limit: after.value };
  const before = scan.free(start - 1) ? scan.tokens[start - 1]?.number : undefined;
  return { start: before === undefined ? start : start - 1, end, limit: before?.value };
}

const isSingular = (scan: Scan, at: number | undefined): boolean =>
  at !== undefined && scan.word(at) === scan.stem(at);

/** `which country has the largest …` */
const asksForOne = (scan: Scan): boolean =>
  /^(?:which|what)$/u.test(scan.word(0)) && scan.isNoun(1) && isSingular(scan, 1);

/** The oldest has the earliest year, but the highest age. */
const directed = (column: Column, superlative: Superlative): boolean =>
  column.kind === 'number' && column.words.includes('age') && !superlative.bare
    ? !superlative.descending
    : superlative.descending;

const unrankable = (quoted: string, columns: readonly Column[]): string =>
  columns.length === 0
    ? `${quoted} cannot be ranked: no column says by what`
    : `${quoted} could be by ${columns.map(({ name }) => name).join(' or by ')}`;

function nounFrom(scan: Scan, at: number): number | undefined {
  for (let i = at; i < at + 4 && scan.tokens[i]?.kind === 'word'; i++) {
    if (scan.isNoun(i)) return i;
  }
  return undefined;
}

const OPENINGS = [['ranked', 'by'], ['by'], ['in', 'terms', 'of'], ['according', 'to'], ['in']];

/** `by population`, `in terms of area`, `according to revenue`, `in area`, later in the query. */
function byPhrase(scan: Scan, from: number): Named | undefined {
  for (const opening of OPENINGS) {
    for (let at = from; at < scan.tokens.length; at++) {
      if (!scan.matches(at, opening)) continue;
      const found = columnFrom(scan, at + opening.length);
      if (found !== undefined) return { ...found, start: at };
    }
  }
  return undefined;
}

/** `by gdp` where no column is about it: ranking by anything else would be a guess. */
function unknownBy(scan: Scan, from: number): string | undefined {
  for (let at = from; at < scan.tokens.length - 1; at++) {
    const start = afterArticles(scan, at + 1);
    if (scan.word(at) !== 'by' || !scan.free(at) || !scan.content(start)) continue;
    return scan.quote(at, start + 1);
  }
  return undefined;
}

/** The columns that a superlative can be about, by its meaning and by what is asked to be told. */
function senseOf(
  scan: Scan,
  superlative: Superlative,
  wanted: readonly Column[],
): readonly Column[] {
  const about = superlative.about.map(attribute);
  const fitting = scan.table.columns.filter(
    ({ kind, words }) =>
      RANKED.includes(kind) && words.some((word) => about.includes(attribute(word))),
  );
  const asked = fitting.filter((column) => wanted.includes(column));
  return asked.length === 1 ? asked : fitting;
}

/** `sorted by area, largest first`, `ordered by name`. */
function readSort(scan: Scan): void {
  const at = scan.tokens.findIndex(
    (_, i) =>
      /^(?:sort|sorted|order|ordered|rank|ranked)$/u.test(scan.word(i)) &&
      scan.word(i + 1) === 'by' &&
      scan.free(i),
  );
  if (at === -1) return;
  const words: string[] = [];
  let end = at + 2;
  for (; end < at + 5 && (scan.content(end) || scan.word(end) === 'name'); end++) {
    words.push(scan.stem(end));
    const found = findColumn(words, scan.table.columns);
    if (found.kind === 'one') {
      scan.order = { column: found.column, ...direction(scan, at, end + 1), ranking: false };
      return;
    }
  }
  scan.notApplied.push(`${scan.quote(at, end)}: no column for it`);
  scan.take(at, end);
}

function direction(scan: Scan, at: number, end: number): { readonly descending: boolean } {
  scan.take(at, end);
  let next = end;
  if (scan.tokens[next]?.kind === 'mark') next++;
  if (scan.word(next) === 'in' || scan.word(next) === 'from') next++;
  const word = scan.word(next);
  const superlative = SUPERLATIVES.get(word);
  if (superlative !== undefined) {
    scan.take(end, next + (scan.word(next + 1) === 'first' ? 2 : 1));
    return { descending: superlative.descending };
  }
  if (/^(?:desc|descending|asc|ascending)$/u.test(word)) {
    scan.take(end, next + 1);
    return { descending: word.startsWith('desc') };
  }
  return { descending: scan.word(at).startsWith('rank') };
}

/** `10 countries`, `up to 5 landlocked countries`, `find 3 more`. */
function readLimit(scan: Scan): void {
  if (scan.limit !== undefined) return;
  for (let at = 0; at < scan.tokens.length; at++) {
    const number = scan.tokens[at]?.number;
    if (number === undefined || !scan.free(at) || !Number.isInteger(number.value)) continue;
    if (number.unit !== undefined || number.value < 1 || number.decade) continue;
    if (!isLimit(scan, at)) continue;
    scan.limit = number.value;
    scan.take(ceilingStart(scan, at) ?? at, at + 1);
    return;
  }
}

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
