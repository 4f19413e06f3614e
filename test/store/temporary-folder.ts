import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for one test, to be disposed of by it. */
export async function temporaryFolder(): Promise<{
  readonly path: string;
  dispose(): Promise<void>;
}> {
  const path = await mkdtemp(join(tmpdir(), 'fieldwork-store-'));
  return { path, dispose: () => rm(path, { recursive: true, force: true }) };
}
