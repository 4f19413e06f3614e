import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isoTime } from '../../base/clock.ts';
import { microdollars } from '../../base/money.ts';
import type { RunEvent, UntimedEvent } from '../../execution/events.ts';
import { runPipeline, type RunReport } from '../../execution/run-pipeline.ts';
import type { RunRecord, Store } from '../../store/store.ts';
import { EventLog, versionRecord } from '../event-log.ts';
import { EXIT, type ExitCode, type Io } from '../io.ts';
import { layoutOf } from '../layout.ts';
import type { OpenPipeline } from '../open-pipeline.ts';
import { openStore } from '../open-store.ts';
import type { RunOptions } from '../options.ts';
import { PlainProgress } from '../progress.ts';
import { cassetteFolder } from '../project-agents.ts';
import { prepareRun, type PreparedRun } from '../prepare-run.ts';
import { renderRun } from '../render-run.ts';
import { agentMistakes, newRunId, openSession, type RunSession } from '../run-session.ts';
import { tellDiagnostics, tellProblem } from '../tell.ts';
import { finishTables, type FinishedTables } from '../finish-tables.ts';

/** Runs what is missing, changed, stale or failed, and writes the tables. */
export async function run(path: string, options: RunOptions, io: Io): Promise<ExitCode> {
  const json = options.json === true;
  const prepared = await prepareRun(path, options, io);
  if (!prepared.ok) {
    if (!json) io.error('Nothing was run and nothing was spent.\n');
    return prepared.error;
  }
  const state = await openStore(prepared.value.opened.root, 'write', json, io);
  if (!state.ok) return state.exit;
  try {
    return await runWith(prepared.value, options, state.store, io);
  } finally {
    await state.store.close();
  }
}

async function runWith(
  { opened, steps, sources, warnings }: PreparedRun,
  options: RunOptions,
  store: Store,
  io: Io,
): Promise<ExitCode> {
  const json = options.json === true;
  const other = await otherRun(store, opened.pipeline.name, io);
  if (other !== undefined) {
    const { pid, startedAt } = other;
    const message = `Pipeline ${other.pipeline} is being run by process ${pid} since ${startedAt} (${other.run}).`;
    return tellProblem(message, EXIT.state, json, io);
  }
  const id = newRunId(io);
  const progress = new PlainProgress();
  const show = (event: RunEvent): void => {
    if (json) io.out(`${JSON.stringify(event)}\n`);
    else for (const line of progress.lines(event)) io.error(`${line}\n`);
  };
  const record = options.record === true ? await cassette(opened, id) : undefined;
  let log: EventLog | undefined;
  const emit = (event: UntimedEvent): void => log?.emit(event);
  const parts = { opened, options, store, plan: undefined, emit, run: id, sources };
  const session = openSession(record === undefined ? parts : { ...parts, record }, steps, io);
  try {
    const mistakes = await agentMistakes(session);
    if (mistakes.length > 0) return tellProblem(mistakes.join('\n'), EXIT.usage, json, io);
    if (json) {
      io.out(`${JSON.stringify(versionRecord())}\n`);
      if (warnings.length > 0) tellDiagnostics(warnings, true, io);
    }
    log = await EventLog.open(join(layoutOf(opened.root).runs, id), io.clock, show);
    return await carryOut(opened, session, options, io);
  } finally {
    await session.close();
    await log?.close();
  }
}

const STOPPING =
  'Stopping: nothing new starts, and what was answered is kept. Once more leaves at once.\n';

async function carryOut(
  opened: OpenPipeline,
  session: RunSession,
  options: RunOptions,
  io: Io,
): Promise<ExitCode> {
  const { store } = session.context;
  io.signal.addEventListener(
    'abort',
    () => {
      io.error(STOPPING);
    },
    { once: true },
  );
  const startedMs = io.clock.now();
  const begun: RunRecord = {
    run: session.run,
    pipeline: opened.pipeline.name,
    file: opened.path,
    startedAt: isoTime(startedMs),
    finishedAt: null,
    pid: io.pid,
    status: 'running',
    exit: null,
    started: 0,
    reused: 0,
    failed: 0,
    reported: microdollars(0),
  };
  await store.putRun(begun);
  const report = await runPipeline(session.steps, opened.path, session.context);
  const finished = await finishTables(opened, report, store, io);
  const exit = report.exit === 0 && finished.failed ? EXIT.recordsFailed : report.exit;
  await store.putRun({ ...begun, ...endOf(report, exit), finishedAt: isoTime(io.clock.now()) });
  tell(opened, session, { ...report, exit }, finished, options, io, io.clock.now() - startedMs);
  return exit;
}

function tell(
  opened: OpenPipeline,
  session: RunSession,
  report: RunReport,
  finished: FinishedTables,
  options: RunOptions,
  io: Io,
  durationMs: number,
): void {
  if (options.json === true) {
    const { summary, testsFailed } = finished;
    const tables = summary?.tables.map(({ name, rows, path }) => ({ name, rows, path })) ?? [];
    io.out(`${JSON.stringify({ type: 'tables', tables, testsFailed, exit: report.exit })}\n`);
    return;
  }
  io.out(
    renderRun({
      run: session.run,
      pipeline: opened.pipeline.name,
      report,
      durationMs,
      stopped: session.context.stop.message,
      finished,
      outFolder: layoutOf(opened.root).outShown,
    }),
  );
}

function endOf(report: RunReport, exit: number): Partial<RunRecord> {
  const counts = [...report.steps.values()].map((step) => step.counts);
  const sum = (of: (count: (typeof counts)[number]) => number): number =>
    counts.reduce((total, count) => total + of(count), 0);
  return {
    status: exit === EXIT.recordsFailed && report.status === 'succeeded' ? 'failed' : report.status,
    exit,
    started: sum(({ started }) => started),
    reused: sum(({ reused }) => reused),
    failed: sum(({ failed }) => failed),
    reported: report.cost,
  };
}

/** A run of the same pipeline whose process is alive. */
async function otherRun(store: Store, pipeline: string, io: Io): Promise<RunRecord | undefined> {
  const [last] = (await store.runs(100)).filter((run) => run.pipeline === pipeline);
  const running = last?.status === 'running' && last.pid !== io.pid && io.isAlive(last.pid);
  return running ? last : undefined;
}

/** Opens a new cassette beside the others; its name sorts after theirs. */
async function cassette(
  { root, pipeline, project }: OpenPipeline,
  run: string,
): Promise<(line: string) => Promise<void>> {
  const settings = project.agents.get('replay');
  const folder = cassetteFolder(root, settings?.kind === 'replay' ? settings.cassettes : undefined);
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${pipeline.name}.${run}.ndjson`);
  return (line) => appendFile(path, line.endsWith('\n') ? line : `${line}\n`);
}
