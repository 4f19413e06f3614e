import type { Citation } from '../../agent.ts';
import type { CorpusRecord, DocumentSource, StatedValue } from '../corpus/table.ts';
import type { Span } from '../corpus/plain-text.ts';
import type { Claim } from './claim.ts';

const MAX_CITATIONS = 3;

/** The sources of claims that say the same, the one that was taken first. */
export function citationsOf(claims: readonly Claim[], corpus: string): readonly Citation[] {
  const [taken] = claims;
  const citations = claims.flatMap(({ record, stated }) =>
    stated === undefined
      ? [citationOf(corpus, record)]
      : stated.flatMap((it) => documentCitations(corpus, it.source, it.span)),
  );
  const url = taken === undefined ? undefined : addressOf(taken.record);
  if (url !== undefined) citations.push({ url, title: 'address in the record' });
  const known = new Set<string>();
  const different = citations.filter((it) => !known.has(it.url) && known.add(it.url));
  return different.slice(0, MAX_CITATIONS);
}

/**
 * `corpus://corpus/countries.csv#row=12`: where the record stands, without a path of the machine.
 * For a record that was gathered from documents it is where the first of them names it.
 */
export function citationOf(corpus: string, record: CorpusRecord): Citation {
  const { table, row, stated } = record;
  const first = stated?.flatMap((it) => it?.support ?? [])[0];
  const [document] = first === undefined ? [] : documentCitations(corpus, first.source, first.span);
  return (
    document ?? {
      url: `${fileUrl(corpus, table.path)}#row=${row}`,
      title: `${table.name}, row ${row}`,
    }
  );
}

/**
 * The address that a document states for itself, and the place in its file:
 * `corpus://corpus/acme.md#char=120,164` counts the characters as JavaScript does.
 */
export function documentCitations(
  corpus: string,
  { path, title, url }: DocumentSource,
  { start, end }: Span,
): readonly Citation[] {
  const place = end > start ? `#char=${start},${end}` : '';
  const file: Citation = { url: fileUrl(corpus, path) + place, title };
  return url === undefined ? [file] : [{ url, title }, file];
}

const fileUrl = (corpus: string, path: string): string =>
  `corpus://${encodeURIComponent(corpus)}/${path.split('/').map(encodeURIComponent).join('/')}`;

/** The web address that a record of a file itself gives. */
function addressOf({ table, cells }: CorpusRecord): string | undefined {
  if (table.gathered) return undefined;
  const column = table.columns.find(({ url }) => url);
  const value = column === undefined ? null : cells[column.index];
  return typeof value === 'string' && /^https?:\/\//u.test(value) ? value : undefined;
}

/** Documents that say the same, by where they come from: two pages of one site are one voice. */
export const voices = (stated: readonly StatedValue[]): number =>
  new Set(stated.map(({ source }) => hostOf(source) ?? source.path)).size;

const hostOf = ({ url }: DocumentSource): string | undefined =>
  url === undefined ? undefined : new URL(url).hostname.replace(/^www\./u, '');
