import { expect, test } from 'vitest';
import { CliProject, golden } from './cli-project.ts';

const FILES = {
  'pipelines/corpus/towns.csv': 'name,people\nAford,3\nBford,9\n',
  'pipelines/corpus/pages/aford.md': '# Aford\n\n- Mayor: Jo Kim\n- Founded: 1850\n',
  'pipelines/corpus/pages/cut.html': '<html><body><h1>Bford</h1><p>Its may',
};

test('corpus build reads new and changed files, and names what it cannot use', async () => {
  const project = await CliProject.open(FILES);
  expect((await project.call('corpus', 'build')).exit).toBe(0);
  await project.edit('pipelines/corpus/pages/aford.md', 'Jo Kim', 'Al Ray');
  await project.write({ 'pipelines/corpus/pages/bford.md': '# Bford\n\n- Mayor: Ada Ray\n' });
  await project.call('corpus', 'build');
  await project.call('corpus', 'info', 'pipelines/corpus');
  const transcript = project
    .takeTranscript()
    .replaceAll(/corpus-[0-9a-f]{12}/gu, 'corpus-<folder>');
  await expect(transcript).toMatchFileSnapshot(golden('corpus-build'));
});

test('corpus info as JSON has every table with its columns', async () => {
  const project = await CliProject.open(FILES);
  const { out, exit } = await project.call('corpus', 'info', '--json');
  expect(exit).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    name: 'corpus',
    records: 3,
    documents: 1,
    filesRead: 3,
    filesKnown: 0,
    indexProblem: null,
    skipped: ['pages/cut.html is not used: it ends before its closing </html>.'],
    tables: [
      { path: 'towns.csv', rows: 2, fromDocuments: false },
      {
        path: 'pages/aford.md',
        rows: 1,
        fromDocuments: true,
        columns: [{ name: 'name' }, { name: 'founded', kind: 'year' }, { name: 'mayor' }],
      },
    ],
  });
});

test('a folder that is not there is a mistake in the call', async () => {
  const project = await CliProject.open();
  const told = await project.call('corpus', 'build', 'nowhere');
  expect(told).toMatchObject({ exit: 2, out: '' });
  expect(told.error).toContain('nowhere does not exist or cannot be read');
});
