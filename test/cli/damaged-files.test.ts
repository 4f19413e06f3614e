import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CliProject } from './cli-project.ts';
import { TOWNS } from './projects.ts';

test.each(['runs', 'scratch', 'outputs'])(
  'a file where the folder .fieldwork/%s should be ends a run with 6, and no bug is reported',
  async (folder) => {
    const project = await CliProject.open(TOWNS);
    await project.write({ [`.fieldwork/${folder}`]: '' });
    const { exit, error, out } = await project.call('run', 'towns');
    expect(exit).toBe(6);
    expect(error + out).toMatch(/ENOTDIR|EEXIST/u);
    expect(error + out).not.toMatch(/mistake in fieldwork|^\s+at /mu);
    await rm(join(project.root, '.fieldwork', folder));
    expect((await project.call('run', 'towns')).exit).toBe(0);
  },
);

test('a Parquet file with a damaged page is told as such', async () => {
  const project = await CliProject.open({
    ...TOWNS,
    'pipelines/copy.yaml':
      'version: 1\nname: copy\nsources:\n  old: { file: data/old.parquet }\nsteps:\n  all_of_it: { sql: select * from old }\n',
    'pipelines/data/.keep': '',
  });
  await project.quietly('run', 'towns');
  const bytes = await readFile(join(project.root, 'out/towns/largest.parquet'));
  bytes.fill(0xff, 10, 60);
  await writeFile(join(project.root, 'pipelines/data/old.parquet'), bytes);
  const { exit, error } = await project.call('plan', 'copy');
  expect({ exit, error }).toMatchObject({
    exit: 2,
    error: expect.stringContaining('error[E-R90]: DuckDB cannot read the file') as string,
  });
});
