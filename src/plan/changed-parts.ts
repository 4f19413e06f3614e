import type { JsonObject } from '../base/json.ts';
import type { ChangedPart } from './decide.ts';

const PARTS: readonly ChangedPart[] = [
  'query',
  'system',
  'schema',
  'effort',
  'agent',
  'exclusions',
  'parameters',
  'continued',
];

/** Which parts of the requests of a step are not what they were when its table was made. */
export const changedParts = (before: JsonObject, now: JsonObject): readonly ChangedPart[] =>
  PARTS.filter((part) => (before[part] ?? null) !== (now[part] ?? null));
