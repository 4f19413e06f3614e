import { expect, test } from 'vitest';
import { textTable } from '../../src/cli/text-table.ts';

test('A table of more rows than a call has arguments is laid out', () => {
  const rows = Array.from({ length: 200_000 }, (_, n) => [n % 100_000 === 0 ? String(n) : '']);
  expect(textTable([{ title: 'n', align: 'right' }], rows).at(100_001)).toBe('  100000');
});

test('Titles are as wide as they look', () => {
  const columns = [{ title: '名前' }, { title: 'n' }];
  expect(textTable(columns, [['a', '1']])).toEqual(['  名前  n', '  a     1']);
});
