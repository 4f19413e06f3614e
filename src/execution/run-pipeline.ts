import type { JsonObject } from '../base/json.ts';
import type { Spend } from '../cost/spend.ts';
import { errorAt, type Diagnostic } from '../diagnostics/diagnostic.ts';
import { diagnosticJson } from '../diagnostics/render-json.ts';
import type { Step } from '../pipeline/pipeline.ts';
import type { RecordShape } from '../plan/take-records.ts';
import type { StepLayout } from '../store/store.ts';
import type { RunContext } from './context.ts';
import { stopForThrown } from './stop-for-thrown.ts';
import { stopCrashLoop } from './crash-loop.ts';
import { endLost } from './end-lost.ts';
import { exitCode } from './exit-code.ts';
import { runAgentStep } from './run-agent-step.ts';
import { runSqlStep } from './run-sql-step.ts';
import { LeftOpen } from './left-open.ts';
import { openProtocol, type TaskContext } from './protocol.ts';
import { SourceUnreadable } from './ports.ts';
import { carryOpenAttempts, meteredSteps } from './step-money.ts';
import { StepOutput } from './step-output.ts';
import { failStep, type StepReport } from './step-work.ts';

/** How a run ended. */
export interface RunReport {
  readonly exit: number;
  readonly status: 'succeeded' | 'failed' | 'stopped' | 'interrupted';
  /** Of this run, and what earlier ones left open in this pipeline. */
  readonly spend: Spend;
  readonly steps: ReadonlyMap<string, StepReport>;
}

/**
 * Runs the chosen steps of a pipeline, all at once: each waits only for what it needs, so that a
 * record goes on to the next step as soon as its own answer is there.
 *
 * `finish` writes the tables once all steps have ended, and gives the exit code that stands then.
 *
 * The one place that catches: a mistake of this program in a step ends that step, stops the run,
 * and loses nothing that was stored.
 */
export async function runPipeline(
  steps: readonly Step[],
  file: string,
  context: RunContext,
  finish: (report: RunReport) => Promise<number> = ({ exit }) => Promise.resolve(exit),
): Promise<RunReport> {
  const { clock, emit, run, pipeline } = context;
  const startedMs = clock.now();
  const unlisten = stopWithSignal(context);
  const { cap } = context.budget;
  emit({
    type: 'run-started',
    run,
    pipeline: pipeline.name,
    file,
    steps: steps.map(({ name }) => name),
    cap: cap === undefined ? null : { name: cap.name, amount: cap.amount },
    metered: await meteredSteps(steps, context),
  });
  await endLost(context);
  await carryOpenAttempts(steps, context);
  const outputs = new Map(steps.map((step) => [step.name, outputOf(step, context)]));
  for (const step of steps) {
    const asked = step.kind === 'agent' ? step : undefined;
    context.plan?.begin(step.name, step.kind, asked?.agent, asked?.effort);
  }
  const inside = await openProtocol(context);
  const { lateCosts } = inside.protocol;
  if (context.plan === undefined) {
    await stopCrashLoop(context);
    await lateCosts.begin();
  }
  const leftOpen = new LeftOpen(inside);
  await leftOpen.begin();
  const reports = await Promise.all(
    steps.map(async (step) => [step.name, await runStep(step, outputs, inside)] as const),
  );
  unlisten();
  await leftOpen.finish();
  await lateCosts.end();
  const all = new Map(reports);
  const ended = exitCode(context.stop.cause, [...all.values()]);
  const { spend } = context.budget;
  const exit = await finish({ ...ended, spend, steps: all });
  const status = exit !== 0 && ended.status === 'succeeded' ? 'failed' : ended.status;
  emit({
    type: 'run-finished',
    run,
    status,
    exit,
    stopped: context.stop.cause ?? null,
    spend,
    durationMs: clock.now() - startedMs,
  });
  return { exit, status, spend, steps: all };
}

/** Gives what ends the listening. */
function stopWithSignal({ signal, stop }: RunContext): () => void {
  const interrupt = (): void => stop.now('interrupted', 'asked to stop');
  if (signal.aborted) interrupt();
  else signal.addEventListener('abort', interrupt, { once: true });
  return () => signal.removeEventListener('abort', interrupt);
}

async function runStep(
  step: Step,
  outputs: ReadonlyMap<string, StepOutput>,
  context: TaskContext,
): Promise<StepReport> {
  const { clock, emit } = context;
  const startedMs = clock.now();
  const output = outputs.get(step.name);
  if (output === undefined) throw new Error(`No output of step ${step.name}`);
  emit({ type: 'step-started', step: step.name });
  let report: StepReport;
  try {
    report =
      step.kind === 'sql'
        ? await runSqlStep(step, output, outputs, context)
        : await runAgentStep(step, output, outputs, context);
  } catch (error) {
    report = failStep(output, thrown(step, error, context));
  }
  emit({
    type: 'step-finished',
    step: step.name,
    outcome: report.outcome,
    counts: report.counts,
    spend: report.spend,
    durationMs: clock.now() - startedMs,
    message: report.message,
    ...(report.mistake && { mistake: diagnosticJson(report.mistake) }),
    ...(report.warnings && { warnings: report.warnings.map(diagnosticJson) }),
  });
  return report;
}

/** What was thrown, in words; the run stops, unless a source turned out not to be readable. */
const thrown = (step: Step, error: unknown, { stop }: RunContext): string | Diagnostic =>
  error instanceof SourceUnreadable
    ? errorAt(
        'E-P14',
        step.span,
        error.message,
        'leave the file alone while it is read, and run again: what was answered is not asked again',
      )
    : stopForThrown(error, stop);

function outputOf(step: Step, context: RunContext): StepOutput {
  const shape: RecordShape =
    step.kind === 'agent'
      ? { at: step.records, key: step.key, schema: step.schema }
      : { at: { kind: 'root-array' }, key: step.key, schema: undefined };
  const layout: StepLayout = {
    kind: step.kind,
    rank: context.pipeline.steps.indexOf(step),
    description: step.description ?? null,
    schema: step.kind === 'agent' ? (step.schema?.json ?? null) : null,
    records: { ...shape.at } as JsonObject,
    key: step.key ?? null,
    mode: step.kind === 'agent' ? step.mode : 'replace',
    parent: step.kind === 'agent' ? parentOf(step) : null,
    columns: null,
    request: {},
  };
  return new StepOutput(step.name, shape, layout, context.store);
}

function parentOf(step: Extract<Step, { kind: 'agent' }>): string | null {
  const from = step.input?.from;
  if (from === undefined || step.input?.batch === 'all') return null;
  if (from.kind === 'records') return 'input';
  return from.kind === 'step' ? from.step : from.source.name;
}
