import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { diagnosticJson } from '../../diagnostics/render-json.ts';
import type { PricedPlan } from '../../execution/priced-plan.ts';
import { EXIT, type ExitCode, type Io } from '../io.ts';
import { makePlan, tellPlanProblem } from '../make-plan.ts';
import type { OpenPipeline } from '../open-pipeline.ts';
import { openStore } from '../open-store.ts';
import type { RunOptions } from '../options.ts';
import { writePlanFile } from '../plan-file.ts';
import { prepareRun, type PreparedRun } from '../prepare-run.ts';
import { renderPlan } from '../render-plan.ts';
import { sweepScratch } from '../scratch-folder.ts';
import { tellDiagnostics, tellProblem } from '../tell.ts';

type PlanOptions = RunOptions & {
  readonly exitCode?: true;
  /** File that the plan is written to, for `run`. */
  readonly out?: string;
};

/** Shows what a run would do, why, and what it would cost. Asks no agent and changes no state. */
export async function plan(path: string, options: PlanOptions, io: Io): Promise<ExitCode> {
  const prepared = await prepareRun(path, options, io);
  return prepared.ok ? planSteps(prepared.value, options, io) : prepared.error;
}

async function planSteps(prepared: PreparedRun, options: PlanOptions, io: Io): Promise<ExitCode> {
  const json = options.json === true;
  const { opened, warnings } = prepared;
  await sweepScratch(opened.root);
  const state = await openStore(opened.root, 'read', json, io);
  if (!state.ok) return state.exit;
  try {
    const made = await makePlan(prepared, options, state.store, io);
    if (!made.ok) return tellPlanProblem(made.error, json, io);
    const { plan: priced, warnings: found, exit } = made.value;
    if (options.out !== undefined) {
      const file = options.out;
      const written = await writePlanFile(file, prepared, priced, options, state.store, io);
      if (!written.ok) return tellProblem(written.error, EXIT.usage, json, io);
    }
    if (!json) tellDiagnostics(found, false, io);
    tell(opened, priced, [...warnings, ...found], options, io);
    const { total } = priced;
    const something = total.toRun > 0 || total.remade > 0 || total.open;
    if (options.exitCode !== true) return EXIT.done;
    return something ? EXIT.somethingToRun : exit;
  } finally {
    await state.store.close();
  }
}

function tell(
  { pipeline, path, project }: OpenPipeline,
  made: PricedPlan,
  warnings: readonly Diagnostic[],
  options: PlanOptions,
  io: Io,
): void {
  const { name } = pipeline;
  const { id: prices, date } = project.prices;
  if (options.json === true) {
    const diagnostics = warnings.map(diagnosticJson);
    const shown = { pipeline: name, file: path, prices, ...made, diagnostics };
    io.out(`${JSON.stringify(shown, null, 2)}\n`);
  } else {
    io.out(renderPlan(name, path, made, `${prices} of ${date}`));
    if (options.out !== undefined) io.out(`Carry it out: fieldwork run ${options.out}\n`);
  }
}
