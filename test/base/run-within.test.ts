import { describe, expect, test } from 'vitest';
import { runWithin } from '../../src/base/run-within.ts';

describe('work with a deadline', () => {
  test('gives what it comes to, and throws what it throws', () => {
    expect(runWithin(60_000, () => [1, 2])).toEqual({ ok: true, value: [1, 2] });
    expect(runWithin(60_000, () => undefined)).toEqual({ ok: true, value: undefined });
    expect(() =>
      runWithin(60_000, () => {
        throw new RangeError('of the work');
      }),
    ).toThrow(RangeError);
  });

  test('ends in the middle of a loop or of an expression, and the next work is unharmed', () => {
    const loop = runWithin(20, () => {
      for (let turns = 0; ; turns++) if (turns < 0) return turns;
    });
    // Doubles its steps with each letter: at 60 it would take years.
    const hostile = new RegExp('^(a+)+$', 'u');
    const match = runWithin(20, () => hostile.test(`${'a'.repeat(60)}b`));
    expect([loop, match]).toEqual([
      { ok: false, error: 'too long' },
      { ok: false, error: 'too long' },
    ]);
    expect(runWithin(60_000, () => 'next')).toEqual({ ok: true, value: 'next' });
  });
});
