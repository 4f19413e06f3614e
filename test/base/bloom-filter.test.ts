import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BloomFilter } from '../../src/base/bloom-filter.ts';

test('no text is taken for new a second time', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), (texts) => {
      const filter = new BloomFilter();
      for (const text of texts) filter.add(text);
      for (const text of texts) expect(filter.add(text)).toBe(false);
    }),
    { numRuns: 20 },
  );
});

test('hardly any of a hundred thousand ids is taken for an old one', () => {
  const filter = new BloomFilter();
  let mistaken = 0;
  for (let n = 0; n < 100_000; n++) {
    if (!filter.add(`agent_run_${n.toString(36).padStart(26, '0')}`)) mistaken++;
  }
  expect(mistaken).toBeLessThan(5);
});
