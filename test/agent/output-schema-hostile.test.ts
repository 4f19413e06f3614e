import { describe, expect, test } from 'vitest';
import { OutputSchema } from '../../src/agent/output-schema.ts';
import type { Json, JsonObject } from '../../src/base/json.ts';
import { check, compiled, withA } from './schema-checking.ts';

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
