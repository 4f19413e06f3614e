import { recordArrays, recordProperties } from '../agent/output-schema.ts';
import type { JsonObject } from '../base/json.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import type { RecordsAt } from './pipeline.ts';

/** Where the records are and what columns they have; undefined when the schema leaves them open. */
export interface RecordShape {
  readonly records: RecordsAt;
  readonly columns: readonly string[] | undefined;
}

interface ShapeFault {
  readonly message: string;
  readonly help: string;
}

/** `records: .` says that the structured output itself is the one record. */
const WHOLE = '.';

/**
 * Finds the records that a schema describes. `wanted` is the step's `records`, such as `companies`
 * or `result.companies`; without it the one array of objects at the top is taken.
 */
export function findRecords(
  schema: JsonObject,
  wanted: string | undefined,
): Result<RecordShape, ShapeFault> {
  if (wanted === WHOLE) return ok(shapeAt(schema, { kind: 'object' }));
  if (schema['type'] === 'array') {
    if (wanted === undefined) return ok(shapeAt(schema, { kind: 'root-array' }));
    return fail({
      message: `the answer itself is the list, so "${wanted}" is not in it`,
      help: 'remove "records": the entries of the list are the records',
    });
  }
  const arrays = recordArrays(schema);
  if (wanted !== undefined) return namedArray(schema, wanted, arrays);
  const [only, another] = arrays;
  if (only === undefined) return ok(shapeAt(schema, { kind: 'object' }));
  if (another === undefined) return ok(shapeAt(schema, { kind: 'array', property: only }));
  return fail({
    message: `the schema has ${arrays.length} arrays of objects: ${arrays.join(', ')}`,
    help: `say which one holds the records, as in "records: ${only}"; "records: ." takes the whole answer as one record`,
  });
}

function namedArray(
  schema: JsonObject,
  wanted: string,
  arrays: readonly string[],
): Result<RecordShape, ShapeFault> {
  const shape = shapeAt(schema, { kind: 'array', property: wanted });
  if (shape.described) return ok(shape);
  return fail({
    message: `"${wanted}" is not an array of objects in the schema`,
    help: didYouMean(
      wanted,
      arrays,
      'arrays of objects',
      'add an array of objects to the schema, or write "records: ." for the whole answer',
    ),
  });
}

function shapeAt(schema: JsonObject, records: RecordsAt): RecordShape & { described: boolean } {
  const properties = recordProperties(schema, records);
  const isOpen = properties === undefined || properties.size === 0;
  return {
    records,
    columns: isOpen ? undefined : [...properties.keys()],
    described: properties !== undefined,
  };
}
