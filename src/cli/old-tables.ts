import type { RunId } from '../base/ids.ts';
import type { RunRecord, StepEnd, Store } from '../store/store.ts';
import { cleanText } from './clean-text.ts';
import { tryStore } from './open-store.ts';
import { MOST_RUNS } from './with-state.ts';

/** A table that stayed as it was when its step was last to make it. */
export interface OldTable {
  readonly table: string;
  /** The run that made it. */
  readonly madeBy: RunId;
  /** The later run that did not. */
  readonly run: RunId;
  readonly outcome: 'failed' | 'skipped';
  readonly message: string;
}

/**
 * The tables of a pipeline whose step failed, or could not start, the last time it was to run.
 * `runs` are the pipeline's, the newest first.
 */
export async function oldTables(
  pipeline: string,
  runs: readonly RunRecord[],
  store: Store,
): Promise<readonly OldTable[]> {
  const states = await store.stepStates(pipeline);
  return states.flatMap(({ step: table, run: madeBy }) => {
    const last = lastEnd(table, runs);
    if (last === undefined || last.run === madeBy) return [];
    const { outcome, message } = last.end;
    if (outcome !== 'failed' && outcome !== 'skipped') return [];
    return [{ table, madeBy, run: last.run, outcome, message: message ?? '' }];
  });
}

/** The same from the state in a project's folder; none where that cannot be read. */
export async function oldTablesIn(root: string, pipeline: string): Promise<readonly OldTable[]> {
  const store = await tryStore(root, 'read');
  if (!store.ok) return [];
  try {
    const runs = await store.value.runs(MOST_RUNS);
    const own = runs.filter((run) => run.pipeline === pipeline);
    return await oldTables(pipeline, own, store.value);
  } finally {
    await store.value.close();
  }
}

/** For a person, in one sentence. */
export function oldTableText({ table, madeBy, run, outcome, message }: OldTable): string {
  const what = outcome === 'failed' ? 'failed' : 'could not start';
  const [first = ''] = message.split('\n', 1);
  return `${table} is still the table of run ${madeBy}: its step ${what} in run ${run} (${cleanText(first, 300)}).`;
}

function lastEnd(
  step: string,
  runs: readonly RunRecord[],
): { readonly run: RunId; readonly end: StepEnd } | undefined {
  for (const { run, steps } of runs) {
    const end = steps?.[step];
    if (end !== undefined) return { run, end };
  }
  return undefined;
}
