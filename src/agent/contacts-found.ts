import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import type { AgentRequest } from './agent.ts';
import { followPointer } from './schema-keywords.ts';

interface ContactsFound {
  readonly emails: number;
  readonly phones: number;
}

const NOTHING: ContactsFound = { emails: 0, phones: 0 };

/**
 * How many e-mail addresses and telephone numbers (`format`) an output has, each place counted
 * once. What the input brought already was not found.
 */
export function contactsFound(
  { outputSchema, input }: Pick<AgentRequest, 'outputSchema' | 'input'>,
  structured: Json,
): ContactsFound {
  if (outputSchema === undefined || structured === null) return NOTHING;
  const places = { email: new Set<string>(), phone: new Set<string>() };
  const known = textsOf(input?.data ?? []);
  const seen = new Set<string>();
  const open: Place[] = [{ schema: outputSchema, value: structured, path: '' }];
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    const { schema, value, path } = place;
    if (!isJsonObject(schema)) continue;
    const { format } = schema;
    if (typeof value === 'string') {
      const isContact = format === 'email' || format === 'phone';
      if (isContact && !known.has(value)) places[format].add(path);
    }
    open.push(...partsOf(schema, value, path), ...sameValue(schema, place, outputSchema, seen));
  }
  return { emails: places.email.size, phones: places.phone.size };
}

interface Place {
  readonly schema: Json | undefined;
  readonly value: Json;
  readonly path: string;
}

/** Schemas of the members and items of a value. */
function partsOf(schema: JsonObject, value: Json, path: string): readonly Place[] {
  if (Array.isArray(value)) {
    const { prefixItems, items } = schema;
    const tuple = (Array.isArray(prefixItems) ? prefixItems : items) as Json | undefined;
    const rest = Array.isArray(prefixItems) ? items : schema['additionalItems'];
    return (value as readonly Json[]).map((item, at) => ({
      schema: Array.isArray(tuple) ? ((tuple as readonly Json[])[at] ?? rest) : items,
      value: item,
      path: `${path}/${at}`,
    }));
  }
  if (!isJsonObject(value)) return [];
  const { properties, additionalProperties } = schema;
  return Object.entries(value).flatMap(([key, member]) => {
    if (member === undefined) return [];
    const own = isJsonObject(properties) && Object.hasOwn(properties, key);
    const of = own ? properties[key] : additionalProperties;
    return [{ schema: of, value: member, path: `${path}/${key.replaceAll('/', '~1')}` }];
  });
}

/** Further schemas for the same value; a reference is followed once for each place. */
function sameValue(
  schema: JsonObject,
  { value, path }: Place,
  root: JsonObject,
  seen: Set<string>,
): readonly Place[] {
  const branches = [schema['anyOf'], schema['oneOf'], schema['allOf']].flatMap((list) =>
    Array.isArray(list) ? (list as readonly Json[]) : [],
  );
  const reference = schema['$ref'];
  if (typeof reference === 'string' && !seen.has(`${path} ${reference}`)) {
    seen.add(`${path} ${reference}`);
    branches.push(followPointer(root, reference) ?? true);
  }
  return branches.map((branch) => ({ schema: branch, value, path }));
}

/** Every text anywhere in the input. */
function textsOf(records: readonly JsonObject[]): ReadonlySet<string> {
  const texts = new Set<string>();
  const open: (Json | undefined)[] = [...records];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    if (typeof value === 'string') texts.add(value);
    else if (typeof value === 'object' && value !== null) {
      open.push(...Object.values(value).filter((one) => one !== undefined));
    }
  }
  return texts;
}
