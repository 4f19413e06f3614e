import { describe, expect, test } from 'vitest';
import { itemsSchema, OutputRig } from './output-rig.ts';

const COMPANY = itemsSchema({
  name: { type: 'string' },
  domain: { type: 'string' },
  headcount: { type: ['integer', 'null'] },
  raised: { type: 'number' },
  price: { type: 'number', multipleOf: 0.01 },
  founded: { type: 'string', format: 'date' },
  seen: { type: 'string', format: 'date-time' },
  public: { type: 'boolean' },
  address: {
    type: 'object',
    properties: { city: { type: 'string' }, geo: { type: 'array', items: { type: 'number' } } },
  },
  tags: { type: 'array', items: { type: 'string' } },
  people: {
    type: 'array',
    items: { type: 'object', properties: { name: { type: 'string' }, age: { type: 'integer' } } },
  },
  anything: {},
});

const FULL = {
  name: 'Zażółć 株式会社 🚀 "quoted"\n\ttab',
  domain: 'zazolc.example',
  headcount: 9_007_199_254_740_991,
  raised: 12_500_000.125,
  price: 19.99,
  founded: '2019-02-28',
  seen: '2026-11-22T11:30:00.123+02:00',
  public: true,
  address: { city: 'Łódź', geo: [51.77, 19.45] },
  tags: ['a', '', 'null'],
  people: [{ name: 'Ada', age: 36 }, { name: 'Bob' }],
  anything: { x: [1, 'two', null] },
};

