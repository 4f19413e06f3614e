import type { Column, Table } from '../corpus/table.ts';
import type { ValueIndex } from '../corpus/value-index.ts';
import { findColumn, saysColumn } from './find-column.ts';
import { FILLER, nounsLike } from './lexicon.ts';
import type { Reading } from './reading.ts';
import { readAges } from './read-ages.ts';
import { readDates } from './read-dates.ts';
import { readKinds } from './read-kinds.ts';
import { readNumbers } from './read-numbers.ts';
import { readRanking } from './read-ranking.ts';
import { readValues } from './read-values.ts';
import { Scan } from './scan.ts';
import { mergeNames, tokenize } from './tokens.ts';

export interface Asked {
  readonly query: string;
  /** Singular words that the caller uses for the records, such as the name of the list to fill. */
  readonly nouns: readonly string[];
  /** Words that need no explanation: names of the properties to fill, values of the input. */
  readonly known: ReadonlySet<string>;
  /** Columns that the caller wants filled; they settle which of several a ranking is about. */
  readonly wanted: readonly Column[];
  readonly nowMs: number;
}

/** A query that says more than this is read up to here, and the answer says so. */
const [MAX_TOKENS, MAX_LETTERS] = [500, 10_000];

/**
 * Reads a query as a question about one table.
 *
 * Passes run from the surest to the loosest and each takes its words: names of several words,
 * ranking and count, dates, numbers, names of one word, yes-or-no columns, and last the columns
 * that are only mentioned. What is left and is not filler is `unused`.
 */
export function understand(asked: Asked, table: Table, values: ValueIndex): Reading {
  const nouns = nounsLike([...table.nouns, ...asked.nouns]);
  const names = table.columns.map(({ name }) => name);
  const tokens = mergeNames(tokenize(asked.query.slice(0, MAX_LETTERS)), names).slice(
    0,
    MAX_TOKENS,
  );
  const scan = new Scan(tokens, table, nouns, asked.nowMs);
  if (asked.query.length > MAX_LETTERS || tokens.length === MAX_TOKENS) {
    scan.notApplied.push(`all after the first ${MAX_TOKENS} words (the query is too long)`);
  }
  readValues(scan, values, 2);
  readRanking(scan, asked.wanted);
  readValues(scan, values, 1);
  readAges(scan);
  readDates(scan);
  readNumbers(scan);
  readFlags(scan);
  readKinds(scan, values);
  readPresence(scan);
  readMentions(scan);
  const unused = leftOver(scan, asked.known);
  return {
    table,
    conditions: scan.conditions,
    order: scan.order,
    limit: scan.limit,
    mentioned: [...scan.mentioned],
    unused,
    notApplied: scan.notApplied,
    unrankable: scan.unrankable,
    explained: scan.explained,
    named: scan.named,
  };
}

/** `landlocked`, `not landlocked`, `non-landlocked`, `landlocked: false`. */
function readFlags(scan: Scan): void {
  const flags = scan.table.columns.filter(({ kind }) => kind === 'boolean');
  for (let at = 0; at < scan.tokens.length; at++) {
    const found = columnAt(scan, at, 2, flags, withoutIs);
    if (found === undefined || displayed(scan, at)) continue;
    let { end } = found;
    const negated = scan.takeNegator(at);
    while (/^(?:is|=|:)$/u.test(scan.word(end))) end++;
    const stated = /^(?:true|yes|false|no)$/u.exec(scan.word(end));
    if (stated !== null) end++;
    const value = stated === null || /^(?:true|yes)$/u.test(stated[0]);
    scan.take(at, end);
    scan.conditions.push({ kind: 'flag', column: found.column, value: value !== negated });
  }
}

/** The longest run of at most `longest` words from `at` that names one of the columns. */
function columnAt(
  scan: Scan,
  at: number,
  longest: number,
  columns: readonly Column[],
  plain: (words: readonly string[]) => readonly string[] = (words) => words,
): { readonly column: Column; readonly end: number } | undefined {
  for (let end = at + longest; end > at; end--) {
    const words = scan.contentWords(at, end);
    const found = words === undefined ? undefined : findColumn(plain(words), columns);
    if (found?.kind === 'one') return { column: found.column, end };
  }
  return undefined;
}

