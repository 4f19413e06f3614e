import type { Column } from '../corpus/table.ts';
import {
  MAX_VALUE_WORDS,
  plainDirection,
  type IndexedValue,
  type ValueIndex,
} from '../corpus/value-index.ts';
import { countryNamed } from '../text/places.ts';
import { attribute, unitOf, wordsOf } from '../text/words.ts';
import { findColumn } from './find-column.ts';
import { FILLER, NEGATORS } from './lexicon.ts';
import { isPlaceColumn, readPlace, saysWhere } from './read-places.ts';
import type { Scan } from './scan.ts';

interface Linked {
  readonly column: Column;
  readonly values: readonly string[];
  readonly start: number;
  readonly end: number;
  /** The values cover more than the words say. */
  readonly wider?: boolean;
}

type Link =
  | Linked
  | { readonly ambiguous: readonly IndexedValue[]; readonly start: number; readonly end: number };

/**
 * Links words to values of the table: `in western Europe`, `Asia or Oceania`, `not French`.
 * With `minimumWords` 2 only names of several words are taken, before any other pass can break
 * them up.
 */
export function readValues(scan: Scan, values: ValueIndex, minimumWords: number): void {
  for (let at = 0; at < scan.tokens.length; at++) {
    if (!scan.free(at) || scan.tokens[at]?.kind !== 'word' || isUnit(scan, at)) continue;
    const link = linkAt(scan, values, at, minimumWords, undefined);
    if (link === undefined) continue;
    if ('ambiguous' in link) {
      const names = [...new Set(link.ambiguous.map(({ column }) => column.name))];
      scan.notApplied.push(`${scan.quote(at, link.end)} (it could be ${names.join(' or ')})`);
      scan.take(at, link.end);
    } else {
      at = addList(scan, values, link) - 1;
    }
  }
}

/** In `5 million euros` the euro is a unit. */
const isUnit = (scan: Scan, at: number): boolean =>
  scan.tokens[at - 1]?.number !== undefined && unitOf(scan.stem(at)) !== undefined;

/** Adds a condition for a value and for those that follow it in a list; returns its end. */
function addList(scan: Scan, values: ValueIndex, first: Linked): number {
  const all = [...first.values];
  let { end } = first;
  noteWider(scan, first);
  let every = false;
  for (;;) {
    const next = nextInList(scan, values, first, end);
    if (next === undefined) break;
    every ||= first.column.kind === 'list' && next.joint === 'and';
    all.push(...next.link.values);
    noteWider(scan, next.link);
    end = next.link.end;
  }
  const subject = subjectAround(scan, first.column, first.start, end);
  const negated = scan.takeNegator(subject.start);
  scan.take(subject.start, subject.end);
  const known = scan.conditions.findIndex(
    (it) =>
      it.kind === 'in' &&
      it.column === first.column &&
      it.negated === negated &&
      it.column.kind !== 'list',
  );
  const earlier = scan.conditions[known];
  const values_ = [...new Set([...(earlier?.kind === 'in' ? earlier.values : []), ...all])];
  const condition = { kind: 'in' as const, column: first.column, values: values_, negated, every };
  if (earlier === undefined) scan.conditions.push(condition);
  else scan.conditions[known] = condition;
  return Math.max(end, subject.end);
}

function noteWider(scan: Scan, { wider, start, end, column, values }: Linked): void {
  if (wider !== true) return;
  scan.notApplied.push(`${scan.quote(start, end)} (only as ${column.name} ${values.join(' or ')})`);
}

interface Next {
  readonly link: Linked;
  readonly joint: 'and' | 'or';
}

/** `, Asia`, `or in Oceania`, `and Europe`; in `Series A or B` the head is shared. */
function nextInList(scan: Scan, values: ValueIndex, first: Linked, from: number): Next | undefined {
  const comma = /^[,/]$/u.test(scan.word(from)) ? 1 : 0;
  const word = scan.free(from + comma) ? JOINTS[scan.word(from + comma)] : undefined;
  if (comma === 0 && word === undefined) return undefined;
  let at = from + comma + (word === undefined ? 0 : 1);
  while (/^(?:in|the|from|of|either|a|an|not)$/u.test(scan.word(at)) && scan.free(at)) at++;
  const link = linkAt(scan, values, at, 1, first.column) ?? sharedHead(scan, values, first, at);
  if (link === undefined || 'ambiguous' in link) return undefined;
  return { link, joint: word ?? 'or' };
}

