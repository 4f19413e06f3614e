import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { CliProject } from './cli-project.ts';
import { start, type Process } from './processes.ts';

const ENDLESS = 'select sum(hash(a.range, b.range)) as n from range(1000000000) a, range(1000) b';

const NUMBERS: Readonly<Record<string, string>> = {
  'pipelines/endless.yaml': `version: 1\nname: endless\nsteps:\n  every: { sql: "${ENDLESS}" }\n`,
  'pipelines/short.yaml': 'version: 1\nname: short\nsteps:\n  one: { sql: select 1 as n }\n',
};

const scratchOf = (project: CliProject): Promise<string[]> =>
  readdir(join(project.root, '.fieldwork/scratch')).catch(() => []);

const locksOf = (project: CliProject): Promise<string[]> =>
  readdir(join(project.root, '.fieldwork/locks')).catch(() => []);

/** A process that has begun to use its folder, and the folder's name. */
async function busy(project: CliProject, command: string): Promise<[Process, string]> {
  const before = await scratchOf(project);
  const process = await start(project, [command, 'endless']);
  const fresh = async (): Promise<string | undefined> =>
    (await scratchOf(project)).find((name) => !before.includes(name));
  await vi.waitUntil(fresh, { timeout: 30_000, interval: 20 });
  return [process, (await fresh()) ?? ''];
}

test.each([
  ['plan', 'SIGKILL', 'plan'],
  ['plan', 'SIGTERM', 'run'],
  ['run', 'SIGKILL', 'plan'],
] as const)(
  'the folder of a %s that was ended by %s is gone after the next %s, and no other one is',
  { timeout: 180_000 },
  async (command, signal, next) => {
    const project = await CliProject.open(NUMBERS);
    const [living, itsFolder] = await busy(project, 'plan');
    const [dead, left] = await busy(project, command);
    dead.child.kill(signal);
    await dead.ended;
    await mkdir(join(project.root, '.fieldwork/scratch/notes-of-a-person'));
    // One that is asked to end clears away itself.
    const stays = signal === 'SIGKILL' ? [left] : [];
    expect(await scratchOf(project)).toEqual([itsFolder, ...stays, 'notes-of-a-person'].sort());
    expect((await project.quietly(next, 'short')).exit).toBe(0);
    expect(await scratchOf(project)).toEqual([itsFolder, 'notes-of-a-person'].sort());
    expect((await locksOf(project)).filter((name) => name.startsWith('_'))).toEqual([
      `_scratch-${itsFolder}`,
    ]);
    living.child.kill('SIGKILL');
    await living.ended;
    await project.quietly('plan', 'short');
    expect(await scratchOf(project)).toEqual(['notes-of-a-person']);
    expect((await locksOf(project)).filter((name) => name.startsWith('_'))).toEqual([]);
  },
);
