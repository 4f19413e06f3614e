import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fail, ok, type Result } from '../base/result.ts';
import type { Io } from './io.ts';

/**
 * Takes the agent runs of a project for one server; the pid of the living process that has them.
 * A server that died leaves its file behind, which counts for nothing.
 */
export async function lockServer(
  path: string,
  { pid, isAlive }: Pick<Io, 'pid' | 'isAlive'>,
): Promise<Result<{ release(): Promise<void> }, number>> {
  await mkdir(dirname(path), { recursive: true });
  for (;;) {
    try {
      await writeFile(path, `${pid}\n`, { flag: 'wx' });
      return ok({ release: () => rm(path, { force: true }) });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const other = Number(await readFile(path, 'utf8').catch(() => ''));
    if (other > 0 && other !== pid && isAlive(other)) return fail(other);
    await rm(path, { force: true });
  }
}
