import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fullJitter, retryAfterMs, uniform } from '../../src/http/backoff.ts';
import { seededRandom } from '../rig/seeded-random.ts';

test('back-off lies between nothing and a ceiling that doubles up to the cap', () => {
  fc.assert(
    fc.property(fc.integer(), fc.nat(100), (seed, attempt) => {
      const wait = fullJitter(seededRandom(seed), attempt, 1_000, 60_000);
      expect(wait).toBeGreaterThanOrEqual(0);
      expect(wait).toBeLessThan(Math.min(60_000, 1_000 * 2 ** attempt));
    }),
  );
});

test('uniform numbers reach both halves and stay below one', () => {
  expect(uniform({ bytes: (count) => new Uint8Array(count) })).toBe(0);
  const most = uniform({ bytes: (count) => new Uint8Array(count).fill(255) });
  expect(most).toBeGreaterThan(0.999_999);
  expect(most).toBeLessThan(1);
});

const NOW = Date.parse('2026-11-22T09:00:00Z');

test.each<[header: string | undefined, ms: number | undefined]>([
  [undefined, undefined],
  ['', undefined],
  ['0', 0],
  ['7', 7_000],
  [' 1.5 ', 1_500],
  ['-5', undefined],
  ['soon', undefined],
  ['Sun, 22 Nov 2026 09:02:00 GMT', 120_000],
  ['Sunday, 22-Nov-26 09:02:00 GMT', 120_000],
  ['Sun, 22 Nov 2026 08:00:00 GMT', 0],
])('Retry-After: %s is %s ms', (header, ms) => {
  expect(retryAfterMs(header, NOW)).toBe(ms);
});
