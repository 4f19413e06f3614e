import { expect, test } from 'vitest';
import { CliProject, golden } from './cli-project.ts';
import { FIRMS, TOWNS } from './projects.ts';

const WARNED = `version: 1
name: warned
agent: local
sources:
  unused: { file: unused.csv }
steps:
  one:
    query: The largest towns.
`;

const BROKEN = `version: 1
name: broken
agent: local
stepps: {}
steps:
  one:
    query: What is {{params.nothing}}?
    inptu: two
`;

test('validate checks all pipelines of a sound project', async () => {
  const project = await CliProject.open({ ...TOWNS, ...FIRMS });
  expect((await project.call('validate')).exit).toBe(0);
  expect((await project.call('validate', 'pipelines/towns.yaml')).exit).toBe(0);
  expect((await project.call('validate', 'towns', 'firms', '--json')).exit).toBe(0);
  await expect(project.takeTranscript()).toMatchFileSnapshot(golden('validate-ok'));
});

test('validate exits with 0 when there are only warnings', async () => {
  const project = await CliProject.open({
    'pipelines/warned.yaml': WARNED,
    'pipelines/unused.csv': 'a\n1\n',
  });
  expect((await project.call('validate', 'warned')).exit).toBe(0);
  expect((await project.call('validate', 'warned', '--json')).exit).toBe(0);
  await expect(project.takeTranscript()).toMatchFileSnapshot(golden('validate-warnings'));
});

test('validate tells all mistakes of all files at once, each with its place', async () => {
  const project = await CliProject.open({
    ...TOWNS,
    'pipelines/broken.yaml': BROKEN,
    'pipelines/torn.yaml': 'version: 1\nname: "torn\nsteps: {}\n',
  });
  expect((await project.call('validate')).exit).toBe(2);
  expect((await project.call('validate', '--json')).exit).toBe(2);
  await expect(project.takeTranscript()).toMatchFileSnapshot(golden('validate-errors'));
});

test('validate says so when there is nothing to check', async () => {
  const project = await CliProject.open();
  expect((await project.call('validate')).exit).toBe(2);
  expect((await project.call('validate', '--json')).exit).toBe(2);
  expect((await project.call('validate', 'pipelines/none.yaml')).exit).toBe(2);
  await expect(project.takeTranscript()).toMatchFileSnapshot(golden('validate-none'));
});

test('validate tells a broken project file whichever pipeline was named', async () => {
  const project = await CliProject.open({ ...TOWNS, 'fieldwork.yaml': 'version: 1\nagnets: {}\n' });
  for (const command of ['validate', 'plan', 'run', 'graph', 'show']) {
    expect((await project.call(command, 'towns')).exit).toBe(2);
  }
  for (const command of ['status', 'cost', 'rebuild']) {
    expect((await project.call(command)).exit).toBe(2);
  }
  await expect(project.takeTranscript()).toMatchFileSnapshot(golden('validate-project-file'));
});

test('validate tells of two pipelines that would write the same files', async () => {
  const pipeline = (name: string): string => WARNED.replace('warned', name);
  const project = await CliProject.open({
    'pipelines/first.yaml': pipeline('same'),
    'pipelines/second.yaml': pipeline('same'),
    'pipelines/third.yaml': pipeline('other'),
    'pipelines/unused.csv': 'a\n1\n',
  });
  expect((await project.call('validate', 'first', 'first')).exit).toBe(0);
  const both = await project.call('validate', '--json');
  expect(both.exit).toBe(2);
  const told = JSON.parse(both.out) as { diagnostics: { code: string; message: string }[] };
  expect(told.diagnostics.filter(({ code }) => code === 'E-Y45')).toEqual([
    expect.objectContaining({
      message: 'its name "same" is that of pipelines/first.yaml too, and both write out/same',
    }),
  ]);
});
