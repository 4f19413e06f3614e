import { expect, test, vi } from 'vitest';
import { CliProject } from './cli-project.ts';
import { start } from './processes.ts';
import { TOWNS } from './projects.ts';

vi.setConfig({ testTimeout: 60_000 });

test('a reader that has seen enough ends a command quietly', async () => {
  const project = await CliProject.open(TOWNS);
  await project.quietly('run', 'towns');
  const shown = await start(project, ['show', 'towns', '_citations', '--json']);
  shown.child.stdout?.destroy();
  expect(await shown.ended).toBe(0);
  expect(shown.error).toBe('');
});

test('a broken file never shows a stack trace', async () => {
  const project = await CliProject.open({
    'pipelines/torn.yaml': 'version: 1\nname: [torn\nsteps:\n\t- {{x}}\n',
  });
  for (const command of ['validate', 'plan', 'run', 'graph']) {
    const told = await start(project, [command, 'pipelines/torn.yaml']);
    expect(await told.ended).toBe(2);
    expect(told.error).toMatch(/^error\[E-/u);
    expect(`${told.out}${told.error}`).not.toMatch(/^ {4}at /mu);
  }
});
