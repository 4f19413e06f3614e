import { formatDuration } from '../../base/duration.ts';
import { formatMoney } from '../../base/money.ts';
import type { RunRecord, StepState, Store } from '../../store/store.ts';
import { EXIT, type ExitCode, type Io } from '../io.ts';
import type { CommonOptions } from '../options.ts';
import { textTable } from '../text-table.ts';
import { withState } from '../with-state.ts';

/** How one pipeline stands. */
interface PipelineStatus {
  readonly pipeline: string;
  readonly run: string | null;
  readonly startedAt: string | null;
  readonly status: 'running' | 'crashed' | RunRecord['status'];
  readonly pid: number | null;
  readonly tasks: number;
  readonly failed: number;
  readonly reportedMicrodollars: number | null;
  /** Attempts that were begun and never ended; the next run takes them up. */
  readonly open: number;
}

/** Shows the last run of each pipeline. Works while a run is on: it only reads. */
export async function status(
  names: readonly string[],
  options: CommonOptions,
  io: Io,
): Promise<ExitCode> {
  return withState(names, options, io, async ({ store, pipelines }) => {
    const shown = await statuses(store, pipelines, io);
    if (options.json === true) io.out(`${JSON.stringify(shown, null, 2)}\n`);
    else if (shown.length === 0) io.out('No pipeline has been run here yet.\n');
    else io.out(`${table(shown, io).join('\n')}\n`);
    return EXIT.done;
  });
}

async function statuses(
  store: Store,
  pipelines: readonly string[],
  io: Io,
): Promise<readonly PipelineStatus[]> {
  const runs = await store.runs(10_000);
  const open = await store.openAttempts();
  const found: PipelineStatus[] = [];
  for (const pipeline of pipelines) {
    const last = runs.find((run) => run.pipeline === pipeline);
    // What SQL makes is no task.
    const states = await store.stepStates(pipeline);
    const steps = states.filter(({ layout }) => layout.kind === 'agent');
    const sum = (of: (step: StepState) => number): number =>
      steps.reduce((total, step) => total + of(step), 0);
    found.push({
      pipeline,
      run: last?.run ?? null,
      startedAt: last?.startedAt ?? null,
      status: statusOf(last, io),
      pid: last?.status === 'running' ? last.pid : null,
      tasks: sum(({ tasks }) => tasks),
      failed: sum(({ failed }) => failed),
      reportedMicrodollars: last?.reported ?? null,
      open: open.filter((attempt) => attempt.pipeline === pipeline).length,
    });
  }
  return found;
}

function statusOf(last: RunRecord | undefined, io: Io): PipelineStatus['status'] {
  if (last === undefined) return 'succeeded';
  return last.status === 'running' && !io.isAlive(last.pid) ? 'crashed' : last.status;
}

function table(shown: readonly PipelineStatus[], io: Io): readonly string[] {
  return textTable(
    [
      { title: 'pipeline' },
      { title: 'run' },
      { title: 'when' },
      { title: 'result' },
      { title: 'tasks', align: 'right' },
      { title: 'failed', align: 'right' },
      { title: 'cost', align: 'right' },
    ],
    shown.map((it) => [
      it.pipeline,
      it.run ?? '–',
      it.startedAt === null ? '–' : ago(io.clock.now() - Date.parse(it.startedAt)),
      resultOf(it),
      String(it.tasks),
      it.failed === 0 ? '–' : String(it.failed),
      it.reportedMicrodollars === null ? '–' : formatMoney(it.reportedMicrodollars as never),
    ]),
  );
}

const ago = (ms: number): string => `${formatDuration(Math.max(0, ms))} ago`;

function resultOf({ status: result, pid, open }: PipelineStatus): string {
  const waiting = open === 0 ? '' : `, ${open} open`;
  if (result === 'running') return `running, pid ${pid ?? 0}`;
  if (result === 'crashed') return `crashed${waiting}; run it again`;
  return `${result}${waiting}`;
}