describe('the table of a step', () => {
  test('hold every value that went in, as another reader of Parquet sees it', async () => {
    const rig = await OutputRig.create();
    await rig.step('companies', { schema: COMPANY, key: ['domain'] }, [
      { items: [FULL, { name: 'Empty', domain: 'empty.example', headcount: null, tags: [] }] },
    ]);
    const summary = await rig.write();
    expect(summary.problems).toEqual([]);
    const [full, empty] = await rig.read('companies');
    expect(full).toEqual({
      ...FULL,
      headcount: 9_007_199_254_740_991n,
      price: expect.closeTo(19.99, 10) as number,
      founded: new Date('2019-02-28'),
      seen: new Date('2026-11-22T09:30:00.123Z'),
      people: [
        { name: 'Ada', age: 36n },
        { name: 'Bob', age: null },
      ],
      anything: '{"x":[1,"two",null]}',
      _key: 'zazolc.example',
      _parent_key: null,
      _agent_run_id: 'run-1',
      _answered_at: new Date('2026-11-22T09:01:03Z'),
      _confidence: null,
    });
    expect(empty).toMatchObject({ name: 'Empty', headcount: null, tags: [] });
    expect(empty?.['address'] ?? null).toBeNull();
  });

  test('are these, with these columns', async () => {
    const rig = await OutputRig.create();
    await rig.step('companies', { schema: COMPANY }, []);
    await rig.step('notes', { rank: 1, records: { kind: 'text' } }, []);
    const { tables } = await rig.write();
    expect(tables.map(({ name, rows }) => `${name} ${rows}`)).toEqual([
      'companies 0',
      'notes 0',
      '_citations 0',
      '_agent_runs 0',
      '_costs 0',
      '_failures 0',
      '_rejected 0',
    ]);
    const listing: Record<string, readonly string[]> = {};
    for (const { name } of tables) listing[name] = await rig.columns(name);
    expect(listing).toMatchInlineSnapshot(`
      {
        "_agent_runs": [
          "agent_run_id UTF8",
          "pipeline UTF8",
          "step UTF8",
          "task UTF8",
          "attempt UTF8",
          "run UTF8",
          "agent UTF8",
          "effort UTF8",
          "status UTF8",
          "stop_reason UTF8",
          "created_at TIMESTAMP_MICROS",
          "ended_at TIMESTAMP_MICROS",
          "duration_ms INT_64",
          "agent_compute_units DOUBLE",
          "searches INT_64",
          "emails INT_64",
          "phone_numbers INT_64",
          "usage UTF8",
          "reported_dollars DECIMAL",
        ],
        "_citations": [
          "step UTF8",
          "row INT_64",
          "_key UTF8",
          "task UTF8",
          "record_index INT_64",
          "field UTF8",
          "url UTF8",
          "host UTF8",
          "cited_text UTF8",
          "title UTF8",
          "confidence UTF8",
          "agent_run_id UTF8",
        ],
        "_costs": [
          "attempt UTF8",
          "run UTF8",
          "step UTF8",
          "task UTF8",
          "agent UTF8",
          "agent_run_id UTF8",
          "outcome UTF8",
          "cost UTF8",
          "reported_dollars DECIMAL",
          "reserved_dollars DECIMAL",
          "unknown_dollars DECIMAL",
          "reported_microdollars INT_64",
          "reserved_microdollars INT_64",
          "unknown_microdollars INT_64",
          "at TIMESTAMP_MICROS",
        ],
        "_failures": [
          "step UTF8",
          "task UTF8",
          "kind UTF8",
          "message UTF8",
          "attempts INT_64",
          "at TIMESTAMP_MICROS",
        ],
        "_rejected": [
          "step UTF8",
          "task UTF8",
          "record_index INT_64",
          "key UTF8",
          "reason UTF8",
          "detail UTF8",
          "record UTF8",
          "agent_run_id UTF8",
        ],
        "companies": [
          "name UTF8",
          "domain UTF8",
          "headcount INT_64",
          "raised DOUBLE",
          "price DECIMAL",
          "founded DATE",
          "seen TIMESTAMP_MICROS",
          "public BOOLEAN",
          "address group",
          "tags LIST",
          "people LIST",
          "anything UTF8",
          "_key UTF8",
          "_parent_key UTF8",
          "_agent_run_id UTF8",
          "_answered_at TIMESTAMP_MICROS",
          "_confidence UTF8",
        ],
        "notes": [
          "text UTF8",
          "_key UTF8",
          "_parent_key UTF8",
          "_agent_run_id UTF8",
          "_answered_at TIMESTAMP_MICROS",
          "_confidence UTF8",
        ],
      }
    `);
    expect(await rig.files()).toEqual([
      'leads',
      'leads.duckdb',
      ...tables.map(({ name }) => `leads/${name}.parquet`).sort(),
    ]);
  });

  test('have rows in the order of the input, not in that in which tasks ended', async () => {
    const rig = await OutputRig.create();
    const paths = [[10], [2, 1], [2], [0, 5], [1], [2, 0, 7], [2, 0]];
    await rig.step(
      'people',
      { schema: itemsSchema({ n: { type: 'string' } }), parent: 'companies' },
      paths.map((path) => ({
        path,
        task: `t${path.join('.')}`,
        items: [{ n: `${path.join('.')} a` }, { n: `${path.join('.')} b` }],
      })),
    );
    await rig.write();
    const rows = await rig.read('people');
    const order = ['0.5', '1', '2', '2.0', '2.0.7', '2.1', '10'];
    expect(rows.map((row) => row['n'])).toEqual(order.flatMap((p) => [`${p} a`, `${p} b`]));
    expect(rows[0]).toMatchObject({ _parent_key: 't0.5', _key: null });
  });

  test('hold the rows of a query with the types of the query', async () => {
    const rig = await OutputRig.create();
    const columns = [
      { name: 'id', type: 'BIGINT' },
      { name: 'total', type: 'HUGEINT' },
      { name: 'rate', type: 'DECIMAL(9,4)' },
      { name: 'at', type: 'TIMESTAMP' },
      { name: 'mood', type: "ENUM('a, b', 'it''s')" },
      { name: 'parts', type: 'STRUCT("a b" INTEGER, l DATE[])[]' },
      { name: 'how_long', type: 'INTERVAL' },
    ];
    await rig.step(
      'shortlist',
      { kind: 'sql', records: { kind: 'root-array' }, columns, key: ['id'] },
      [
        {
          path: [1],
          rows: [
            { id: 3, total: null, rate: 1e-4, at: null, mood: null, parts: null, how_long: null },
          ],
        },
        {
          path: [0],
          rows: [
            {
              id: '9223372036854775807',
              total: '99999999999999999999999999999999999999',
              rate: 12345.6789,
              at: '2026-01-02T03:04:05.678',
              mood: "it's",
              parts: [{ 'a b': 1, l: ['2026-01-01'] }],
              how_long: '1 day',
            },
          ],
        },
      ],
    );
    expect((await rig.write()).problems).toEqual([]);
    expect(await rig.read('shortlist')).toMatchObject([
      {
        id: 9_223_372_036_854_775_807n,
        total: 1e38,
        rate: expect.closeTo(12345.6789, 8) as number,
        at: new Date('2026-01-02T03:04:05.678Z'),
        mood: "it's",
        parts: [{ 'a b': 1, l: [new Date('2026-01-01')] }],
        how_long: '1 day',
        _key: '9223372036854775807',
        _agent_run_id: null,
      },
      { id: 3n, rate: expect.closeTo(0.0001, 10) as number, _key: '3' },
    ]);
  });

  test('of a query keep where their rows come from when the query selects it', async () => {
    const rig = await OutputRig.create();
    const meta = [
      { name: '_key', type: 'VARCHAR' },
      { name: '_agent_run_id', type: 'VARCHAR' },
      { name: '_answered_at', type: 'TIMESTAMP WITH TIME ZONE' },
      { name: '_confidence', type: 'INTEGER' },
    ];
    const row = {
      name: 'a',
      _key: 'a.example',
      _agent_run_id: 'run-7',
      _answered_at: '2026-11-22T09:01:03Z',
      _confidence: 3,
    };
    const columns = [{ name: 'name', type: 'VARCHAR' }, ...meta];
    await rig.step('best', { kind: 'sql', records: { kind: 'root-array' }, columns }, [
      { rows: [row] },
    ]);
    await rig.write();
    expect(await rig.read('best')).toEqual([
      {
        name: 'a',
        _confidence_2: 3,
        _key: 'a.example',
        _parent_key: null,
        _agent_run_id: 'run-7',
        _answered_at: new Date('2026-11-22T09:01:03Z'),
        _confidence: null,
      },
    ]);
  });

  test('report a value that does not fit its column, and keep it beside the columns', async () => {
    const rig = await OutputRig.create();
    const bad = { domain: 'a.example', founded: '2026-13-01', headcount: 1.5, note: 'undeclared' };
    await rig.step('companies', { schema: COMPANY, key: ['domain'] }, [
      { task: 'q', items: [{ domain: 'b.example' }, bad] },
    ]);
    const { tables } = await rig.write();
    expect(tables[0]?.rows).toBe(2);
    expect(await rig.read('companies')).toMatchObject([
      { domain: 'b.example', _extra: null },
      {
        domain: 'a.example',
        founded: null,
        headcount: null,
        _extra: '{"headcount":1.5,"founded":"2026-13-01","note":"undeclared"}',
      },
    ]);
    expect(await rig.read('_rejected')).toEqual([
      {
        step: 'companies',
        task: 'q',
        record_index: 1n,
        key: 'a.example',
        reason: 'value',
        detail: 'headcount: 1.5 does not fit BIGINT; founded: "2026-13-01" does not fit DATE',
        record: JSON.stringify(bad),
        agent_run_id: 'run-1',
      },
    ]);
  });
});

