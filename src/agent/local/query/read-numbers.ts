import type { Column, ColumnKind } from '../corpus/table.ts';
import { attributesIn } from '../text/words.ts';
import { comparisonAt, type Comparison } from './comparison.ts';
import { isVersion } from './compile.ts';
import { findColumn } from './find-column.ts';
import { COMPARED_ABOUT } from './lexicon.ts';
import type { Condition } from './reading.ts';
import type { Scan } from './scan.ts';
import { inUnitOf, unitAt, unitFits } from './units.ts';

const COUNTED: readonly ColumnKind[] = ['number', 'year', 'list'];
const MEASURED: readonly ColumnKind[] = ['number', 'year'];

/** What a comparison is about, and the words that say so. */
type Subject =
  | {
      readonly kind: 'column';
      readonly column: Column;
      readonly start: number;
      readonly end: number;
      /** Words that name the column. */
      readonly named: number;
    }
  /** Something that no column is about; `start` to `end` names it. */
  | { readonly kind: 'unknown'; readonly start: number; readonly end: number }
  | { readonly kind: 'none' };

interface Found {
  readonly comparison: Comparison;
  readonly subject: Subject;
}

/** Reads comparisons and ranges: `population over 50 million`, `between 2 and 5 %`. */
export function readNumbers(scan: Scan): void {
  const found: Found[] = [];
  for (let at = scan.tokens.length - 1; at >= 0; at--) {
    if (!scan.free(at)) continue;
    const comparison = comparisonAt(scan, at);
    if (comparison === undefined) continue;
    const subject = subjectOf(scan, comparison);
    if (comparison.bare && !isSaid(scan, comparison, subject)) continue;
    found.unshift(comparison.bare ? bounded(scan, comparison, subject) : { comparison, subject });
    at = Math.min(at, comparison.start);
  }
  for (const [i, { comparison, subject }] of found.entries()) {
    const neighbours = subject.kind === 'none' ? [found[i - 1], found[i + 1]] : [];
    const joined = neighbours.find((other) => joins(scan, other, comparison));
    apply(scan, comparison, joined?.subject ?? subject, joined === undefined);
  }
}

function apply(scan: Scan, comparison: Comparison, subject: Subject, own: boolean): void {
  if (subject.kind !== 'column' || !isCounted(subject.column, comparison)) {
    return leaveOut(scan, comparison, subject);
  }
  const { unit } = unitAt(scan, comparison.end) ?? comparison;
  scan.conditions.push(...conditions(subject.column, comparison, unit));
  scan.take(comparison.start, comparison.tail ?? comparison.end);
  if (own) scan.take(subject.start, subject.end);
}

/** A number alone must be about a column; in `seven-figure funding` it belongs to its word. */
const isSaid = (scan: Scan, { end }: Comparison, subject: Subject): boolean =>
  subject.kind === 'column' && (subject.named > 0 || scan.word(end) !== '-');

/** `a minimum headcount of 120` is no headcount of 120. */
function bounded(scan: Scan, comparison: Comparison, subject: Subject): Found {
  if (subject.kind !== 'column') return { comparison, subject };
  const start = subject.start - 1;
  const operator = scan.free(start) ? BOUNDS[scan.word(start)] : undefined;
  if (operator === undefined) return { comparison, subject };
  const bounds = comparison.bounds.map((bound) => ({ ...bound, operator }));
  return { comparison: { ...comparison, bounds }, subject: { ...subject, start } };
}

const BOUNDS: Readonly<Record<string, '>=' | '<='>> = {
  minimum: '>=',
  min: '>=',
  minimal: '>=',
  maximum: '<=',
  max: '<=',
  maximal: '<=',
};

/** `18.17.1` can only be a version, and a version is only compared with one. */
const isCounted = (column: Column, { bounds }: Comparison): boolean =>
  bounds.every(({ parts }) =>
    isVersion(column) ? parts !== undefined : parts === undefined || parts.length < 3,
  );

/** `over 5 million but under 10 million people`: one half names the column of both. */
function joins(scan: Scan, other: Found | undefined, { start, end }: Comparison): boolean {
  if (other?.subject.kind !== 'column') return false;
  const before = other.comparison.start < start;
  const from = before ? Math.max(other.subject.end, other.comparison.end) : end;
  const to = before ? start : other.comparison.start;
  return to - from <= 2 && /^(?:and|but|,)$/u.test(scan.tokens[from]?.text ?? '');
}

function conditions(
  column: Column,
  { bounds }: Comparison,
  unit: string | undefined,
): readonly Condition[] {
  return bounds.map(({ operator, value, digits, parts }) => ({
    kind: 'compare',
    column,
    operator,
    ...(isVersion(column) && parts !== undefined ? { version: parts } : {}),
    value: column.kind === 'list' ? value : inUnitOf(column, { value, digits }, unit),
  }));
}

function leaveOut(scan: Scan, comparison: Comparison, subject: Subject): void {
  const named = subject.kind === 'unknown';
  const start = named ? Math.min(comparison.start, subject.start) : comparison.start;
  const own = comparison.tail ?? comparison.end;
  const end = named ? Math.max(own, subject.end) : own;
  const candidates = scan.table.columns.filter(({ kind }) => kind === 'number');
  let why = 'no column for it';
  if (comparison.vague) why = 'it is not exact';
  else if (!named && candidates.length > 0) {
    why = `it could be about ${candidates.map(({ name }) => name).join(' or ')}`;
  }
  scan.notApplied.push(`${scan.quote(start, end)} (${why})`);
  scan.take(start, end);
}

