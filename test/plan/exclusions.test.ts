import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson, type JsonObject } from '../../src/base/json.ts';
import { ExclusionList } from '../../src/plan/exclusions.ts';

function listOf(
  key: readonly string[] | undefined,
  records: readonly JsonObject[],
  own = false,
): ExclusionList {
  const list = new ExclusionList(key);
  for (const record of records) list.add(record, own);
  return list;
}

describe('a returned record is excluded', () => {
  test.each<[string, readonly string[] | undefined, JsonObject, JsonObject]>([
    ['by case and white space', ['name'], { name: ' ACME  Labs ' }, { name: 'acme labs' }],
    ['by a legal form', ['name'], { name: 'Acme, Inc.' }, { name: 'Acme' }],
    ['by www and a slash', ['domain'], { domain: 'https://www.acme.com/' }, { domain: 'acme.com' }],
    ['by Unicode form', ['name'], { name: 'Ａｃｍｅ' }, { name: 'Acme' }],
    ['by a number', ['id'], { id: 7 }, { id: 7 }],
    [
      'by all columns of a key',
      ['name', 'city'],
      { name: 'A', city: 'Bern' },
      { name: 'a', city: 'BERN', size: 3 },
    ],
    [
      'by the part of the key that is excluded',
      ['name', 'city'],
      { name: 'A' },
      { name: 'A', city: 'Bern' },
    ],
    [
      'by one value where the key has another name',
      ['name'],
      { company: 'Acme' },
      { name: 'Acme' },
    ],
    [
      'by its own columns without a key',
      undefined,
      { name: 'A', city: 'Bern' },
      { name: 'a', city: 'bern' },
    ],
    ['by its key, whatever else it says', ['name'], { name: 'A', size: 3 }, { name: 'A', size: 4 }],
  ])('%s', (_, key, exclusion, record) => {
    expect(listOf(key, [exclusion]).match(record)).toBeDefined();
  });

  test.each<[string, readonly string[] | undefined, JsonObject, JsonObject]>([
    ['another name', ['name'], { name: 'Acme' }, { name: 'Acme Labs' }],
    ['another city', ['name', 'city'], { name: 'A', city: 'Bern' }, { name: 'A', city: 'Zug' }],
    ['an empty key', ['name'], { name: '' }, { name: '' }],
    ['a missing key', ['name'], { name: 'A' }, { size: 3 }],
    ['two values for a key of another name', ['name'], { company: 'A', city: 'B' }, { name: 'A' }],
    ['values that only join to the same', ['a', 'b'], { a: 'x y', b: 'z' }, { a: 'x', b: 'y z' }],
  ])('but not for %s', (_, key, exclusion, record) => {
    expect(listOf(key, [exclusion]).match(record)).toBeUndefined();
  });

  test('and a person is told by what', () => {
    expect(listOf(['name'], [{ name: 'ACME' }]).match({ name: 'acme' })).toBe('name "acme"');
  });

  const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
  const record = fc.dictionary(fc.constantFrom('name', 'city', 'domain', 'x'), value, {
    maxKeys: 4,
  });
  const keys = fc.option(
    fc.uniqueArray(fc.constantFrom('name', 'city', 'domain'), { minLength: 1 }),
    { nil: undefined },
  );

  test('whatever was added, as long as it says anything', () => {
    fc.assert(
      fc.property(
        keys,
        fc.array(record, { minLength: 1, maxLength: 20 }),
        fc.boolean(),
        (key, records, own) => {
          const list = listOf(key, records, own);
          for (const it of records) {
            const parts = new ExclusionList(key);
            parts.add(it, own);
            const says = parts.match(it) !== undefined;
            // A record of the list is found in it just when it is found alone, and that is always
            // but where it has no value at all.
            expect(list.match(it) !== undefined || !says).toBe(true);
            const text = Object.values(it).some((part) =>
              typeof part === 'string'
                ? /[a-z0-9]/i.test(part) && !/[./:,\s]/.test(part)
                : part !== null,
            );
            if (text) expect(says).toBe(true);
          }
        },
      ),
    );
  });
});

describe('the digest of exclusions', () => {
  const records = fc.array(fc.record({ name: fc.string() }), { minLength: 1, maxLength: 20 });

  test('does not depend on their order', () => {
    fc.assert(
      fc.property(records, fc.nat(), (list, turn) => {
        const other = [
          ...list.slice(turn % list.length),
          ...list.slice(0, turn % list.length),
        ].toReversed();
        expect(listOf(['name'], other).digest).toBe(listOf(['name'], list).digest);
      }),
    );
  });

  test('leaves out what the step itself found', () => {
    fc.assert(
      fc.property(records, records, (others, own) => {
        const list = listOf(['name'], others);
        const { digest } = list;
        for (const record of own) list.add(record, true);
        expect(list.digest).toBe(digest);
        expect(list.size).toBe(others.length + own.length);
        expect(listOf(['name'], own, true).digest).toBeUndefined();
      }),
    );
  });

  test('is there as soon as there is another one, and not before', () => {
    expect(new ExclusionList(['name']).digest).toBeUndefined();
    expect(listOf(['name'], [{}]).digest).toBeDefined();
  });
});

describe('exclusions that are sent', () => {
  const numbered = (count: number, width = 1): JsonObject[] =>
    Array.from({ length: count }, (_, n) => ({ name: `${n}`.padStart(width, 'x') }));

  test('are all of a short list, in order', () => {
    expect(listOf(['name'], numbered(1_000)).toSend()).toEqual(numbered(1_000));
  });

  test('of a long list are its last thousand, and the rest is enforced', () => {
    const list = listOf(['name'], numbered(5_000));
    expect(list.toSend()).toEqual(numbered(5_000).slice(-1_000));
    expect(list.match({ name: '0' })).toBeDefined();
    expect(list.size).toBe(5_000);
  });

  test('are cut to a size, too', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 40_000 }),
        fc.boolean(),
        (count, width, own) => {
          const sent = listOf(['name'], numbered(count, width), own).toSend();
          const characters = sent.reduce((sum, record) => sum + canonicalJson(record).length, 0);
          expect(characters).toBeLessThanOrEqual(200_000);
          expect(sent).toEqual(numbered(count, width).slice(count - sent.length));
          if (count * (width + 11) <= 200_000) expect(sent).toHaveLength(count);
        },
      ),
      { numRuns: 50 },
    );
  });

  test('begin with what the step found itself', () => {
    const list = listOf(['name'], numbered(1_500));
    list.add({ name: 'own' }, true);
    const sent = list.toSend();
    expect(sent).toHaveLength(1_000);
    expect(sent[0]).toEqual({ name: 'own' });
  });
});
