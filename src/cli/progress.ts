import { formatDuration } from '../base/duration.ts';
import { formatMoney, type Microdollars } from '../base/money.ts';
import type { RunEvent } from '../execution/events.ts';
import { cleanText } from './clean-text.ts';
import { costText, overshootText } from './render-money.ts';

/** Up to this many tasks of a step get a line each; beyond, one line for every 5 %. */
const MOST_LINES = 200;

/**
 * Plain progress: a function from events to lines, for a terminal and a log alike. Failures are
 * always told; answers one by one, or by twentieths once there are many.
 */
export class PlainProgress {
  readonly #answered = new Map<string, number>();

  lines(event: RunEvent): readonly string[] {
    const time = event.at.slice(11, 19);
    if (isAside(event)) return [asideLine(event, time)];
    switch (event.type) {
      case 'run-started':
        return startLines(event, time);
      case 'task-started':
        return event.reason.kind === 'interrupted'
          ? [`${time} resume ${event.step}  ${cleanText(event.task, 60)}`]
          : [];
      case 'task-answered':
        return this.#answeredLine(event, time);
      case 'attempt-failed':
        return retryLine(event, time);
      case 'task-failed':
        return [failLine(event, time)];
      case 'step-finished':
        return [stepLine(event, time)];
      case 'step-started':
      case 'tables-written':
      case 'run-finished':
        return [];
    }
  }

  #answeredLine(
    event: Extract<RunEvent, { type: 'task-answered' }>,
    time: string,
  ): readonly string[] {
    const count = (this.#answered.get(event.step) ?? 0) + 1;
    this.#answered.set(event.step, count);
    if (count > MOST_LINES && count % Math.max(1, 10 ** (String(count).length - 1) / 2) !== 0)
      return [];
    if (count > MOST_LINES) return [`${time} ok     ${event.step}  ${count} answered`];
    const dropped = event.dropped === 0 ? '' : `, ${event.dropped} left out`;
    const cost = paidText(event);
    const records = `${event.records} ${event.records === 1 ? 'record' : 'records'}${dropped}`;
    return [
      `${time} ok     ${name(event)}  ${records}  ${formatDuration(event.durationMs)}  ${cost}`,
    ];
  }
}

function startLines(
  event: Extract<RunEvent, { type: 'run-started' }>,
  time: string,
): readonly string[] {
  const { run, pipeline, steps, metered, cap } = event;
  const overshoot = overshootText(metered);
  const most = cap === null ? '' : `${formatMoney(cap.amount)} by ${cap.name}. `;
  return [
    `${time} run    ${run}  ${pipeline}  steps ${steps.join(', ')}`,
    ...(overshoot === undefined ? [] : [`${time} money  ${most}${overshoot}`]),
  ];
}

const paidText = ({ cost }: { cost: Microdollars | null }): string =>
  cost === null ? 'cost unknown' : formatMoney(cost);

const name = ({ step, task }: { step: string; task: string }): string =>
  task === '' ? step : `${step} · ${cleanText(task, 60)}`;

/** Of a mistake of this program the message has a stack, which only the event log keeps. */
const firstLine = (message: string): string => cleanText(message.split('\n', 1).join(''), 500);

function retryLine(
  event: Extract<RunEvent, { type: 'attempt-failed' }>,
  time: string,
): readonly string[] {
  if (event.retryInMs === null) return [];
  const what = `${event.failure}: ${cleanText(event.message)}`;
  return [`${time} retry  ${name(event)}  ${what}  in ${formatDuration(event.retryInMs)}`];
}

function failLine(event: Extract<RunEvent, { type: 'task-failed' }>, time: string): string {
  if (event.failure === 'cancelled') return `${time} left   ${name(event)}`;
  return `${time} FAIL   ${name(event)}  ${event.failure}: ${cleanText(event.message)}`;
}

/** What is told beside the usual way of a task. */
type Aside = Extract<RunEvent, { type: 'attempt-in-doubt' | 'attempt-found' | 'warning' }>;

const ASIDES: ReadonlySet<string> = new Set(['attempt-in-doubt', 'attempt-found', 'warning']);

const isAside = (event: RunEvent): event is Aside => ASIDES.has(event.type);

function asideLine(event: Aside, time: string): string {
  if (event.type !== 'warning') return `${time} doubt  ${name(event)}  ${doubtText(event)}`;
  const parts = [name(event), cleanText(event.message)];
  return `${time} note   ${parts.filter((part) => part !== '').join('  ')}`;
}

function doubtText(
  event: Extract<RunEvent, { type: 'attempt-in-doubt' | 'attempt-found' }>,
): string {
  if (event.type === 'attempt-in-doubt') {
    return `${cleanText(event.message)}  looked for in ${formatDuration(event.looksInMs)}`;
  }
  if (event.verdict === 'adopted') return `found: ${event.agentRunId ?? ''}`;
  if (event.verdict === 'absent') return 'not there, so nothing was bought';
  return `held for you: ${cleanText(event.message ?? '')}; see fieldwork held`;
}

function stepLine(event: Extract<RunEvent, { type: 'step-finished' }>, time: string): string {
  const { counts, outcome, step } = event;
  const head = `${time} step   ${step}  ${outcome}`;
  if (outcome === 'unchanged') {
    return counts.tasks === 0 ? head : `${head}: ${counts.reused} reused`;
  }
  if (outcome === 'skipped' || outcome === 'failed') {
    return `${head}: ${firstLine(event.message ?? '')}`;
  }
  const parts = [
    ...(counts.started > 0 ? [`${counts.started} asked`] : []),
    ...(counts.reused > 0 ? [`${counts.reused} reused`] : []),
    ...(counts.failed > 0 ? [`${counts.failed} failed`] : []),
    ...(counts.notStarted > 0 ? [`${counts.notStarted} not started`] : []),
  ];
  const cost = counts.started > 0 ? `  ${costText(event.spend)}` : '';
  return `${head}${parts.length > 0 ? `: ${parts.join(', ')}` : ''}  ${formatDuration(event.durationMs)}${cost}`;
}
