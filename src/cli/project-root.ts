import { access, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PROJECT_FILE } from '../pipeline/project-file.ts';

/** The nearest folder upward from `folder` that has a project file, else `folder` itself. */
export async function projectRoot(folder: string): Promise<string> {
  for (let at = folder; ; at = dirname(at)) {
    if (await exists(join(at, PROJECT_FILE))) return at;
    if (dirname(at) === at) return folder;
  }
}

/** The pipelines of a project, as paths from its root, sorted. */
export async function pipelineFiles(root: string): Promise<readonly string[]> {
  const names = await readdir(join(root, 'pipelines')).catch(() => []);
  return names
    .filter((name) => /\.ya?ml$/u.test(name))
    .sort()
    .map((name) => join('pipelines', name));
}

export async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
