import { basename, dirname, join } from 'node:path';
import { fail, ok, type Result } from '../base/result.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import type { MoneyOverrides } from '../pipeline/check-money.ts';
import { loadPipeline, type LoadOptions } from '../pipeline/load.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import { loadProject, type Project } from '../pipeline/project-file.ts';
import type { Io } from './io.ts';
import { NodeProjectFiles } from './node-project-files.ts';
import { exists, pipelineFiles, projectRoot } from './project-root.ts';

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
  money: MoneyOverrides = {},
): Promise<Result<OpenPipeline, readonly Diagnostic[]>> {
  const open = await openProject(io);
  if (!open.ok) return open;
  const { files, project, root } = open.value;
  const path = await pipelinePath(nameOrPath, root);
  if (path === undefined) return fail([await unknownPipeline(nameOrPath, root)]);
  const options: LoadOptions = { files, project, params, sqlTables, sqlCondition, money };
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

const sqlCondition: NonNullable<LoadOptions['sqlCondition']> = async (condition, table) => {
  const { conditionMistake } = await import('../duckdb/sql-tables.ts');
  return conditionMistake(condition, table);
};

/** Undefined for the name of a pipeline that there is not. */
async function pipelinePath(nameOrPath: string, root: string): Promise<string | undefined> {
  if (!/^[a-z][a-z0-9_-]*$/i.test(nameOrPath)) return nameOrPath;
  for (const ending of ['.yaml', '.yml']) {
    const path = join(root, 'pipelines', nameOrPath + ending);
    if (await exists(path)) return path;
  }
  return undefined;
}

async function unknownPipeline(name: string, root: string): Promise<Diagnostic> {
  const files = await pipelineFiles(root);
  const known = files.map((file) => basename(file).replace(/\.ya?ml$/u, ''));
  return {
    code: 'E-Y01',
    severity: 'error',
    message: `there is no pipeline "${name}"`,
    place: { kind: 'argument', argument: name },
    help: didYouMean(name, known, 'pipelines', 'pipelines/ has none; name a file'),
  };
}
