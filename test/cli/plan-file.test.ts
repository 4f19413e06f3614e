import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import type { PlanFile } from '../../src/plan/plan-file.ts';
import { jsonLinesOf, type CliProject } from './cli-project.ts';
import { hosted } from './hosted.ts';
import { TOWNS } from './projects.ts';

const SCHEMA = new URL('../../schemas/plan.schema.json', import.meta.url);

const planOf = async (project: CliProject): Promise<PlanFile> =>
  JSON.parse(await readFile(join(project.root, 'plan.json'), 'utf8')) as PlanFile;

/** What keeps the plan from being carried out, without the frame around it. */
const movedOf = (error: string): string =>
  /there moved: (.*)\. Nothing was run and nothing was spent\./u.exec(error)?.[1] ?? error;

test('a plan is written down by its schema, and carried out to the letter', async () => {
  const { project, server } = await hosted();
  const made = await project.call('plan', 'firms', '--limit', '3', '--out', 'plan.json');
  expect(made.out).toContain('Carry it out: fieldwork run plan.json');
  const file = await planOf(project);
  const ajv = new Ajv({ strict: true, allowUnionTypes: true });
  const fits = ajv.compile(JSON.parse(await readFile(SCHEMA, 'utf8')) as object);
  expect([fits(file), fits.errors]).toEqual([true, null]);
  expect(file).toMatchObject({
    pipeline: 'firms',
    file: 'pipelines/firms.yaml',
    options: { limit: 3, maxCost: null },
    pins: { prices: { id: 'exa-2026-11' }, state: { run: null, open: [] } },
    total: { toRun: 3, agentRuns: 3, expected: 75_000, ceiling: 75_000, atMost: 75_000 },
  });
  const { exit, out } = await project.call('run', 'plan.json', '--json');
  expect(exit).toBe(0);
  expect(jsonLinesOf(out).find(({ type }) => type === 'run-started')).toMatchObject({
    cap: { name: 'the most that the plan comes to', amount: 75_000 },
  });
  expect(jsonLinesOf(out).at(-1)).toMatchObject({ spend: { reported: 75_000 } });
  expect(server.counts.create).toBe(3);
});

test('it is carried out once: a run that came after it is named', async () => {
  const { project, server } = await hosted();
  await project.call('plan', 'firms', '--out', 'plan.json');
  expect((await project.call('run', 'plan.json')).exit).toBe(0);
  const again = await project.call('run', 'plan.json');
  expect(again.exit).toBe(2);
  expect(movedOf(again.error)).toMatch(
    /^the state \(run \d{8}-\d{4}-[0-9a-f]{6} came after the plan\); step profiles \(0 tasks to run, not 4\)/u,
  );
  expect(server.counts.create).toBe(4);
});

test.each<[string, string, (project: CliProject) => Promise<void>]>([
  [
    'the pipeline file',
    'the pipeline file',
    (project) => project.edit('pipelines/firms.yaml', 'budget: 5', 'budget: 6'),
  ],
  [
    'a query',
    'the pipeline file; step profiles (other tasks)',
    (project) => project.edit('pipelines/firms.yaml', 'What does', 'Say what'),
  ],
  [
    'the rows of a source',
    'the source data/crm.csv; step profiles (5 tasks to run, not 4)',
    (project) => project.edit('pipelines/data/crm.csv', 'dogwood', 'elm.example,Elm Oars\ndogwood'),
  ],
  [
    'a column of a source that no query names',
    'the source data/crm.csv; step profiles (other tasks)',
    (project) => project.edit('pipelines/data/crm.csv', 'Alder Pumps', 'Alder Pump'),
  ],
  [
    'an inline schema',
    'the pipeline file; the schema of step profiles; step profiles (other tasks)',
    (project) => project.edit('pipelines/firms.yaml', 'makes: { type: string }', 'makes: {}'),
  ],
  [
    'the price book',
    'the prices (exa-2026-11, now exa-2026-05)',
    (project) => project.write({ 'fieldwork.yaml': 'version: 1\nprices: exa-2026-05\n' }),
  ],
])('a plan is refused when %s moved', async (_, moved, move) => {
  const { project, server } = await hosted();
  await project.call('plan', 'firms', '--out', 'plan.json');
  await move(project);
  const { exit, error } = await project.call('run', 'plan.json');
  expect([exit, movedOf(error)]).toEqual([2, moved]);
  expect(server.counts.create).toBe(0);
});

test('parameters belong to the plan, and so does the folder that it is run from', async () => {
  const { project } = await hosted();
  await project.write(TOWNS);
  const made = await project.call('plan', 'towns', '--param', 'most=2', '--out', 'plan.json');
  expect(made.exit).toBe(0);
  expect((await planOf(project)).pins.params).toEqual({ most: 2 });
  expect((await project.call('run', 'plan.json')).exit).toBe(0);
  expect((await project.call('show', 'towns', 'largest')).out).not.toContain('Birkenau');
});

test('what has to be known later is bounded by the plan, where it says how much it is', async () => {
  const { project } = await hosted();
  await project.call('plan', 'firms', '--out', 'plan.json', '--max-cost', '0.06');
  expect((await planOf(project)).total).toMatchObject({ toRun: 2, ceiling: 50_000 });
  const { exit, out } = await project.call('run', 'plan.json');
  expect(exit).toBe(3);
  expect(out).toContain('Spent    $0.05 reported');
});

test('a plan says all: nothing can be asked for beside it', async () => {
  const { project } = await hosted();
  await project.call('plan', 'firms', '--out', 'plan.json');
  const { exit, error } = await project.call('run', 'plan.json', '--limit', '1');
  expect([exit, error]).toEqual([
    2,
    'plan.json says what to run; make another plan to use --limit.\n',
  ]);
});

test('what is no plan is told so', async () => {
  const { project } = await hosted();
  await project.write({ 'a.json': '{', 'b.json': '{"format":"fieldwork-plan/1"}', 'c.json': '[]' });
  const told = async (file: string): Promise<string> => {
    const { exit, error } = await project.call('run', file);
    return `${exit} ${error}`;
  };
  expect(await told('a.json')).toBe('2 a.json is no plan: it is not JSON.\n');
  expect(await told('b.json')).toBe(
    "2 b.json is no plan that can be carried out: must have required property 'pipeline'.\n",
  );
  expect(await told('c.json')).toContain('2 c.json is no plan that can be carried out: ');
  expect(await told('d.json')).toContain('2 The plan d.json cannot be read: ENOENT');
  const { exit, error } = await project.call('plan', 'firms', '--out', 'plan.txt');
  expect([exit, error]).toEqual([
    2,
    'The name of a plan file ends with .json; plan.txt does not.\n',
  ]);
});
