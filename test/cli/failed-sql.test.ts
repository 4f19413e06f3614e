import { describe, expect, test } from 'vitest';
import { CliProject, golden } from './cli-project.ts';

const SIZES: Readonly<Record<string, string>> = {
  'pipelines/sizes.yaml': `version: 1
name: sizes
sources:
  firms: { file: data/firms.csv, key: name }
steps:
  counted:
    sql: |
      select name,
        cast(people as integer) as people
      from firms
    key: name
  large:
    sql: select name from counted where people > 50
    key: name
`,
  'pipelines/data/firms.csv': 'name,people\nAlder,12\nBirch,70\n',
};

const PIPELINE = 'pipelines/sizes.yaml';

describe('SQL that fails on its rows', () => {
  test.each([
    ['a value that cannot be converted', '70', 'about 70', 'pipelines/data/firms.csv'],
    ['a column that is not there', 'cast(people as', 'cast(peeple as', PIPELINE],
    ['a table of the query that has another name', 'select name,', 'select f.name,', PIPELINE],
    ['a type that a function does not take', 'cast(people as integer)', 'name + 1', PIPELINE],
    ['a number that is too large', 'integer) as', 'integer) * 2000000000 as', PIPELINE],
    ['a key that the query does not give', 'key: name\n  large', 'key: nam\n  large', PIPELINE],
  ])('is told with its place by plan and run: %s', async (name, from, to, file) => {
    const project = await CliProject.open(SIZES);
    await project.edit(file, from, to);
    expect((await project.call('plan', 'sizes')).exit).toBe(2);
    expect((await project.call('run', 'sizes')).exit).toBe(1);
    const slug = name.replaceAll(' ', '-');
    await expect(project.takeTranscript()).toMatchFileSnapshot(golden(`sql-${slug}`));
    const [line] = (await project.call('plan', 'sizes', '--json')).out.split('\n');
    expect(JSON.parse(line ?? '')).toMatchObject({
      diagnostics: [{ code: expect.stringMatching(/^E-P(05|14)$/u) as string, severity: 'error' }],
    });
  });

  test('is in the events, and a plan that was written down is not carried out', async () => {
    const project = await CliProject.open(SIZES);
    await project.quietly('plan', 'sizes', '--out', 'plan.json');
    await project.edit('pipelines/data/firms.csv', '70', 'x');
    expect(await project.call('run', 'plan.json')).toMatchObject({
      exit: 2,
      error: expect.stringContaining('error[E-P14]') as string,
    });
    const { out } = await project.call('run', 'sizes', '--json');
    const ended = out.split('\n').find((line) => line.includes('"step-finished","step":"counted"'));
    expect(JSON.parse(ended ?? '')).toMatchObject({
      outcome: 'failed',
      mistake: { code: 'E-P14', path: PIPELINE, line: 9, column: 9 },
    });
  });
});

test('tables that stayed as they were are shown as old until their steps make them anew', async () => {
  const project = await CliProject.open(SIZES);
  await project.quietly('run', 'sizes');
  project.nowMs += 60_000;
  await project.edit('pipelines/data/firms.csv', '70', 'about 70');
  expect((await project.quietly('run', 'sizes')).exit).toBe(1);
  await project.call('show', 'sizes');
  await project.call('show', 'sizes', '--json');
  await project.call('show', 'sizes', 'counted');
  await project.call('show', 'sizes', 'large', '--json');
  await project.call('status');
  await project.call('status', '--json');
  // What it was before is what the table was made from: nothing is made, and it is not old.
  await project.edit('pipelines/data/firms.csv', 'about 70', '70');
  project.nowMs += 60_000;
  await project.quietly('run', 'sizes', '--step', 'counted');
  await project.call('show', 'sizes', 'counted');
  await project.call('status');
  await project.quietly('run', 'sizes');
  await project.call('status');
  await expect(project.takeTranscript()).toMatchFileSnapshot(golden('sql-old-tables'));
});
