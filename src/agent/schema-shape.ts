import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { followPointer, KEYWORDS } from './schema-keywords.ts';

/**
 * How a null is taken where the schema asks for something else: refused, or as "no evidence found",
 * the way the agent API means it.
 */
export type Nulls = 'refused' | 'tolerated';

/** A schema within the copy: plain JSON, shared where the original refers to it several times. */
type Shape = { [keyword: string]: unknown } | boolean;

/** A null says nothing about these: what is tested here must not become easier to pass. */
const TESTS: ReadonlySet<string> = new Set(['not', 'if', 'contains', 'propertyNames']);

/**
 * A copy of a linted schema with only the keywords that check something and with every reference
 * replaced by what it names, so that the validator sees no identifiers and resolves nothing.
 */
export function checkedShape(root: JsonObject, nulls: Nulls): object {
  const shape = new ShapeCopier(root).copy(root, nulls);
  // A root that only refers to `true` or `false`.
  return typeof shape === 'boolean' ? { allOf: [shape] } : shape;
}

class ShapeCopier {
  readonly #root: JsonObject;
  readonly #copies: Readonly<Record<Nulls, Map<JsonObject, Shape>>> = {
    refused: new Map(),
    tolerated: new Map(),
  };

  constructor(root: JsonObject) {
    this.#root = root;
  }

  copy(schema: Json, nulls: Nulls): Shape {
    if (!isJsonObject(schema)) return schema !== false;
    const known = this.#copies[nulls].get(schema);
    if (known !== undefined) return known;
    const shape: { [keyword: string]: unknown } = {};
    for (const [keyword, value] of Object.entries(schema)) {
      const form = KEYWORDS.get(keyword);
      if (value === undefined || form === undefined || form.annotation || keyword === '$ref')
        continue;
      shape[keyword] = this.#value(keyword, value, nulls);
    }
    widenType(schema, shape, nulls);
    if (nulls === 'tolerated') tolerateNull(shape);
    const whole = this.#withReference(schema, shape, nulls);
    this.#copies[nulls].set(schema, whole);
    return whole;
  }

  #withReference(schema: JsonObject, shape: { [keyword: string]: unknown }, nulls: Nulls): Shape {
    const reference = schema['$ref'];
    if (typeof reference !== 'string') return shape;
    const target = this.copy(followPointer(this.#root, reference) ?? true, nulls);
    if (Object.keys(shape).length === 0) return target;
    return { ...shape, allOf: [...((shape['allOf'] as Shape[] | undefined) ?? []), target] };
  }

  #value(keyword: string, value: Json, nulls: Nulls): unknown {
    const inner = TESTS.has(keyword) ? 'refused' : nulls;
    const each = (schema: Json): Shape => this.copy(schema, inner);
    const form = KEYWORDS.get(keyword)?.form;
    if (form === 'schema') return each(value);
    if (form === 'schemas' || form === 'items') {
      return Array.isArray(value) ? (value as readonly Json[]).map(each) : each(value);
    }
    if (form !== 'schema-map' && form !== 'dependencies') return value;
    return Object.fromEntries(
      Object.entries(value ?? {}).map(([name, schema]: [string, Json]) => [
        name,
        keyword === 'dependencies' && Array.isArray(schema) ? schema : each(schema),
      ]),
    );
  }
}

/** OpenAPI's `nullable` is part of the type. */
function widenType(schema: JsonObject, shape: { [keyword: string]: unknown }, nulls: Nulls): void {
  delete shape['nullable'];
  const { type } = shape;
  if (type === undefined || (nulls === 'refused' && schema['nullable'] !== true)) return;
  const types = Array.isArray(type) ? (type as unknown[]) : [type];
  shape['type'] = types.includes('null') ? types : [...types, 'null'];
}

/**
 * Lets null pass. `oneOf` becomes `anyOf`: where null fits every branch, "exactly one" cannot be
 * told any more.
 */
function tolerateNull(shape: { [keyword: string]: unknown }): void {
  const { const: constant, enum: values, oneOf, anyOf, allOf } = shape;
  if (constant !== undefined) {
    delete shape['const'];
    shape['enum'] = constant === null ? [null] : [constant, null];
  } else if (Array.isArray(values) && !values.includes(null)) {
    shape['enum'] = [...(values as unknown[]), null];
  }
  if (oneOf === undefined) return;
  delete shape['oneOf'];
  if (anyOf === undefined) shape['anyOf'] = oneOf;
  else shape['allOf'] = [...((allOf as unknown[] | undefined) ?? []), { anyOf: oneOf }];
}
