import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NodeProjectFiles } from '../../src/cli/node-project-files.ts';
import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts';
import { renderDiagnostic } from '../../src/diagnostics/render.ts';
import { conditionMistake, sqlTables } from '../../src/duckdb/sql-tables.ts';
import { loadPipeline, type LoadOptions } from '../../src/pipeline/load.ts';
import type { Pipeline } from '../../src/pipeline/pipeline.ts';
import { loadProject } from '../../src/pipeline/project-file.ts';

export interface Loaded {
  readonly pipeline: Pipeline | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Loads `input.yaml` of a folder as the command line does; `params.json` holds its `--param`s. */
export async function loadFolder(root: string): Promise<Loaded> {
  const files = await NodeProjectFiles.open(root, root);
  const project = await loadProject(files);
  if (!project.ok) return { pipeline: undefined, diagnostics: project.error };
  const options: LoadOptions = {
    files,
    project: project.value,
    params: await paramsOf(root),
    sqlTables,
    sqlCondition: conditionMistake,
  };
  const loaded = await loadPipeline('input.yaml', options);
  return loaded.ok
    ? { pipeline: loaded.value.pipeline, diagnostics: loaded.value.warnings }
    : { pipeline: undefined, diagnostics: loaded.error };
}

async function paramsOf(root: string): Promise<Record<string, string>> {
  try {
    return JSON.parse(await readFile(join(root, 'params.json'), 'utf8')) as Record<string, string>;
  } catch {
    return {};
  }
}

/** All that a person would see, or `ok` for a pipeline without a mistake. */
export function printed({ diagnostics }: Loaded, root: string): string {
  if (diagnostics.length === 0) return 'ok\n';
  const text = diagnostics.map(renderDiagnostic).join('\n\n');
  return `${text.replaceAll(root, '<root>')}\n`;
}