const JOINTS: Readonly<Record<string, 'and' | 'or'>> = {
  or: 'or',
  nor: 'or',
  and: 'and',
  '&': 'and',
};

function sharedHead(scan: Scan, values: ValueIndex, first: Linked, at: number): Linked | undefined {
  const words = wordsOf(first.values[0] ?? '');
  if (words.length < 2 || scan.tokens[at]?.kind !== 'word' || !scan.free(at)) return undefined;
  const found = values
    .find([...words.slice(0, -1), scan.stem(at)])
    .find((entry) => entry.column === first.column);
  return found && { column: first.column, values: [found.value], start: at, end: at + 1 };
}

/** The longest run of words from `at` that is a value; exact values before variants. */
function linkAt(
  scan: Scan,
  values: ValueIndex,
  at: number,
  minimumWords: number,
  column: Column | undefined,
): Link | undefined {
  for (const run of runsFrom(scan, at)) {
    if (run.stems.length < minimumWords) return undefined;
    const found = entriesOf(scan, values, run.stems, at, run.end, column);
    const link =
      found.length > 0
        ? choose(scan, found, at, run.end)
        : readPlace(scan, values, run.stems, { start: at, end: run.end }, column);
    if (link === undefined) continue;
    if (isCompared(scan, at)) return undefined;
    const place = !('ambiguous' in link) && isPlaceColumn(scan, values, link.column);
    return place && !saysWhere(scan, values, at, run.end) ? undefined : link;
  }
  return undefined;
}

interface Run {
  readonly stems: readonly string[];
  readonly end: number;
}

/** Runs of words from `at`, the longest first. */
function runsFrom(scan: Scan, at: number): readonly Run[] {
  const stems: string[] = [];
  const runs: Run[] = [];
  for (let last = at; last < scan.tokens.length && stems.length < MAX_VALUE_WORDS; last++) {
    const token = scan.tokens[last];
    if (token === undefined || !scan.free(last)) break;
    if (token.kind === 'mark') {
      if (token.text === '-' || token.text === '.' || token.text === ',') continue;
      break;
    }
    stems.push(...wordsOf(token.text));
    runs.unshift({ stems: [...stems], end: last + 1 });
  }
  return runs;
}

/** In `bigger than France` France is not asked for. */
const isCompared = (scan: Scan, at: number): boolean => {
  const than = scan.word(at - 1) === 'the' ? at - 2 : at - 1;
  return scan.word(than) === 'than' && scan.word(than - 1) !== 'other';
};

function entriesOf(
  scan: Scan,
  values: ValueIndex,
  stems: readonly string[],
  at: number,
  end: number,
  column: Column | undefined,
): readonly IndexedValue[] {
  const single = stems.length === 1;
  const comma = scan.tokens.slice(at, end).some(({ text }) => text === ',');
  const allowed = (entry: IndexedValue): boolean =>
    entry.table === scan.table &&
    (column === undefined || entry.column === column) &&
    (!comma || entry.value.includes(',')) &&
    (!single || isMeant(scan, entry, at));
  const joined = isHyphened(scan, at, end) ? [{ words: [stems.join('')], exact: false }] : [];
  for (const variant of [...variantsOf(stems), ...joined]) {
    const found = values.find(variant.words).filter((entry) => allowed(entry));
    const exact = variant.exact ? found.filter((entry) => entry.exact) : [];
    if (exact.length > 0) return exact;
    if (found.length > 0 && (!single || variant.exact || !isGrammar(scan, at)) && end > at)
      return found;
  }
  return [];
}

/** `non-profit`: two words that the table may write as one. */
const isHyphened = (scan: Scan, at: number, end: number): boolean =>
  end === at + 3 && scan.word(at + 1) === '-' && scan.tokens[at + 2]?.glued === true;

/** Whether one word at `at` is the value, and not a word like any other. */
function isMeant(scan: Scan, { column, value }: IndexedValue, at: number): boolean {
  const token = scan.tokens[at];
  const written = token?.text === value;
  const capital = written && token?.word !== token?.text;
  if (!capital && !isCalled(scan, column, at)) return false;
  if (column.code || value.length < 3) return capital;
  // `red` is a word; `Ada` and `USA` must be written as names.
  if (value.length === 3 && !/^\p{Ll}{3}$/u.test(value)) return capital;
  return written || !isGrammar(scan, at);
}

