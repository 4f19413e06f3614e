import { errorAt } from '../diagnostics/diagnostic.ts';
import type { AgentStep } from '../pipeline/pipeline.ts';
import { spanInStep } from '../pipeline/span-in-step.ts';
import { QuestionMaker, sharedRequest } from '../plan/question.ts';
import { AgentStepPass } from './agent-step-pass.ts';
import type { RunContext } from './context.ts';
import type { TaskContext } from './protocol.ts';
import { findUnchanged } from './find-unchanged.ts';
import { isMissing, type StepOutput } from './step-output.ts';
import { barriers, continuedRun, stepScope } from './step-scope.ts';
import { failStep, inputOf, type StepReport } from './step-work.ts';

const SCOPE_HELP =
  'take the table as "input", or bring it down to few rows in a SQL step that the query names';
const INPUT_HELP =
  'mend the condition or its columns and run again: what was answered is not asked again';

/**
 * Runs one agent step: waits for what it needs as a whole, then asks about each record of its
 * input as it comes.
 *
 * A step whose every question has a good answer in the table it made before is left alone: that
 * is found out first, without reading an answer or writing a byte.
 */
export async function runAgentStep(
  step: AgentStep,
  output: StepOutput,
  outputs: ReadonlyMap<string, StepOutput>,
  context: TaskContext,
): Promise<StepReport> {
  const incomplete = await waitForBarriers(step, outputs, context);
  if (incomplete.length > 0) return cannotStart(output, incomplete, context);
  const agent = await context.agents.describe(step.agent);
  if (!agent.ok) return failStep(output, agent.error.message);
  const base = await context.store.stepState(context.pipeline.name, step.name);
  const scope = await stepScope(step, agent.value, base, outputs, context);
  if (!scope.ok) return failStep(output, errorAt('E-P14', step.span, scope.error, SCOPE_HELP));
  const continued = await continuedRun(step, outputs, context);
  if (step.continues !== undefined && continued === undefined) {
    return failStep(output, `step ${step.continues}, which it continues, has no answer`);
  }
  const layout = { ...output.layout, request: sharedRequest(step, scope.value, continued) };
  const maker = new QuestionMaker(step, scope.value);
  const work = {
    step,
    agent: agent.value,
    output,
    outputs,
    base,
    layout,
    scope: scope.value,
    maker,
    continued,
    context,
  };
  const unchanged = await findUnchanged(work);
  if (unchanged !== undefined) return unchanged;
  const input = await inputOf(work);
  if (!input.ok) {
    const where = step.input?.where;
    const span = where === undefined ? step.span : spanInStep(where, step);
    return failStep(output, errorAt('E-P14', span, input.error, INPUT_HELP));
  }
  return (await AgentStepPass.begin(work)).run(input.value);
}

async function waitForBarriers(
  step: AgentStep,
  outputs: ReadonlyMap<string, StepOutput>,
  context: RunContext,
): Promise<readonly string[]> {
  const incomplete: string[] = [];
  for (const name of barriers(step)) {
    const end = await outputs.get(name)?.ended;
    const cut = context.plan !== undefined || context.stop.cause !== undefined;
    if (isMissing(end, cut)) incomplete.push(name);
  }
  return incomplete;
}

function cannotStart(
  output: StepOutput,
  incomplete: readonly string[],
  context: RunContext,
): StepReport {
  for (const name of incomplete) context.plan?.note(output.step).waitFor(name);
  return failStep(output, `waits for ${incomplete.join(', ')}`, 'skipped');
}