describe('tables of long texts', () => {
  test('are written whole, though they are larger than what DuckDB is usually allowed', async () => {
    const rig = await OutputRig.create();
    const schema = itemsSchema({ n: { type: 'integer' }, brief: { type: 'string' } });
    const brief = (n: number): string => `${n} ${'long words '.repeat(30_000)}`;
    const tasks = Array.from({ length: 200 }, (_, n) => ({ items: [{ n, brief: brief(n) }] }));
    await rig.step('briefs', { schema }, tasks);
    const summary = await rig.write();
    expect(summary.problems).toEqual([]);
    expect(summary.database.status).toBe('written');
    const rows = await rig.read('briefs');
    expect(rows).toHaveLength(200);
    for (const [n, row] of rows.entries()) expect(row['brief'] === brief(n)).toBe(true);
  }, 60_000);

  test('are written too where all are alike, and their file tells nothing of their length', async () => {
    const rig = await OutputRig.create();
    const schema = itemsSchema({ n: { type: 'integer' }, brief: { type: 'string' } });
    const brief = 'the same words '.repeat(1_000);
    const tasks = Array.from({ length: 60 }, (_, task) => ({
      items: Array.from({ length: 100 }, (_item, n) => ({ n: task * 100 + n, brief })),
    }));
    await rig.step('briefs', { schema }, tasks);
    const summary = await rig.write();
    expect(summary.problems).toEqual([]);
    expect(summary.database).toMatchObject({ status: 'written' });
  }, 60_000);

  test('keep the order of steps and rows in the tables about the pipeline', async () => {
    const rig = await OutputRig.create();
    const tasks = Array.from({ length: 6_000 }, (_, n) => ({
      items: [{ n }],
      grounding: [
        {
          field: 'structured.items[0].n',
          citations: [{ url: `https://a.example/${n}`, title: 't'.repeat(3_000) }],
        },
      ],
    }));
    await rig.step('first', { rank: 0 }, tasks);
    await rig.step('second', { rank: 1 }, tasks);
    await rig.write();
    const lines = await rig.read('_citations');
    expect(lines.map(({ step, row }) => `${String(step)} ${String(row)}`)).toEqual(
      ['first', 'second'].flatMap((step) => tasks.map((_, n) => `${step} ${n + 1}`)),
    );
    // One step is kept, the other made anew: the lines of both stand where they stood.
    await rig.step('second', { rank: 1 }, tasks.slice(0, 5_000));
    await rig.write();
    const after = await rig.read('_citations');
    expect(after.map(({ step, row }) => `${String(step)} ${String(row)}`)).toEqual([
      ...tasks.map((_, n) => `first ${n + 1}`),
      ...tasks.slice(0, 5_000).map((_, n) => `second ${n + 1}`),
    ]);
  }, 60_000);
});
