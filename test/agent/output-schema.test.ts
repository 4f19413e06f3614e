import addFormats from 'ajv-formats';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OutputSchema } from '../../src/agent/output-schema.ts';
import { FORMATS } from '../../src/agent/schema-keywords.ts';
import type { Json, JsonObject } from '../../src/base/json.ts';

function compiled(schema: unknown): OutputSchema {
  const result = OutputSchema.compile(schema as JsonObject);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

/** The violations of a value, a line each: place, then what was expected. */
const check = (schema: unknown, value: Json): string =>
  compiled(schema)
    .check(value)
    .map(({ path, message }) => `${path.map(String).join('.')} ${message}`.trim())
    .join('\n');

const withA = (a: unknown, more: object = {}): object => ({
  type: 'object',
  properties: { a },
  ...more,
});

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
      { if: { required: ['b'] }, then: { required: ['c'] }, properties: { b: {}, c: {} } },
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
    const schema = {
      type: 'object',
      properties: { kind: {}, tax: {} },
      if: { properties: { kind: { const: 'firm' } }, required: ['kind'] },
      then: { required: ['tax'] },
    };
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

describe('a schema and its neighbours', () => {
  test('what is sent is what was written', () => {
    const json = { $id: 'https://x.test/a', ...withA({ type: 'string' }), 'x-note': 'mine' };
    expect(compiled(json).json).toBe(json);
  });

  test('the digest does not depend on the order of keys', () => {
    const one = compiled({
      type: 'object',
      properties: { a: { type: 'string', minLength: 1 }, b: {} },
    });
    const two = compiled({
      properties: { b: {}, a: { minLength: 1, type: 'string' } },
      type: 'object',
    });
    expect(two.digest).toBe(one.digest);
    expect(one.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(
      compiled({ type: 'object', properties: { a: { type: 'string' }, b: {} } }).digest,
    ).not.toBe(one.digest);
  });

  test('two schemas with one identifier do not see each other', () => {
    const $id = 'https://x.test/same';
    const text = compiled({
      $id,
      ...withA({ $ref: '#/$defs/v' }, { $defs: { v: { type: 'string' } } }),
    });
    const number = compiled({
      $id,
      ...withA({ $ref: '#/$defs/v' }, { $defs: { v: { type: 'number' } } }),
    });
    expect([text.check({ a: 'x' }), number.check({ a: 1 })]).toEqual([[], []]);
    expect([text.check({ a: 1 }).length, number.check({ a: 'x' }).length]).toEqual([1, 1]);
    const foreign = OutputSchema.compile(withA({ $ref: `${$id}#/$defs/v` }) as JsonObject);
    expect(foreign.ok).toBe(false);
  });

  test.each([
    [
      'draft-07',
      {
        $schema: 'http://json-schema.org/draft-07/schema#',
        ...withA({ items: [{ type: 'string' }], additionalItems: false }),
      },
    ],
    [
      '2019-09',
      {
        $schema: 'https://json-schema.org/draft/2019-09/schema',
        ...withA({ items: [{ type: 'string' }], unevaluatedItems: false }),
      },
    ],
    [
      '2020-12',
      {
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        ...withA({ prefixItems: [{ type: 'string' }], items: false }),
      },
    ],
    ['no dialect, old form', withA({ items: [{ type: 'string' }], additionalItems: false })],
    ['no dialect, new form', withA({ prefixItems: [{ type: 'string' }], unevaluatedItems: false })],
  ])('a tuple in %s', (_, schema) => {
    expect(check(schema, { a: ['x'] })).toBe('');
    expect(check(schema, { a: [1] })).toBe('a.0 should be text, is 1');
    expect(check(schema, { a: ['x', 'y'] })).toBe('a should have at most 1 item');
  });

  test('what stands beside a reference counts too', () => {
    const schema = withA(
      { $ref: '#/$defs/x', minLength: 3, unevaluatedProperties: false },
      { $defs: { x: { type: ['string', 'object'], properties: { b: {} } } } },
    );
    expect(check(schema, { a: 'xy' })).toBe('a should have at least 3 characters, has 2');
    expect(check(schema, { a: 5 })).toBe('a should be text or an object, is 5');
    expect(check(schema, { a: { b: 1, c: 2 } })).toBe('a.c is not in the schema');
  });

  test('nullable is part of the type', () => {
    expect(check(withA({ type: 'string', nullable: true }), { a: 'x' })).toBe('');
    expect(check(withA({ type: 'string', nullable: true }), { a: 1 })).toBe(
      'a should be text, is 1',
    );
  });
});

describe('nothing that is handed in can stop the program', () => {
  const schema = withA({
    type: 'array',
    items: { type: 'object', required: ['x', 'y'], properties: { x: { type: 'string' }, y: {} } },
  });

  test('every bad record is found, however many there are', () => {
    const list: Json[] = Array.from({ length: 5_000 }, (_, i) =>
      i % 2 === 0 ? { x: 'ok', y: 1 } : { x: i },
    );
    const bad = new Set(
      compiled(schema)
        .check({ a: list })
        .map(({ path }) => path[1]),
    );
    expect(bad.size).toBe(2_500);
  });

  test('one record has at most twenty violations', () => {
    const wide = withA({
      type: 'array',
      items: { type: 'object', additionalProperties: { type: 'string' } },
    });
    const record = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`p${i}`, i]));
    expect(compiled(wide).check({ a: [record, { q: 1 }] })).toHaveLength(21);
  });

  test('an output that is nested too deeply is refused', () => {
    let deep: Json = {};
    for (let i = 0; i < 100_000; i++) deep = [deep];
    expect(check({ type: 'object' }, { a: deep })).toBe('is nested more than 100 deep');
  });

  test('patterns run in linear time', () => {
    const evil = [
      '^(a+)+$',
      '^(a|a)*$',
      '^(a|aa)+$',
      '(.*a){20}$',
      '^([a-zA-Z0-9])(([-.]|[_]+)?([a-zA-Z0-9]+))*$',
      '^(([a-z])+.)+[A-Z]([a-z])+$',
      '(x+x+)+y',
      '^(\\w+\\s?)*$',
    ];
    for (const pattern of evil) {
      expect(check(withA({ pattern }), { a: `${'a'.repeat(20_000)}!` })).not.toBe(' ');
    }
  });

  test.each<[string, unknown, string]>([
    ['16,384 branches', withA(tree(14)), 'E-S70'],
    [
      '16,384 branches through references',
      withA({ $ref: '#/$defs/x0' }, { $defs: doubling(14, 'anyOf') }),
      'E-S70',
    ],
    [
      '2^30 parts through references',
      withA({ $ref: '#/$defs/x0' }, { $defs: doubling(30, 'allOf') }),
      'E-S70',
    ],
    [
      '10,000 properties',
      {
        type: 'object',
        properties: Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`p${i}`, true])),
      },
      'E-S70',
    ],
    ['100,000 levels', bottomless(), 'E-S70'],
    ['itself', { $ref: '#' }, 'E-S72'],
    ['itself in allOf', { allOf: [{ $ref: '#' }] }, 'E-S72'],
    [
      'many heavy patterns',
      {
        type: 'object',
        properties: Object.fromEntries(
          Array.from({ length: 100 }, (_, i) => [`p${i}`, { pattern: `(a|b|c){1,900}${i}` }]),
        ),
      },
      'E-S78',
    ],
  ])('%s', (_, hostile, code) => {
    const result = OutputSchema.compile(hostile as JsonObject);
    expect(result.ok ? [] : result.error.map((problem) => problem.code)).toContain(code);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  test('names are never code', () => {
    const names = [
      '"',
      "'",
      '`',
      '\\',
      '${1}',
      '*/',
      '\u2028',
      '\n',
      '];process.exit()//',
      '__defineGetter__',
      'hasOwnProperty',
    ];
    const properties = Object.fromEntries(
      names.map((name) => [name, { type: 'string', enum: [name], pattern: '^[^]+$' }]),
    );
    const hostile = { type: 'object', required: names, properties, additionalProperties: false };
    expect(check(hostile, Object.fromEntries(names.map((name) => [name, name])))).toBe('');
    expect(compiled(hostile).check({})).toHaveLength(names.length);
  });
});

function tree(levels: number): object {
  return levels === 0 ? {} : { anyOf: [tree(levels - 1), tree(levels - 1)] };
}

function doubling(levels: number, keyword: string): object {
  const definitions = Array.from({ length: levels }, (_, i) => {
    const next = { $ref: `#/$defs/x${i + 1}` };
    return [`x${i}`, { [keyword]: [next, next] }] as const;
  });
  return { ...Object.fromEntries(definitions), [`x${levels}`]: {} };
}

function bottomless(): object {
  let schema = {};
  for (let i = 0; i < 100_000; i++) schema = { not: schema };
  return schema;
}

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
      if: schema,
      then: schema,
      dependentRequired: fc.constant({ a: ['b'] }),
      $ref: fc.constantFrom('#/$defs/d', '#/$defs/e', '#'),
      unevaluatedProperties: fc.constant(false),
      unevaluatedItems: fc.constant(false),
      propertyNames: schema,
      nullable: fc.boolean(),
      $id: fc.constantFrom('https://x.test/1', '#a'),
      $anchor: fc.constant('z'),
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
