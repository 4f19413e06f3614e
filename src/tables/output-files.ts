import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Files under this name are ours and unfinished: nothing reads them, and the next writer sweeps. */
const UNFINISHED = /^\..+\.unfinished(?:\.wal)?$/u;

/** Where a file is made before it takes its place, in the same folder. */
export const unfinished = (folder: string, name: string): string =>
  join(folder, `.${name}.unfinished`);

/** Deletes what a crash or a failure left behind. There is one writer to a folder at a time. */
export async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (UNFINISHED.test(name)) await rm(join(folder, name), { force: true });
  }
}

/** Puts a finished file in its place. A reader sees the old one or the new one, whole. */
export async function publishFile(folder: string, name: string): Promise<void> {
  await sync(unfinished(folder, name), 'r+');
  await rename(unfinished(folder, name), join(folder, name));
}

/** After this, renames and deletions in the folder survive the power cord. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    await sync(folder, 'r');
  } catch (error) {
    // Some systems cannot open a folder, and need no such call.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EISDIR' && code !== 'EPERM') throw error;
  }
}

async function sync(path: string, flags: string): Promise<void> {
  const file = await open(path, flags);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

export const sizeOf = async (path: string): Promise<number> => (await stat(path)).size;
