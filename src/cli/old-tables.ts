import type { RunId } from '../base/ids.ts';
import type { RunRecord, StepEnd, Store } from '../store/store.ts';
import { cleanText } from './clean-text.ts';
import { tryStore } from './open-store.ts';

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

/** More runs than a person looks back on. */
const MOST_RUNS = 10_000;

/** The tables of a pipeline whose step failed, or could not start, the last time it was to run. */
export async function oldTables(pipeline: string, store: Store): Promise<readonly OldTable[]> {
  const runs = (await store.runs(MOST_RUNS)).filter((run) => run.pipeline === pipeline);
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
    return await oldTables(pipeline, store.value);
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
