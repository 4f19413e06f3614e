import type { Topic } from '../retrieve/topics.ts';
import type { Research } from './answer.ts';
import type { Plan } from './follow-up.ts';
import type { Question } from './question.ts';

/** A plan narrowed to records that have the words which no column explains. */
export interface TopicPlan {
  readonly plan: Plan;
  /** Words that records were searched for. */
  readonly topics: readonly Topic[];
  /** Words that still nothing was made of. */
  readonly unused: readonly string[];
  /** Records in the order in which they fit; undefined where another order was asked for. */
  readonly ranked: readonly number[] | undefined;
}

/**
 * Takes words that the query left over as words to search for, in tables that have text to search:
 * records of documents, and others when the query says nothing else of them.
 */
export async function planTopics(
  { reading }: Question,
  plan: Plan,
  { topics: search }: Research,
): Promise<TopicPlan> {
  const { table, unused } = reading;
  const bare = plan.conditions.length === 0 && plan.order === undefined;
  const none = { plan, topics: [], unused, ranked: undefined };
  if (unused.length === 0 || (!table.gathered && !bare)) return none;
  const topics = await search.search(table, unused.map(unquoted));
  const [first, ...others] = topics;
  if (first === undefined) return none;
  const rows = [...first.rows.keys()].filter(
    (row) => others.every((topic) => topic.rows.has(row)) && (plan.among?.includes(row) ?? true),
  );
  // Words that no record has all of at once cannot all have been meant as conditions.
  if (rows.length === 0) return none;
  const score = (row: number): number =>
    topics.reduce((sum, topic) => sum + (topic.rows.get(row) ?? 0), 0);
  const found = new Set(topics.map(({ phrase }) => phrase));
  return {
    plan: { ...plan, among: rows },
    topics,
    unused: unused.filter((phrase) => !isFound(unquoted(phrase), found)),
    ranked:
      plan.order === undefined
        ? rows.toSorted((a, b) => Math.sign(round(score(b)) - round(score(a))) || a - b)
        : undefined,
  };
}

const unquoted = (phrase: string): string => phrase.replace(/^[“"]|[”"]$/gu, '');

const isFound = (phrase: string, found: ReadonlySet<string>): boolean =>
  found.has(phrase) || phrase.split(/\s+/u).some((word) => found.has(word));

/** Sums of parts may differ in their last digits. */
const round = (score: number): number => Math.round(score * 1e6);
