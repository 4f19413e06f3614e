import { describe, expect, test } from 'vitest';
import { OutputSchema } from '../../src/agent/output-schema.ts';
import type { Json, JsonObject } from '../../src/base/json.ts';
import { deep, DRAFT_07, lint, V2019, V2020, withA } from './schema-checking.ts';

describe('what people really write is accepted without a word', () => {
  test.each<[string, object]>([
    ['the depth that is just allowed', deep(15)],
    [
      'draft-07 with its identifier',
      { $schema: DRAFT_07, ...withA({ $ref: '#/definitions/x' }), definitions: { x: {} } },
    ],
    ['draft-07 without', withA({}, { definitions: { x: {} }, dependencies: { a: ['a'] } })],
    ['$defs in draft-07', { $schema: DRAFT_07, ...withA({ $ref: '#/$defs/x' }), $defs: { x: {} } }],
    ['2019-09', { $schema: V2019, ...withA({ items: [{}], additionalItems: false }) }],
    ['2020-12', { $schema: V2020, ...withA({ prefixItems: [{}], items: false }) }],
    ['a tuple of earlier dialects without "$schema"', withA({ items: [{ type: 'string' }] })],
    [
      'phone, and an array with a limit',
      withA({ type: 'array', maxItems: 3, items: { type: 'string', format: 'phone' } }),
    ],
    ['a contact outside of any array', withA({ type: 'string', format: 'email' })],
    [
      'titles and defaults, as pydantic writes them',
      withA(
        { title: 'A', anyOf: [{ type: 'string' }, { type: 'null' }], default: null },
        { title: 'Out', required: ['a'] },
      ),
    ],
    [
      'required in a branch, described around it',
      withA(
        {},
        { properties: { a: {}, b: {} }, anyOf: [{ required: ['a'] }, { required: ['b'] }] },
      ),
    ],
    [
      'required in what is referred to',
      withA({}, { allOf: [{ $ref: '#/$defs/x' }], $defs: { x: { required: ['a'] } } }),
    ],
    [
      'required among any names',
      { type: 'object', required: ['x'], additionalProperties: { type: 'string' } },
    ],
    ['a name of their own', withA({ 'x-source': 'crm' })],
    ['unique texts', withA({ type: 'array', items: { type: 'string' }, uniqueItems: true })],
    [
      'unique objects with a limit',
      withA({ type: 'array', items: {}, uniqueItems: true, maxItems: 10 }),
    ],
    [
      'properties that objects inherit',
      { type: 'object', required: ['toString'], properties: { toString: {}, constructor: {} } },
    ],
    ['64 branches', withA({ anyOf: Array.from({ length: 64 }, (_, i) => ({ const: i })) })],
    [
      'identifiers of generated schemas',
      withA({ $id: '#/properties/a', $anchor: 'a' }, { $id: 'https://x.test/root' }),
    ],
    ['a root that is referred to', { $ref: '#/$defs/out', $defs: { out: withA({}) } }],
    ['sourceUrl', { type: 'object', properties: { sourceUrl: { type: 'string', format: 'uri' } } }],
    ['a reference with escapes', withA({ $ref: '#/$defs/a~1b%20c' }, { $defs: { 'a/b c': {} } })],
  ])('%s', (_, schema) => {
    expect(lint(schema)).toBe('');
    const compiled = OutputSchema.compile(schema as JsonObject);
    if (compiled.ok) expect(Array.isArray(compiled.value.check({ a: 'x' } as Json))).toBe(true);
  });
});

test('nothing is ever added to Object.prototype', () => {
  lint(
    JSON.parse(
      '{"__proto__":{"polluted":1},"properties":{"__proto__":{"polluted":1}},"$defs":{"__proto__":{"type":"string"}}}',
    ),
  );
  lint(withA({ $ref: '#/__proto__/polluted' }));
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(({} as JsonObject)['polluted']).toBeUndefined();
});
