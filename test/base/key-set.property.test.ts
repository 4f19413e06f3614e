import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KeySet } from '../../src/base/key-set.ts';

/** Texts of which many are equal, and some differ only in a lone surrogate. */
const text = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'b', '\0', '\ud800', '\ud801', '\udc00', '\ufffd') }),
  fc.string({ unit: 'binary', maxLength: 3 }),
);

describe('a set of keys', () => {
  test('says what a Set of the same texts says', () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 200 }), fc.array(text), (added, asked) => {
        const keys = new KeySet();
        const set = new Set<string>();
        for (const one of added) {
          expect(keys.add(one)).toBe(!set.has(one));
          set.add(one);
          expect(keys.size).toBe(set.size);
        }
        for (const one of [...added, ...asked]) expect(keys.has(one)).toBe(set.has(one));
      }),
    );
  });

  test('is empty at first', () => {
    const keys = new KeySet();
    expect([keys.size, keys.has(''), keys.add(''), keys.has('')]).toEqual([0, false, true, true]);
  });

  test('keeps all keys while it grows, in few bytes each', () => {
    const keys = new KeySet();
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 200_000; i++) keys.add(`https://example.com/${i}`);
    const bytes = process.memoryUsage().arrayBuffers - before;
    expect(keys.size).toBe(200_000);
    // The present table and the ones it grew out of, if nobody has collected them yet.
    expect(bytes).toBeLessThan(200_000 * 70);
    for (let i = 0; i < 200_000; i += 97) {
      expect(keys.has(`https://example.com/${i}`)).toBe(true);
      expect(keys.add(`https://example.com/${i}`)).toBe(false);
    }
    expect(keys.has('https://example.com/200000')).toBe(false);
  });
});
