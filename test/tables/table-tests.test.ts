import { describe, expect, test } from 'vitest';
import type { TableTest } from '../../src/pipeline/pipeline.ts';
import { runTableTests } from '../../src/tables/table-tests.ts';
import { itemsSchema, OutputRig, PIPELINE } from './output-rig.ts';

async function violations(
  tests: readonly TableTest[],
  step = 'companies',
): Promise<readonly string[]> {
  const rig = await OutputRig.create();
  const schema = itemsSchema({
    name: { type: 'string' },
    city: { type: 'string' },
    size: { type: 'integer' },
  });
  const items = [
    { name: 'a', city: 'Bern', size: 1 },
    { name: 'b', city: 'Bern', size: 1 },
    { name: 'c', city: null, size: -1 },
    { name: 'd', city: null, size: -2 },
    { name: 'e', city: 'Oslo', size: null },
    { name: 'f', city: 'Bern', size: 2 },
    { name: null, city: 'Rome', size: -3 },
  ];
  await rig.step('companies', { schema, key: ['name'] }, [{ items }]);
  await rig.step('empty', { schema, rank: 1 }, []);
  await rig.write();
  const { outFolder } = rig;
  const found = await runTableTests({
    outFolder,
    pipeline: PIPELINE,
    steps: [{ name: step, tests }],
  });
  return found.map(
    (one) =>
      `${one.step} ${one.test.kind}: ${one.message} ${one.rows} [${one.samples.join(' | ')}]`,
  );
}

describe('the tests of a table', () => {
  test('that hold say nothing', async () => {
    expect(
      await violations([
        { kind: 'not-null', columns: ['_agent_run_id'] },
        { kind: 'unique', columns: ['name'] },
        { kind: 'unique', columns: ['name', 'city'] },
        { kind: 'row-count', minimum: 7, maximum: undefined },
        { kind: 'every-row', condition: 'size IS NULL OR size < 10 -- small' },
      ]),
    ).toEqual([]);
  });

  test('that fail say in how many rows, and name three', async () => {
    expect(
      await violations([
        { kind: 'not-null', columns: ['name', 'city'] },
        { kind: 'unique', columns: ['city'] },
        { kind: 'unique', columns: ['city', 'size'] },
        { kind: 'row-count', minimum: 8, maximum: undefined },
        { kind: 'row-count', minimum: 0, maximum: 2 },
        { kind: 'every-row', condition: 'size > 0' },
        { kind: 'every-row', condition: 'size > -3' },
      ]),
    ).toMatchInlineSnapshot(`
      [
        "companies not-null: name is null in 1 row 1 [row 7]",
        "companies not-null: city is null in 2 rows 2 [c | d]",
        "companies unique: city not unique in 2 rows 2 [Bern]",
        "companies unique: city, size not unique in 1 row 1 [Bern, 1]",
        "companies row-count: 7 rows, expected at least 8 7 []",
        "companies row-count: 7 rows, expected between 0 and 2 7 []",
        "companies every-row: not true: size > 0 in 4 rows 4 [c | d | e]",
        "companies every-row: not true: size > -3 in 2 rows 2 [e | row 7]",
      ]
    `);
  });

  test('count on a table without rows too', async () => {
    expect(
      await violations(
        [
          { kind: 'not-null', columns: ['name'] },
          { kind: 'row-count', minimum: 1, maximum: undefined },
        ],
        'empty',
      ),
    ).toEqual(['empty row-count: 0 rows, expected at least 1 0 []']);
  });

  test('that cannot be tried say why', async () => {
    expect(
      await violations([
        { kind: 'not-null', columns: ['nome'] },
        { kind: 'every-row', condition: 'size >' },
      ]),
    ).toEqual([
      expect.stringMatching(/^companies not-null: .*"nome" not found.* null \[\]$/u),
      expect.stringMatching(/^companies every-row: syntax error.* null \[\]$/u),
    ]);
    expect(await violations([{ kind: 'unique', columns: ['name'] }], 'gone')).toEqual([
      'gone unique: there is no table to test null []',
    ]);
  });
});
