import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  addMoney,
  formatMoney,
  fromDollars,
  microdollars,
  toDollars,
} from '../../src/base/money.ts';

/** As much as a file or a call can say: less than a thousand million dollars, to the millionth. */
const AMOUNT = fc.bigInt({ min: 0n, max: 999_999_999_999_999n });

/** Dollars as a person writes them. */
function written(amount: bigint): string {
  const text = amount.toString().padStart(7, '0');
  return `${text.slice(0, -6)}.${text.slice(-6)}`;
}

test('what is written in dollars is read to the millionth, however large', () => {
  const law = fc.property(AMOUNT, (amount) => {
    expect(fromDollars(Number(written(amount)))).toBe(Number(amount));
  });
  fc.assert(law, { numRuns: 2_000 });
});

test('dollars and back are the same amount', () => {
  const law = fc.property(AMOUNT, (amount) => {
    const money = microdollars(Number(amount));
    expect(fromDollars(toDollars(money))).toBe(money);
  });
  fc.assert(law, { numRuns: 2_000 });
});

test('sums are exact and do not depend on the order', () => {
  const law = fc.property(fc.array(AMOUNT, { maxLength: 8 }), fc.nat(), (amounts, turn) => {
    const money = amounts.map((amount) => fromDollars(Number(written(amount))));
    const turned = [...money.slice(turn % 9), ...money.slice(0, turn % 9)];
    const sum = amounts.reduce((total, amount) => total + amount, 0n);
    expect(BigInt(money.reduce(addMoney, microdollars(0)))).toBe(sum);
    expect(turned.reduce(addMoney, microdollars(0))).toBe(money.reduce(addMoney, microdollars(0)));
  });
  fc.assert(law);
});

test('no amount but nothing is shown as $0.00, and what is shown is never more than a cent off', () => {
  const law = fc.property(AMOUNT, (amount) => {
    const shown = formatMoney(microdollars(Number(amount)));
    expect(shown).toMatch(/^\$\d+\.\d{2,6}$/u);
    expect(shown === '$0.00').toBe(amount === 0n);
    const read = BigInt(Math.round(Number(shown.slice(1)) * 1e6));
    expect(read - amount <= 5_000n && amount - read <= 5_000n).toBe(true);
  });
  fc.assert(law, { numRuns: 2_000 });
});
