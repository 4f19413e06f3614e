import { describe, expect, test } from 'vitest';
import { fromDollars, microdollars } from '../../src/base/money.ts';
import {
  capReached,
  capReachedText,
  smallestCap,
  spendText,
  type Cap,
} from '../../src/cost/cap.ts';
import { addSpend, committed, NO_SPEND } from '../../src/cost/spend.ts';

const cap = (dollars: number, name = '--max-cost'): Cap => ({
  amount: fromDollars(dollars),
  name,
  help: 'give a larger one to go on',
});
const spend = {
  reported: fromDollars(0.1),
  reserved: fromDollars(0.05),
  unknown: fromDollars(0.02),
};

describe('the refusal of an agent run', () => {
  test('names the ceiling, what is spent in its three states, what was asked and what to do', () => {
    const ask = { held: fromDollars(0.025), openEnded: false };
    const reached = capReached(cap(0.18), spend, ask);
    expect(reached && capReachedText(reached)).toBe(
      '--max-cost ($0.18) has no room for another agent run: $0.10 reported, $0.05 reserved, ' +
        'at most $0.02 unknown; the next can cost $0.025; give a larger one to go on',
    );
  });

  test('says where nothing bounds the next', () => {
    const reached = capReached(cap(0.17), spend, { held: microdollars(0), openEnded: true });
    expect(reached && capReachedText(reached)).toContain('; the next has no ceiling;');
  });

  test('does not come before the last dollar', () => {
    expect(
      capReached(cap(0.17), spend, { held: microdollars(0), openEnded: false }),
    ).toBeUndefined();
    expect(
      capReached(cap(0.2), spend, { held: fromDollars(0.03), openEnded: false }),
    ).toBeUndefined();
    expect(capReached(undefined, spend, { held: fromDollars(9), openEnded: true })).toBeUndefined();
  });
});

test('the smallest of several ceilings holds, and of equal ones the first', () => {
  expect(smallestCap([undefined, cap(2, 'b'), cap(1, 'a'), cap(1, 'c')])?.name).toBe('a');
  expect(smallestCap([undefined])).toBeUndefined();
});

test('money in its three states is added state by state', () => {
  expect(addSpend(spend, spend)).toEqual({ reported: 200_000, reserved: 100_000, unknown: 40_000 });
  expect(committed(spend)).toBe(170_000);
  expect(spendText(NO_SPEND)).toBe('$0.00 reported');
});
