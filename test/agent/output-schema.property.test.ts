import addFormats from 'ajv-formats';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OutputSchema } from '../../src/agent/output-schema.ts';
import type { Json, JsonObject } from '../../src/base/json.ts';

/** Any small schema, mostly sound, sometimes not: a few keywords, each with some value. */
const schemas = fc.letrec<{ schema: object | boolean; object: object; list: (object | boolean)[] }>(
  (tie) => {
    const schema = tie('schema');
    const list = tie('list');
    const keywords: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
      type: fc.constantFrom(
        'string',
        'number',
        'integer',
        'object',
        'array',
        ['string', 'null'],
        'text',
      ),
      enum: fc.constantFrom(['a', 1], ['b1', null], [true]),
      const: fc.constantFrom('a', 1, null),
      minLength: fc.nat(2),
      pattern: fc.constantFrom('^a', '\\d', '(?=a)'),
      format: fc.constantFrom('email', 'date', 'phone', 'nonsense'),
      minimum: fc.integer({ min: -2, max: 2 }),
      maximum: fc.integer({ min: -2, max: 2 }),
      properties: fc.dictionary(fc.constantFrom('a', 'b', 'toString'), schema, { maxKeys: 2 }),
      required: fc.constantFrom(['a'], ['b', 'toString']),
      additionalProperties: schema,
      items: fc.oneof({ arbitrary: schema, weight: 4 }, { arbitrary: list, weight: 1 }),
      prefixItems: list,
      maxItems: fc.nat(3),
      uniqueItems: fc.boolean(),
      contains: schema,
      anyOf: list,
      oneOf: list,
      allOf: list,
      not: schema,
      dependentRequired: fc.constant({ a: ['b'] }),
      $ref: fc.constantFrom('#/$defs/d', '#/$defs/e', '#'),
      unevaluatedProperties: fc.constant(false),
      unevaluatedItems: fc.constant(false),
      propertyNames: schema,
      nullable: fc.boolean(),
      $id: fc.constantFrom('https://x.test/1', '#a'),
      $anchor: fc.constant('z'),
      ...Object.fromEntries(['if', 'then', 'else'].map((keyword) => [keyword, schema])),
    };
    const entry = fc.oneof(
      ...Object.entries(keywords).map(([keyword, value]) => fc.tuple(fc.constant(keyword), value)),
    );
    return {
      schema: fc.oneof({ maxDepth: 3 }, fc.boolean(), tie('object')),
      object: fc
        .uniqueArray(entry, { maxLength: 3, selector: ([keyword]) => keyword })
        .map((entries) => Object.fromEntries(entries)),
      list: fc.array(schema, { minLength: 1, maxLength: 2 }),
    };
  },
);

const values: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<Json[]>('a', 'b1', '2026-11-22', '', 1, 0, -1, 1.5, true, null, 'a@b.co'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'toString', 'c'), tie('value'), { maxKeys: 3 }),
  ),
})).value;

const roots = fc
  .tuple(schemas.object, schemas.schema, schemas.schema)
  .map(([root, d, e]) => ({ ...root, $defs: { d, e } }) as unknown as JsonObject);

test('a schema that is accepted can check any output', () => {
  fc.assert(
    fc.property(roots, values, (schema, value) => {
      const result = OutputSchema.compile(schema);
      if (!result.ok) return;
      for (const { path, message } of result.value.check(value)) {
        expect(message).not.toMatch(/undefined|breaks the rule/);
        expect(path.every((part) => part !== 'undefined')).toBe(true);
      }
    }),
    { numRuns: 400 },
  );
});

test('an output without nulls is judged as the validator itself judges it', () => {
  const ajv = new Ajv2020({
    strict: false,
    ownProperties: true,
    logger: false,
    validateSchema: false,
  });
  addFormats.default(ajv);
  ajv.addFormat('phone', true);
  let compared = 0;
  const withoutNull = values.filter((value) => !JSON.stringify(value).includes('null'));
  fc.assert(
    fc.property(roots, withoutNull, (schema, value) => {
      const text = JSON.stringify(schema);
      const tuples = /"items":\[/.test(text);
      if (tuples || /"phone"|"nullable":false|\$id|\$anchor/.test(text)) return;
      const result = OutputSchema.compile(schema);
      if (!result.ok) return;
      compared++;
      expect(result.value.check(value).length === 0).toBe(ajv.compile(schema)(value));
    }),
    { numRuns: 500 },
  );
  expect(compared).toBeGreaterThan(50);
});
