import { fail, ok, type Result } from '../base/result.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { PlanNotes } from '../execution/plan-notes.ts';
import { pricePlan, type PricedPlan } from '../execution/priced-plan.ts';
import { runPipeline } from '../execution/run-pipeline.ts';
import { OverlayStore } from '../store/overlay-store.ts';
import type { Store } from '../store/store.ts';
import { EXIT, type ExitCode, type Io } from './io.ts';
import type { RunOptions } from './options.ts';
import type { PreparedRun } from './prepare-run.ts';
import { planBudget } from './run-budget.ts';
import { agentMistakes, newRunId, openSession } from './run-session.ts';
import { tellDiagnostics, tellProblem } from './tell.ts';

/** What a run would do. */
export interface MadePlan {
  readonly plan: PricedPlan;
  /** What is odd about its questions. */
  readonly warnings: readonly Diagnostic[];
  /** How it would end if it asked nobody. */
  readonly exit: ExitCode;
}

/** Why there is no plan. */
export interface PlanProblem {
  readonly mistakes: readonly Diagnostic[];
  /** What else there is, for a person; empty where there is nothing. */
  readonly message: string;
  /** How the program ends; for a mistake where it is left out. */
  readonly exit?: ExitCode;
}

const CUT_SHORT: PlanProblem = {
  mistakes: [],
  message: 'Interrupted before the plan was made. Nothing was asked and nothing was changed.',
  exit: EXIT.interrupted,
};

/** Tells it, and gives the exit code. */
export function tellPlanProblem(
  { mistakes, message, exit = EXIT.usage }: PlanProblem,
  json: boolean,
  io: Io,
): ExitCode {
  if (mistakes.length > 0) tellDiagnostics(mistakes, json, io);
  return message === '' ? exit : tellProblem(message, exit, json, io);
}

/**
 * What a run would do: the code of a run itself, on a store that forgets, without the doing. Asks
 * no agent and writes nothing.
 */
export async function makePlan(
  { opened, steps, sources }: PreparedRun,
  options: RunOptions,
  store: Store,
  io: Io,
): Promise<Result<MadePlan, PlanProblem>> {
  const notes = new PlanNotes();
  const budget = await planBudget(opened, options, store, io);
  const parts = {
    opened,
    options,
    store: new OverlayStore(store),
    plan: notes,
    emit: (): void => undefined,
    run: newRunId(io),
    sources,
    budget,
  };
  const session = openSession(parts, steps, io);
  try {
    const mistakes = await agentMistakes(session);
    if (mistakes.length > 0) return fail({ mistakes: [], message: mistakes.join('\n') });
    const report = await runPipeline(session.steps, opened.path, session.context);
    if (report.status === 'interrupted') return fail(CUT_SHORT);
    if (report.exit === EXIT.bug) throw new Error(session.context.stop.message);
    const failed = [...report.steps].filter(([, { outcome }]) => outcome === 'failed');
    if (failed.length > 0) {
      const other = failed.filter(([, { mistake }]) => mistake === undefined);
      return fail({
        mistakes: failed.flatMap(([, { mistake }]) => mistake ?? []),
        message: other.map(([step, { message }]) => `${step}: ${message ?? ''}`).join('\n'),
      });
    }
    const plan = await pricePlan(notes, session.steps, session.context);
    const warnings = [...report.steps.values()].flatMap((step) => step.warnings ?? []);
    const exit = plan.stop === undefined ? report.exit : EXIT.guard;
    return ok({ plan, warnings, exit });
  } finally {
    await session.close();
  }
}
