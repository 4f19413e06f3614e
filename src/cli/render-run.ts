import { formatDuration } from '../base/duration.ts';
import { moneyOfTable, type Microdollars } from '../base/money.ts';
import type { RunReport } from '../execution/run-pipeline.ts';
import type { StepReport } from '../execution/step-work.ts';
import { cleanText } from './clean-text.ts';
import { EXIT } from './io.ts';
import { isIncomplete, type FinishedTables } from './finish-tables.ts';
import { nextCommands, type RunCall } from './next-commands.ts';
import { costText, spentText } from './render-money.ts';
import { textTable } from './text-table.ts';

/** What a run came to, for the last thing that is printed. */
export interface RunResult {
  readonly run: string;
  readonly pipeline: string;
  readonly call: RunCall;
  readonly report: RunReport;
  readonly durationMs: number;
  readonly stopped: string;
  /** Folder of the tables, as the user can find it. */
  readonly outFolder: string;
  readonly finished: FinishedTables;
}

/** Characters of a line that may quote answers and keys. */
const MOST_TOLD = 1_000;

export function renderRun(result: RunResult): string {
  const { report, finished } = result;
  const rows = new Map(finished.tables.map(({ name, rows: count }) => [name, count]));
  const left = leftOf(report) > 0;
  const money = moneyOfTable(
    [...report.steps.values()].flatMap(({ counts, spend }) =>
      counts.started === 0 ? [] : [spend.reported, spend.unknown],
    ),
  );
  const asked = [...report.steps.values()].reduce((sum, { counts }) => sum + counts.started, 0);
  return [
    `${result.pipeline}   run ${result.run}   ${headline(result, asked)}`,
    '',
    ...textTable(
      [
        { title: 'step' },
        { title: 'tasks', align: 'right' },
        { title: 'asked', align: 'right' },
        { title: 'reused', align: 'right' },
        { title: 'failed', align: 'right' },
        ...(left ? [{ title: 'left', align: 'right' } as const] : []),
        { title: 'rows', align: 'right' },
        { title: 'cost', align: 'right' },
      ],
      [...report.steps].map(([step, it]) => stepRow(step, it, rows.get(step), left, money)),
    ),
    '',
    ...finished.testsFailed.map((line) => `Test failed: ${cleanText(line, MOST_TOLD)}`),
    ...stoppedLines(result),
    ...whereLines(result),
    '',
  ].join('\n');
}

function headline({ report, durationMs }: RunResult, asked: number): string {
  const time = formatDuration(durationMs);
  if (report.status === 'interrupted') return `interrupted after ${time}`;
  if (report.status === 'stopped' || report.exit === EXIT.bug) return `stopped after ${time}`;
  if (report.exit !== EXIT.done) return `finished with failures in ${time}`;
  if (asked > 0 || leftOf(report) > 0) return `finished in ${time}`;
  const made = [...report.steps.values()].some(({ outcome }) => outcome === 'finished');
  return made ? `finished in ${time}, nothing to ask` : 'nothing to run, everything is up to date';
}

const leftOf = (report: RunReport): number =>
  [...report.steps.values()].reduce((sum, { counts }) => sum + counts.notStarted, 0);

/** What the program did wrong is told by its first line; the event log has all of it. */
function stoppedLines({ report, run, stopped }: RunResult): readonly string[] {
  if (stopped === '' || report.status === 'interrupted') return [];
  if (report.exit !== EXIT.bug) return [`Stopped: ${cleanText(stopped, MOST_TOLD)}`];
  const [first = ''] = stopped.split('\n');
  return [
    `Stopped: ${cleanText(first, MOST_TOLD)}`,
    'This is a mistake in fieldwork, not in your files. Please report it with',
    `.fieldwork/runs/${run}/events.ndjson`,
  ];
}

function stepRow(
  step: string,
  { counts, spend, outcome }: StepReport,
  rows: number | undefined,
  left: boolean,
  money: (amount: Microdollars) => string,
): readonly string[] {
  const number = (count: number): string => (count === 0 ? '–' : String(count));
  const skipped = outcome === 'skipped' || outcome === 'failed';
  return [
    step,
    number(counts.tasks),
    number(counts.started),
    number(counts.reused),
    skipped ? outcome : number(counts.failed),
    ...(left ? [number(counts.notStarted)] : []),
    rows === undefined ? '–' : String(rows),
    counts.started === 0 ? '–' : costText(spend, money),
  ];
}

/** Where it is, or why it is not the one of this run. */
function databaseText({ summary }: RunResult['finished'], path: string): string {
  if (summary === undefined || summary.database.status === 'written') return path;
  const { status, message } = summary.database;
  return `${status === 'held' ? 'left as it was' : 'could not be written'}: ${message}`;
}

function whereLines(result: RunResult): readonly string[] {
  const { finished, outFolder, pipeline, report, call } = result;
  const spent = spentText(report.spend);
  return [
    ...(spent === undefined ? [] : [`Spent    ${spent}`]),
    `Tables   ${outFolder}/${pipeline}/*.parquet`,
    `DuckDB   ${databaseText(finished, `${outFolder}/${pipeline}.duckdb`)}`,
    `Look     fieldwork show ${pipeline}`,
    ...nextCommands(report, call),
    ...(finished.summary !== undefined && isIncomplete(finished.summary)
      ? [`Next     fieldwork rebuild ${pipeline}   writes the tables, once they can be`]
      : []),
  ];
}
