import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/base/json.ts';
import { readCitations, readTable, type TableQuery } from '../../src/tables/read-table.ts';
import { itemsSchema, OutputRig, PIPELINE } from './output-rig.ts';

async function written(): Promise<OutputRig> {
  const rig = await OutputRig.create();
  const schema = itemsSchema({
    name: { type: 'string' },
    size: { type: 'integer' },
    'Two words': { type: 'string', format: 'date' },
  });
  const sizes = [30, 10, 20, null];
  await rig.step('companies', { schema, key: ['name'] }, [
    {
      items: sizes.map((size, i) => ({ name: `c${i}`, size, 'Two words': '2026-01-02' })),
      grounding: [
        {
          field: 'items[2].size',
          confidence: 'low',
          citations: [{ url: 'https://a.example/1', title: 'A' }],
        },
        { field: 'items[2].name', citations: [{ url: 'https://b.example/2' }] },
        { field: 'items[0].size', citations: [{ url: 'https://c.example/3' }] },
      ],
    },
  ]);
  await rig.write();
  return rig;
}

async function read(
  rig: OutputRig,
  query: Partial<TableQuery>,
): Promise<
  | string
  | { readonly columns: readonly string[]; readonly total: number; readonly rows: JsonObject[] }
> {
  const place = { outFolder: rig.outFolder, pipeline: PIPELINE, table: 'companies' };
  const result = await readTable({ ...place, ...query });
  if (!result.ok) return result.error;
  const { columns, total } = result.value;
  const rows: JsonObject[] = [];
  for await (const portion of result.value.rows) rows.push(...portion);
  return { columns: columns.map(({ name, type }) => `${name} ${type}`), total, rows };
}

describe('reading a table', () => {
  test('gives its columns with their types, and rows that meet a condition up to a limit', async () => {
    const rig = await written();
    const query = { columns: ['Two words', 'name'], where: 'size > 10 -- not the small', limit: 1 };
    expect(await read(rig, query)).toEqual({
      columns: ['Two words DATE', 'name VARCHAR'],
      total: 2,
      rows: [{ 'Two words': '2026-01-02', name: 'c0' }],
    });
    expect(await read(rig, { where: 'companies.size IS NULL' })).toEqual({
      columns: [
        'name VARCHAR',
        'size BIGINT',
        'Two words DATE',
        '_key VARCHAR',
        '_parent_key VARCHAR',
        '_agent_run_id VARCHAR',
        '_answered_at TIMESTAMP WITH TIME ZONE',
        '_confidence VARCHAR',
      ],
      total: 1,
      rows: [
        {
          name: 'c3',
          size: null,
          'Two words': '2026-01-02',
          _key: 'c3',
          _parent_key: null,
          _agent_run_id: 'run-1',
          _answered_at: '2026-11-22T09:01:03Z',
          _confidence: null,
        },
      ],
    });
  });

  test('numbers rows by their place in the table, and finds their citations by it', async () => {
    const rig = await written();
    const query = { where: 'size < 30', columns: ['name'], numbered: true };
    expect(await read(rig, query)).toMatchObject({
      rows: [
        { _row: 2, name: 'c1' },
        { _row: 3, name: 'c2' },
      ],
    });
    const place = { outFolder: rig.outFolder, pipeline: PIPELINE, table: 'companies' };
    const found = await readCitations({ ...place, rows: [2, 3] });
    expect(found).toEqual({
      ok: true,
      value: new Map([
        [
          3,
          [
            {
              field: 'size',
              url: 'https://a.example/1',
              host: 'a.example',
              cited_text: null,
              title: 'A',
              confidence: 'low',
            },
            {
              field: 'name',
              url: 'https://b.example/2',
              host: 'b.example',
              cited_text: null,
              title: null,
              confidence: null,
            },
          ],
        ],
      ]),
    });
    expect(await readCitations({ ...place, rows: [] })).toEqual({ ok: true, value: new Map() });
  });

  test('ends early without harm', async () => {
    const rig = await written();
    const place = { outFolder: rig.outFolder, pipeline: PIPELINE, table: 'companies' };
    const result = await readTable(place);
    if (!result.ok) throw new Error(result.error);
    await result.value.close();
    await result.value.close();
    expect(result.value.total).toBe(4);
  });

  test('says what is there when the table is not', async () => {
    const rig = await written();
    expect(await read(rig, { table: 'compnies' })).toBe(
      'pipeline "leads" has no table "compnies"; did you mean "companies"?',
    );
    expect(await read(rig, { table: '../leads/companies' })).toBe(
      'pipeline "leads" has no table "../leads/companies"; tables: companies, _agent_runs, _citations, _costs, _failures, _rejected',
    );
    expect(await read(rig, { pipeline: 'nothing' })).toBe(
      'pipeline "nothing" has no tables yet: run it, or rebuild them',
    );
  });

  test('tells a mistake in the condition in the words of the database, and opens no other file', async () => {
    const rig = await written();
    expect(await read(rig, { where: 'sise > 1' })).toMatch(/"sise" not found/u);
    expect(await read(rig, { columns: ['nom'] })).toMatch(/"nom" not found/u);
    expect(
      await read(rig, { where: "1 = 1) UNION ALL (SELECT * FROM read_csv('/etc/passwd')" }),
    ).toMatch(/disabled by configuration/u);
  });
});
