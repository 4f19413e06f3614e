import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isoTime } from '../../src/base/clock.ts';
import { attemptId, runId, ulid, ulidAfter } from '../../src/base/ids.ts';
import type { Random } from '../../src/base/random.ts';
import { seededRandom } from '../rig/seeded-random.ts';

const counting: Random = { bytes: (count) => Uint8Array.from({ length: count }, (_, i) => i) };
const all: Random = { bytes: (count) => new Uint8Array(count).fill(0xff) };
const START = Date.UTC(2026, 10, 22, 9, 14, 5);

describe('ids', () => {
  test('are pinned', () => {
    // The example of the ULID specification.
    expect(ulid(1_469_918_176_385, counting)).toBe('01aryz6s410123456789abcdef');
    expect(ulid(0, all)).toBe('0000000000zzzzzzzzzzzzzzzz');
    expect(attemptId(counting)).toBe('000102030405060708090a0b0c0d0e0f');
    expect(runId(START, all)).toBe('20261122-0914-ffffff');
    expect(isoTime(START)).toBe('2026-11-22T09:14:05.000Z');
  });

  test('made later sort later', () => {
    const time = fc.integer({ min: 0, max: 2 ** 48 - 1 });
    fc.assert(
      fc.property(time, time, (a, b) => {
        const [one, other] = [ulid(a, all), ulid(b, counting)];
        if (a < b) expect(one < other).toBe(true);
        if (a > b) expect(one > other).toBe(true);
        expect(ulid(a + 0.75, all)).toBe(one);
      }),
    );
  });
});

test('ids of one millisecond, and of a clock that was set back, sort as they were made', () => {
  const random = seededRandom();
  let last = ulidAfter(undefined, 1_000_000, random);
  for (const nowMs of [1_000_000, 1_000_000, 999_000, 0, 1_000_001, 1_000_001]) {
    const next = ulidAfter(last, nowMs, random);
    expect(next > last).toBe(true);
    expect(next).toMatch(/^[0-9a-hjkmnp-tv-z]{26}$/);
    last = next;
  }
  expect(ulidAfter('01zzzzzzzz000000000000000z', 0, random)).toBe('01zzzzzzzz0000000000000010');
});
