import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { followPointer, partsOf, type Part } from './schema-keywords.ts';

/** More places than this, or deeper ones, are taken for no limit: such a schema contains itself. */
const MAX_PLACES = 20_000;
const MAX_DEPTH = 64;

/** Keywords that are no part of any value. */
const NO_VALUE: ReadonlySet<string> = new Set('$defs definitions not if propertyNames'.split(' '));

/** How often a part of a value can occur: for each keyword its limit. */
const LIMITS: Readonly<Record<string, 'maxItems' | 'maxProperties'>> = {
  items: 'maxItems',
  additionalItems: 'maxItems',
  unevaluatedItems: 'maxItems',
  contains: 'maxItems',
  additionalProperties: 'maxProperties',
  patternProperties: 'maxProperties',
  unevaluatedProperties: 'maxProperties',
};

/**
 * How many e-mail addresses and telephone numbers (`format`) an output of this schema can hold:
 * each one found is charged. Undefined where there is no limit, 0 where there is no such field.
 */
export function contactFields(schema: JsonObject): ContactFields {
  const fields = known.get(schema) ?? countContacts(schema);
  known.set(schema, fields);
  return fields;
}

interface ContactFields {
  readonly emails: number | undefined;
  readonly phones: number | undefined;
}

/** Every estimate asks for them; a schema is never changed. */
const known = new WeakMap<JsonObject, ContactFields>();

function countContacts(schema: JsonObject): ContactFields {
  // By the place in the output, so that a field in two branches of a choice counts once.
  const places = { email: new Map<string, number>(), phone: new Map<string, number>() };
  const open: Place[] = [{ schema, path: '', depth: 0, times: 1 }];
  let looked = 0;
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    if (++looked > MAX_PLACES || place.depth > MAX_DEPTH)
      return { emails: undefined, phones: undefined };
    if (!isJsonObject(place.schema)) continue;
    const { format } = place.schema;
    if (format === 'email' || format === 'phone') {
      const known = places[format].get(place.path) ?? 0;
      places[format].set(place.path, Math.max(known, place.times));
    }
    open.push(...placesIn(schema, place.schema, place));
  }
  return { emails: sum(places.email), phones: sum(places.phone) };
}

interface Place {
  readonly schema: Json;
  /** In the output, `*` for any item or any other property. */
  readonly path: string;
  readonly depth: number;
  readonly times: number;
}

function placesIn(root: JsonObject, schema: JsonObject, place: Place): readonly Place[] {
  const inner = partsOf(schema)
    .filter(({ keyword }) => !NO_VALUE.has(keyword))
    .map((part) => placeOf(part, schema, place));
  const reference = schema['$ref'];
  if (typeof reference !== 'string') return inner;
  return [...inner, { ...place, schema: followPointer(root, reference) ?? true }];
}

/** Where a part of a schema applies, and how often at most. */
function placeOf(part: Part, schema: JsonObject, { path, depth, times }: Place): Place {
  const { keyword, key } = part;
  const tuple = keyword === 'prefixItems' || (keyword === 'items' && key !== undefined);
  if (keyword === 'properties' || tuple) {
    const name = keyword === 'properties' ? `.${key ?? ''}` : (key ?? '');
    return { schema: part.schema, path: `${path}/${name}`, depth: depth + 1, times };
  }
  const limit = LIMITS[keyword];
  if (limit === undefined) return { schema: part.schema, path, depth, times };
  const most = schema[limit];
  const each = typeof most === 'number' ? most : Infinity;
  // Nothing, however often, is nothing; in JavaScript it is not a number.
  const many = times === 0 || each === 0 ? 0 : times * each;
  return { schema: part.schema, path: `${path}/*`, depth: depth + 1, times: many };
}

function sum(places: ReadonlyMap<string, number>): number | undefined {
  let total = 0;
  for (const times of places.values()) total += times;
  return Number.isFinite(total) ? total : undefined;
}
