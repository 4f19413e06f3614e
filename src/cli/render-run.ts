import { formatDuration } from '../base/duration.ts';
import { formatMoney } from '../base/money.ts';
import type { RunReport } from '../execution/run-pipeline.ts';
import type { StepReport } from '../execution/step-work.ts';
import type { FinishedTables } from './finish-tables.ts';
import { textTable } from './text-table.ts';

/** What a run came to, for the last thing that is printed. */
export interface RunResult {
  readonly run: string;
  readonly pipeline: string;
  readonly report: RunReport;
  readonly durationMs: number;
  readonly stopped: string;
  /** Folder of the tables, as the user can find it. */
  readonly outFolder: string;
  readonly finished: FinishedTables;
}

export function renderRun(result: RunResult): string {
  const { report, finished } = result;
  const time = formatDuration(result.durationMs);
  const rows = new Map(finished.summary?.tables.map(({ name, rows: count }) => [name, count]));
  const asked = [...report.steps.values()].reduce((sum, { counts }) => sum + counts.started, 0);
  return [
    `${result.pipeline}   run ${result.run}   ${headline(result, asked)} in ${time}`,
    '',
    ...textTable(
      [
        { title: 'step' },
        { title: 'tasks', align: 'right' },
        { title: 'asked', align: 'right' },
        { title: 'reused', align: 'right' },
        { title: 'failed', align: 'right' },
        { title: 'rows', align: 'right' },
        { title: 'cost', align: 'right' },
      ],
      [...report.steps].map(([step, it]) => stepRow(step, it, rows.get(step))),
    ),
    '',
    ...finished.testsFailed.map((line) => `Test failed: ${line}`),
    ...(result.stopped === '' ? [] : [`Stopped: ${result.stopped}`]),
    ...whereLines(result),
    '',
  ].join('\n');
}

function headline({ report }: RunResult, asked: number): string {
  if (report.status === 'interrupted') return 'interrupted';
  if (report.status === 'stopped') return 'stopped';
  if (report.exit !== 0) return 'finished with failures';
  return asked === 0 ? 'nothing to run, everything is up to date' : 'finished';
}

function stepRow(
  step: string,
  { counts, cost, outcome }: StepReport,
  rows: number | undefined,
): readonly string[] {
  const number = (count: number): string => (count === 0 ? '–' : String(count));
  const skipped = outcome === 'skipped' || outcome === 'failed';
  return [
    step,
    number(counts.tasks),
    number(counts.started),
    number(counts.reused),
    skipped ? outcome : number(counts.failed),
    rows === undefined ? '–' : String(rows),
    counts.started === 0 ? '–' : formatMoney(cost),
  ];
}

function whereLines({ finished, outFolder, pipeline }: RunResult): readonly string[] {
  const database = finished.summary?.database;
  const duckdb =
    database === undefined || database.status === 'written'
      ? `${outFolder}/${pipeline}.duckdb`
      : `left as it was: ${database.message}`;
  return [
    `Tables   ${outFolder}/${pipeline}/*.parquet`,
    `DuckDB   ${duckdb}`,
    `Look     fieldwork show ${pipeline}`,
  ];
}
