import addFormats from 'ajv-formats';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { OutputSchema } from '../../src/agent/output-schema.ts';
import { FORMATS } from '../../src/agent/schema-keywords.ts';
import type { Json, JsonObject } from '../../src/base/json.ts';
import { check, compiled, withA } from './schema-checking.ts';

/** Built from pairs: an object literal with `then` looks like a promise. */
const ifThen = (test: object, then: object, properties: object): object =>
  Object.fromEntries(
    Object.entries({ type: 'object', if: test, properties }).concat([['then', then]]),
  );

const COMPANIES = {
  type: 'object',
  required: ['companies'],
  properties: {
    companies: {
      type: 'array',
      maxItems: 50,
      items: {
        type: 'object',
        required: ['name', 'domain'],
        additionalProperties: false,
        properties: {
          name: { type: 'string', minLength: 2 },
          domain: { type: 'string', pattern: '^[a-z0-9.-]+$' },
          code: { type: 'string', pattern: '^\\d+$' },
          round: { type: 'string', enum: ['Series A', 'Series B'] },
          headcount: { type: 'integer', minimum: 1 },
          website: { type: 'string', format: 'uri' },
          phone: { type: 'string', format: 'phone' },
        },
      },
    },
  },
};

describe('what an output must look like', () => {
  test('one that fits has no violations', () => {
    const value = {
      companies: [
        { name: 'Acme', domain: 'acme.com', code: '12', round: 'Series A', headcount: 5 },
        { name: 'Bolt', domain: 'b.io', website: 'https://b.io/x?y#z', phone: '+1 (415) 555-0100' },
      ],
    };
    expect(compiled(COMPANIES).check(value)).toEqual([]);
  });

  test('each mistake is told with its path and keyword', () => {
    const value = {
      companies: [
        { name: 'Acme', domain: 'acme.com' },
        { name: 'B', zip: 1 },
      ],
    };
    expect(compiled(COMPANIES).check(value)).toEqual([
      { path: ['companies', 1, 'domain'], keyword: 'required', message: 'is missing' },
      {
        path: ['companies', 1, 'zip'],
        keyword: 'additionalProperties',
        message: 'is not in the schema',
      },
      {
        path: ['companies', 1, 'name'],
        keyword: 'minLength',
        message: 'should have at least 2 characters, has 1',
      },
    ]);
  });

  test.each<[string, object, Json, string]>([
    ['type', { type: 'string' }, 5, 'a should be text, is 5'],
    ['types', { type: ['string', 'integer'] }, true, 'a should be text or a whole number, is true'],
    ['a list', { type: 'object' }, [], 'a should be an object, is a list'],
    ['an object', { type: 'array' }, {}, 'a should be a list, is an object'],
    ['half a number', { type: 'integer' }, 1.5, 'a should be a whole number, is 1.5'],
    ['enum', { enum: ['a', 'b'] }, 'c', 'a should be one of "a", "b", is "c"'],
    [
      'a long enum',
      { enum: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] },
      0,
      'a should be one of 1, 2, 3, 4, 5, 6, 7, 8 and 2 more, is 0',
    ],
    ['const', { const: 'x' }, 'y', 'a should be "x", is "y"'],
    ['format', { format: 'email' }, 'me', 'a should be an e-mail address, is "me"'],
    ['phone', { format: 'phone' }, '555', 'a should be a telephone number, is "555"'],
    [
      'date',
      { format: 'date' },
      '2026-02-30',
      'a should be a date such as 2026-11-22, is "2026-02-30"',
    ],
    ['another format', { format: 'ipv4' }, 'x', 'a should be of the format "ipv4", is "x"'],
    ['pattern', { pattern: '^\\d+$' }, 'x1', 'a should match ^\\d+$, is "x1"'],
    [
      'minLength counts characters',
      { minLength: 2 },
      '😀',
      'a should have at least 2 characters, has 1',
    ],
    ['maxLength', { maxLength: 1 }, 'ab', 'a should have at most 1 character, has 2'],
    ['minItems', { minItems: 1 }, [], 'a should have at least 1 item, has 0'],
    ['maxItems', { maxItems: 0 }, [1], 'a should have at most 0 items, has 1'],
    ['minProperties', { minProperties: 2 }, {}, 'a should have at least 2 properties'],
    ['minimum', { minimum: 1 }, 0, 'a should be at least 1, is 0'],
    ['maximum', { maximum: 1 }, 2, 'a should be at most 1, is 2'],
    ['exclusiveMinimum', { exclusiveMinimum: 1 }, 1, 'a should be above 1, is 1'],
    ['exclusiveMaximum', { exclusiveMaximum: 1 }, 1, 'a should be below 1, is 1'],
    ['multipleOf', { multipleOf: 5 }, 7, 'a should be a multiple of 5, is 7'],
    [
      'uniqueItems',
      { uniqueItems: true, maxItems: 9 },
      [1, 2, 1],
      'a has the same item twice, at 0 and 2',
    ],
    [
      'contains',
      { contains: { const: 1 } },
      [2],
      'a should hold at least 1 item of the kind that the schema asks for',
    ],
    ['a tuple', { prefixItems: [{}], items: false }, [1, 2], 'a should have at most 1 item'],
    ['not', { not: { const: 1 } }, 1, 'a has a form that the schema rules out'],
    ['false', false as unknown as object, 1, 'a is not allowed here'],
    [
      'a dependency',
      { dependentRequired: { b: ['c'] } },
      { b: 1 },
      'a.c is missing, and "b" needs it',
    ],
    [
      'names',
      { propertyNames: { maxLength: 1 } },
      { bb: 1 },
      'a has a property of a name that is not allowed: "bb"',
    ],
    [
      'no branch',
      { anyOf: [{ type: 'string' }, { type: 'integer' }] },
      true,
      'a should be text or a whole number, is true',
    ],
    [
      'the branch that was meant',
      { anyOf: [{ type: 'object', properties: { b: { type: 'string' } } }, { type: 'null' }] },
      { b: 1 },
      'a.b should be text, is 1',
    ],
    [
      'several branches could be meant',
      { anyOf: [{ properties: { b: { const: 1 } } }, { properties: { b: { const: 2 } } }] },
      { b: 3 },
      'a fits none of the 2 forms that the schema allows',
    ],
    [
      'too many branches fit',
      { oneOf: [{ minimum: 1 }, { minimum: 2 }] },
      3,
      'a fits several forms of which only one may fit',
    ],
    [
      'if and then',
      ifThen({ required: ['b'] }, { required: ['c'] }, { b: {}, c: {} }),
      { b: 1 },
      'a.c is missing',
    ],
    [
      'control characters',
      { maxLength: 3 },
      '\u001b[31mred\u202e',
      'a should have at most 3 characters, has 9',
    ],
    [
      'control characters shown',
      { type: 'integer' },
      '\u001b[31m\u202e\u2028x',
      'a should be a whole number, is "\\u001b[31m x"',
    ],
  ])('%s', (_, schema, value, expected) => {
    expect(check(withA(schema), { a: value })).toBe(expected);
  });

  test('two patterns on two properties are both enforced', () => {
    const schema = { type: 'object', properties: { a: { pattern: '^a$' }, b: { pattern: '^b$' } } };
    expect(check(schema, { a: 'a', b: 'b' })).toBe('');
    expect(check(schema, { a: 'a', b: 'a' })).toBe('b should match ^b$, is "a"');
    expect(check(schema, { a: 'b', b: 'b' })).toBe('a should match ^a$, is "b"');
  });

  test('patterns mean what they mean in JSON Schema', () => {
    expect(check(withA({ pattern: '\\u0041\\d' }), { a: 'xA1y' })).toBe('');
    expect(check(withA({ pattern: '^\\p{L}+$' }), { a: 'Größe' })).toBe('');
    expect(
      check(withA({}, { patternProperties: { '^n_': { type: 'number' } } }), { n_x: 'y' }),
    ).toBe('n_x should be a number, is "y"');
  });

  test('only properties of its own make an output complete', () => {
    const schema = {
      type: 'object',
      required: ['toString'],
      properties: { toString: { type: 'string' } },
    };
    expect(check(schema, {})).toBe('toString is missing');
    expect(check(schema, { toString: 'x' } as unknown as Json)).toBe('');
  });

  test('a property named "__proto__" in an output is a property like any other', () => {
    const value = JSON.parse('{"a":"x","__proto__":{"b":1}}') as Json;
    expect(check(withA({ type: 'string' }, { additionalProperties: false }), value)).toBe(
      '__proto__ is not in the schema',
    );
    expect(({} as JsonObject)['b']).toBeUndefined();
  });

  test.each([
    ['+14155550100', true],
    ['(415) 555-0100', true],
    ['030/1234-567', true],
    ['+49 30.12 34 56 7', true],
    ['123456', false],
    ['1234567890123456', false],
    ['++14155550100', false],
    ['call me', false],
    ['1234567 ext 5', false],
  ])('%s as a telephone number: %s', (phone, fits) => {
    expect(check(withA({ format: 'phone' }), { a: phone }) === '').toBe(fits);
  });

  test.each([
    ['https://example.com/a?b#c', true],
    ['http://localhost:8080', true],
    ['example.com', false],
    ['javascript:alert(1)', false],
    ['https://exa mple.com', false],
    [`http://${':'.repeat(100_000)}`, false],
  ])('a web address: %#', (url, fits) => {
    expect(check(withA({ format: 'url' }), { a: url }) === '').toBe(fits);
  });

  test('every format that is not warned about is checked', () => {
    const ajv = new Ajv2020();
    addFormats.default(ajv);
    expect([...FORMATS].toSorted()).toEqual([...Object.keys(ajv.formats), 'phone'].toSorted());
  });
});

