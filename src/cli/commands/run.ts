import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isoTime } from '../../base/clock.ts';
import type { RunId } from '../../base/ids.ts';
import { microdollars } from '../../base/money.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { RunEvent, UntimedEvent } from '../../execution/events.ts';
import { runPipeline, type RunReport } from '../../execution/run-pipeline.ts';
import type { StepReport } from '../../execution/step-work.ts';
import { versionName } from '../../execution/step-version.ts';
import type { RunRecord, StepEnd, Store } from '../../store/store.ts';
import { EventLog, versionRecord } from '../event-log.ts';
import { EXIT, type ExitCode, type Io } from '../io.ts';
import { layoutOf } from '../layout.ts';
import type { OpenPipeline } from '../open-pipeline.ts';
import { openStore } from '../open-store.ts';
import type { RunOptions } from '../options.ts';
import type { RunCall } from '../next-commands.ts';
import { PlainProgress } from '../progress.ts';
import { askedRun, planMoved } from '../plan-file.ts';
import { cassetteFolder } from '../project-agents.ts';
import { tellPlanProblem } from '../make-plan.ts';
import { prepareRun, type PreparedRun } from '../prepare-run.ts';
import { renderRun } from '../render-run.ts';
import { agentMistakes, newRunId, openSession, type RunSession } from '../run-session.ts';
import { sweepScratch } from '../scratch-folder.ts';
import { tellDiagnostics, tellProblem } from '../tell.ts';
import { checkKeys } from '../check-keys.ts';
import { withLock } from '../with-lock.ts';
import { interruptsOf } from '../interrupts.ts';
import { finishTables, NOTHING_FINISHED, type FinishedTables } from '../finish-tables.ts';

/** Characters of what a step ended with, as the record of a run keeps it. */
const MOST_MESSAGE = 1_000;

/** Runs what is missing, changed, stale or failed, and writes the tables. */
export async function run(path: string, options: RunOptions, io: Io): Promise<ExitCode> {
  const json = options.json === true;
  const asked = await askedRun(path, options, io);
  if (!asked.ok) return tellProblem(asked.error, EXIT.usage, json, io);
  const prepared = await prepareRun(asked.value.path, asked.value.options, io);
  if (!prepared.ok) {
    if (!json) io.error('Nothing was run and nothing was spent.\n');
    return prepared.error;
  }
  const keyless = await checkKeys(prepared.value, asked.value.options, io);
  if (keyless !== undefined) return keyless;
  const { root, pipeline } = prepared.value.opened;
  const id = newRunId(io);
  const use = { root, pipelines: [pipeline.name], work: `run ${id}`, json };
  return withLock(use, io, async () => {
    const state = await openStore(root, 'write', json, io);
    if (!state.ok) return state.exit;
    try {
      const moved = await planMoved(asked.value, prepared.value, state.store, io);
      if (moved !== undefined) return tellPlanProblem(moved, json, io);
      const { plan, options: given } = asked.value;
      const named = plan === undefined ? path : prepared.value.opened.path;
      const call = { path: named, options: given };
      return await runWith(prepared.value, id, call, state.store, io);
    } finally {
      await state.store.close();
    }
  });
}

async function runWith(
  { opened, steps, sources, warnings }: PreparedRun,
  id: RunId,
  call: RunCall,
  store: Store,
  io: Io,
): Promise<ExitCode> {
  const { options } = call;
  const json = options.json === true;
  const progress = new PlainProgress();
  const show = (event: RunEvent): void => {
    if (json) io.out(`${JSON.stringify(event)}\n`);
    else for (const line of progress.lines(event)) io.error(`${line}\n`);
  };
  const record = options.record === true ? await cassette(opened, id) : undefined;
  let log: EventLog | undefined;
  const emit = (event: UntimedEvent): void => log?.emit(event);
  const interrupts = interruptsOf(io, () => session.context.slots.agentRuns);
  const { interrupt } = interrupts;
  const parts = { opened, options, store, plan: undefined, emit, run: id, sources, interrupt };
  const session = openSession(record === undefined ? parts : { ...parts, record }, steps, io);
  try {
    const mistakes = await agentMistakes(session);
    if (mistakes.length > 0) return tellProblem(mistakes.join('\n'), EXIT.usage, json, io);
    const begun = beginning(opened, id, io);
    await store.putRun(begun);
    await forgetCrashed(store, opened, id, io);
    await sweepScratch(opened.root);
    if (json) {
      io.out(`${JSON.stringify(versionRecord())}\n`);
      if (warnings.length > 0) tellDiagnostics(warnings, true, io);
    }
    log = await EventLog.open(join(layoutOf(opened.root).runs, id), io.clock, show);
    return await carryOut(opened, session, begun, call, io);
  } finally {
    interrupts.end();
    await session.close();
    await log?.close();
  }
}

