import { dirname, join } from 'node:path';
import { ok, type Result } from '../base/result.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { renderDiagnostic } from '../diagnostics/render.ts';
import { diagnosticJson } from '../diagnostics/render-json.ts';
import { loadPipeline, type LoadOptions } from '../pipeline/load.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import { loadProject, type Project } from '../pipeline/project-file.ts';
import type { Io } from './io.ts';
import { NodeProjectFiles } from './node-project-files.ts';
import { exists, projectRoot } from './project-root.ts';

/** The folders and settings that all commands work with. */
export interface OpenProject {
  readonly root: string;
  readonly files: NodeProjectFiles;
  readonly project: Project;
}

export interface OpenPipeline extends OpenProject {
  readonly pipeline: Pipeline;
  readonly warnings: readonly Diagnostic[];
  /** As the user named it. */
  readonly path: string;
  /** Absolute folder of the pipeline file. */
  readonly folder: string;
}

/** Opens the project around the current folder; its mistakes come back as diagnostics. */
export async function openProject(io: Io): Promise<Result<OpenProject, readonly Diagnostic[]>> {
  const root = await projectRoot(io.cwd);
  const files = await NodeProjectFiles.open(root, io.cwd);
  const project = await loadProject(files);
  return project.ok ? ok({ root: files.root, files, project: project.value }) : project;
}

/**
 * Opens a pipeline by its path or by its name (`quickstart` for `pipelines/quickstart.yaml`).
 */
export async function openPipeline(
  nameOrPath: string,
  params: Readonly<Record<string, string>>,
  io: Io,
): Promise<Result<OpenPipeline, readonly Diagnostic[]>> {
  const open = await openProject(io);
  if (!open.ok) return open;
  const { files, project, root } = open.value;
  const path = await pipelinePath(nameOrPath, root);
  const options: LoadOptions = { files, project, params, sqlTables, sqlCondition };
  const loaded = await loadPipeline(path, options);
  if (!loaded.ok) return loaded;
  const { pipeline, warnings } = loaded.value;
  const located = await files.locate(path, {});
  const folder = located.ok ? dirname(located.value.path) : root;
  return ok({ ...open.value, pipeline, warnings, path: pipeline.file.path, folder });
}

/** DuckDB reads the SQL; it is only loaded for pipelines that have some. */
const sqlTables: LoadOptions['sqlTables'] = async (sql) => {
  const { sqlTables: read } = await import('../duckdb/sql-tables.ts');
  return read(sql);
};

const sqlCondition: NonNullable<LoadOptions['sqlCondition']> = async (condition) => {
  const { conditionMistake } = await import('../duckdb/sql-tables.ts');
  return conditionMistake(condition);
};

async function pipelinePath(nameOrPath: string, root: string): Promise<string> {
  if (!/^[a-z][a-z0-9_-]*$/i.test(nameOrPath)) return nameOrPath;
  for (const ending of ['.yaml', '.yml']) {
    const path = join(root, 'pipelines', nameOrPath + ending);
    if (await exists(path)) return path;
  }
  return nameOrPath;
}

/** Shows mistakes in the form that was asked for. */
export function tellDiagnostics(diagnostics: readonly Diagnostic[], json: boolean, io: Io): void {
  if (json) {
    io.out(`${JSON.stringify({ diagnostics: diagnostics.map(diagnosticJson) }, null, 2)}\n`);
    return;
  }
  for (const diagnostic of diagnostics) io.error(`${renderDiagnostic(diagnostic)}\n\n`);
}

/** `2 errors, 1 warning`. */
export function countDiagnostics(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  const warnings = diagnostics.length - errors;
  const plural = (count: number, word: string): string =>
    `${count} ${word}${count === 1 ? '' : 's'}`;
  return [
    ...(errors > 0 ? [plural(errors, 'error')] : []),
    ...(warnings > 0 ? [plural(warnings, 'warning')] : []),
  ].join(', ');
}
