import type { Condition, Reading } from '../../src/agent/local/query/reading.ts';
import {
  atMost,
  before,
  compare,
  flag,
  from,
  known,
  noneOf,
  oneOf,
  ordered,
} from './queries/template.ts';

/** What the agent made of a query, in the notation of the gold. */
export const notationOf = ({ conditions, order, limit }: Reading): readonly string[] => [
  ...conditions.flatMap(conditionNotation),
  ...(order === undefined ? [] : [ordered(order.column.name, order.descending ? 'desc' : 'asc')]),
  ...(limit === undefined ? [] : [atMost(limit)]),
];

function conditionNotation(condition: Condition): readonly string[] {
  const { name } = condition.column;
  switch (condition.kind) {
    case 'compare':
      return [compare(name, condition.operator, condition.value)];
    case 'flag':
      return [flag(name, condition.value)];
    case 'known':
      return [known(name, condition.known)];
    case 'in':
      return [(condition.negated ? noneOf : oneOf)(name, ...condition.values)];
    case 'period': {
      const bounds = [
        ...(condition.start === undefined ? [] : [from(name, condition.start)]),
        ...(condition.end === undefined ? [] : [before(name, condition.end)]),
      ];
      return condition.negated ? bounds.map((bound) => `not ${bound}`) : bounds;
    }
  }
}