describe('a null means that no evidence was found', () => {
  test.each<[string, object, Json]>([
    ['a value', { type: 'string', minLength: 1, pattern: '^x', format: 'uri' }, null],
    ['a value of a list', { enum: ['a', 'b'] }, null],
    ['a constant', { const: 'a' }, null],
    ['an object', { type: 'object', required: ['b'], properties: { b: {} } }, null],
    ['an array', { type: 'array', minItems: 1 }, null],
    ['a record', { type: 'array', items: { type: 'object' } }, [null]],
    ['a part of a choice', { anyOf: [{ type: 'string' }, { type: 'number' }] }, null],
    ['exactly one', { oneOf: [{ type: 'string' }, { type: 'number' }] }, null],
    [
      'below a choice',
      { oneOf: [{ properties: { k: { const: 'x' } }, required: ['k'] }, { type: 'string' }] },
      { k: null },
    ],
    [
      'below two branches',
      {
        oneOf: [
          { properties: { k: { const: 'x' } }, required: ['k'] },
          { properties: { k: { const: 'y' } }, required: ['k'] },
        ],
      },
      { k: null },
    ],
    ['behind a reference', { $ref: '#/$defs/x' }, null],
    ['what must not be null', { not: { type: 'null' } }, null],
  ])('%s', (_, schema, value) => {
    expect(check(withA(schema, { $defs: { x: { type: 'integer' } } }), { a: value })).toBe('');
  });

  test('a missing property is still missing, and its neighbours are still checked', () => {
    expect(check(COMPANIES, { companies: [{ name: null, headcount: 'many' }] })).toBe(
      'companies.0.domain is missing\ncompanies.0.headcount should be a whole number, is "many"',
    );
  });

  test('a condition is not met by a null', () => {
    const firm = { properties: { kind: { const: 'firm' } }, required: ['kind'] };
    const schema = ifThen(firm, { required: ['tax'] }, { kind: {}, tax: {} });
    expect(check(schema, { kind: null })).toBe('');
    expect(check(schema, { kind: 'firm' })).toBe('tax is missing');
  });

  test('"exactly one" is still told of values that have nulls elsewhere', () => {
    const schema = {
      type: 'object',
      properties: { a: { oneOf: [{ minimum: 1 }, { minimum: 2 }] }, b: { type: 'string' } },
    };
    expect(check(schema, { a: 3, b: null })).toBe('a fits several forms of which only one may fit');
    expect(check(schema, { a: 1, b: null })).toBe('');
  });

  test('null in the place of the whole output is no output', () => {
    expect(check(COMPANIES, null)).toBe('there is no structured output');
  });
});

test('an output with names such as valueOf is judged and never throws', () => {
  const compiled = OutputSchema.compile({
    type: 'object',
    properties: { list: { type: 'array', uniqueItems: true, maxItems: 5, items: {} } },
  });
  const list = [{ valueOf: 1 }, { valueOf: 1 }];
  const found = compiled.ok ? compiled.value.check({ list }) : [];
  expect(found).toHaveLength(1);
});
