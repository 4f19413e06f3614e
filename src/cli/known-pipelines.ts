import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { layoutOf } from './layout.ts';
import { pipelineFiles } from './project-root.ts';

/** Names of pipelines that a project has files or tables of, sorted. */
export async function knownPipelines(root: string): Promise<readonly string[]> {
  const names = new Set<string>();
  for (const file of await pipelineFiles(root)) {
    const text = await readFile(join(root, file), 'utf8').catch(() => '');
    const [, named] = /^name: *["']?([\w-]+)/mu.exec(text) ?? [];
    names.add(named ?? basename(file).replace(/\.ya?ml$/u, ''));
  }
  const tables = await readdir(layoutOf(root).out, { withFileTypes: true }).catch(() => []);
  for (const entry of tables) {
    if (entry.isDirectory() && !entry.name.startsWith('.')) names.add(entry.name);
  }
  return [...names].sort();
}