/** What is known of a run before it has done anything. */
const beginning = (opened: OpenPipeline, run: RunId, io: Io): RunRecord => ({
  run,
  pipeline: opened.pipeline.name,
  file: opened.path,
  startedAt: isoTime(io.clock.now()),
  finishedAt: null,
  pid: io.pid,
  status: 'running',
  exit: null,
  started: 0,
  reused: 0,
  failed: 0,
  reported: microdollars(0),
  unknown: microdollars(0),
});

async function carryOut(
  opened: OpenPipeline,
  session: RunSession,
  begun: RunRecord,
  call: RunCall,
  io: Io,
): Promise<ExitCode> {
  const { store } = session.context;
  let finished = NOTHING_FINISHED;
  const report = await runPipeline(session.steps, opened.path, session.context, async (ended) => {
    finished = await finishTables(opened, ended, store, io);
    const { tables, testsFailed } = finished;
    session.context.emit({ type: 'tables-written', tables, testsFailed });
    return ended.exit === EXIT.done && finished.failed ? EXIT.recordsFailed : ended.exit;
  });
  await discardUnpublished(store, opened.pipeline, begun.run);
  await store.putRun({ ...begun, ...endOf(report), finishedAt: isoTime(io.clock.now()) });
  if (call.options.json === true) return report.exit;
  tellDiagnostics(foundIn(report), false, io);
  tell(opened, session, call, report, finished, io, Date.parse(begun.startedAt));
  return report.exit;
}

const foundIn = ({ steps }: RunReport): readonly Diagnostic[] =>
  [...steps.values()].flatMap(({ mistake, warnings = [] }) =>
    mistake === undefined ? warnings : [...warnings, mistake],
  );

function tell(
  opened: OpenPipeline,
  session: RunSession,
  call: RunCall,
  report: RunReport,
  finished: FinishedTables,
  io: Io,
  startedMs: number,
): void {
  io.out(
    renderRun({
      run: session.run,
      pipeline: opened.pipeline.name,
      call,
      report,
      durationMs: io.clock.now() - startedMs,
      stopped: session.context.stop.message,
      finished,
      outFolder: layoutOf(opened.root).outShown,
    }),
  );
}

const stepEnd = ({ outcome, message }: StepReport): StepEnd => ({
  outcome,
  message: message?.slice(0, MOST_MESSAGE) ?? null,
});

function endOf(report: RunReport): Partial<RunRecord> {
  const counts = [...report.steps.values()].map((step) => step.counts);
  const sum = (of: (count: (typeof counts)[number]) => number): number =>
    counts.reduce((total, count) => total + of(count), 0);
  return {
    status: report.status,
    exit: report.exit,
    started: sum(({ started }) => started),
    reused: sum(({ reused }) => reused),
    failed: sum(({ failed }) => failed),
    reported: report.spend.reported,
    unknown: report.spend.unknown,
    steps: Object.fromEntries([...report.steps].map(([step, report]) => [step, stepEnd(report)])),
  };
}

/** Closes runs whose process died, and drops the tables they did not finish. */
async function forgetCrashed(
  store: Store,
  { pipeline }: OpenPipeline,
  own: RunId,
  io: Io,
): Promise<void> {
  for (const run of await store.runs(100)) {
    if (run.pipeline !== pipeline.name || run.status !== 'running' || run.run === own) continue;
    await discardUnpublished(store, pipeline, run.run);
    await store.putRun({ ...run, status: 'interrupted', finishedAt: isoTime(io.clock.now()) });
  }
}

/** Drops what a run made of tables that did not become the present ones. */
async function discardUnpublished(
  store: Store,
  { name: pipeline, steps }: OpenPipeline['pipeline'],
  run: RunId,
): Promise<void> {
  for (const { name } of steps) {
    const version = versionName(run, pipeline, name);
    const present = await store.stepState(pipeline, name);
    if (present?.version !== version) await store.discard(version);
  }
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