const withoutIs = (words: readonly string[]): readonly string[] =>
  words.filter((word) => word !== 'is' && word !== 'has');

/** `whether it is landlocked`: asked to be told, not to be met. */
function displayed(scan: Scan, at: number): boolean {
  for (let i = at - 1; i >= 0 && at - i <= 5; i--) {
    if (scan.word(i) === 'whether' || scan.word(i) === 'if') return true;
  }
  return false;
}

/** `without a website`, `with a website`: whether there is a value at all. */
function readPresence(scan: Scan): void {
  for (let at = 0; at < scan.tokens.length; at++) {
    const known = presenceAt(scan, at);
    if (known === undefined) continue;
    let start = at + 1;
    while (ANY.test(scan.word(start))) start++;
    const found = columnAt(scan, start, 2, scan.table.columns);
    if (found === undefined || (start === at + 1 && known && !isGap(scan, found))) continue;
    scan.conditions.push({ kind: 'known', column: found.column, known });
    scan.take(at, found.end);
  }
}

/** With a value where many have none; `with capital and area` only asks to be told. */
function isGap(
  scan: Scan,
  { column, end }: { readonly column: Column; readonly end: number },
): boolean {
  const next = scan.tokens[end]?.text;
  return column.filled < scan.table.rows * GAPS && (next === undefined || /^[.?!]$/u.test(next));
}

const GAPS = 0.9;

const ANY = /^(?:a|an|any|known)$/u;

function presenceAt(scan: Scan, at: number): boolean | undefined {
  if (!scan.free(at)) return undefined;
  if (/^(?:without|missing|lack|lacks|lacking|no)$/u.test(scan.word(at))) return false;
  return /^(?:with|have|has|having)$/u.test(scan.word(at)) ? true : undefined;
}

/** Columns named without a condition, and nouns for the records. */
function readMentions(scan: Scan): void {
  for (let at = 0; at < scan.tokens.length; at++) {
    if (!scan.content(at)) continue;
    const noun = scan.table.nouns.has(scan.stem(at));
    const verb = /^(?:by|in|from|as|-)$/u.test(scan.word(at + 1)) || at === scan.tokens.length - 1;
    if (!noun && verb && saysColumn(scan.word(at), scan.table.columns)) scan.take(at, at + 1);
    const end = noun ? at : mention(scan, at);
    if (noun) scan.named = true;
    if (end > at) scan.take(at, end);
    else if (noun || scan.isNoun(at)) scan.take(at, at + 1);
  }
}

/** Notes the columns that the longest run of words from `at` names; returns its end. */
function mention(scan: Scan, at: number): number {
  for (let end = at + 3; end > at; end--) {
    const words = scan.contentWords(at, end);
    const found = words === undefined ? undefined : findColumn(words, scan.table.columns);
    if (found === undefined || found.kind === 'none') continue;
    const columns = found.kind === 'one' ? [found.column] : found.columns;
    for (const column of columns) scan.mentioned.add(column);
    return end;
  }
  return at;
}

/** Runs of words that no pass took and that mean something. */
function leftOver(scan: Scan, known: ReadonlySet<string>): readonly string[] {
  const unused: string[] = [];
  let start: number | undefined;
  let last = 0;
  const flush = (): void => {
    if (start !== undefined) unused.push(scan.quote(start, last + 1));
    start = undefined;
  };
  for (let at = 0; at < scan.tokens.length; at++) {
    const token = scan.tokens[at];
    if (token === undefined || token.kind === 'mark' || !scan.free(at)) {
      flush();
      continue;
    }
    const meant = !FILLER.has(token.word) && !known.has(token.stem);
    if (!meant && start === undefined) continue;
    if (meant) {
      start ??= at;
      last = at;
    } else {
      flush();
    }
  }
  flush();
  return unused;
}
