import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { followPointer } from './schema-keywords.ts';

/** Where the records of a structured output are; the part of it that a schema can tell. */
export type RecordsPlace =
  | { readonly kind: 'array'; readonly property: string }
  | { readonly kind: 'root-array' | 'object' | 'text' };

/** References in references beyond this are left as they are. */
const MAX_DEPTH = 32;

/** Names of the root's properties that are arrays of objects: candidates for `records`. */
export function recordArrays(schema: JsonObject): readonly string[] {
  const properties = propertiesOf(schema, schema, 0);
  return [...properties].flatMap(([name, property]) => {
    const item = itemsOf(schema, property);
    return item !== undefined && isRecord(schema, item) ? [name] : [];
  });
}

/**
 * The properties of the records at a place, each with references replaced by what they name; as a
 * `null` beside one other form (`anyOf`) only says that there may be no value, it is left out.
 * Undefined where the schema describes no record there.
 */
export function recordProperties(
  schema: JsonObject,
  at: RecordsPlace,
): ReadonlyMap<string, JsonObject> | undefined {
  if (at.kind === 'text') return new Map([['text', { type: 'string' }]]);
  let place: JsonObject | undefined = schema;
  if (at.kind === 'array') {
    for (const name of at.property.split('.')) {
      place = place === undefined ? undefined : propertiesOf(schema, place, 0).get(name);
    }
  }
  const record = at.kind === 'object' || place === undefined ? place : itemsOf(schema, place);
  if (record === undefined || !isRecord(schema, record)) return undefined;
  return propertiesOf(schema, record, 0);
}

function isRecord(root: JsonObject, schema: JsonObject): boolean {
  const { type } = schema;
  const types: readonly Json[] = Array.isArray(type) ? (type as readonly Json[]) : [type ?? ''];
  return types.includes('object') || propertiesOf(root, schema, 0).size > 0;
}

/** The items of an array; undefined when it is none, or a tuple. */
function itemsOf(root: JsonObject, schema: JsonObject): JsonObject | undefined {
  const resolved = resolveSchema(root, schema, 0);
  const { items } = resolved;
  return isJsonObject(items) ? resolveSchema(root, items, 0) : undefined;
}

/** Properties of a schema and of the schemas it is made of (`allOf`). */
function propertiesOf(
  root: JsonObject,
  schema: JsonObject,
  depth: number,
): ReadonlyMap<string, JsonObject> {
  const found = new Map<string, JsonObject>();
  const resolved = resolveSchema(root, schema, 0);
  const { properties, allOf } = resolved;
  if (isJsonObject(properties)) {
    for (const [name, property] of Object.entries(properties)) {
      if (property === true) found.set(name, {});
      if (isJsonObject(property)) found.set(name, resolveSchema(root, property, 0));
    }
  }
  if (!Array.isArray(allOf) || depth > MAX_DEPTH) return found;
  for (const part of allOf as readonly Json[]) {
    if (!isJsonObject(part)) continue;
    for (const [name, property] of propertiesOf(root, part, depth + 1)) {
      if (!found.has(name)) found.set(name, property);
    }
  }
  return found;
}

/**
 * A schema without a reference or an optional null around it. What stands beside them (a
 * description, a limit) stays.
 */
function resolveSchema(root: JsonObject, schema: JsonObject, depth: number): JsonObject {
  if (depth > MAX_DEPTH) return schema;
  const { $ref: reference, ...beside } = schema;
  if (typeof reference === 'string') {
    const target = followPointer(root, reference);
    if (!isJsonObject(target)) return beside;
    return resolveSchema(root, { ...target, ...beside }, depth + 1);
  }
  for (const keyword of ['anyOf', 'oneOf', 'allOf'] as const) {
    const { [keyword]: branches, ...others } = schema;
    if (!Array.isArray(branches)) continue;
    const real = (branches as readonly Json[]).filter((branch) => !isNullOnly(branch));
    const [only] = real;
    if (real.length === 1 && isJsonObject(only)) {
      return resolveSchema(root, { ...only, ...others }, depth + 1);
    }
  }
  const { items } = schema;
  // So that whoever turns a schema into a column type needs no root.
  return isJsonObject(items) && typeof items['$ref'] === 'string'
    ? { ...schema, items: resolveSchema(root, items, depth + 1) }
    : schema;
}

const isNullOnly = (branch: Json): boolean => isJsonObject(branch) && branch['type'] === 'null';
