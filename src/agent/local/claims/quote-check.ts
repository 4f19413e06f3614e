import type { DocumentFormat, Fact } from '../corpus/document.ts';
import { parseHtml } from '../corpus/parse-html.ts';
import { locateQuote } from './locate-quote.ts';

/**
 * Whether a document says what it is said to say, at the place that is given: the characters
 * there, as a reader sees them, hold the value. A name that only the file's name gives has no place
 * in the text.
 */
export function isLocated(source: string, format: DocumentFormat, fact: Fact): boolean {
  const { start, end } = fact.span;
  if (start === end) return fact.method === 'pair' && fact.label === 'name';
  const raw = source.slice(start, end);
  if (raw === fact.text) return true;
  return SEEN[fact.method === 'jsonld' ? 'json' : format](raw).some(
    (text) => locateQuote(text, fact.text) !== undefined,
  );
}

/** What a reader sees of a part of a file; several where that depends on what is around it. */
const SEEN: Readonly<Record<DocumentFormat | 'json', (raw: string) => readonly string[]>> = {
  html: (raw) => [raw, visible(raw)],
  markdown: (raw) => [raw, unmarked(raw), unmarked(visible(raw))],
  text: (raw) => [raw],
  json: (raw) => [raw, unescaped(raw)],
};

const visible = (raw: string): string =>
  parseHtml(raw)
    .blocks.flatMap((block) => ('passage' in block ? [block.passage.text] : []))
    .join(' ');

/** Without emphasis, code marks, addresses of links, and marks at the beginning of a line. */
const unmarked = (raw: string): string =>
  raw
    .replace(/\]\([^()\s]{0,2000}\)/gu, '')
    .replace(/^[ \t]*(?:>[ \t]*)+/gmu, ' ')
    .replace(/\\(?=\p{P})/gu, '')
    .replace(/[*_`~[\]]/gu, '');

function unescaped(raw: string): string {
  try {
    return JSON.parse(`"${raw}"`) as string;
  } catch {
    return raw;
  }
}
