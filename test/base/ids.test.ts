import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isoTime } from '../../src/base/clock.ts';
import { attemptId, runId, ulid } from '../../src/base/ids.ts';
import type { Random } from '../../src/base/random.ts';

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
