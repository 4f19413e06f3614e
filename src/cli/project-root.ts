import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PROJECT_FILE } from '../pipeline/project-file.ts';

/** The nearest folder upward from `folder` that has a project file, else `folder` itself. */
export async function projectRoot(folder: string): Promise<string> {
  for (let at = folder; ; at = dirname(at)) {
    if (await exists(join(at, PROJECT_FILE))) return at;
    if (dirname(at) === at) return folder;
  }
}

export async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
