import { mkdir, rm } from 'node:fs/promises';
import type { Result } from '../base/result.ts';
import type { SqlFailure } from '../duckdb/failure.ts';
import type {
  QueryResult,
  Selection,
  TableRow,
  WholeTables,
  Workspace,
} from '../execution/ports.ts';
import type { Source } from '../pipeline/pipeline.ts';
import type { Store } from '../store/store.ts';
import { OutputProblem } from './output-problem.ts';
import { stepRows, type StepPortion } from './step-rows.ts';
import type { FileSourceReader } from './source-reader.ts';
import { openWorkspace } from './workspace.ts';

/**
 * {@link WholeTables} over a scratch database: a step's table is read from the store, in row
 * order, once for every version.
 */
export class ProjectTables implements WholeTables {
  readonly #store: Store;
  readonly #folder: string;
  readonly #workspace: Workspace;
  readonly #loaded = new Map<string, Promise<void>>();

  private constructor(store: Store, folder: string, workspace: Workspace) {
    this.#store = store;
    this.#folder = folder;
    this.#workspace = workspace;
  }

  /**
   * `folder` is made, filled with temporary files, and gone after {@link close}. Fails only where
   * DuckDB cannot start.
   */
  static async open(options: {
    readonly store: Store;
    readonly folder: string;
    readonly sources: Iterable<Source>;
    readonly reader: FileSourceReader;
  }): Promise<ProjectTables> {
    const { store, folder, sources, reader } = options;
    await mkdir(folder, { recursive: true });
    const workspace = await openWorkspace({ folder, sources, reader });
    if (!workspace.ok) throw new OutputProblem(workspace.error);
    return new ProjectTables(store, folder, workspace.value);
  }

  addSource(source: Source): Promise<void> {
    return this.#once(`source ${source.name}`, () => this.#workspace.addSource(source));
  }

  addStep({ step, version, layout }: Parameters<WholeTables['addStep']>[0]): Promise<void> {
    return this.#once(`${step} ${version}`, () => {
      const sorting = { scratchFolder: this.#folder };
      const portions = stepRows(this.#store, { version, layout }, sorting);
      return this.#workspace.addStep(step, layout, onlyRows(portions));
    });
  }

  query(sql: string, signal: AbortSignal): Promise<Result<QueryResult, SqlFailure>> {
    return this.#workspace.query(sql, signal);
  }

  read(table: string, selection: Selection): Promise<Result<QueryResult, string>> {
    return this.#workspace.read(table, selection);
  }

  async close(): Promise<void> {
    await this.#workspace.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #once(name: string, load: () => Promise<void>): Promise<void> {
    let loading = this.#loaded.get(name);
    if (loading === undefined) {
      loading = load();
      this.#loaded.set(name, loading);
    }
    return loading;
  }
}

async function* onlyRows(
  portions: AsyncIterable<StepPortion>,
): AsyncGenerator<readonly TableRow[]> {
  for await (const { rows } of portions) yield rows;
}
