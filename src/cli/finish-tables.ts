import type { RunReport } from '../execution/run-pipeline.ts';
import type { Store } from '../store/store.ts';
import { currentOutputs, noteOutputs, outputSource } from '../tables/output-current.ts';
import type { OutputSummary } from '../tables/write-outputs.ts';
import type { Io } from './io.ts';
import { layoutOf } from './layout.ts';
import type { OpenPipeline } from './open-pipeline.ts';

/** What became of the tables at the end of a run. */
export interface FinishedTables {
  readonly tables: readonly { readonly name: string; readonly rows: number }[];
  /** Undefined where they were left as they are. */
  readonly summary: OutputSummary | undefined;
  /** Lines for people: tests of tables that do not hold. */
  readonly testsFailed: readonly string[];
  readonly failed: boolean;
}

export const NOTHING_FINISHED: FinishedTables = {
  tables: [],
  summary: undefined,
  testsFailed: [],
  failed: false,
};

/**
 * Writes the tables from the state and runs their tests. When nothing changed since they were
 * written, they are left alone, and DuckDB is not even loaded.
 */
export async function finishTables(
  { pipeline, root }: OpenPipeline,
  report: RunReport,
  store: Store,
  io: Io,
): Promise<FinishedTables> {
  const layout = layoutOf(root);
  const place = { outFolder: layout.out, pipeline: pipeline.name, noteFolder: layout.notes };
  const asked = [...report.steps.values()].some(({ counts }) => counts.started > 0);
  const source = await outputSource(store, pipeline.name);
  const tested = pipeline.steps.some(({ tests }) => tests.length > 0);
  const current = asked ? undefined : await currentOutputs(place, source, store);
  let summary: OutputSummary | undefined;
  if (current === undefined) {
    const { writeOutputs } = await import('../tables/write-outputs.ts');
    const steps = pipeline.steps.map(({ name }) => name);
    const options = { store, ...place, scratchFolder: layout.scratch, steps, now: io.clock.now() };
    summary = await writeOutputs(options);
    await noteOutputs(place, source, summary);
    for (const { path, message } of summary.problems) io.error(`${path}: ${message}\n`);
  }
  const testsFailed = tested ? await failedTests(pipeline, place) : [];
  const failed = testsFailed.length > 0 || (summary !== undefined && isIncomplete(summary));
  const tables = (current ?? summary?.tables ?? []).map(({ name, rows }) => ({ name, rows }));
  return { tables, summary, testsFailed, failed };
}

/** Another program that has the database open keeps what it has: no failure of ours. */
export const isIncomplete = ({ problems, database }: OutputSummary): boolean =>
  problems.length > 0 || database.status === 'failed';

async function failedTests(
  pipeline: OpenPipeline['pipeline'],
  place: { outFolder: string; pipeline: string },
): Promise<readonly string[]> {
  const { runTableTests } = await import('../tables/table-tests.ts');
  const violations = await runTableTests({ ...place, steps: pipeline.steps });
  return violations.map(({ step, message, samples }) => {
    const shown = samples.length > 0 ? ` (${samples.join(', ')})` : '';
    return `${step}: ${message}${shown}`;
  });
}
