import { join } from 'node:path';
import { isoTime } from '../base/clock.ts';
import { EXIT, type ExitCode, type Io } from './io.ts';
import { layoutOf } from './layout.ts';
import { lockRefusal, type LockHolder, type PipelineLock } from './lock-holder.ts';
import { pipelineHolder, takePipelineLock } from './pipeline-lock.ts';
import { tellProblem } from './tell.ts';

/** What a command wants pipelines for itself for. */
export interface LockUse {
  readonly root: string;
  readonly pipelines: readonly string[];
  /** For whoever is refused meanwhile: `run 20261122-0914-7f3a9c`, `rebuild`. */
  readonly work: string;
  readonly json: boolean;
}

/**
 * Carries `work` out while no other process runs or rebuilds any of the pipelines. Where one has
 * one of them, that is told and nothing is done. Commands that only look need no lock.
 */
export async function withLock(
  use: LockUse,
  io: Io,
  work: () => Promise<ExitCode>,
): Promise<ExitCode> {
  const taken: PipelineLock[] = [];
  try {
    for (const pipeline of use.pipelines) {
      const lock = await lockOf(pipeline, use, io);
      if (typeof lock === 'string') return tellProblem(lock, EXIT.state, use.json, io);
      taken.push(lock);
    }
    return await work();
  } finally {
    for (const lock of taken) await lock.release();
  }
}

/** Who runs or rebuilds a pipeline at this moment. */
export const holderOf = (root: string, pipeline: string): Promise<LockHolder | undefined> =>
  pipelineHolder(folderOf(root, pipeline));

const folderOf = (root: string, pipeline: string): string => join(layoutOf(root).locks, pipeline);

/** The lock, or the words of refusal. */
async function lockOf(
  pipeline: string,
  { root, work }: LockUse,
  io: Io,
): Promise<PipelineLock | string> {
  const claim = { pid: io.pid, since: isoTime(io.clock.now()), work };
  try {
    const lock = await takePipelineLock(folderOf(root, pipeline), claim);
    return lock.ok ? lock.value : lockRefusal(`Pipeline ${pipeline}`, lock.error);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return `Pipeline ${pipeline} cannot be locked: ${message}.`;
  }
}