/** By the words beside the comparison, then by its unit, then as the only column with numbers. */
function subjectOf(scan: Scan, comparison: Comparison): Subject {
  const { start, end } = comparison;
  if (comparison.vague) return { kind: 'unknown', start, end };
  const unit = unitAt(scan, end) ?? { unit: comparison.unit, end };
  const left = leftOf(scan, start);
  const right = counted(scan, start, end) ?? rightOf(scan, start, unit.end, unit.end === end);
  // `score 80 on the critics rating`: what is named in more words is meant.
  const better = namedIn(right) > namedIn(left) ? [right, left] : [left, right];
  for (const subject of better) {
    if (subject.kind !== 'column' || !unitFits(subject.column, unit.unit)) continue;
    return { ...subject, end: Math.max(subject.end, unit.end) };
  }
  return unnamed(scan, comparison, unit, { left, right });
}

/** What a comparison is about that stands at no column's name. */
function unnamed(
  scan: Scan,
  { start, end }: Comparison,
  unit: { readonly unit: string | undefined; readonly end: number },
  { left, right }: { readonly left: Subject; readonly right: Subject },
): Subject {
  if (right.kind !== 'none') return { kind: 'unknown', start, end: right.end };
  if (left.kind !== 'none') {
    return verbOf(scan, left, unit) ?? { kind: 'unknown', start: left.start, end };
  }
  const only = comparedColumn(scan, start) ?? onlyColumn(scan, unit.unit);
  return only === undefined
    ? { kind: 'none' }
    : { kind: 'column', column: only, start, end: unit.end, named: 0 };
}

/** `covering less than 5,000 km2`: the unit says what the verb is about; of money it does not. */
function verbOf(
  scan: Scan,
  left: Subject,
  { unit, end }: { readonly unit: string | undefined; readonly end: number },
): Subject | undefined {
  if (left.kind === 'none' || unit === undefined || /^[$€£]$/u.test(unit)) return undefined;
  const column = /(?:ing|ed|s)$/u.test(scan.word(left.start)) ? onlyColumn(scan, unit) : undefined;
  return column && { kind: 'column', column, start: left.start, end, named: 0 };
}

const namedIn = (subject: Subject): number => (subject.kind === 'column' ? subject.named : 0);

/** The one column that counts in the unit, or without a unit the one with numbers. */
function onlyColumn(scan: Scan, unit: string | undefined): Column | undefined {
  const numbers = scan.table.columns.filter(({ kind }) => kind === 'number');
  const fitting = numbers.filter(
    (column) => unit === undefined || (column.unit !== undefined && unitFits(column, unit)),
  );
  if (fitting.length === 1) return fitting[0];
  // Money is written with its currency.
  const plain = fitting.filter((column) => unit !== undefined || !isMoney(column));
  return plain.length === 1 ? plain[0] : undefined;
}

/** `heavier than` is about the one column with a weight. */
function comparedColumn(scan: Scan, start: number): Column | undefined {
  const about = COMPARED_ABOUT[scan.word(start)] ?? [];
  const fitting = scan.table.columns.filter(
    ({ kind, words }) =>
      kind === 'number' && attributesIn(words).some((word) => about.includes(word)),
  );
  return fitting.length === 1 ? fitting[0] : undefined;
}

const isMoney = ({ unit }: Column): boolean => /^[$€£]$/u.test(unit ?? '');

/** A unit may be part of a name: `miles per gallon`. */
function counted(scan: Scan, start: number, end: number): Subject | undefined {
  const found = columnAt(scan, end, COUNTED);
  return found && { kind: 'column', ...found, start, named: found.end - end };
}

/** What is counted after the number and its unit: `people`, `in population`, `full-time staff`. */
function rightOf(scan: Scan, start: number, end: number, unitless: boolean): Subject {
  const linked = /^(?:of|in|on|for)$/u.test(scan.word(end)) && scan.free(end);
  const at = linked ? end + 1 : end;
  for (let first = at; first <= at + 2; first++) {
    const found = columnAt(scan, first, COUNTED);
    if (found !== undefined) return { kind: 'column', ...found, start, named: found.end - first };
    if (!scan.content(first)) break;
  }
  const counted = !linked && unitless && scan.content(at) && !scan.isNoun(at);
  return counted ? { kind: 'unknown', start, end: at + 1 } : { kind: 'none' };
}

/** The column named before the comparison: `population over …`, `an area of less than …`. */
function leftOf(scan: Scan, start: number): Subject {
  let last = start - 1;
  while (start - last <= 4 && !JOINT.test(scan.word(last)) && isLink(scan, last)) last--;
  if (!scan.content(last) || scan.isNoun(last)) return { kind: 'none' };
  for (let first = last - 2; first <= last; first++) {
    const found = columnAt(scan, first, MEASURED);
    if (found?.end === last + 1)
      return {
        kind: 'column',
        column: found.column,
        start: first,
        end: start,
        named: found.end - first,
      };
  }
  // In `logistics 20-50` nothing says that the number is about logistics.
  const apposed = last === start - 1 && scan.tokens[start]?.number !== undefined;
  return apposed ? { kind: 'none' } : { kind: 'unknown', start: last, end: start };
}

/** What it joins is said of something else. */
const JOINT = /^(?:and|or|but|plus)$/u;

const isLink = (scan: Scan, at: number): boolean =>
  scan.link(at) || (scan.free(at) && scan.word(at) === ':');

/** The longest run of words from `at` that names a column. */
function columnAt(
  scan: Scan,
  at: number,
  kinds: readonly ColumnKind[],
): { readonly column: Column; readonly end: number } | undefined {
  for (let end = at + 3; end > at; end--) {
    const words = scan.contentWords(at, end);
    const found = words === undefined ? undefined : findColumn(words, scan.table.columns, kinds);
    if (found?.kind === 'one') return { column: found.column, end };
  }
  return undefined;
}
