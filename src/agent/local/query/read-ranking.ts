import type { Column } from '../corpus/table.ts';
import { ADJECTIVES, SUPERLATIVES, type Superlative } from './lexicon.ts';
import { afterArticles, byPhrase, columnFrom, directed, senseOf } from './ranked-column.ts';
import { readLimit } from './read-limit.ts';
import { readFirst, readSort } from './read-sort.ts';
import type { Scan } from './scan.ts';

/** Reads what is ranked or sorted, and how many are wanted: `the ten largest … by population`. */
export function readRanking(scan: Scan, wanted: readonly Column[]): void {
  for (let at = 0; at < scan.tokens.length; at++) {
    const superlative = superlativeAt(scan, at);
    if (superlative === undefined || scan.order !== undefined) continue;
    readSuperlative(scan, at, superlative, wanted);
  }
  if (scan.order === undefined && scan.unrankable === undefined) {
    readSort(scan);
    readFirst(scan, wanted);
  }
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
  if (
    scan.word(at - 1) === 'at' ||
    scan.word(at + 1) === 'of' ||
    (scan.word(at + 1) === 'first' && !scan.content(at + 1))
  ) {
    return undefined;
  }
  if (!/^(?:most|least|best|worst)$/u.test(word)) return { superlative, length: 1 };
  const about = ADJECTIVES[scan.word(at + 1)];
  if (about !== undefined)
    return { superlative: { ...superlative, about, bare: false }, length: 2 };
  return isJudged(scan, at) || columnFrom(scan, at + 1) !== undefined
    ? { superlative, length: 1 }
    : undefined;
}

/** `the three best`: what the best records are no column says, but it is a ranking all the same. */
const isJudged = (scan: Scan, at: number): boolean =>
  /^(?:best|worst)$/u.test(scan.word(at)) &&
  scan.isNoun(at + 1) &&
  (scan.tokens[at - 1]?.number !== undefined || isSingular(scan, at + 1));

function readSuperlative(scan: Scan, at: number, found: Found, wanted: readonly Column[]): void {
  const { superlative } = found;
  const { start, end, limit } = counted(scan, at, at + found.length);
  const quoted = scan.quote(start, end);
  const named = columnFrom(scan, end) ?? byPhrase(scan, end);
  const unknown = named === undefined ? unknownBy(scan, end) : undefined;
  const one = asksForOne(scan, start) || isSingular(scan, nounFrom(scan, end));
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

/** `which country has the largest …`, `the lighthouse in Ireland with the highest …` */
function asksForOne(scan: Scan, superlative: number): boolean {
  if (/^(?:which|what)$/u.test(scan.word(0)) && scan.isNoun(1) && isSingular(scan, 1)) return true;
  const before = [...scan.tokens.keys()].slice(0, Math.max(0, superlative));
  // `the largest company in each country` is one of many.
  if (scan.tokens.some((_, at) => /^(?:each|every)$/u.test(scan.word(at)))) return false;
  return before.some((at) => isOne(scan, at) && !isRankedAgain(scan, superlative));
}

/** A noun for one record that something is said of: not the `company` of `company records`. */
function isOne(scan: Scan, at: number): boolean {
  const next = scan.word(at + 1);
  const determiner = determinerOf(scan, at);
  // The verb tells of words that say nothing of the number, and of those that no table has.
  if (/^(?:which|what)$/u.test(determiner) && /^(?:has|had|is|was)$/u.test(next)) {
    return next !== 'had' || isSingular(scan, at);
  }
  // `series` may be many.
  if (!scan.isNoun(at) || !isSingular(scan, at) || scan.word(at).endsWith('s')) return false;
  return /^(?:the|a|an|one|single|which|what)$/u.test(determiner) && SAID_OF.test(next);
}

const SAID_OF = /^(?:with|has|had|having|that|whose|which|in|of|on|at|from|by|is|was)$/u;

/** The word that begins what a noun ends: the `the` of `the tall Irish lighthouse`. */
function determinerOf(scan: Scan, noun: number): string {
  for (let at = noun - 1; at >= Math.max(0, noun - 3); at--) {
    if (scan.tokens[at]?.kind !== 'word') return '';
    if (/^(?:the|a|an|one|single|which|what)$/u.test(scan.word(at))) return scan.word(at);
  }
  return '';
}

/** `the tallest and the oldest lighthouse` may be two. */
const isRankedAgain = (scan: Scan, superlative: number): boolean =>
  scan.tokens.some((_, at) => at > superlative + 1 && superlativeAt(scan, at) !== undefined);

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

/** `by gdp` where no column is about it: ranking by anything else would be a guess. */
function unknownBy(scan: Scan, from: number): string | undefined {
  for (let at = from; at < scan.tokens.length - 1; at++) {
    const start = afterArticles(scan, at + 1);
    if (scan.word(at) !== 'by' || !scan.free(at) || !scan.content(start)) continue;
    if (isDone(scan, at - 1) || /^\p{Lu}\p{Ll}/u.test(scan.tokens[start]?.text ?? '')) continue;
    return scan.quote(at, start + 1);
  }
  return undefined;
}

/** In `directed by …` and `movies by Woody Allen` it is said who did something. */
const isDone = (scan: Scan, at: number): boolean =>
  /(?:ed|made|built|written|run|led|sold|won)$/u.test(scan.word(at)) && scan.word(at) !== 'ranked';
