import type { Json } from '../../../base/json.ts';
import type { AgentOutput, Citation } from '../../agent.ts';
import { citationOf, documentCitations } from '../claims/cite.ts';
import type { Column, CorpusRecord, StatedValue } from '../corpus/table.ts';

const MAX_COLUMNS = 12;

/** A line of an answer in text, and what it stands on. */
export interface Line {
  readonly text: string;
  readonly citations: readonly Citation[];
}

/** Text whose every line but the account has a source. */
export function textOutput(
  account: string,
  lines: readonly Line[],
  doubtful: boolean = false,
): AgentOutput {
  const known = new Set<string>();
  const citations = lines.flatMap((line) =>
    line.citations.filter(({ url }) => !known.has(url) && known.add(url)),
  );
  return {
    text: [account, ...lines.map(({ text }) => text)].join('\n'),
    structured: null,
    grounding:
      citations.length === 0
        ? []
        : [{ field: 'text', citations, confidence: doubtful ? 'low' : 'high' }],
  };
}

/** A record as a line of text, in the words of its source. */
export function recordLine(record: CorpusRecord, columns: readonly Column[], corpus: string): Line {
  const { table, cells, row, stated } = record;
  const label = table.label === undefined ? null : cells[table.label.index];
  const shown = columns
    .filter((column) => column !== table.label && column.kind !== 'other')
    .slice(0, MAX_COLUMNS)
    .flatMap((column) => {
      const support = stated?.[column.index]?.support ?? [];
      const text = wordsOf(support) ?? cellText(cells[column.index] ?? null);
      return text === undefined ? [] : [{ text: `${column.name} ${text}`, support }];
    });
  const name = typeof label === 'string' ? label : `Row ${row}`;
  const facts = shown.map(({ text }) => text).join(', ');
  const places = shown.flatMap(({ support }) => support.slice(0, 1));
  const citations = places.flatMap(({ source, span }) => documentCitations(corpus, source, span));
  return {
    text: facts === '' ? `${name}.` : `${name}: ${facts}.`,
    citations: citations.length > 0 ? citations : [citationOf(corpus, record)],
  };
}

/** What documents say, in their own words. */
function wordsOf(support: readonly StatedValue[]): string | undefined {
  const texts = support.map(({ text }) => text);
  const different = [...new Set(texts)];
  const [first] = support;
  if (first === undefined) return undefined;
  // One value that several documents state is said once.
  return support.every(({ value }) => value === first.value) ? first.text : different.join(' and ');
}

function cellText(cell: string | readonly Json[] | null): string | undefined {
  if (cell === null || typeof cell === 'string') return cell?.replace(/\s+/gu, ' ');
  const texts = cell.map((item) => (typeof item === 'string' ? item : JSON.stringify(item)));
  return texts.length === 0 ? undefined : texts.join(' and ').replace(/\s+/gu, ' ');
}
