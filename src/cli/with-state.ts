import { didYouMean } from '../diagnostics/suggest.ts';
import type { Project } from '../pipeline/project-file.ts';
import type { RunRecord, Store } from '../store/store.ts';
import { EXIT, type ExitCode, type Io } from './io.ts';
import { openProject } from './open-pipeline.ts';
import { openStore } from './open-store.ts';
import type { CommonOptions } from './options.ts';
import { tellDiagnostics, tellProblem } from './tell.ts';

/** The state of a project, for commands that only look. */
export interface ReadState {
  readonly root: string;
  readonly project: Project;
  readonly store: Store;
  /** The newest first: read once, for there may be many. */
  readonly runs: readonly RunRecord[];
  /** Pipelines that were asked for; all that were ever run where none was named. In order. */
  readonly pipelines: readonly string[];
}

/** More runs than a person looks back on. */
export const MOST_RUNS = 10_000;

/** Opens the state for reading, carries `work` out, and closes it again. */
export async function withState(
  named: readonly string[],
  options: CommonOptions,
  io: Io,
  work: (state: ReadState) => Promise<ExitCode>,
): Promise<ExitCode> {
  const json = options.json === true;
  const project = await openProject(io);
  if (!project.ok) {
    tellDiagnostics(project.error, json, io);
    return EXIT.usage;
  }
  const { root } = project.value;
  const state = await openStore(root, 'read', json, io);
  if (!state.ok) return state.exit;
  const { store } = state;
  try {
    const runs = await store.runs(MOST_RUNS);
    const known = [...(await store.pipelines()), ...runs.map(({ pipeline }) => pipeline)];
    const all = [...new Set(known)].sort();
    const names = named.map(pipelineName);
    const unknown = names.find((name) => !all.includes(name));
    if (unknown !== undefined) {
      const hint = didYouMean(unknown, all, 'pipelines', 'nothing was run yet');
      const message = `Pipeline "${unknown}" has not been run here; ${hint}`;
      return tellProblem(message, EXIT.usage, json, io);
    }
    const pipelines = names.length > 0 ? [...new Set(names)] : all;
    return await work({ root, project: project.value.project, store, runs, pipelines });
  } finally {
    await store.close();
  }
}

/** A pipeline's name, from it or from the path of its file. */
export const pipelineName = (nameOrPath: string): string =>
  nameOrPath.replace(/^.*[/\\]/u, '').replace(/\.ya?ml$/u, '');
