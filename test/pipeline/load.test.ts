import { mkdtemp, realpath, rm, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SourceFile } from '../../src/base/source-file.ts';
import { NodeProjectFiles } from '../../src/cli/node-project-files.ts';
import { compilePipeline, loadPipeline, type LoadOptions } from '../../src/pipeline/load.ts';
import type { AgentStep, Pipeline, Step } from '../../src/pipeline/pipeline.ts';
import { loadProject } from '../../src/pipeline/project-file.ts';
import { loadFolder, printed } from './fixture.ts';

const LEADS = new URL('./fixtures/ok-leads/', import.meta.url).pathname;

function agentStep(pipeline: Pipeline, name: string): AgentStep {
  const step = pipeline.steps.find((each: Step) => each.name === name);
  if (step?.kind !== 'agent') throw new Error(`no agent step ${name}`);
  return step;
}

describe('a pipeline with all kinds of steps', async () => {
  const { pipeline, diagnostics } = await loadFolder(LEADS);
  if (pipeline === undefined) throw new Error(printed({ pipeline, diagnostics }, LEADS));

  test('loads without a diagnostic', () => {
    expect(diagnostics).toEqual([]);
    expect(pipeline.name).toBe('ai-infra-leads');
    expect(pipeline.params).toEqual({ region: 'US', count: 40 });
    expect(pipeline.budget).toBe(12_000_000);
    expect(pipeline.concurrency).toBe(8);
  });

  test('puts each step after all that it reads', () => {
    const names = pipeline.steps.map((step) => step.name);
    expect(names).toEqual(['companies', 'people', 'profiles', 'more', 'shortlist']);
    expect(pipeline.steps.map((step) => step.needs)).toEqual([
      [],
      ['companies'],
      ['companies'],
      ['companies'],
      ['companies', 'people', 'profiles'],
    ]);
  });

  test('finds the records and what they exclude', () => {
    const companies = agentStep(pipeline, 'companies');
    expect(companies.records).toEqual({ kind: 'array', property: 'companies' });
    expect(companies.key).toEqual(['domain']);
    expect(companies.keepsHistory).toBe(true);
    expect(companies.exclude).toMatchObject([
      {
        kind: 'table',
        from: { kind: 'source', source: { name: 'crm', format: 'csv' } },
        self: false,
      },
      { kind: 'table', from: { kind: 'step', step: 'companies' }, self: true },
    ]);
    expect(agentStep(pipeline, 'people').keepsHistory).toBe(false);
  });

  test('reads input, batches and durations', () => {
    expect(agentStep(pipeline, 'people')).toMatchObject({
      input: { from: { kind: 'step', step: 'companies' }, batch: 1 },
      ttlMs: 30 * 86_400_000,
      effort: 'low',
      agent: 'exa',
    });
    expect(agentStep(pipeline, 'profiles')).toMatchObject({
      input: { columns: ['name', 'domain'], where: "round = 'Series B'", limit: 100, batch: 10 },
      effort: 'medium',
    });
  });

  test('a step that continues another has its key', () => {
    expect(agentStep(pipeline, 'more')).toMatchObject({
      continues: 'companies',
      key: ['domain'],
      repeat: { until: 100, maxRuns: 10 },
    });
  });

  test('steps with the same schema file share one compiled schema', () => {
    expect(agentStep(pipeline, 'more').schema).toBe(agentStep(pipeline, 'companies').schema);
  });
});

