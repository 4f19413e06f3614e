import { describe, expect, test } from 'vitest';
import { itemsSchema, OutputRig, PIPELINE } from './output-rig.ts';

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

describe('the tables of a pipeline', () => {
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

  test('keep citations by row, with the lowest confidence on the row', async () => {
    const rig = await OutputRig.create();
    await rig.step('companies', { schema: COMPANY, key: ['domain'] }, [
      {
        task: 'q',
        items: [{ domain: 'dropped.example' }, { domain: 'a.example' }, { domain: 'b.example' }],
        dropped: [{ index: 0, reason: 'excluded', detail: 'in crm' }],
        grounding: [
          {
            field: 'structured.items[1].address.city',
            confidence: 'high',
            citations: [
              { url: 'https://www.Example.com:8080/x?q=1', title: 'Example “site”' },
              { url: 'crm.csv#row=4' },
            ],
          },
          { field: 'items[1].name', confidence: 'medium', citations: [] },
          {
            field: 'structured.items[0].name',
            confidence: 'low',
            citations: [{ url: 'https://d.example/' }],
          },
          { field: 'structured.items[2]["a.b"]', citations: [{ url: 'https://[::1]/' }] },
          {
            field: 'structured.items',
            confidence: 'low',
            citations: [{ url: 'https://user:pw@all.example' }],
          },
          { field: 'text', citations: [{ url: 'https://text.example/a' }] },
        ],
      },
    ]);
    await rig.write();
    const of = { step: 'companies', task: 'q', agent_run_id: 'run-1' };
    const a = { ...of, row: 1n, _key: 'a.example', record_index: 1n };
    const whole = { ...of, row: null, _key: null, record_index: null, title: null };
    expect(await rig.read('_citations')).toEqual([
      {
        ...a,
        field: 'address.city',
        url: 'https://www.Example.com:8080/x?q=1',
        host: 'www.example.com',
        title: 'Example “site”',
        confidence: 'high',
      },
      {
        ...a,
        field: 'address.city',
        url: 'crm.csv#row=4',
        host: null,
        title: null,
        confidence: 'high',
      },
      { ...a, field: 'name', url: null, host: null, title: null, confidence: 'medium' },
      {
        ...of,
        row: 2n,
        _key: 'b.example',
        record_index: 2n,
        field: '["a.b"]',
        url: 'https://[::1]/',
        host: '[::1]',
        title: null,
        confidence: null,
      },
      {
        ...whole,
        field: 'structured.items',
        url: 'https://user:pw@all.example',
        host: 'all.example',
        confidence: 'low',
      },
      {
        ...whole,
        field: 'text',
        url: 'https://text.example/a',
        host: 'text.example',
        confidence: null,
      },
    ]);
    const rows = await rig.read('companies');
    expect(rows.map((row) => [row['_key'], row['_confidence']])).toEqual([
      ['a.example', 'medium'],
      ['b.example', null],
    ]);
  });

  test('keep rejected records, failures with their last attempt, and outputs that were paid for', async () => {
    const rig = await OutputRig.create();
    await rig.step('companies', { schema: COMPANY, key: ['domain'] }, [
      {
        task: 'one',
        items: [{ domain: 'a.example' }, { domain: 'A.example', name: 'again' }],
        dropped: [
          { index: 1, reason: 'duplicate', detail: 'another record has the key a.example' },
        ],
      },
      {
        task: 'two',
        failure: { kind: 'invalid-output', message: 'no list of records', attempts: 2 },
        ended: { keptOutput: { text: 'sorry', structured: { nothing: 1 } } },
      },
      { task: 'three', failure: { kind: 'timeout', message: 'took too long', attempts: 1 } },
    ]);
    await rig.write();
    expect(await rig.read('_rejected')).toEqual([
      {
        step: 'companies',
        task: 'one',
        record_index: 1n,
        key: 'a.example',
        reason: 'duplicate',
        detail: 'another record has the key a.example',
        record: '{"domain":"A.example","name":"again"}',
        agent_run_id: 'run-1',
      },
      {
        step: 'companies',
        task: 'two',
        record_index: null,
        key: null,
        reason: 'invalid-output',
        detail: 'no list of records',
        record: '{"text":"sorry","structured":{"nothing":1}}',
        agent_run_id: 'run-2',
      },
    ]);
    const at = (minute: number): Date => new Date(`2026-11-22T09:0${minute}:03Z`);
    expect(await rig.read('_failures')).toEqual([
      {
        step: 'companies',
        task: 'two',
        kind: 'invalid-output',
        message: 'no list of records',
        attempts: 2n,
        at: at(2),
      },
      {
        step: 'companies',
        task: 'three',
        kind: 'timeout',
        message: 'took too long',
        attempts: 1n,
        at: at(3),
      },
    ]);
  });

  test('tell reported, reserved and unknown money apart, and never write 0 for unknown', async () => {
    const rig = await OutputRig.create();
    const failure = { kind: 'timeout', message: 'm', attempts: 1 };
    await rig.step('companies', { schema: COMPANY }, [
      { task: 'known', items: [], ended: { reported: 25_001 as never } },
      { task: 'unknown', failure, ended: { reported: null, usage: null } },
      { task: 'open', failure, open: true },
    ]);
    await rig.write();
    const nothing = {
      reported_dollars: null,
      reserved_dollars: null,
      unknown_dollars: null,
      reported_microdollars: null,
      reserved_microdollars: null,
      unknown_microdollars: null,
    };
    expect(await rig.read('_costs')).toMatchObject([
      {
        ...nothing,
        task: 'known',
        cost: 'reported',
        reported_dollars: 0.025001,
        reported_microdollars: 25_001n,
      },
      {
        ...nothing,
        task: 'unknown',
        cost: 'unknown',
        unknown_dollars: 0.5,
        unknown_microdollars: 500_000n,
      },
      {
        ...nothing,
        task: 'open',
        cost: 'reserved',
        outcome: 'open',
        reserved_dollars: 0.5,
        reserved_microdollars: 500_000n,
      },
    ]);
    expect(await rig.read('_agent_runs')).toMatchObject([
      {
        agent_run_id: 'run-1',
        pipeline: PIPELINE,
        agent: 'exa',
        effort: 'low',
        status: 'completed',
        stop_reason: 'schema_satisfied',
        created_at: new Date('2026-11-22T09:01:01Z'),
        ended_at: new Date('2026-11-22T09:01:03Z'),
        duration_ms: 2_000n,
        agent_compute_units: 1.5,
        searches: 3n,
      },
      { agent_run_id: 'run-2', status: 'failed', reported_dollars: null, usage: null },
      { agent_run_id: 'run-3', status: 'open', ended_at: null },
    ]);
  });

  test('have the agent runs of other pipelines whose answers they share, without their cost', async () => {
    const rig = await OutputRig.create();
    const schema = itemsSchema({ n: { type: 'string' } });
    const other = await rig.step(
      'theirs',
      { schema },
      [{ items: [{ n: 'shared' }] }, { items: [] }],
      'other',
    );
    for await (const members of rig.store.members(other.version)) {
      await rig.store.addMembers('v', 0, members.slice(0, 1));
    }
    await rig.store.publish({ ...other, pipeline: PIPELINE, step: 'ours', version: 'v' });
    await rig.write();
    expect(await rig.read('ours')).toMatchObject([{ n: 'shared', _agent_run_id: 'run-1' }]);
    expect(await rig.read('_agent_runs')).toMatchObject([
      { agent_run_id: 'run-1', pipeline: 'other' },
    ]);
    expect(await rig.read('_costs')).toEqual([]);
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
});
