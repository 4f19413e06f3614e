import type { Column } from '../corpus/table.ts';
import { findColumn } from './find-column.ts';
import { SUPERLATIVES } from './lexicon.ts';
import { afterArticles, byPhrase, directed, senseOf } from './ranked-column.ts';
import type { Scan } from './scan.ts';

/** `sorted by area, largest first`, `ordered by name`, `in descending order of area`. */
export function readSort(scan: Scan): void {
  const at = scan.tokens.findIndex((_, i) => sortsAt(scan, i));
  if (at === -1) return readOrdering(scan);
  const first = afterArticles(scan, at + 2);
  const words: string[] = [];
  let found: { readonly column: Column; readonly end: number } | undefined;
  let end = first;
  for (; end < first + 3 && (scan.content(end) || scan.word(end) === 'name'); end++) {
    words.push(scan.stem(end));
    const named = findColumn(words, scan.table.columns);
    if (named.kind === 'one') found = { column: named.column, end: end + 1 };
  }
  if (found === undefined) {
    scan.notApplied.push(`${scan.quote(at, end)}: no column for it`);
    scan.take(at, end);
    return;
  }
  scan.take(at, found.end);
  scan.order = { column: found.column, ...direction(scan, at, found.end), ranking: false };
}

/** `rank the companies in Chile by headcount`. */
function readOrdering(scan: Scan): void {
  const first = scan.word(0) === 'please' ? 1 : 0;
  if (!/^(?:rank|sort|order|arrange)$/u.test(scan.word(first)) || !scan.free(first)) return;
  const named = byPhrase(scan, first + 1);
  if (named === undefined) return;
  scan.take(first, first + 1);
  scan.take(named.start, named.end);
  scan.order = { column: named.column, ...direction(scan, first, named.end), ranking: false };
}

/** `newest first`, without the word that says sorting. */
export function readFirst(scan: Scan, wanted: readonly Column[]): void {
  const at = scan.tokens.findIndex(
    (_, i) => scan.matches(i + 1, ['first']) && SUPERLATIVES.has(scan.word(i)) && scan.free(i),
  );
  const superlative = SUPERLATIVES.get(scan.word(at));
  if (superlative === undefined || scan.order !== undefined) return;
  const [column, other] = senseOf(scan, superlative, wanted);
  if (column === undefined || other !== undefined) return;
  scan.take(at, at + 2);
  scan.order = { column, descending: directed(column, superlative), ranking: false };
}

function sortsAt(scan: Scan, at: number): boolean {
  if (!scan.free(at)) return false;
  const [word, next] = [scan.word(at), scan.word(at + 1)];
  if (next === 'of') return word === 'order';
  return next === 'by' && /^(?:sort|sorted|order|ordered|rank|ranked|arranged|listed)$/u.test(word);
}

const DIRECTION = /^(?:desc|descending|decreasing|asc|ascending|increasing)$/u;

function direction(scan: Scan, at: number, end: number): { readonly descending: boolean } {
  let next = end;
  if (scan.tokens[next]?.kind === 'mark') next++;
  if (scan.word(next) === 'in' || scan.word(next) === 'from') next++;
  const word = scan.word(next);
  const superlative = SUPERLATIVES.get(word);
  if (superlative !== undefined) {
    scan.take(end, next + (scan.word(next + 1) === 'first' ? 2 : 1));
    return { descending: superlative.descending };
  }
  const said = [next, at - 1].find((i) => DIRECTION.test(scan.word(i)));
  if (said !== undefined) {
    scan.take(Math.min(end, said), Math.max(end, said + 1));
    return { descending: /^(?:desc|decr)/u.test(scan.word(said)) };
  }
  return { descending: scan.word(at).startsWith('rank') };
}