describe('files on disk', () => {
  let root = '';
  beforeEach(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'fieldwork-load-')));
  });
  afterEach(() => rm(root, { recursive: true }));

  async function options(params: Readonly<Record<string, string>> = {}): Promise<LoadOptions> {
    const files = await NodeProjectFiles.open(root, root);
    const project = await loadProject(files);
    if (!project.ok)
      throw new Error(printed({ pipeline: undefined, diagnostics: project.error }, root));
    const sqlTables = (): never => {
      throw new Error('there is no SQL to read');
    };
    return { files, project: project.value, params, sqlTables };
  }

  const compile = async (text: string, params: Readonly<Record<string, string>> = {}) => {
    const compiled = await compilePipeline(new SourceFile('a.yaml', text), await options(params));
    if (!compiled.ok)
      throw new Error(printed({ pipeline: undefined, diagnostics: compiled.error }, root));
    return compiled.value.pipeline;
  };

  test('paths are looked up beside the pipeline first, then at the root', async () => {
    await mkdir(join(root, 'pipelines', 'data'), { recursive: true });
    await mkdir(join(root, 'data'));
    await writeFile(join(root, 'pipelines', 'data', 'both.csv'), 'a\n1\n');
    await writeFile(join(root, 'data', 'both.csv'), 'a\n1\n');
    await writeFile(join(root, 'data', 'root.csv'), 'a\n1\n');
    await writeFile(
      join(root, 'pipelines', 'p.yaml'),
      'version: 1\nname: p\nsources:\n  x: { file: data/both.csv }\n  y: { file: data/root.csv }\n' +
        'steps:\n  find: { query: Ask., exclude: [x, y] }\n',
    );
    const loaded = await loadPipeline('pipelines/p.yaml', await options());
    const sources = loaded.ok ? [...loaded.value.pipeline.sources.values()] : [];
    expect(sources.map(({ path }) => path)).toEqual([
      join(root, 'pipelines', 'data', 'both.csv'),
      join(root, 'data', 'root.csv'),
    ]);
    const absolute = await loadPipeline(join(root, 'pipelines', 'p.yaml'), await options());
    expect(absolute.ok && absolute.value.pipeline.file.path).toBe('pipelines/p.yaml');
  });

  test('a pipeline outside the project is refused', async () => {
    const loaded = await loadPipeline('/etc/hostname', await options());
    expect(loaded.ok ? [] : loaded.error.map(({ code }) => code)).toEqual(['E-Y44']);
  });

  test('a file as input becomes a source of the step', async () => {
    await writeFile(join(root, 'rows.ndjson'), '{"a":1}\n');
    const pipeline = await compile(
      'version: 1\nname: p\nsteps:\n  find: { query: "Ask {{row.a}}.", input: rows.ndjson }\n',
    );
    expect(agentStep(pipeline, 'find').input?.from).toMatchObject({
      kind: 'source',
      source: { name: 'find_input', format: 'ndjson', path: join(root, 'rows.ndjson') },
    });
    expect([...pipeline.sources.keys()]).toEqual(['find_input']);
  });

  test('parameters of the command line are read as the type they have', async () => {
    const declared =
      'version: 1\nname: p\nparams:\n  n: { type: integer }\n  x: { type: number }\n' +
      '  b: { type: boolean }\n  l: { type: array, items: { type: string } }\n  s: {}\n' +
      'steps:\n  a:\n    query: "{{params.n}} {{params.x}} {{#if params.b}}b{{/if}} {{json params.l}} {{params.s}}"\n';
    const given = { n: '7', x: '-1.5e2', b: 'true', l: 'a, b', s: '7' };
    expect((await compile(declared, given)).params).toEqual({
      n: 7,
      x: -150,
      b: true,
      l: ['a', 'b'],
      s: '7',
    });
  });

  test('where the records are follows from the schema', async () => {
    const one = async (schema: object, records?: string) => {
      const step = { query: 'Ask.', schema, ...(records === undefined ? {} : { records }) };
      const text = JSON.stringify({ version: 1, name: 'p', steps: { a: step } });
      return agentStep(await compile(text), 'a').records;
    };
    const record = { type: 'object', properties: { name: { type: 'string' } } };
    const list = { type: 'array', items: record };
    expect(await one(record)).toEqual({ kind: 'object' });
    expect(await one({ type: 'object', properties: { found: list } })).toEqual({
      kind: 'array',
      property: 'found',
    });
    expect(await one({ type: 'object', properties: { found: list } }, '.')).toEqual({
      kind: 'object',
    });
    const nested = {
      type: 'object',
      properties: { a: { type: 'object', properties: { b: list } } },
    };
    expect(await one(nested, 'a.b')).toEqual({ kind: 'array', property: 'a.b' });
  });

  test('agents of the project file have their settings', async () => {
    await mkdir(join(root, 'docs'));
    await writeFile(
      join(root, 'fieldwork.yaml'),
      'version: 1\nconcurrency: 3\nbudget: { run: 2, month: 40 }\nprices: exa-2026-05\nagents:\n' +
        '  library: { kind: local, corpus: docs }\n  office: { kind: exa, base_url: "http://127.0.0.1:8080", key_env: OFFICE_KEY, creates_per_second: 2.5, follow_events: true, settle: 5s }\n' +
        '  replay: { kind: replay, cassettes: tapes }\n',
    );
    const { project } = await options();
    expect(Object.fromEntries(project.agents)).toEqual({
      exa: {
        kind: 'exa',
        baseUrl: undefined,
        keyEnv: 'EXA_API_KEY',
        createsPerSecond: undefined,
        followEvents: false,
        settleMs: undefined,
      },
      local: { kind: 'local', corpus: undefined },
      replay: { kind: 'replay', cassettes: 'tapes' },
      library: { kind: 'local', corpus: join(root, 'docs') },
      office: {
        kind: 'exa',
        baseUrl: 'http://127.0.0.1:8080',
        keyEnv: 'OFFICE_KEY',
        createsPerSecond: 2.5,
        followEvents: true,
        settleMs: 5_000,
      },
    });
    expect(project.prices.id).toBe('exa-2026-05');
    const pipeline = await compile(
      'version: 1\nname: p\nagent: office\neffort: low\nbudget: 12\nsteps: { a: { query: Ask. } }\n',
    );
    expect(pipeline.concurrency).toBe(3);
    expect(pipeline.budget).toBe(2_000_000);
  });
});
