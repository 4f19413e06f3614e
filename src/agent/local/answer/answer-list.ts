import { fail, ok } from '../../../base/result.ts';
import type { Condition } from '../query/reading.ts';
import type { Shape } from '../schema/slots.ts';
import type { Answered, Research } from './answer.ts';
import { answerFromSentences } from './answer-sentences.ts';
import { answerText } from './answer-text.ts';
import { buildItems } from './build-items.ts';
import { Exclusions, tableFacets } from './exclusions.ts';
import { followUp, type Plan } from './follow-up.ts';
import type { Continuation, Question } from './question.ts';
import { refusalOf } from './refusal.ts';
import { selectRecords, type Selected } from './select.ts';
import { planTopics } from './topic-plan.ts';

/** An answer has no more items than this, whatever was asked for. */
const MAX_ITEMS = 10_000;

/** Answers with records of one table: a list, the one object of the schema, or text. */
export async function answerList(
  question: Question,
  before: Continuation | undefined,
  research: Research,
): Promise<Answered> {
  const refusal = refusalOf(question, research);
  if (refusal !== undefined) {
    const passages = await answerFromSentences(question, research);
    return passages === undefined ? fail(refusal) : ok(passages);
  }
  const { reading, shape, request } = question;
  const topical = await planTopics(
    question,
    followUp(question, before, inputCondition(question)),
    research,
  );
  const { plan } = topical;
  const { table } = reading;
  const exclusions = new Exclusions(
    request.input?.exclusion ?? [],
    tableFacets(table),
    table.nouns,
  );
  const select = (limit: number): Promise<Selected> =>
    selectRecords(
      research.corpus,
      { table, ...plan, limit, ranked: topical.ranked },
      (record) => exclusions.match(record.cells) !== undefined,
      research.signal,
    );
  const wanted = { limit: limitOf(shape, plan), select };
  const { output, searches, rows } =
    shape.kind === 'none'
      ? await answerText(question, topical, await select(wanted.limit), research)
      : await buildItems(question, topical, wanted, research);
  const continuation: Continuation = {
    table,
    conditions: plan.conditions,
    order: plan.order,
    limit: plan.limit,
    schema: question.schema,
    topic: topical.topics.length > 0 ? plan.among : undefined,
    rows,
    earlier: before === undefined ? [] : [...before.earlier, ...before.rows],
  };
  return ok({ output, searches: searches + 1, scanned: table.rows + searches, continuation });
}

function limitOf(shape: Shape, plan: Plan): number {
  // One more than the one object: of two candidates neither is taken.
  if (shape.kind === 'object') return plan.order === undefined ? 2 : 1;
  const maximum = shape.kind === 'list' ? (shape.maxItems ?? MAX_ITEMS) : MAX_ITEMS;
  return Math.min(plan.limit ?? MAX_ITEMS, maximum, MAX_ITEMS);
}

/** Input records ask for the records that belong to them: people whose `company` is the input's. */
function inputCondition({ request, reading }: Question): readonly Condition[] {
  const rows = request.input?.data ?? [];
  for (const column of reading.table.columns) {
    if (column.kind !== 'text' || column === reading.table.label) continue;
    if (reading.conditions.some((condition) => condition.column === column)) continue;
    const values = rows.flatMap((row) => {
      const value =
        row[column.name] ?? (column.words.length === 1 ? row[column.words[0] ?? ''] : undefined);
      return typeof value === 'string' && value !== '' ? [value] : [];
    });
    if (values.length > 0 && values.length === rows.length) {
      return [{ kind: 'in', column, values: [...new Set(values)], negated: false, every: false }];
    }
  }
  return [];
}
