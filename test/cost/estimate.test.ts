import { describe, expect, test } from 'vitest';
import { fromDollars } from '../../src/base/money.ts';
import { askOf, estimateAgentRun, FREE, withObserved } from '../../src/cost/estimate.ts';
import { priceBook, type PriceBook } from '../../src/cost/price-book.ts';

function book(id: string): PriceBook {
  const found = priceBook(id);
  if (found === undefined) throw new Error(`No price book ${id}`);
  return found;
}

const MAY = book('exa-2026-05');
const NOVEMBER = book('exa-2026-11');
const NONE = { emails: 0, phones: 0 };

/** `expected, ceiling, basis` in microdollars. */
function estimated(
  prices: PriceBook,
  effort?: string,
  contacts: Parameters<typeof estimateAgentRun>[2] = NONE,
  dollars?: number,
): string {
  const maxCost = dollars === undefined ? undefined : fromDollars(dollars);
  const { expected, ceiling, basis } = estimateAgentRun(prices, effort, contacts, maxCost);
  return `${expected ?? '?'}, ${ceiling ?? '?'}, ${basis}`;
}

describe('an agent run', () => {
  test.each([
    ['of a fixed effort costs its price', estimated(NOVEMBER, 'low'), '25000, 25000, exact'],
    ['of a metered effort costs its cap', estimated(MAY, 'low'), '25000, 25000, ceiling'],
    ['without an effort is of the default one', estimated(NOVEMBER), '5000000, 5000000, ceiling'],
    ['without a cap has no ceiling', estimated(MAY), '?, ?, no ceiling'],
    ['of an unknown effort has no price', estimated(NOVEMBER, 'huge'), '?, ?, unknown effort'],
    [
      'of an unknown effort has none in an old book',
      estimated(MAY, 'ultra'),
      '?, ?, unknown effort',
    ],
  ])('%s', (_, got, expected) => {
    expect(got).toBe(expected);
  });
});

describe('contacts', () => {
  test.each([
    [
      'raise the ceiling and not what is expected',
      estimated(NOVEMBER, 'low', { emails: 3, phones: 2 }),
      '25000, 225000, exact',
    ],
    [
      'do so on top of a cap',
      estimated(NOVEMBER, 'auto', { emails: 10, phones: 0 }),
      '5000000, 5200000, ceiling',
    ],
    [
      'are on top of the ceiling that was asked for',
      estimated(NOVEMBER, 'auto', { emails: 1, phones: 1 }, 1),
      '1000000, 1090000, ceiling',
    ],
    [
      'without a bound leave no ceiling',
      estimated(NOVEMBER, 'low', { emails: undefined, phones: 0 }),
      '25000, ?, exact',
    ],
    [
      'of one kind without a bound leave none either',
      estimated(MAY, 'low', { emails: 1, phones: undefined }),
      '25000, ?, ceiling',
    ],
  ])('%s', (_, got, expected) => {
    expect(got).toBe(expected);
  });
});

describe('a ceiling that was asked for', () => {
  test.each([
    [
      'is honoured with a metered effort',
      estimated(NOVEMBER, 'auto', NONE, 2),
      '2000000, 2000000, ceiling',
    ],
    [
      'takes the place of the cap, also where it is larger',
      estimated(NOVEMBER, 'auto', NONE, 50),
      '50000000, 50000000, ceiling',
    ],
    [
      'means nothing with a fixed effort',
      estimated(NOVEMBER, 'high', NONE, 0.1),
      '500000, 500000, exact',
    ],
    [
      'means nothing where the agent takes none',
      estimated(MAY, 'high', NONE, 0.1),
      '500000, 500000, ceiling',
    ],
    [
      'does not make up for a cap where the agent takes none',
      estimated(MAY, 'auto', NONE, 1),
      '?, ?, no ceiling',
    ],
  ])('%s', (_, got, expected) => {
    expect(got).toBe(expected);
  });
});

test('what is free costs nothing at most', () => {
  expect(FREE).toEqual({ expected: 0, ceiling: 0, basis: 'free', contacts: 0 });
});

describe('the median of earlier agent runs', () => {
  const seen = fromDollars(0.4);
  const of = (...args: Parameters<typeof estimateAgentRun>) =>
    withObserved(estimateAgentRun(...args), seen);

  test('is what a metered effort is expected to cost; its ceiling stays', () => {
    const { expected, ceiling, basis } = of(NOVEMBER, 'auto', NONE, undefined);
    expect([expected, ceiling, basis]).toEqual([400_000, 5_000_000, 'observed']);
  });

  test('is what a step with contact values is expected to cost', () => {
    const { expected, ceiling, basis } = of(NOVEMBER, 'low', { emails: 3, phones: 0 }, undefined);
    expect([expected, ceiling, basis]).toEqual([400_000, 85_000, 'observed']);
  });

  test('says nothing where the price is exact, or nothing was seen', () => {
    expect(of(NOVEMBER, 'low', NONE, undefined).basis).toBe('exact');
    expect(withObserved(FREE, seen)).toBe(FREE);
    const unseen = estimateAgentRun(NOVEMBER, 'auto', NONE, undefined);
    expect(withObserved(unseen, undefined)).toBe(unseen);
  });
});

describe('a budget is asked for', () => {
  const ask = (...args: Parameters<typeof estimateAgentRun>) => askOf(estimateAgentRun(...args));

  test('the ceiling', () => {
    expect(ask(NOVEMBER, 'low', { emails: 1, phones: 0 }, undefined)).toEqual({
      held: 45_000,
      openEnded: false,
    });
  });

  test('what is known of the cost, where nothing bounds it', () => {
    const endless = { emails: undefined, phones: 0 };
    expect(ask(NOVEMBER, 'low', endless, undefined)).toEqual({ held: 25_000, openEnded: true });
    expect(ask(MAY, 'auto', NONE, undefined)).toEqual({ held: 0, openEnded: true });
  });
});
