import type { Json, JsonObject } from '../../../base/json.ts';
import type { Grounding } from '../../agent.ts';
import { parseGroundingPath } from '../../grounding-path.ts';
import { OutputSchema, type Violation } from '../../output-schema.ts';

type Path = readonly (string | number)[];

/** An output that fits its schema, as far as a null may stand for every value. */
export interface Fitted {
  readonly structured: Json;
  readonly grounding: readonly Grounding[];
  /** Values that were taken out, as `companies[0].website should match …`. */
  readonly removed: readonly string[];
}

/** A schema that nothing can fit ends here. */
const MAX_ROUNDS = 50;
const MAX_TOLD = 20;

/** Steps of a pipeline share one schema, so it is compiled once. */
const compiled = new WeakMap<JsonObject, OutputSchema | 'useless'>();

/**
 * Takes out of an output what its schema does not allow: a value that breaks a rule becomes null,
 * items beyond the most that a list may have go, and so does their grounding. Nothing is changed
 * to make it fit: that would be a value that no source states.
 */
export function fitSchema(
  schema: JsonObject | undefined,
  structured: Json,
  grounding: readonly Grounding[],
): Fitted {
  const rules = schema === undefined ? undefined : rulesOf(schema);
  if (rules === undefined || structured === null) return { structured, grounding, removed: [] };
  let value: Json = structured;
  const removed: string[] = [];
  const gone: Path[] = [];
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const broken = rules.check(value).filter(({ path }) => path.length > 0);
    if (broken.length === 0) break;
    for (const violation of broken) {
      const changed = without(value, violation);
      if (changed === undefined) continue;
      value = changed;
      gone.push(violation.path);
      if (removed.length < MAX_TOLD)
        removed.push(`${shownPath(violation.path)} ${violation.message}`);
    }
  }
  if (gone.length === 0) return { structured, grounding, removed };
  return {
    structured: value,
    grounding: grounding.filter(({ field }) => stillThere(field, value)),
    removed,
  };
}

function rulesOf(schema: JsonObject): OutputSchema | undefined {
  let known = compiled.get(schema);
  if (known === undefined) {
    const made = OutputSchema.compile(schema);
    known = made.ok ? made.value : 'useless';
    compiled.set(schema, known);
  }
  return known === 'useless' ? undefined : known;
}

/** The value with what breaks the rule taken out; undefined when there is nothing to take out. */
function without(value: Json, { path, keyword }: Violation): Json | undefined {
  const at = valueAt(value, path);
  if (at === undefined || at === null || keyword === 'required') return undefined;
  if (keyword === 'maxItems' && Array.isArray(at)) {
    // One item goes each time: the checker says only that there are too many.
    return replaced(value, path, (at as readonly Json[]).slice(0, -1));
  }
  return replaced(value, path, null);
}

function valueAt(value: Json, path: Path): Json | undefined {
  let at: Json | undefined = value;
  for (const part of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = (at as Readonly<Record<string, Json | undefined>>)[String(part)];
  }
  return at;
}

function replaced(value: Json, path: Path, by: Json): Json {
  const [first, ...rest] = path;
  if (first === undefined) return by;
  if (Array.isArray(value)) {
    return (value as readonly Json[]).map((item, at) =>
      at === first ? replaced(item, rest, by) : item,
    );
  }
  return Object.fromEntries(
    Object.entries(value as JsonObject).map(([key, item]) => [
      key,
      key === first ? replaced(item ?? null, rest, by) : item,
    ]),
  );
}

function stillThere(field: string, structured: Json): boolean {
  const [root, ...path] = parseGroundingPath(field) ?? [];
  if (root !== 'structured') return true;
  const value = valueAt(structured, path);
  return value !== undefined && value !== null;
}

const shownPath = (path: Path): string =>
  path
    .map((part, at) => (typeof part === 'number' ? `[${part}]` : at === 0 ? part : `.${part}`))
    .join('');
