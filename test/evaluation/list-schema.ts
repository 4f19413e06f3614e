import type { JsonObject } from '../../src/base/json.ts';
import type { QuerySet } from './queries/template.ts';

/** The output schema that a case of the set comes with: a list of records, every value nullable. */
export const listSchema = ({ list, slots }: QuerySet, maxItems?: number): JsonObject => ({
  type: 'object',
  properties: {
    [list]: {
      type: 'array',
      ...(maxItems === undefined ? {} : { maxItems }),
      items: {
        type: 'object',
        properties: Object.fromEntries(
          Object.entries(slots).map(([name, { type }]) => [
            name,
            type === 'array'
              ? { type: 'array', items: { type: 'string' } }
              : { type: [type, 'null'] },
          ]),
        ),
      },
    },
  },
});
