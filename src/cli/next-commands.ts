import { sumOfRemedies } from '../execution/remedy.ts';
import type { RunReport } from '../execution/run-pipeline.ts';
import type { StepReport } from '../execution/step-work.ts';
import type { RunOptions } from './options.ts';
import { shellWords } from './shell-words.ts';

/** How a run was asked for: the pipeline as it was typed, and the options. */
export interface RunCall {
  readonly path: string;
  readonly options: RunOptions;
}

/** What there is left to do after a run, each with the command to paste where there is one. */
export function nextCommands(report: RunReport, call: RunCall): readonly string[] {
  const reports = [...report.steps.values()];
  const { decide, ...sum } = sumOfRemedies(reports.map(({ remedies }) => remedies));
  const notStarted = reports.some(({ counts }) => counts.notStarted > 0);
  const isLeft = notStarted || report.status === 'stopped' || report.status === 'interrupted';
  const retries = isLeft && call.options.retryFailed === true;
  const paid = retries ? 0 : sum['retry-failed'];
  const retry = runCommand(call, ['--retry-failed']);
  return [
    ...(isLeft ? [leftLine(report, call)] : []),
    ...(!isLeft && sum.run > 0 ? [`Next     ${runCommand(call, [])}   does what is left`] : []),
    ...(paid > 0
      ? [`Retry    ${retry}   asks again: ${paid} failed and may have been paid for`]
      : []),
    ...[...report.steps].flatMap(([step, it]) => stuckLines(step, it, call)),
    ...(decide > 0 ? [`Held     fieldwork held   ${decide} of the failed wait for you`] : []),
  ];
}

/** What was to be asked anew and was not reached has its old answer or failure: the option again. */
function leftLine({ steps }: RunReport, call: RunCall): string {
  const { refresh, retryFailed } = call.options;
  const again = refresh.filter((step) => steps.has(step));
  const more = again.flatMap((step) => ['--refresh', step]);
  if (retryFailed === true) more.push('--retry-failed');
  const does = again.length === 0 ? 'does what is left' : `asks all of ${again.join(', ')} anew`;
  return `Next     ${runCommand(call, more)}   ${does}`;
}

/** Tasks of a step that no run asks again as things are. */
function stuckLines(
  step: string,
  { remedies: { refresh, edit } }: StepReport,
  call: RunCall,
): readonly string[] {
  const anew = runCommand(call, ['--refresh', step]);
  return [
    ...(refresh === 0
      ? []
      : [`Refresh  ${anew}   asks all of ${step} anew: ${refresh} cannot be used`]),
    ...(edit === 0 ? [] : [`Mend     the query or the input of ${step}: ${edit} cannot be asked`]),
  ];
}

/**
 * The call again, for a shell. Not with its `--limit`, which is why something was left, nor with
 * what asks anew: `more` says that.
 */
function runCommand({ path, options }: RunCall, more: readonly string[]): string {
  const { param, step, maxCost, maxRows, untrusted, agent, record } = options;
  return shellWords([
    'fieldwork',
    'run',
    path,
    ...Object.entries(param).flatMap(([name, value]) => ['--param', `${name}=${value}`]),
    ...step.flatMap((name) => ['--step', name]),
    ...option('--agent', agent),
    ...option('--max-cost', maxCost),
    ...option('--max-rows', maxRows),
    ...(untrusted === true ? ['--untrusted'] : []),
    ...(record === true ? ['--record'] : []),
    ...more,
  ]);
}

const option = (name: string, value: string | number | undefined): readonly string[] =>
  value === undefined ? [] : [name, String(value)];
