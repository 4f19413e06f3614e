import type { Json } from '../../../base/json.ts';
import type { Grounding } from '../../agent.ts';
import type { Corpus } from '../corpus/corpus.ts';
import type { Column, CorpusRecord } from '../corpus/table.ts';
import { describeAnswer, grouped } from './describe.ts';
import { foundText } from './found-text.ts';
import type { Plan } from './follow-up.ts';
import { citationOf } from './item.ts';
import type { Question } from './question.ts';
import type { Selected } from './select.ts';

/** So many records are written out; more would be no text that anybody reads. */
const MAX_LINES = 50;
const MAX_COLUMNS = 12;

/** Without a schema: one line a record, `Nigeria: population 195874740, capital Abuja`. */
export function answerText(
  { reading }: Question,
  plan: Plan,
  selected: Selected,
  corpus: Corpus,
): {
  readonly output: {
    readonly text: string;
    readonly structured: Json;
    readonly grounding: readonly Grounding[];
  };
  readonly searches: number;
} {
  const shown = selected.records.slice(0, MAX_LINES);
  const asked = [...reading.mentioned, ...(plan.order === undefined ? [] : [plan.order.column])];
  const columns = asked.length > 0 ? [...new Set(asked)] : reading.table.columns;
  const rest = selected.records.length - shown.length;
  const notes = rest > 0 ? [`${grouped(rest)} more are not written out.`] : [];
  const account = describeAnswer({
    found: foundText(reading.table, plan, selected, selected.records.length),
    conditions: plan.conditions,
    order: plan.order,
    unused: reading.unused,
    notApplied: reading.notApplied,
    unknown: selected.unknown,
    excluded: selected.excluded,
    unmatched: [],
    notes,
  });
  const lines = shown.map((record) => lineOf(record, columns));
  const citations = shown.map((record) => citationOf(corpus.name, record));
  return {
    output: {
      text: [account, ...lines].join('\n'),
      structured: null,
      grounding: citations.length === 0 ? [] : [{ field: 'text', citations, confidence: 'high' }],
    },
    searches: 0,
  };
}

/** A record as a line of text, in the words of its source. */
export function lineOf({ table, cells, row }: CorpusRecord, columns: readonly Column[]): string {
  const label = table.label === undefined ? null : cells[table.label.index];
  const facts = columns
    .filter((column) => column !== table.label && column.kind !== 'other')
    .slice(0, MAX_COLUMNS)
    .flatMap(({ name, index }) => {
      const text = cellText(cells[index] ?? null);
      return text === undefined ? [] : [`${name} ${text}`];
    });
  const name = typeof label === 'string' ? label : `Row ${row}`;
  return facts.length === 0 ? `${name}.` : `${name}: ${facts.join(', ')}.`;
}

function cellText(cell: string | readonly Json[] | null): string | undefined {
  if (cell === null || typeof cell === 'string') return cell?.replace(/\s+/gu, ' ');
  const texts = cell.map((item) => (typeof item === 'string' ? item : JSON.stringify(item)));
  return texts.length === 0 ? undefined : texts.join(' and ').replace(/\s+/gu, ' ');
}
