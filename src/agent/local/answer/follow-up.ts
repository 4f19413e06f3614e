import type { Condition, Order } from '../query/reading.ts';
import type { Continuation, Question } from './question.ts';

/** Which records to select. */
export interface Plan {
  readonly conditions: readonly Condition[];
  readonly order: Order | undefined;
  /** As the query says; the schema may say less. */
  readonly limit: number | undefined;
  readonly among: readonly number[] | undefined;
  readonly without: readonly number[];
}

const MORE = /\b(?:more|another|additional|further|next)\b(?!\s+than)/iu;
const NARROW =
  /\b(?:only|narrow|just|restrict|keep|filter|those|which of|drop|remove|without|of these|of them)\b/iu;
const WIDEN = /^\s*(?:please\s+)?(?:also\s+)?(?:add|include)\b/iu;
const SORT = /\b(?:sort|sorted|order|ordered|rank|ranked)\b/iu;

/**
 * What to select. `10 more` keeps the conditions of the run before and leaves out what it gave;
 * `only those …`, `sort by …` and `add the …` work on what it gave; anything else is a request of its own.
 */
export function followUp(
  { request, reading }: Question,
  before: Continuation | undefined,
  fromInput: readonly Condition[],
): Plan {
  const conditions = [...reading.conditions, ...fromInput];
  const own: Plan = {
    conditions,
    order: reading.order,
    limit: reading.limit,
    among: undefined,
    without: [],
  };
  if (before === undefined) return own;
  const { query } = request;
  if (MORE.test(query)) {
    return {
      conditions: [...before.conditions, ...conditions],
      order: reading.order ?? before.order,
      limit: reading.limit ?? before.limit,
      among: before.topic,
      without: [...before.earlier, ...before.rows],
    };
  }
  if (NARROW.test(query) || SORT.test(query) || WIDEN.test(query)) {
    return {
      conditions: [...before.conditions, ...conditions],
      order: reading.order ?? before.order,
      limit: reading.limit,
      among: before.rows,
      without: [],
    };
  }
  return own;
}
