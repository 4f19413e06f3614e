import type { ValueIndex } from '../corpus/value-index.ts';
import type { Scan } from './scan.ts';

/**
 * Reads the first word of a value where it stands before what it describes: `private companies`
 * where the kinds are `Privately Held` and `Public Company`, `publicly traded firms`.
 */
export function readKinds(scan: Scan, values: ValueIndex): void {
  for (let at = 0; at < scan.tokens.length; at++) {
    if (!scan.content(at) || scan.isNoun(at)) continue;
    const [entry, ...others] = [scan.stem(at), adverbOf(scan.word(at)), plainOf(scan.word(at))]
      .flatMap((word) => values.beginning(word))
      .filter(({ table }) => table === scan.table);
    if (entry === undefined || others.some(({ value }) => value !== entry.value)) continue;
    if (!describes(scan, at)) continue;
    const { column, value } = entry;
    if (scan.conditions.some((it) => it.column === column)) continue;
    const negated = scan.takeNegator(at);
    const adverb = scan.word(at).endsWith('ly') && scan.word(at + 1).endsWith('ed');
    scan.take(at, adverb ? at + 2 : at + 1);
    scan.conditions.push({ kind: 'in', column, values: [value], negated, every: false });
  }
}

const adverbOf = (word: string): string => `${word}ly`;

const plainOf = (word: string): string => word.replace(/ly$/u, '');

/** Here the first word is no kind of record. */
const SET_PHRASES = new Set([
  'private equity',
  'private sector',
  'private label',
  'public benefit',
  'public sector',
  'public health',
  'public transport',
  'public relations',
]);

/** It begins the query, or only describing words stand between it and a word for the records. */
function describes(scan: Scan, at: number): boolean {
  if (SET_PHRASES.has(`${scan.word(at)} ${scan.word(at + 1)}`)) return false;
  if (isPredicate(scan, at)) return true;
  const article = /^(?:a|an|the)$/u.test(scan.word(at - 1)) ? at - 2 : at - 1;
  if (/^(?:of|by|with|for|to)$/u.test(scan.word(article))) return false;
  return isFirst(scan, at) || leadsToNoun(scan, at + 1);
}

/** `that are public`, `are not publicly traded`, `…, private`: at the end of what is said. */
function isPredicate(scan: Scan, at: number): boolean {
  const verb = /^(?:not|never|currently|still|all)$/u.test(scan.word(at - 1)) ? at - 2 : at - 1;
  const end = scan.word(at).endsWith('ly') && scan.word(at + 1).endsWith('ed') ? at + 2 : at + 1;
  return /^(?:is|are|isnt|arent|be|,|;)$/u.test(scan.word(verb)) && !scan.content(end);
}

function isFirst(scan: Scan, at: number): boolean {
  let first = 0;
  while (first < at && (scan.link(first) || scan.tokens[first]?.number !== undefined)) first++;
  return first === at;
}

function leadsToNoun(scan: Scan, from: number): boolean {
  for (let next = from; next < scan.tokens.length && next < from + 5; next++) {
    if (scan.isNoun(next) || /^ones?$/u.test(scan.word(next))) return true;
    if (!scan.content(next)) return false;
  }
  return false;
}