/** More records than this, and plain words are names of some of them. */
const MANY_NAMES = 300;

/** A name of one word must be written as one, or be called one: `the movie Alien`. */
function isCalled(scan: Scan, column: Column, at: number): boolean {
  const text = scan.tokens[at]?.text ?? '';
  const names = column === scan.table.label || column.unique;
  if (!names || column.distinct <= MANY_NAMES) return true;
  if (text !== text.toLowerCase() && at > 0) return true;
  const one = scan.isNoun(at - 1) && scan.word(at - 1) === scan.stem(at - 1);
  return one || /^(?:named|called|titled|title|name|["“'])$/u.test(scan.word(at - 1));
}

const isGrammar = (scan: Scan, at: number): boolean => {
  const word = scan.word(at);
  return FILLER.has(word) || NEGATORS.has(word) || scan.isNoun(at);
};

/** The words themselves; without directions' endings; and a people's adjective as its place. */
function variantsOf(
  stems: readonly string[],
): readonly { readonly words: readonly string[]; readonly exact: boolean }[] {
  const last = stems.at(-1) ?? '';
  const places = last.endsWith('n')
    ? [last.slice(0, -1), last.slice(0, -2), last.slice(0, -3)].filter((it) => it.length >= 4)
    : [];
  const plain = stems.map(plainDirection);
  const adjectives = places.flatMap((place) => [
    [...stems.slice(0, -1), place],
    [...plain.slice(0, -1), place],
  ]);
  return [
    { words: stems, exact: true },
    { words: plain, exact: false },
    ...adjectives.map((words) => ({ words, exact: false })),
  ];
}

/** One column, or several that say which: the one named beside it, or that select the same. */
function choose(scan: Scan, found: readonly IndexedValue[], start: number, end: number): Link {
  const columns = [...new Set(found.map(({ column }) => column))];
  const linked = (column: Column): Linked => ({
    column,
    values: found.flatMap((entry) => (entry.column === column ? entry.value : [])),
    start,
    end,
  });
  const [only] = columns;
  if (only !== undefined && columns.length === 1) return linked(only);
  for (const column of columns) {
    const around = subjectAround(scan, column, start, end);
    if (around.start < start || around.end > end) return linked(column);
  }
  const places = columns.filter((column) => column !== scan.table.label);
  if (places.length < columns.length && /^(?:in|within|from|across)$/u.test(scan.word(start - 1))) {
    return choose(
      scan,
      found.filter(({ column }) => places.includes(column)),
      start,
      end,
    );
  }
  const place = countryColumn(scan, columns, found);
  if (place !== undefined) return linked(place);
  const same = new Set(found.map(({ records }) => records)).size === 1;
  if (same && only !== undefined) return linked(only);
  return { ambiguous: found, start, end };
}

/** Of a city and a country of one name the country is meant. */
function countryColumn(
  scan: Scan,
  columns: readonly Column[],
  [first]: readonly IndexedValue[],
): Column | undefined {
  if (first === undefined || countryNamed(first.value) === undefined) return undefined;
  return columns.find(
    (column) => column !== scan.table.label && column.words.map(attribute).includes('country'),
  );
}

/** Takes in the column's own name beside a value: `region Caribbean`, `the euro as currency`. */
function subjectAround(
  scan: Scan,
  column: Column,
  start: number,
  end: number,
): { readonly start: number; readonly end: number } {
  const names = (from: number, to: number): boolean => {
    const words = scan.contentWords(from, to);
    const found = words === undefined ? undefined : findColumn(words, scan.table.columns);
    return found?.kind === 'one' && found.column === column;
  };
  let before = start;
  while (start - before < 3 && isCopula(scan, before - 1)) before--;
  if (names(before - 2, before)) return { start: before - 2, end };
  if (names(before - 1, before)) return { start: before - 1, end };
  let after = end;
  if (/^(?:as|-)$/u.test(scan.word(after))) after++;
  if (/^(?:a|its|their|the)$/u.test(scan.word(after))) after++;
  if (names(after, after + 2)) return { start, end: after + 2 };
  if (names(after, after + 1)) return { start, end: after + 1 };
  return { start, end };
}

const isCopula = (scan: Scan, at: number): boolean =>
  scan.free(at) && /^(?:is|are|was|of|the|a|an|=|:|in|like|being|as)$/u.test(scan.word(at));
