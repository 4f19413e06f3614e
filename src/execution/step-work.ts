import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { NO_SPEND, type Spend } from '../cost/spend.ts';
import type { AgentStep } from '../pipeline/pipeline.ts';
import type { Continued, QuestionMaker, QuestionScope } from '../plan/question.ts';
import type { StepLayout, StepState } from '../store/store.ts';
import type { AgentDescription } from './context.ts';
import type { TaskContext } from './protocol.ts';
import type { StepCounts, StepOutcome } from './events.ts';
import { NO_REMEDIES, type Remedies } from './remedy.ts';
import { openInput, type InputPortions } from './step-input.ts';
import type { StepOutput } from './step-output.ts';
import { ok, type Result } from '../base/result.ts';

/** What a step came to, for events and the end of the run. */
export interface StepReport {
  readonly outcome: StepOutcome;
  readonly counts: StepCounts;
  /** Of this run, and what earlier ones left open in the step. */
  readonly spend: Spend;
  readonly message: string | null;
  /** The mistake in the pipeline file or its rows that the step failed by, if it is one. */
  readonly mistake?: Diagnostic;
  /** What it takes to have the failed tasks asked again. */
  readonly remedies: Remedies;
  /** What is odd about its questions; left out where nothing is. */
  readonly warnings?: readonly Diagnostic[];
}

const NO_COUNTS: StepCounts = { tasks: 0, reused: 0, started: 0, failed: 0, notStarted: 0 };

export const stepReport = (
  outcome: StepOutcome,
  message: string | null,
  counts: StepCounts = NO_COUNTS,
  spend: Spend = NO_SPEND,
  remedies: Remedies = NO_REMEDIES,
): StepReport => ({ outcome, message, counts, spend, remedies });

/** All that one step's run works with. */
export interface StepWork {
  readonly step: AgentStep;
  readonly agent: AgentDescription;
  readonly output: StepOutput;
  readonly outputs: ReadonlyMap<string, StepOutput>;
  readonly base: StepState | undefined;
  readonly layout: StepLayout;
  readonly scope: QuestionScope;
  readonly maker: QuestionMaker;
  readonly continued: Continued | undefined;
  readonly context: TaskContext;
}

/** Ends a step that could not be carried out as a whole. */
export function failStep(
  output: StepOutput,
  why: string | Diagnostic,
  outcome: 'failed' | 'skipped' = 'failed',
): StepReport {
  output.open({ version: '', read: () => emptyFeed() });
  output.finish({ hasTable: false, complete: false, isSound: false, digest: '', unchanged: false });
  if (typeof why === 'string') return stepReport(outcome, why);
  return { ...stepReport(outcome, why.message), mistake: why };
}

async function* emptyFeed(): AsyncGenerator<never> {
  // Nothing to read.
}

/** The step's input; one empty question where it has none. */
export async function inputOf(work: StepWork): Promise<Result<InputPortions | undefined, string>> {
  const { input } = work.step;
  if (input === undefined) return ok(undefined);
  return openInput(input, work.outputs, work.context);
}

/** Ends a step with the table that it has. */
export function keepTable(
  { base, output, context, step }: StepWork,
  tasks: number,
): StepReport | undefined {
  if (base === undefined) return undefined;
  const { version, digest } = base;
  output.open({ version, read: () => context.store.members(version) });
  output.finish({ hasTable: true, complete: true, isSound: true, digest, unchanged: true });
  const note = context.plan?.note(step.name);
  note?.reuse(tasks);
  note?.keepTable();
  return stepReport('unchanged', null, { ...NO_COUNTS, tasks, reused: tasks });
}
