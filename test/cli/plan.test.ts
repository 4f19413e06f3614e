import { expect, test } from 'vitest';
import { AgentApiServer } from '../rig/agent-api-server.ts';
import { CliProject, golden } from './cli-project.ts';
import { FIRMS, profileOf, TOWNS } from './projects.ts';

/** The hosted agent answered everything. */
async function answered(): Promise<CliProject> {
  const project = await CliProject.open(FIRMS);
  const server = await AgentApiServer.start({ answer: profileOf, now: () => project.nowMs });
  project.env['EXA_API_KEY'] = 'key-of-a-test';
  project.env['EXA_BASE_URL'] = server.baseUrl;
  const { exit } = await project.quietly('run', 'firms');
  await server.close();
  expect(exit).toBe(0);
  return project;
}

test('a new pipeline: everything is to run, and what it costs is said', async () => {
  const project = await CliProject.open(FIRMS);
  await project.call('plan', 'firms');
  await project.call('plan', 'firms', '--step', 'profiles', '--limit', '2');
  await expect(project.takeTranscript()).toMatchFileSnapshot(golden('plan-new'));
});

test('steps that wait for others are counted as far as they are known', async () => {
  const project = await CliProject.open(TOWNS);
  await project.call('plan', 'towns');
  await project.call('plan', 'towns', '--json');
  await expect(project.takeTranscript()).toMatchFileSnapshot(golden('plan-waits'));
});

test('all answered: nothing is to run, without a key', async () => {
  const project = await answered();
  project.env['EXA_API_KEY'] = '';
  expect((await project.call('plan', 'firms', '--exit-code')).exit).toBe(0);
  await expect(project.takeTranscript()).toMatchFileSnapshot(golden('plan-reused'));
});

test('reasons: a query edited, a new record, an SQL text edited, a refresh', async () => {
  const project = await answered();
  await project.edit(
    'pipelines/data/crm.csv',
    'dogwood.example',
    'elm.example,Elm Oars\ndogwood.example',
  );
  await project.call('plan', 'firms');
  await project.edit('pipelines/firms.yaml', 'What does', 'Say what');
  await project.call('plan', 'firms');
  await project.edit('pipelines/firms.yaml', 'Say what', 'What does');
  await project.edit('pipelines/data/crm.csv', 'elm.example,Elm Oars\n', '');
  await project.edit('pipelines/firms.yaml', 'as firms', 'as count_of_firms');
  expect((await project.call('plan', 'firms', '--exit-code')).exit).toBe(10);
  await project.call('plan', 'firms', '--refresh', 'profiles');
  await expect(project.takeTranscript()).toMatchFileSnapshot(golden('plan-reasons'));
});

test('cosmetic edits cost nothing', async () => {
  const project = await answered();
  await project.edit('pipelines/firms.yaml', 'concurrency: 1', 'concurrency: 4 # more at a time');
  await project.edit('pipelines/firms.yaml', 'budget: 5', 'budget: 50\ndescription: Firms.');
  const { exit, out } = await project.call('plan', 'firms', '--exit-code');
  expect({ exit, nothing: out.includes('Plan: nothing to run, 4 reused.') }).toEqual({
    exit: 0,
    nothing: true,
  });
});

test('an effort that the prices do not know is refused', async () => {
  const project = await CliProject.open(FIRMS);
  await project.edit('pipelines/firms.yaml', 'effort: low', 'effort: heroic');
  await project.call('plan', 'firms');
  await expect(project.takeTranscript()).toMatchFileSnapshot(golden('plan-unpriced'));
});

test('a plan asks nobody and writes nothing', async () => {
  const project = await CliProject.open(FIRMS);
  const server = await AgentApiServer.start();
  project.env['EXA_API_KEY'] = 'key-of-a-test';
  project.env['EXA_BASE_URL'] = server.baseUrl;
  await project.call('plan', 'firms');
  await server.close();
  expect(server.requests).toBe(0);
  expect(await project.files()).toEqual([
    'fieldwork.yaml',
    'pipelines/data/crm.csv',
    'pipelines/firms.yaml',
  ]);
});
