import { expect, test } from 'vitest';
import { CliProject } from './cli-project.ts';
import { TOWNS } from './projects.ts';

const SCHEMA = `{ type: object, required: [towns], properties: { towns: { type: array, items: {
        type: object, required: [name], properties: { name: { type: string } } } } } }`;

/** A list, and follow-ups of it: every call is a process of its own to the local agent. */
const CHAIN = `version: 1
name: chain
agent: local
concurrency: 1
steps:
  first:
    query: The two largest towns by population.
    schema: ${SCHEMA}
    key: name
  more:
    continue: first
    query: Find 1 more.
    schema: ${SCHEMA}
    key: name
  least:
    continue: more
    query: Find 1 more.
    schema: ${SCHEMA}
    key: name
`;

const open = (): Promise<CliProject> =>
  CliProject.open({
    'pipelines/chain.yaml': CHAIN,
    'pipelines/corpus/towns.csv': TOWNS['pipelines/corpus/towns.csv'] ?? '',
  });

interface Row {
  readonly name: string;
}

async function namesOf(project: CliProject, step: string): Promise<readonly string[]> {
  const { out } = await project.quietly('show', 'chain', step, '--json');
  return (JSON.parse(out) as readonly Row[]).map(({ name }) => name);
}

/** Tasks asked, by step. */
async function asked(project: CliProject, ...argv: readonly string[]): Promise<unknown> {
  const { out, exit } = await project.quietly('run', 'chain', '--json', ...argv);
  const started = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; step: string })
    .filter(({ type }) => type === 'task-started')
    .map(({ step }) => step);
  return { exit, started };
}

test('a follow-up of the local agent goes on from what a process before it was answered', async () => {
  const project = await open();
  expect(await asked(project, '--step', 'first')).toEqual({ exit: 0, started: ['first'] });
  expect(await asked(project, '--step', 'more')).toEqual({ exit: 0, started: ['more'] });
  expect(await asked(project)).toEqual({ exit: 0, started: ['least'] });
  expect(await namesOf(project, 'first')).toEqual(['Almstadt', 'Cressfeld']);
  expect(await namesOf(project, 'more')).toEqual(['Birkenau']);
  expect(await namesOf(project, 'least')).toEqual(['Dornheim']);
});

test('it gives what one process would have, asks nothing again, and only what was edited', async () => {
  const project = await open();
  expect(await asked(project)).toEqual({ exit: 0, started: ['first', 'more', 'least'] });
  expect(await namesOf(project, 'least')).toEqual(['Dornheim']);
  expect(await asked(project)).toEqual({ exit: 0, started: [] });
  await project.edit(
    'pipelines/chain.yaml',
    'continue: more\n    query: Find 1',
    'continue: more\n    query: Find one',
  );
  expect(await asked(project)).toEqual({ exit: 0, started: ['least'] });
  expect(await namesOf(project, 'least')).toEqual(['Dornheim']);
  await project.edit('pipelines/chain.yaml', 'query: Find 1 more.', 'query: Find 2 more.');
  // What follows an answer is asked again only where that is another one.
  expect(await asked(project)).toEqual({ exit: 0, started: ['more', 'least'] });
  expect(await namesOf(project, 'more')).toEqual(['Birkenau', 'Dornheim']);
  expect(await namesOf(project, 'least')).toEqual([]);
});

test('a corpus that changed is asked from the first step on', async () => {
  const project = await open();
  await asked(project);
  await project.edit('pipelines/corpus/towns.csv', 'Cressfeld,Cress,251000', 'Cressfeld,Cress,12');
  expect(await asked(project)).toEqual({ exit: 0, started: ['first', 'more', 'least'] });
  expect(await namesOf(project, 'first')).toEqual(['Almstadt', 'Birkenau']);
});
