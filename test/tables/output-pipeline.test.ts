import { describe, expect, test } from 'vitest';
import { itemsSchema, OutputRig, PIPELINE } from './output-rig.ts';

const COMPANY = itemsSchema({
  name: { type: 'string' },
  domain: { type: 'string' },
  address: { type: 'object', properties: { city: { type: 'string' } } },
});

describe('the tables about a pipeline', () => {
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
    const of = { step: 'companies', task: 'q', agent_run_id: 'run-1', cited_text: null };
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
        url: null,
        host: null,
        cited_text: 'crm.csv#row=4',
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
        url: 'https://all.example/',
        host: 'all.example',
        cited_text: 'https://user:pw@all.example',
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

  test('row 44: show as a link only what may be followed, and all else as text', async () => {
    const rig = await OutputRig.create();
    const cited = [
      { url: 'javascript:alert(1)', title: 'T' },
      { url: 'data:text/html,x' },
      { url: 'file:///etc/passwd' },
      { url: 'https://a.example/\u001b]8;;' },
      { url: 'https://www.bank.example@evil.example/' },
      { url: '', title: 'A book' },
      { url: 'corpus://corpus/towns.csv#row=2' },
    ];
    await rig.step('companies', { schema: COMPANY, key: ['domain'] }, [
      {
        task: 'q',
        items: [{ domain: 'a.example', name: 'A' }],
        grounding: [{ field: 'structured.items[0].name', citations: cited }],
      },
    ]);
    await rig.write();
    const lines = await rig.read('_citations');
    expect(lines.map(({ url, host, cited_text: text, title }) => [url, host, text, title])).toEqual(
      [
        [null, null, 'javascript:alert(1)', 'T'],
        [null, null, 'data:text/html,x', null],
        [null, null, 'file:///etc/passwd', null],
        [null, null, 'https://a.example/\\u{1b}]8;;', null],
        ['https://evil.example/', 'evil.example', cited[4]?.url, null],
        [null, null, null, 'A book'],
        ['corpus://corpus/towns.csv#row=2', 'corpus', null, null],
      ],
    );
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
});
