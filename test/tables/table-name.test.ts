import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseTableName, tableNameText } from '../../src/tables/table-name.ts';

test.each([
  ['crm', 'main', 'crm'],
  ['my table', 'main', 'my table'],
  ['sales.crm', 'sales', 'crm'],
  ['"a.b"', 'main', 'a.b'],
  ['sales."a.b"', 'sales', 'a.b'],
  ['"x.y"."a ""b"""', 'x.y', 'a "b"'],
])('%s is the table of a schema', (text, schema, table) => {
  expect(parseTableName(text)).toEqual({ schema, table });
});

test.each(['', '.', 'a.', '.b', 'a.b.c', '"a', 'a"b', '"a"b"', '""'])('%j is none', (text) => {
  expect(parseTableName(text)).toBeUndefined();
});

test('any table is found again by the text for it', () => {
  const name = fc.string({ unit: fc.constantFrom('a', '.', '"', ' ', 'é'), minLength: 1 });
  fc.assert(
    fc.property(name, name, (schema, table) => {
      expect(parseTableName(tableNameText({ schema, table }))).toEqual({ schema, table });
    }),
  );
});
