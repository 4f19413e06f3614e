import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addMoney,
  formatMoney,
  fromDollars,
  microdollars,
  moneyOfTable,
  toDollars,
} from '../../src/base/money.ts';

describe('money', () => {
  test.each([
    [0, '$0.00'],
    [-0, '$0.00'],
    [1, '$0.000001'],
    [4_000, '$0.004'],
    [10_000, '$0.01'],
    [12_000, '$0.012'],
    [25_000, '$0.025'],
    [50_000, '$0.05'],
    [95_000, '$0.095'],
    [99_999, '$0.10'],
    [12_345, '$0.0123'],
    [39, '$0.000039'],
    [49, '$0.000049'],
    [50, '$0.0001'],
    [100_000, '$0.10'],
    [105_000, '$0.105'],
    [125_000, '$0.125'],
    [1_004_999, '$1.005'],
    [1_005_000, '$1.005'],
    [1_425_000, '$1.425'],
    [1_000_049, '$1.00'],
    [99_999_949, '$99.9999'],
    [99_999_950, '$100.00'],
    [100_005_000, '$100.01'],
    [12_000_000, '$12.00'],
    [999_995_000, '$1000.00'],
    [1_234_567_890_000, '$1234567.89'],
    [-25_000, '-$0.025'],
    [-12_500_000, '-$12.50'],
  ])('of %i microdollars is written %s', (amount, text) => {
    expect(formatMoney(microdollars(amount))).toBe(text);
  });

  test('in a table has as many digits as the longest of them', () => {
    const amounts = [25_000, 125_000, 0, 12_000_000, 123_456_700].map(microdollars);
    expect(amounts.map(moneyOfTable([...amounts, undefined]))).toEqual([
      '$0.025',
      '$0.125',
      '$0.000',
      '$12.000',
      '$123.457',
    ]);
    expect(moneyOfTable([])(microdollars(500_000))).toBe('$0.50');
  });

  test('adds up exactly where floating point does not', () => {
    let sum = microdollars(0);
    for (let i = 0; i < 100_000; i++) sum = addMoney(sum, fromDollars(0.025));
    expect(toDollars(sum)).toBe(2_500);
  });

  test('survives the way to dollars and back', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), (amount) => {
        expect(fromDollars(toDollars(microdollars(amount)))).toBe(amount);
      }),
    );
  });

  test('is never shown as nothing when it is something', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e12 }), (amount) => {
        const shown = Number(formatMoney(microdollars(amount)).slice(1));
        expect(shown).toBeGreaterThan(0);
        expect(Math.abs(shown - amount / 1e6)).toBeLessThanOrEqual(
          amount < 50 ? 0 : amount < 100_000_000 ? 0.0000501 : 0.00501,
        );
      }),
    );
  });
});
