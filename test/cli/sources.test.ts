import { expect, test } from 'vitest';
import { golden } from './cli-project.ts';
import { hosted } from './hosted.ts';

const PIPELINE = 'pipelines/firms.yaml';
const CSV = 'pipelines/data/crm.csv';

test.each([
  ['where-unknown-column', PIPELINE, 'input: crm', `input: { from: crm, where: "nmae = 'x'" }`],
  ['where-of-rows', PIPELINE, 'input: crm', 'input: { from: crm, where: "name::int > 3" }'],
  ['where-syntax', PIPELINE, 'input: crm', 'input: { from: crm, where: "name = = 1" }'],
  ['columns', PIPELINE, 'input: crm', 'input: { from: crm, columns: [name, domian] }'],
  [
    'exclude-where',
    PIPELINE,
    'input: crm',
    'input: crm\n    exclude:\n      - { from: crm, columns: [dmain], where: "stage > 3" }',
  ],
  ['missing-file', PIPELINE, 'data/crm.csv', 'data/cmr.csv'],
  ['open-quote', CSV, 'Birch Looms', '"Birch Looms'],
  ['uneven-row', CSV, 'Birch Looms', 'Birch Looms,more'],
  ['repeated-key', CSV, 'birch.example', 'alder.example'],
  ['unknown-variable', PIPELINE, 'row.name', 'row.nmae'],
])('%s: told with its place before anything is spent', async (name, file, from, to) => {
  const { project, server } = await hosted();
  await project.edit(file, from, to);
  for (const command of ['plan', 'run']) {
    expect((await project.call(command, 'firms')).exit).toBe(2);
  }
  const { exit, out } = await project.call('run', 'firms', '--json');
  expect(exit).toBe(2);
  expect(JSON.parse(out)).toMatchObject({ type: 'diagnostics' });
  await expect(project.takeTranscript()).toMatchFileSnapshot(golden(`source-${name}`));
  expect(server.requests).toBe(0);
});

test('a warning about a source keeps nobody from running, and is told also in JSON', async () => {
  const { project } = await hosted();
  await project.edit(
    'pipelines/data/crm.csv',
    'Birch Looms',
    'exa_0123456789abcdef0123456789abcdef',
  );
  const plan = await project.call('plan', 'firms', '--json');
  expect(plan).toMatchObject({ exit: 0, error: '' });
  expect(JSON.parse(plan.out)).toMatchObject({ diagnostics: [{ severity: 'warning' }] });
  await project.call('run', 'firms');
  await expect(project.takeTranscript()).toMatchFileSnapshot(golden('source-warning'));
});
