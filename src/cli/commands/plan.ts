import { PlanNotes, type StepPlan } from '../../execution/plan-notes.ts';
import { runPipeline } from '../../execution/run-pipeline.ts';
import type { Step } from '../../pipeline/pipeline.ts';
import { OverlayStore } from '../../store/overlay-store.ts';
import type { FileSourceReader } from '../../tables/source-reader.ts';
import { EXIT, type ExitCode, type Io } from '../io.ts';
import { openPipeline, tellDiagnostics, type OpenPipeline } from '../open-pipeline.ts';
import { openStore } from '../open-store.ts';
import type { RunOptions } from '../options.ts';
import { planTotal, renderPlan } from '../render-plan.ts';
import { checkSources, chosenSteps, newRunId, openSession, withAgent } from '../run-session.ts';

/**
 * Shows what a run would do: the code of a run itself, on a store that forgets, without the doing.
 * Asks no agent and writes nothing.
 */
export async function plan(
  path: string,
  options: RunOptions & { readonly exitCode?: true },
  io: Io,
): Promise<ExitCode> {
  const json = options.json === true;
  const loaded = await openPipeline(path, options.param, io);
  if (!loaded.ok) {
    tellDiagnostics(loaded.error, json, io);
    return EXIT.usage;
  }
  const opened = { ...loaded.value, pipeline: withAgent(loaded.value.pipeline, options.agent) };
  const { pipeline, warnings } = opened;
  const chosen = chosenSteps(pipeline, [...options.step]);
  if (!chosen.ok) {
    io.error(`${chosen.message}\n`);
    return EXIT.usage;
  }
  const sources = await checkSources(pipeline, chosen.steps, options.maxRows);
  if (!json) tellDiagnostics([...warnings, ...sources.warnings], false, io);
  if (sources.errors.length > 0) {
    tellDiagnostics(sources.errors, json, io);
    return EXIT.usage;
  }
  return planSteps(opened, chosen.steps, sources.reader, options, io);
}

async function planSteps(
  opened: OpenPipeline,
  steps: readonly Step[],
  sources: FileSourceReader,
  options: RunOptions & { readonly exitCode?: true },
  io: Io,
): Promise<ExitCode> {
  const state = await openStore(opened.root, 'read', io);
  if (!state.ok) return state.exit;
  const notes = new PlanNotes();
  const store = new OverlayStore(state.store);
  const emit = (): void => undefined;
  const parts = { opened, options, store, plan: notes, emit, run: newRunId(io), sources };
  const session = openSession(parts, steps, io);
  try {
    const report = await runPipeline(session.steps, opened.path, session.context);
    if (report.exit === EXIT.bug) throw new Error(session.context.stop.message);
    tell(opened, notes.steps, options, io);
    const failed = [...report.steps].filter(([, { outcome }]) => outcome === 'failed');
    for (const [step, { message }] of failed) io.error(`${step}: ${message ?? ''}\n`);
    if (failed.length > 0) return EXIT.usage;
    const total = planTotal(notes.steps);
    const something = total.toRun > 0 || total.open;
    return options.exitCode === true && something ? EXIT.somethingToRun : EXIT.done;
  } finally {
    await session.close();
    await state.store.close();
  }
}

function tell(
  { pipeline, path, project }: OpenPipeline,
  steps: readonly StepPlan[],
  options: RunOptions,
  io: Io,
): void {
  const { name } = pipeline;
  const prices = project.prices.id;
  if (options.json === true) {
    const plan = { pipeline: name, file: path, prices, total: planTotal(steps), steps };
    io.out(`${JSON.stringify(plan, null, 2)}\n`);
  } else {
    io.out(renderPlan(name, path, steps, prices));
  }
}
