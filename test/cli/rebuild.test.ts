import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { takePipelineLock } from '../../src/cli/pipeline-lock.ts';
import { CliProject, golden } from './cli-project.ts';
import { TOWNS } from './projects.ts';

test('rebuild waits for nobody: it names who runs the pipeline, and commands that look work on', async () => {
  const project = await CliProject.open(TOWNS);
  await project.quietly('run', 'towns');
  const lock = await takePipelineLock(join(project.root, '.fieldwork/locks/towns'), {
    pid: 99,
    since: '2026-11-22T08:55:00.000Z',
    work: 'run 20261122-0855-abcdef',
  });
  if (!lock.ok) throw new Error('nobody should have it');
  expect((await project.call('rebuild')).exit).toBe(6);
  for (const look of [['status'], ['cost'], ['show', 'towns', 'overview'], ['plan', 'towns']]) {
    expect((await project.quietly(...look)).exit).toBe(0);
  }
  await lock.value.release();
  await expect(project.takeTranscript()).toMatchFileSnapshot(golden('exit-6-rebuild'));
  expect((await project.quietly('rebuild')).exit).toBe(0);
});

test('two rebuilds at once: one does it, the other is told', async () => {
  const project = await CliProject.open(TOWNS);
  await project.quietly('run', 'towns');
  const both = await Promise.all([project.call('rebuild'), project.call('rebuild')]);
  expect(new Set(both.map(({ exit }) => exit))).toEqual(new Set([0, 6]));
  expect(both.find(({ exit }) => exit === 6)?.error).toContain('(rebuild)');
});

test('rebuild and run tell that the DuckDB file could not be written, though all other tables are', async () => {
  const project = await CliProject.open(TOWNS);
  await project.quietly('run', 'towns');
  const path = join(project.root, 'out/towns.duckdb');
  await rm(path);
  await mkdir(join(path, 'kept'), { recursive: true });
  const rebuilt = await project.call('rebuild');
  expect(rebuilt).toMatchObject({
    exit: 1,
    error: expect.stringContaining('out/towns.duckdb: ') as string,
  });
  const ran = await project.call('run', 'towns');
  expect(ran).toMatchObject({
    exit: 1,
    out: expect.stringMatching(/^DuckDB {3}could not be written: .*towns\.duckdb/mu) as string,
  });
  await rm(path, { recursive: true });
  expect((await project.call('run', 'towns')).exit).toBe(0);
});
