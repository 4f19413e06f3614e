import { PlanNotes, type StepPlan } from '../../execution/plan-notes.ts';
import { runPipeline } from '../../execution/run-pipeline.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { diagnosticJson } from '../../diagnostics/render-json.ts';
import { OverlayStore } from '../../store/overlay-store.ts';
import { EXIT, type ExitCode, type Io } from '../io.ts';
import type { OpenPipeline } from '../open-pipeline.ts';
import { openStore } from '../open-store.ts';
import type { RunOptions } from '../options.ts';
import { prepareRun, type PreparedRun } from '../prepare-run.ts';
import { planTotal, renderPlan } from '../render-plan.ts';
import { agentMistakes, newRunId, openSession } from '../run-session.ts';
import { tellProblem } from '../tell.ts';

type PlanOptions = RunOptions & { readonly exitCode?: true };

/**
 * Shows what a run would do: the code of a run itself, on a store that forgets, without the doing.
 * Asks no agent and writes nothing.
 */
export async function plan(path: string, options: PlanOptions, io: Io): Promise<ExitCode> {
  const prepared = await prepareRun(path, options, io);
  return prepared.ok ? planSteps(prepared.value, options, io) : prepared.error;
}

async function planSteps(
  { opened, steps, sources, warnings }: PreparedRun,
  options: PlanOptions,
  io: Io,
): Promise<ExitCode> {
  const json = options.json === true;
  const state = await openStore(opened.root, 'read', json, io);
  if (!state.ok) return state.exit;
  const notes = new PlanNotes();
  const store = new OverlayStore(state.store);
  const emit = (): void => undefined;
  const parts = { opened, options, store, plan: notes, emit, run: newRunId(io), sources };
  const session = openSession(parts, steps, io);
  try {
    const mistakes = await agentMistakes(session);
    if (mistakes.length > 0) return tellProblem(mistakes.join('\n'), EXIT.usage, json, io);
    const report = await runPipeline(session.steps, opened.path, session.context);
    if (report.exit === EXIT.bug) throw new Error(session.context.stop.message);
    const failed = [...report.steps].filter(([, { outcome }]) => outcome === 'failed');
    if (failed.length > 0) {
      const lines = failed.map(([step, { message }]) => `${step}: ${message ?? ''}`);
      return tellProblem(lines.join('\n'), EXIT.usage, json, io);
    }
    tell(opened, notes.steps, warnings, options, io);
    const total = planTotal(notes.steps);
    const something = total.toRun > 0 || total.remade > 0 || total.open;
    return options.exitCode === true && something ? EXIT.somethingToRun : EXIT.done;
  } finally {
    await session.close();
    await state.store.close();
  }
}

function tell(
  { pipeline, path, project }: OpenPipeline,
  steps: readonly StepPlan[],
  warnings: readonly Diagnostic[],
  options: RunOptions,
  io: Io,
): void {
  const { name } = pipeline;
  const prices = project.prices.id;
  if (options.json === true) {
    const diagnostics = warnings.map(diagnosticJson);
    const plan = { pipeline: name, file: path, prices, total: planTotal(steps), steps };
    io.out(`${JSON.stringify({ ...plan, diagnostics }, null, 2)}\n`);
  } else {
    io.out(renderPlan(name, path, steps, prices));
  }
}
