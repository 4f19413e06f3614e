import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDuration, parseDuration } from '../../src/base/duration.ts';

describe('a duration', () => {
  test.each([
    ['0s', 0],
    ['90s', 90_000],
    ['15m', 900_000],
    ['6h', 21_600_000],
    ['30d', 2_592_000_000],
    ['2w', 1_209_600_000],
    ['', undefined],
    ['30', undefined],
    ['d', undefined],
    ['1.5h', undefined],
    ['-1d', undefined],
    ['1 d', undefined],
    ['1D', undefined],
    ['30d\n', undefined],
    ['1h30m', undefined],
    ['1234567s', undefined],
  ])('%j is read as %s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each([
    [-5, '0ms'],
    [0, '0ms'],
    [350.4, '350ms'],
    [999.4, '999ms'],
    [999.6, '1.0s'],
    [4_230, '4.2s'],
    [59_949, '59.9s'],
    [59_950, '1m'],
    [59_999, '1m'],
    [60_000, '1m'],
    [232_000, '3m 52s'],
    [3_599_999, '59m 59s'],
    [3_600_000, '1h'],
    [7_500_000, '2h 5m'],
    [86_400_000, '1d'],
    [273_600_000, '3d 4h'],
    [86_460_000, '1d'],
    [8_640_000_000, '100d'],
  ])('of %d ms is written %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  test('has two units at most, each below its next', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e12, noNaN: true }), (ms) => {
        expect(formatDuration(ms)).toMatch(
          /^(\d{1,3}ms|[1-5]?\d\.\ds|\d+d( (1?\d|2[0-3])h)?|(1?\d|2[0-3])h( [1-5]?\dm)?|[1-5]?\dm( [1-5]?\ds)?)$/,
        );
      }),
      { numRuns: 1_000 },
    );
  });
});
