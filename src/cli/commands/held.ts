import { isoTime } from '../../base/clock.ts';
import { formatDuration } from '../../base/duration.ts';
import { formatMoney } from '../../base/money.ts';
import { isRunId } from '../../agent/exa-run.ts';
import type { AttemptEnded } from '../../store/store.ts';
import { cleanText } from '../clean-text.ts';
import { findHeld, heldTasks, ownerOf, type HeldTask } from '../held-tasks.ts';
import { EXIT, type ExitCode, type Io } from '../io.ts';
import { openStore } from '../open-store.ts';
import type { CommonOptions } from '../options.ts';
import { tellProblem } from '../tell.ts';
import { holderOf, withLock } from '../with-lock.ts';
import { withState, type ReadState } from '../with-state.ts';

/** Lists the tasks that wait for a person, each with its ways out and what they cost. */
export async function held(
  names: readonly string[],
  options: CommonOptions,
  io: Io,
): Promise<ExitCode> {
  return withState(names, options, io, async (state) => {
    const tasks = await allHeld(state);
    if (options.json === true) io.out(`${JSON.stringify(tasks, null, 2)}\n`);
    else io.out(listText(tasks, io.clock.now()));
    return EXIT.done;
  });
}

/** What a person decides about a held task. */
export type HeldChoice =
  | { readonly kind: 'adopt'; readonly agentRunId: string }
  | { readonly kind: 'rebuy' }
  | { readonly kind: 'skip' };

/** Carries a decision out. Asks no agent: the next run looks at an adopted agent run. */
export async function decideHeld(
  named: string,
  choice: HeldChoice,
  options: CommonOptions,
  io: Io,
): Promise<ExitCode> {
  const json = options.json === true;
  let meant: { readonly root: string; readonly task: HeldTask } | undefined;
  const looked = await withState([], options, io, async (state) => {
    const task = findHeld(await allHeld(state), named);
    if (!task.ok) return tellProblem(`${capital(task.error)}.`, EXIT.usage, json, io);
    const mistake = await mistakeIn(choice, task.value, state);
    if (mistake !== undefined) return tellProblem(mistake, EXIT.usage, json, io);
    meant = { root: state.root, task: task.value };
    return EXIT.done;
  });
  // The state is closed again before it is opened for writing.
  if (meant === undefined) return looked;
  const { root, task } = meant;
  const use = { root, pipelines: [task.pipeline], work: `held ${choice.kind}`, json };
  return withLock(use, io, () => carryOut(root, task, choice, options, io));
}

async function allHeld({ root, store, pipelines }: ReadState): Promise<readonly HeldTask[]> {
  const open = await store.openAttempts();
  const tasks: HeldTask[] = [];
  for (const pipeline of pipelines) {
    const isRunning = (await holderOf(root, pipeline)) !== undefined;
    tasks.push(...heldTasks(open, pipeline, isRunning));
  }
  return tasks;
}

async function mistakeIn(
  choice: HeldChoice,
  { attempt }: HeldTask,
  { store }: ReadState,
): Promise<string | undefined> {
  if (choice.kind !== 'adopt') return undefined;
  const agentRunId: string = choice.agentRunId;
  const isId: boolean = isRunId(agentRunId);
  if (!isId) return `"${agentRunId}" is not the id of an agent run.`;
  const owner = await ownerOf(store, agentRunId, attempt);
  return owner === undefined ? undefined : `Agent run ${agentRunId} belongs to ${owner}.`;
}

async function carryOut(
  root: string,
  task: HeldTask,
  choice: HeldChoice,
  options: CommonOptions,
  io: Io,
): Promise<ExitCode> {
  const json = options.json === true;
  const state = await openStore(root, 'write', json, io);
  if (!state.ok) return state.exit;
  const { store } = state;
  try {
    const at = isoTime(io.clock.now());
    const { attempt } = task;
    const open = (await store.openAttempts()).find((it) => it.attempt === attempt);
    if (open === undefined) {
      return tellProblem(`Task ${task.name} is not held any more.`, EXIT.usage, json, io);
    }
    if (choice.kind === 'adopt') {
      const { agentRunId } = choice;
      await store.created({ type: 'attempt-created', at, attempt, agentRunId, found: 'chosen' });
    } else {
      await store.settle(givenUp(task, choice.kind, open.agentRunId ?? null, at), []);
    }
  } finally {
    await store.close();
  }
  if (json) io.out(`${JSON.stringify({ type: 'held', choice: choice.kind, task: task.name })}\n`);
  else io.out(`${doneText(task, choice)}\n`);
  return EXIT.done;
}

/** The end of an attempt that a person has given up. What it cost stays unknown. */
const givenUp = (
  task: HeldTask,
  choice: 'rebuy' | 'skip',
  agentRunId: string | null,
  at: string,
): AttemptEnded => ({
  type: 'attempt-ended',
  at,
  attempt: task.attempt,
  agentRunId,
  status: 'given-up',
  stopReason: null,
  outcome: 'failed',
  failure: choice === 'rebuy' ? 'rebuy' : 'skipped',
  message: choice === 'rebuy' ? 'to be bought again' : 'skipped by hand',
  reported: null,
  usage: null,
  durationMs: Math.max(0, Date.parse(at) - Date.parse(task.since)),
});

function doneText(task: HeldTask, choice: HeldChoice): string {
  const name = titleOf(task);
  switch (choice.kind) {
    case 'adopt':
      return `${name}: the next run takes the answer of agent run ${choice.agentRunId}.`;
    case 'rebuy':
      return `${name}: the next run buys it again, for at most ${formatMoney(task.reservedMicrodollars)}.`;
    case 'skip':
      return `${name}: left out; run with --retry-failed asks it all the same.`;
  }
}

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

const titleOf = ({ pipeline, step, task }: HeldTask): string =>
  [pipeline, step, cleanText(task, 60)].filter((part) => part !== '').join(' · ');

function listText(tasks: readonly HeldTask[], nowMs: number): string {
  if (tasks.length === 0) return 'Nothing is held.\n';
  const count = tasks.length === 1 ? '1 task is held' : `${tasks.length} tasks are held`;
  const texts = tasks.map((task) => taskText(task, nowMs));
  return `${count}. Nothing is sent for them meanwhile.\n\n${texts.join('\n')}`;
}

function taskText(task: HeldTask, nowMs: number): string {
  const { name, reservedMicrodollars, candidates } = task;
  const most = formatMoney(reservedMicrodollars);
  const since = formatDuration(Math.max(0, nowMs - Date.parse(task.since)));
  const ways = candidates.map(({ agentRunId, status, createdAt, reported }) => {
    const cost = reported === null ? `at most ${most}` : formatMoney(reported);
    return `  fieldwork held adopt ${name} ${agentRunId}   ${cost}, spent already; ${cleanText(status, 40)}, of ${cleanText(createdAt, 30)}`;
  });
  if (ways.length === 0) {
    ways.push(`  fieldwork held adopt ${name} <agent-run-id>   at most ${most}, spent already`);
  }
  return `${[
    `${name}  ${titleOf(task)}   ${task.reason}, for ${since}`,
    `  ${cleanText(task.message, 300)}`,
    ...ways,
    `  fieldwork held rebuy ${name}   at most ${most} more`,
    `  fieldwork held skip ${name}   nothing more`,
  ].join('\n')}\n`;
}
