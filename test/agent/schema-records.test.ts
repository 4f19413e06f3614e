import { describe, expect, test } from 'vitest';
import { contactFields, recordArrays, recordProperties } from '../../src/agent/output-schema.ts';
import type { JsonObject } from '../../src/base/json.ts';

const COMPANY = {
  type: 'object',
  properties: { name: { type: 'string' }, hq: { $ref: '#/$defs/place' } },
};
const SCHEMA: JsonObject = {
  type: 'object',
  properties: {
    summary: { type: 'string' },
    tags: { type: 'array', items: { type: 'string' } },
    companies: { type: 'array', items: { $ref: '#/$defs/company' } },
    people: { anyOf: [{ type: 'array', items: { properties: { name: {} } } }, { type: 'null' }] },
    pair: { type: 'array', prefixItems: [{ type: 'object' }] },
    found: {
      type: 'object',
      properties: {
        list: {
          type: ['array', 'null'],
          items: { type: ['object', 'null'], properties: { x: { type: 'integer' } } },
        },
      },
    },
  },
  $defs: {
    company: COMPANY,
    place: { type: 'object', properties: { city: { type: 'string' } } },
  },
};

describe('where the records of a schema are', () => {
  test('arrays of objects in the root are candidates', () => {
    expect(recordArrays(SCHEMA)).toEqual(['companies', 'people']);
  });

  test('also behind a reference and in parts of the root', () => {
    expect(
      recordArrays({ $ref: '#/$defs/out', $defs: { out: SCHEMA, company: COMPANY } }),
    ).toContain('companies');
    const parts = { allOf: [{ properties: { rows: { items: { type: 'object' } } } }] };
    expect(recordArrays(parts)).toEqual(['rows']);
  });

  test('a root without properties has none', () => {
    expect([recordArrays({}), recordArrays({ type: 'array', items: COMPANY })]).toEqual([[], []]);
  });
});

describe('the properties of the records', () => {
  test('of an array, with references replaced', () => {
    expect([...(recordProperties(SCHEMA, { kind: 'array', property: 'companies' }) ?? [])]).toEqual(
      [
        ['name', { type: 'string' }],
        ['hq', { type: 'object', properties: { city: { type: 'string' } } }],
      ],
    );
  });

  test('of an array that may be null', () => {
    expect([
      ...(recordProperties(SCHEMA, { kind: 'array', property: 'people' })?.keys() ?? []),
    ]).toEqual(['name']);
  });

  test('of an array within an object', () => {
    expect([
      ...(recordProperties(SCHEMA, { kind: 'array', property: 'found.list' }) ?? []),
    ]).toEqual([['x', { type: 'integer' }]]);
  });

  test('of the root as an array, as an object, and of plain text', () => {
    expect(
      recordProperties(
        { type: 'array', items: COMPANY, $defs: { place: {} } },
        { kind: 'root-array' },
      )?.size,
    ).toBe(2);
    expect([...(recordProperties(SCHEMA, { kind: 'object' })?.keys() ?? [])]).toEqual([
      'summary',
      'tags',
      'companies',
      'people',
      'pair',
      'found',
    ]);
    expect([...(recordProperties({}, { kind: 'text' }) ?? [])]).toEqual([
      ['text', { type: 'string' }],
    ]);
  });

  test.each([
    { kind: 'array', property: 'summary' },
    { kind: 'array', property: 'tags' },
    { kind: 'array', property: 'nothing' },
    { kind: 'array', property: 'toString' },
    { kind: 'array', property: 'found.nothing.more' },
    { kind: 'root-array' },
  ] as const)('there are none at %o', (at) => {
    expect(recordProperties(SCHEMA, at)).toBeUndefined();
  });

  test('an optional null is left out, and what stands beside it stays', () => {
    const schema = {
      type: 'object',
      properties: {
        a: { title: 'A', anyOf: [{ type: 'integer' }, { type: 'null' }], default: null },
        b: { description: 'B', $ref: '#/$defs/b' },
        c: true,
        d: { type: 'array', items: { $ref: '#/$defs/b' } },
        e: { anyOf: [{ type: 'integer' }, { type: 'string' }] },
      },
      $defs: { b: { type: 'string', format: 'uri' } },
    };
    expect([...(recordProperties(schema, { kind: 'object' }) ?? [])]).toEqual([
      ['a', { type: 'integer', title: 'A', default: null }],
      ['b', { type: 'string', format: 'uri', description: 'B' }],
      ['c', {}],
      ['d', { type: 'array', items: { type: 'string', format: 'uri' } }],
      ['e', { anyOf: [{ type: 'integer' }, { type: 'string' }] }],
    ]);
  });

  test('a schema that contains itself does not run for ever', () => {
    const schema = {
      type: 'object',
      properties: { a: { $ref: '#/properties/a' }, l: { type: 'array', items: { $ref: '#' } } },
    };
    expect(recordArrays(schema)).toEqual(['l']);
    expect(recordProperties(schema, { kind: 'array', property: 'l' })?.has('a')).toBe(true);
  });
});

