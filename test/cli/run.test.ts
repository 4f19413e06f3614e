import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CliProject, golden, jsonLinesOf } from './cli-project.ts';
import { FIRMS, profileOf, TOWNS } from './projects.ts';
import { hosted } from './hosted.ts';

describe('run on the local agent', () => {
  test('asks, makes the tables, and has nothing to do the second time', async () => {
    const project = await CliProject.open(TOWNS);
    expect((await project.call('run', 'towns')).exit).toBe(0);
    expect((await project.call('run', 'towns')).exit).toBe(0);
    await expect(project.takeTranscript()).toMatchFileSnapshot(golden('run-first-and-again'));
  });

  test('makes only the tables anew whose SQL was edited', async () => {
    const project = await CliProject.open(TOWNS);
    await project.quietly('run', 'towns');
    await project.edit('pipelines/towns.yaml', 'l.population desc', 'l.population');
    await project.call('run', 'towns');
    await expect(project.takeTranscript()).toMatchFileSnapshot(golden('run-sql-edited'));
  });

  test('a failed table test makes the run fail, and the rows stay', async () => {
    const project = await CliProject.open(TOWNS);
    await project.edit(
      'pipelines/towns.yaml',
      '    key: name\n  overview',
      '    key: name\n    tests:\n      - not_null: [founded]\n      - row_count: { min: 4 }\n  overview',
    );
    expect((await project.call('run', 'towns')).exit).toBe(1);
    const json = await project.quietly('run', 'towns', '--json');
    expect(jsonLinesOf(json.out).at(-1)).toMatchObject({ exit: 1 });
    await project.call('status');
    await expect(project.takeTranscript()).toMatchFileSnapshot(golden('run-test-failed'));
  });

  test('--param changes what is asked', async () => {
    const project = await CliProject.open(TOWNS);
    await project.quietly('run', 'towns', '--param', 'most=1');
    await project.call('run', 'towns', '--param', 'most=2');
    await project.call('show', 'towns', 'overview');
    await expect(project.takeTranscript()).toMatchFileSnapshot(golden('run-param'));
  });

  test('--step runs a step and what it needs', async () => {
    const project = await CliProject.open(TOWNS);
    await project.call('run', 'towns', '--step', 'mayors');
    await project.call('show', 'towns');
    await expect(project.takeTranscript()).toMatchFileSnapshot(golden('run-step'));
  });

  test('--limit starts few tasks and says how many are left', async () => {
    const project = await CliProject.open(TOWNS);
    await project.call('run', 'towns', '--limit', '1');
    await project.call('run', 'towns');
    await expect(project.takeTranscript()).toMatchFileSnapshot(golden('run-limit'));
  });

  test('--refresh asks again', async () => {
    const project = await CliProject.open(TOWNS);
    await project.quietly('run', 'towns');
    await project.call('run', 'towns', '--refresh', 'mayors');
    await expect(project.takeTranscript()).toMatchFileSnapshot(golden('run-refresh'));
  });

  test('--json gives nothing but events, and ends with the exit code', async () => {
    const project = await CliProject.open(TOWNS);
    const { exit, out, error } = await project.call('run', 'towns', '--json');
    expect({ exit, error }).toEqual({ exit: 0, error: '' });
    const records = jsonLinesOf(out);
    expect(records[0]).toMatchObject({ type: 'version', format: '1.0' });
    expect(records.at(-2)).toMatchObject({ type: 'tables-written' });
    expect(records.at(-1)).toMatchObject({ type: 'run-finished', exit: 0 });
    const [run = ''] = await readdir(join(project.root, '.fieldwork/runs'));
    const log = await readFile(join(project.root, '.fieldwork/runs', run, 'events.ndjson'), 'utf8');
    expect(jsonLinesOf(log)).toEqual(records);
  });

  test('writes nothing beside the state, the index of the corpus, the log and the tables', async () => {
    const project = await CliProject.open(TOWNS);
    await project.call('run', 'towns');
    const kinds = (await project.files())
      // Stamps of files are kept once these are some seconds old.
      .filter((file) => !file.endsWith('.files.json'))
      .map((file) => file.replace(/\/\d{8}-.*\//u, '/RUN/').replace(/-[0-9a-f]{12}/u, '-PLACE'));
    expect(kinds.filter((file) => !file.startsWith('pipelines/'))).toMatchInlineSnapshot(`
      [
        ".fieldwork/corpus/corpus-PLACE.duckdb",
        ".fieldwork/outputs/towns.json",
        ".fieldwork/runs/RUN/events.ndjson",
        ".fieldwork/state/data.mdb",
        ".fieldwork/state/lock.mdb",
        "fieldwork.yaml",
        "out/towns.duckdb",
        "out/towns/_agent_runs.parquet",
        "out/towns/_citations.parquet",
        "out/towns/_costs.parquet",
        "out/towns/_failures.parquet",
        "out/towns/_rejected.parquet",
        "out/towns/largest.parquet",
        "out/towns/mayors.parquet",
        "out/towns/overview.parquet",
      ]
    `);
  });
});

describe('run on a hosted agent', () => {
  test('tells what each answer cost', async () => {
    const { project } = await hosted();
    expect((await project.call('run', 'firms')).exit).toBe(0);
    expect((await project.call('cost')).exit).toBe(0);
    await expect(project.takeTranscript()).toMatchFileSnapshot(golden('run-hosted'));
  });

  test('--record makes a cassette, from which --agent replay needs neither key nor server', async () => {
    const { project, server } = await hosted();
    await project.quietly('run', 'firms', '--record');
    const rows = await project.quietly('show', 'firms', 'profiles', '--json');
    await server.close();
    const other = await CliProject.open(FIRMS);
    const files = (await project.files()).filter((file) => file.startsWith('cassettes/'));
    expect(files).toHaveLength(1);
    for (const file of files) {
      await other.write({ [file]: await readFile(join(project.root, file), 'utf8') });
    }
    expect((await other.call('run', 'firms', '--agent', 'replay')).exit).toBe(0);
    await expect(other.takeTranscript()).toMatchFileSnapshot(golden('run-replay'));
    const replayed = await other.quietly('show', 'firms', 'profiles', '--json');
    const bare = (text: string): unknown =>
      (JSON.parse(text) as Record<string, unknown>[]).map((row) => ({
        ...row,
        _answered_at: null,
      }));
    expect(bare(replayed.out)).toEqual(bare(rows.out));
  });

  test('a replayed failure that was paid for is not tried again, one that was not is', async () => {
    for (const [dollars, attempts] of [
      [0.02, 1],
      [0, 2],
    ] as const) {
      const { project, server } = await hosted((request) =>
        request.query.includes('birch')
          ? { status: 'failed', dollars, error: { message: 'It gave up.' } }
          : profileOf(request),
      );
      await project.quietly('run', 'firms', '--record');
      expect(server.counts.create).toBe(3 + attempts);
      await project.quietly('run', 'firms', '--agent', 'replay');
      const { out } = await project.quietly('show', 'firms', '_failures', '--json');
      expect(JSON.parse(out)).toMatchObject([{ task: 'birch.example', attempts }]);
    }
  });

  test('--max-rows bounds a source', async () => {
    const { project, server } = await hosted();
    expect((await project.call('run', 'firms', '--max-rows', '3')).exit).toBe(2);
    expect(server.requests).toBe(0);
    await expect(project.takeTranscript()).toMatchFileSnapshot(golden('run-max-rows'));
  });

  test('--untrusted refuses SQL and binary files, and spends nothing', async () => {
    const { project, server } = await hosted();
    expect((await project.call('run', 'firms', '--untrusted')).exit).toBe(2);
    const write = (file: string, input: string): Promise<void> =>
      project.write({
        'pipelines/data/crm.parquet': 'PAR1 whatever PAR1',
        'pipelines/stranger.yaml': `version: 1
name: stranger
agent: exa
effort: low
budget: 5
sources:
  crm: { file: data/${file}, key: domain }
steps:
  products:
    input: ${input}
    query: What does {{row.domain}} make?
    schema: { type: object, properties: { makes: { type: string } } }
`,
      });
    await write('crm.parquet', 'crm');
    expect((await project.call('run', 'stranger', '--untrusted')).exit).toBe(2);
    await write('crm.csv', `{ from: crm, where: "domain <> 'alder.example'" }`);
    expect((await project.call('plan', 'stranger', '--untrusted')).exit).toBe(2);
    await write('crm.csv', 'crm');
    const sound = await project.quietly('plan', 'stranger', '--untrusted');
    expect(sound.exit).toBe(0);
    expect(server.requests).toBe(0);
    await expect(project.takeTranscript()).toMatchFileSnapshot(golden('run-untrusted'));
  });

  test('--agent local asks the agent in this process instead', async () => {
    const project = await CliProject.open({
      ...FIRMS,
      'pipelines/corpus/firms.csv': 'domain,name,makes\nalder.example,Alder Pumps,pumps\n',
    });
    const { exit } = await project.call('run', 'firms', '--agent', 'local', '--limit', '1');
    expect(exit).toBe(0);
    const { out } = await project.call('show', 'firms', 'profiles', '--json');
    expect(JSON.parse(out)).toMatchObject([{ domain: 'alder.example', makes: 'pumps' }]);
  });

  test('an agent without a corpus or a cassette is a mistake, told before anything runs', async () => {
    const project = await CliProject.open(FIRMS);
    for (const agent of ['local', 'replay']) {
      for (const command of ['plan', 'run']) {
        expect((await project.call(command, 'firms', '--agent', agent)).exit).toBe(2);
      }
    }
    await expect(project.takeTranscript()).toMatchFileSnapshot(golden('run-agent-not-there'));
    expect((await project.files()).filter((file) => file.startsWith('out/'))).toEqual([]);
  });
});
