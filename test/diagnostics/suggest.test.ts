import { expect, test } from 'vitest';
import { closest, didYouMean } from '../../src/diagnostics/suggest.ts';

test('finds the name that was meant', () => {
  expect(closest('outptu', ['input', 'output', 'query'])).toBe('output');
  expect(closest('Companies', ['companies', 'people'])).toBe('companies');
});

test('suggests nothing that shares no letter with what was typed', () => {
  expect(closest('ab', ['xy', 'pq'])).toBeUndefined();
  expect(closest('', ['a', 'b'])).toBeUndefined();
});

test('lists the names when none is near, and says how many are left out', () => {
  const names = Array.from({ length: 40 }, (_, i) => `column_${i}`);
  expect(didYouMean('zzz', ['a', 'b'], 'columns')).toBe('columns: a, b');
  expect(didYouMean('zzz', names, 'columns')).toMatch(/column_29 and 10 more$/u);
  expect(didYouMean('zzz', [], 'columns')).toBe('remove it: there are no columns');
  expect(didYouMean('zzz', [], 'columns', 'add one')).toBe('add one');
});