describe('contact fields and how many there can be', () => {
  const email = { type: 'string', format: 'email' };
  const phone = { type: 'string', format: 'phone' };
  const list = (items: object, maxItems?: number): object => ({
    type: 'array',
    items,
    ...(maxItems !== undefined && { maxItems }),
  });
  const object = (properties: object): JsonObject => ({ type: 'object', properties }) as JsonObject;

  test.each<[string, JsonObject, number | undefined, number | undefined]>([
    ['none', object({ a: { type: 'string' } }), 0, 0],
    ['one of each', object({ a: email, b: phone }), 1, 1],
    ['two', object({ a: email, b: { type: ['string', 'null'], format: 'email' } }), 2, 0],
    [
      'in a list',
      object({ people: list(object({ work: email, home: email, tel: phone }), 5) }),
      10,
      5,
    ],
    [
      'in a list without a limit',
      object({ people: list(object({ work: email })), boss: phone }),
      undefined,
      1,
    ],
    ['lists in lists', object({ a: list(object({ b: list(email, 3) }), 4) }), 12, 0],
    ['a limit inside none', object({ a: list(object({ b: list(email, 3) })) }), undefined, 0],
    ['none at all in an endless list', object({ a: list(object({ b: list(email, 0) })) }), 0, 0],
    ['an endless list in none', object({ a: list(object({ b: list(email) }), 0) }), 0, 0],
    ['a map', object({ a: { type: 'object', additionalProperties: phone } }), 0, undefined],
    [
      'a map with a limit',
      object({ a: { type: 'object', additionalProperties: phone, maxProperties: 2 } }),
      0,
      2,
    ],
    [
      'behind a reference, twice',
      {
        ...object({ a: { $ref: '#/$defs/p' }, b: { $ref: '#/$defs/p' } }),
        $defs: { p: object({ m: email }) },
      },
      2,
      0,
    ],
    ['in one of two forms', object({ a: { anyOf: [email, { type: 'null' }] } }), 1, 0],
    [
      'in both forms, at the same place',
      object({ a: { oneOf: [object({ m: email }), object({ m: email, n: phone })] } }),
      1,
      1,
    ],
    [
      'in both forms, at different places',
      object({ a: { anyOf: [object({ m: email }), object({ n: email })] } }),
      2,
      0,
    ],
    ['in a tuple', object({ a: { prefixItems: [email, email], items: false } }), 2, 0],
    ['only in a definition', { ...object({ a: {} }), $defs: { p: email } }, 0, 0],
    ['only in a test', object({ a: { not: email, if: phone } }), 0, 0],
    [
      'a schema that contains itself',
      { ...object({ a: email, next: { $ref: '#' } }) },
      undefined,
      undefined,
    ],
  ])('%s', (_, schema, emails, phones) => {
    expect(contactFields(schema)).toEqual({ emails, phones });
  });
});
