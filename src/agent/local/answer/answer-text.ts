import type { Research } from './answer.ts';
import { isDoubtful, type Built } from './build-items.ts';
import { describeAnswer, grouped } from './describe.ts';
import { foundText } from './found-text.ts';
import { recordLine, textOutput, type Line } from './lines.ts';
import type { Question } from './question.ts';
import type { Selected } from './select.ts';
import type { TopicPlan } from './topic-plan.ts';
import { sentencesAbout } from './answer-sentences.ts';

/** So many records are written out; more would be no text that anybody reads. */
const MAX_LINES = 50;

/**
 * Without a schema: one line a record, `Nigeria: population 195874740, capital Abuja`; for records
 * of documents their own sentences.
 */
export async function answerText(
  question: Question,
  { plan, topics, unused }: TopicPlan,
  selected: Selected,
  research: Research,
): Promise<Built> {
  const { reading } = question;
  const { corpus } = research;
  const shown = selected.records.slice(0, MAX_LINES);
  const asked = [...reading.mentioned, ...(plan.order === undefined ? [] : [plan.order.column])];
  const columns = asked.length > 0 ? [...new Set(asked)] : reading.table.columns;
  const rest = selected.records.length - shown.length;
  const notes = rest > 0 ? [`${grouped(rest)} more are not written out.`] : [];
  const account = describeAnswer({
    found: foundText(reading.table, plan, selected, selected.records.length),
    conditions: plan.conditions,
    order: plan.order,
    topics,
    unused,
    notApplied: reading.notApplied,
    unknown: selected.unknown,
    excluded: selected.excluded,
    unmatched: [],
    notes,
  });
  const quoted =
    reading.table.gathered && topics.length > 0
      ? await sentencesAbout(shown, topics, question, research)
      : [];
  const lines: Line[] =
    quoted.length > 0
      ? [...quoted]
      : shown.map((record) => recordLine(record, columns, corpus.name));
  return {
    output: textOutput(account, lines, isDoubtful(reading, unused)),
    searches: quoted.length,
    rows: selected.records.map(({ row }) => row),
  };
}
