import { expect, test } from 'vitest';
import {
  CURRENT_PRICE_BOOK,
  PRICE_BOOKS,
  priceBook,
  type PriceBook,
} from '../../src/cost/price-book.ts';

/** A book in one line an effort, in microdollars. */
function printed(book: PriceBook | undefined): readonly string[] {
  if (book === undefined) return [];
  const efforts = Object.entries(book.efforts).map(([effort, price]) =>
    price.kind === 'fixed'
      ? `${effort} ${price.price}`
      : `${effort} up to ${price.cap ?? 'anything'}`,
  );
  const { email, phoneNumber, search, agentComputeUnit } = book;
  return [
    ...efforts,
    `email ${email}, phone ${phoneNumber}, search ${search}, compute ${agentComputeUnit}`,
    `default ${book.defaultEffort}, takes a budget: ${book.takesBudget}`,
  ];
}

test('the prices of May 2026 stay what they were', () => {
  expect(printed(priceBook('exa-2026-05'))).toEqual([
    'low up to 25000',
    'medium up to 100000',
    'high up to 500000',
    'xhigh up to 2000000',
    'auto up to anything',
    'email 20000, phone 70000, search 7000, compute 100',
    'default auto, takes a budget: false',
  ]);
});

test('the prices of November 2026 stay what they are', () => {
  expect(printed(priceBook('exa-2026-11'))).toEqual([
    'minimal 12000',
    'low 25000',
    'medium 100000',
    'high 500000',
    'xhigh 1000000',
    'auto up to 5000000',
    'ultra up to 20000000',
    'max up to 20000000',
    'email 20000, phone 70000, search 5000, compute 100000',
    'default auto, takes a budget: true',
  ]);
});

test('a book is found by its id, and the newest is the current one', () => {
  expect(PRICE_BOOKS.map(({ id }) => id)).toEqual(['exa-2026-05', 'exa-2026-11']);
  expect(CURRENT_PRICE_BOOK.id).toBe('exa-2026-11');
  expect(priceBook('exa-2025-01')).toBeUndefined();
});

test('the effort that a request without one gets is in its book', () => {
  for (const book of PRICE_BOOKS) expect(Object.keys(book.efforts)).toContain(book.defaultEffort);
});
