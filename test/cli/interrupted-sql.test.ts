import { expect, test } from 'vitest';
import { CliProject, golden } from './cli-project.ts';

/** Takes hours. */
const ENDLESS =
  'select count(*) as n from range(10000000) a(i), range(10000000) b(j), firms where i * j < 0';

async function open(): Promise<CliProject> {
  return CliProject.open({
    'pipelines/sizes.yaml': `version: 1
name: sizes
sources:
  firms: { file: data/firms.csv, key: name }
steps:
  small:
    sql: select name from firms
    key: name
  counted:
    sql: ${ENDLESS}
    after: [small]
  after_all:
    sql: select n + 1 as more from counted
`,
    'pipelines/data/firms.csv': 'name,people\nAlder,12\nBirch,70\n',
  });
}

test('Ctrl-C ends an SQL step where it is, and the next run goes on from there', async () => {
  const project = await open();
  project.onOut = (text) => {
    if (text.includes('"step-finished"') && text.includes('"small"')) project.interrupt();
  };
  expect((await project.quietly('run', 'sizes', '--json')).exit).toBe(130);
  expect((await project.call('show', 'sizes', 'small', '--json')).exit).toBe(0);
  await project.edit('pipelines/sizes.yaml', ENDLESS, 'select count(*) as n from firms');
  expect((await project.call('run', 'sizes')).exit).toBe(0);
  await project.call('show', 'sizes', 'after_all');
  await expect(project.takeTranscript()).toMatchFileSnapshot(golden('interrupted-sql'));
});

test('Ctrl-C ends a plan', async () => {
  const project = await open();
  const planned = project.call('plan', 'sizes');
  project.interrupt();
  expect((await planned).exit).toBe(130);
  await expect(project.takeTranscript()).toMatchFileSnapshot(golden('interrupted-plan'));
});
