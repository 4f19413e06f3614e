import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { digestOf, fingerprintOf } from '../../src/base/fingerprint.ts';
import { canonicalJson, isJsonObject, type Json, type JsonObject } from '../../src/base/json.ts';

const json = fc.jsonValue({ stringUnit: 'binary' }) as fc.Arbitrary<Json>;

/** The same value with the keys of every object in the opposite order. */
function turned(value: Json): Json {
  if (Array.isArray(value)) return value.map((item: Json) => turned(item));
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, turned(item ?? null)] as const);
  return Object.fromEntries(entries.reverse());
}

describe('canonical JSON', () => {
  test.each([
    [{ b: 1, a: [{ d: null, c: 'x' }] }, '{"a":[{"c":"x","d":null}],"b":1}'],
    [{ a: undefined, b: 1 }, '{"b":1}'],
    [{ é: 1, z: 2, Z: 3, 10: 4, 9: 5 }, '{"10":4,"9":5,"Z":3,"z":2,"é":1}'],
    [[1, -0, 1e21, 0.1], '[1,0,1e+21,0.1]'],
    ['\ud800 "\n', String.raw`"\ud800 \"\n"`],
    [{}, '{}'],
    [[], '[]'],
    [null, 'null'],
  ] as const)('of %j', (value, text) => {
    expect(canonicalJson(value as Json)).toBe(text);
  });

  test('does not depend on the order of keys', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(canonicalJson(turned(value))).toBe(canonicalJson(value));
      }),
    );
  });

  test('is JSON of the same value, and canonical already', () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = canonicalJson(value);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(JSON.parse(text) as Json)).toBe(text);
      }),
    );
  });

  test('keeps a key named __proto__', () => {
    const value = JSON.parse('{"__proto__":{"a":1},"b":2}') as JsonObject;
    expect(canonicalJson(value)).toBe('{"__proto__":{"a":1},"b":2}');
  });
});

describe('a fingerprint', () => {
  // Pinned: a change of any of these makes every stored answer unknown.
  test.each([
    [null, '74234e98afe7498fb5daf1f36ac2d78acc339464f950703b8c019892f982b90b'],
    [{}, '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a'],
    [{ b: [1, 'é'], a: null }, 'f8f17faab95c024891d173fa43442b0e52007736a1f36715ac721ab22deeefc5'],
  ] as const)('of %j never changes', (value, pinned) => {
    expect(fingerprintOf(value)).toBe(pinned);
  });

  test('is the SHA-256 of UTF-8', () => {
    expect(digestOf('abc')).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });

  test('differs for values that differ', () => {
    const values: Json[] = [null, 'null', 0, '0', false, '', [], {}, [[]], [null], { a: null }];
    values.push({ a: undefined, b: 1 }, '\ud800', '\ud801', '\ufffd', ['a', 'b'], ['a,b']);
    expect(new Set(values.map(fingerprintOf)).size).toBe(values.length);
  });
});
