import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isoTime } from '../base/clock.ts';
import type { RunId } from '../base/ids.ts';
import type { Io } from './io.ts';
import { layoutOf } from './layout.ts';
import { pipelineHolder, takePipelineLock } from './pipeline-lock.ts';

/** A folder for the temporary files of one run or plan. */
export interface ScratchFolder {
  readonly path: string;
  /** Again is harmless. */
  remove(): Promise<void>;
}

/** Ids of runs, which plans have too. What tables are written from is swept with its pipeline. */
const RUN = /^\d{8}-\d{4}-[\da-f]{6}$/u;

/**
 * Makes the folder, and a lock that lasts as long as the process: by that others see whether
 * somebody still needs it. The lock is there first, so that no folder is ever without its owner.
 */
export async function openScratch(root: string, run: RunId, io: Io): Promise<ScratchFolder> {
  const path = join(layoutOf(root).scratch, run);
  const lockFolder = lockOf(root, run);
  const claim = { pid: io.pid, since: isoTime(io.clock.now()), work: `temporary files of ${run}` };
  const lock = await takePipelineLock(lockFolder, claim);
  await mkdir(path, { recursive: true });
  return {
    path,
    remove: async () => {
      await rm(path, { recursive: true, force: true });
      if (lock.ok) await lock.value.release();
      await rm(lockFolder, { recursive: true, force: true });
    },
  };
}

/** Removes what processes left behind that were killed. */
export async function sweepScratch(root: string): Promise<void> {
  const { scratch } = layoutOf(root);
  const names = await readdir(scratch).catch(() => []);
  for (const name of names.filter((each) => RUN.test(each))) {
    const lockFolder = lockOf(root, name);
    if ((await pipelineHolder(lockFolder)) !== undefined) continue;
    // Another user's folder, say, is not ours to remove, and keeps nobody from working.
    await rm(join(scratch, name), { recursive: true, force: true }).catch(() => undefined);
    await rm(lockFolder, { recursive: true, force: true }).catch(() => undefined);
  }
}

const lockOf = (root: string, run: string): string => join(layoutOf(root).locks, `_scratch-${run}`);
