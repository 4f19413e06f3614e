import { expect, test } from 'vitest';
import { fromDollars } from '../../src/base/money.ts';
import { readPriceBook } from '../../src/cost/read-price-book.ts';

const BOOK = {
  id: 'ours-2026-11',
  defaultEffort: 'auto',
  efforts: { low: { fixed: 0.02 }, auto: { cap: 4 }, ultra: {} },
  email: 0.01,
  phoneNumber: 0.05,
  search: 0.004,
  agentComputeUnit: 0.0801234,
};

test('a price book of one’s own is read, to the millionth of a dollar', () => {
  expect(readPriceBook(BOOK)).toEqual({
    ok: true,
    value: {
      id: 'ours-2026-11',
      defaultEffort: 'auto',
      efforts: {
        low: { kind: 'fixed', price: fromDollars(0.02) },
        auto: { kind: 'metered', cap: fromDollars(4) },
        ultra: { kind: 'metered', cap: undefined },
      },
      email: 10_000,
      phoneNumber: 50_000,
      search: 4_000,
      agentComputeUnit: 80_123,
      takesBudget: true,
    },
  });
});

test.each([
  ['a list', [], 'it must be a JSON object'],
  ['an unknown key', { ...BOOK, currency: 'EUR' }, '"currency" is no part of a price book'],
  ['no name', { ...BOOK, id: '' }, '"id" must be a name such as "ours-2026-11"'],
  ['a price below nothing', { ...BOOK, email: -1 }, '"email" must be a price in dollars'],
  ['a price that is a text', { ...BOOK, search: '1' }, '"search" must be a price in dollars'],
  ['no efforts', { ...BOOK, efforts: [] }, '"efforts" must be an object'],
  [
    'an effort with two prices',
    { ...BOOK, efforts: { auto: { cap: 1, fixed: 1 } } },
    'effort "auto" must be {"fixed": dollars}, {"cap": dollars} or {}',
  ],
  [
    'an effort of another kind',
    { ...BOOK, efforts: { auto: { price: 1 } } },
    'effort "auto" must be {"fixed": dollars}, {"cap": dollars} or {}',
  ],
  [
    'an unknown default',
    { ...BOOK, defaultEffort: 'high' },
    '"defaultEffort" must be one of the efforts',
  ],
])('%s is refused', (_, book, message) => {
  expect(readPriceBook(book)).toEqual({ ok: false, error: message });
});
