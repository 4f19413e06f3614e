import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AgentUsage } from '../../src/agent/agent.ts';
import { CURRENT_PRICE_BOOK, PRICE_BOOKS, priceBook } from '../../src/cost/price-book.ts';
import { billOf } from '../../src/server/accounting.ts';

const usage = (more: Partial<AgentUsage>): AgentUsage => ({
  agentComputeUnits: 0,
  searches: 0,
  emails: 0,
  phoneNumbers: 0,
  ...more,
});
const done = { completed: true, takesBudget: true };
const BETA = priceBook('exa-2026-05') ?? CURRENT_PRICE_BOOK;

test.each([
  ['minimal', 0.012],
  ['low', 0.025],
  ['medium', 0.1],
  ['high', 0.5],
  ['xhigh', 1],
])('effort %s has the price %d, whatever was used, and contacts come on top', (effort, price) => {
  const used = usage({ agentComputeUnits: 99, searches: 12, emails: 2, phoneNumbers: 1 });
  const { cost, reached } = billOf(used, { effort }, CURRENT_PRICE_BOOK, done);
  expect(cost).toEqual({
    total: Number((price + 0.11).toFixed(6)),
    agentCompute: price,
    search: 0,
    emails: 0.04,
    phoneNumbers: 0.07,
  });
  expect(reached).toBe(false);
});

test('auto is charged by use, and is what a request without an effort gets', () => {
  const used = usage({ agentComputeUnits: 0.18, searches: 2, emails: 1 });
  const { cost } = billOf(used, {}, CURRENT_PRICE_BOOK, done);
  expect(cost).toEqual({
    total: 0.048,
    agentCompute: 0.018,
    search: 0.01,
    emails: 0.02,
    phoneNumbers: 0,
  });
  expect(billOf(used, { effort: 'auto' }, CURRENT_PRICE_BOOK, done).cost).toEqual(cost);
});

test.each([
  ['auto', undefined, 5],
  ['ultra', undefined, 20],
  ['max', undefined, 20],
  ['auto', 1, 1],
  ['ultra', 100, 99.999],
])('effort %s with a budget of %s costs at most %d', (effort, maxCostDollars, most) => {
  const used = usage({ agentComputeUnits: 999.99 });
  const budget = maxCostDollars === undefined ? {} : { budget: { maxCostDollars } };
  const bill = billOf(used, { effort, ...budget }, CURRENT_PRICE_BOOK, done);
  expect(bill.cost.total).toBe(most);
  expect(bill.reached).toBe(most !== 99.999);
});

test('a budget covers contacts too', () => {
  const used = usage({ emails: 40, phoneNumbers: 10, searches: 100, agentComputeUnits: 5 });
  const { cost } = billOf(
    used,
    { effort: 'auto', budget: { maxCostDollars: 2 } },
    CURRENT_PRICE_BOOK,
    done,
  );
  expect(cost).toEqual({ total: 2, agentCompute: 0, search: 0.5, emails: 0.8, phoneNumbers: 0.7 });
});

test('the beta charges by use up to a cap, with contacts on top, and no budget counts', () => {
  const used = usage({ agentComputeUnits: 100, searches: 9, emails: 1 });
  const terms = { completed: true, takesBudget: false };
  const request = { effort: 'low', budget: { maxCostDollars: 0.001 } };
  expect(billOf(used, request, BETA, terms)).toEqual({
    cost: { total: 0.045, agentCompute: 0.01, search: 0.015, emails: 0.02, phoneNumbers: 0 },
    reached: true,
  });
  expect(billOf(used, { effort: 'auto' }, BETA, terms)).toEqual({
    cost: { total: 0.093, agentCompute: 0.01, search: 0.063, emails: 0.02, phoneNumbers: 0 },
    reached: false,
  });
});

test('a run that did not complete is charged what it used, at most the fixed price', () => {
  const cut = { completed: false, takesBudget: true };
  const little = billOf(usage({ searches: 1 }), { effort: 'high' }, CURRENT_PRICE_BOOK, cut);
  expect(little.cost).toMatchObject({ total: 0.005, search: 0.005 });
  const much = billOf(
    usage({ agentComputeUnits: 99 }),
    { effort: 'high' },
    CURRENT_PRICE_BOOK,
    cut,
  );
  expect(much.cost.total).toBe(0.5);
  expect(billOf(usage({}), { effort: 'high' }, CURRENT_PRICE_BOOK, cut).cost.total).toBe(0);
});

test('the total is the sum of its parts, in whole millionths, and more use never costs less', () => {
  const used = fc.record({
    agentComputeUnits: fc.double({ min: 0, max: 1e4, noNaN: true }),
    searches: fc.nat(10_000),
    emails: fc.nat(1_000),
    phoneNumbers: fc.nat(1_000),
  });
  const request = fc.record(
    {
      effort: fc.constantFrom('minimal', 'low', 'xhigh', 'auto', 'ultra', 'unheard of'),
      budget: fc.record({ maxCostDollars: fc.double({ min: 1, max: 100, noNaN: true }) }),
    },
    { requiredKeys: [] },
  );
  const terms = fc.record({ completed: fc.boolean(), takesBudget: fc.boolean() });
  const property = fc.property(
    used,
    request,
    fc.constantFrom(...PRICE_BOOKS),
    terms,
    (u, r, book, t) => {
      const { cost } = billOf(u, r, book, t);
      const parts = [cost.agentCompute, cost.search, cost.emails, cost.phoneNumbers];
      const micro = (dollars: number): number => Math.round(dollars * 1e6);
      for (const dollars of [cost.total, ...parts]) expect(micro(dollars) / 1e6).toBe(dollars);
      expect(micro(cost.total)).toBe(parts.reduce((sum, part) => sum + micro(part), 0));
      const more = billOf({ ...u, searches: u.searches + 1, emails: u.emails + 1 }, r, book, t);
      expect(more.cost.total).toBeGreaterThanOrEqual(cost.total);
    },
  );
  fc.assert(property);
});
