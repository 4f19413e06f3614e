import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normalizeKeyPart, recordKey } from '../../src/base/record-key.ts';

describe('a value of a key', () => {
  test.each([
    [['Acme, Inc.', 'ACME inc', ' acme\u00a0 INC. ', 'Acme Inc', 'acme'], 'acme'],
    [['Acme Co., Ltd.', 'Acme Co Ltd', 'ACME Company Limited'], 'acme'],
    [['Acme S.A.', 'Acme SA', 'acme s.a'], 'acme'],
    [['Müller GmbH', 'MÜLLER', 'Mu\u0308ller gmbh'], 'müller'],
    [['Straße AG', 'STRASSE'], 'strasse'],
    [['ΟΔΟΣ', 'οδος', 'οδοσ'], 'οδος'],
    [['Ａｃｍｅ', 'ac\u200bme', '\ufeffAcme'], 'acme'],
    [
      [
        'https://www.acme.com/',
        'http://acme.com',
        'HTTPS://ACME.COM//',
        'www.acme.com.',
        'acme.com',
      ],
      'acme.com',
    ],
    [['https://acme.com/About', 'acme.com/about/'], 'acme.com/about'],
    [[42, '42'], '42'],
    [[true, 'TRUE'], 'true'],
    [['U.S. Steel', 'us steel'], 'us steel'],
  ])('is the same for %j', (values, key) => {
    expect(values.map((value) => normalizeKeyPart(value))).toEqual(values.map(() => key));
  });

  test.each([
    ['a.b.com', 'ab.com'],
    ['acme.com', 'acme.org'],
    ['acme.com', 'shop.acme.com'],
    ['Acme 2', 'Acme 3'],
    ['Incognito', 'Acme Incognito'],
    ['Inc', 'Acme Inc'],
    ['C++', 'C'],
  ])('differs for %j and %j', (one, other) => {
    expect(normalizeKeyPart(one)).not.toBe(normalizeKeyPart(other));
  });

  test.each([undefined, null, '', '  ', '\u200b', 'https://', 'www.', '/', '...'])(
    'is empty for %j',
    (value) => {
      expect(normalizeKeyPart(value)).toBe('');
    },
  );

  test('does not depend on the order of an object', () => {
    expect(normalizeKeyPart({ b: 1, a: [2] })).toBe(normalizeKeyPart({ a: [2], b: 1 }));
  });

  test('does not change when it is normalised again', () => {
    const piece = fc.oneof(
      fc.constantFrom('inc', 'Co', 'ltd', 'S.A.', 's', 'www.', 'https://', '/', '.', ',', ' ', 'ß'),
      fc.string({ unit: 'binary', maxLength: 3 }),
      fc.string({ unit: 'grapheme', maxLength: 3 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const key = normalizeKeyPart(pieces.join(''));
        expect(normalizeKeyPart(key)).toBe(key);
        expect(normalizeKeyPart(` HTTPS://www.${key}/`)).toBe(key);
      }),
      { numRuns: 500 },
    );
  }, 30_000);

  test('is made in no time of a long text that is nearly a key', () => {
    const long = `${'a.'.repeat(50_000)}${'/'.repeat(50_000)}!${' inc'.repeat(2_000)}`;
    expect(normalizeKeyPart(long).endsWith('!')).toBe(true);
  });
});

describe('the key of a record', () => {
  const record = { name: 'Acme, Inc.', domain: 'https://acme.com/', round: null, n: 7 };

  test('of one column is the value', () => {
    expect(recordKey(record, ['domain'])).toBe('acme.com');
    expect(recordKey(record, ['n'])).toBe('7');
  });

  test('of several columns keeps them apart', () => {
    expect(recordKey(record, ['name', 'domain'])).toBe('["acme","acme.com"]');
    expect(recordKey({ a: 'x y', b: 'z' }, ['a', 'b'])).not.toBe(
      recordKey({ a: 'x', b: 'y z' }, ['a', 'b']),
    );
    expect(recordKey({ a: '","', b: '' }, ['a', 'b'])).toBeUndefined();
  });

  test('is missing when a part of it is', () => {
    expect(recordKey(record, ['round'])).toBeUndefined();
    expect(recordKey(record, ['name', 'round'])).toBeUndefined();
    expect(recordKey(record, ['nowhere'])).toBeUndefined();
  });
});
