import type { Microdollars } from '../base/money.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import { fail, ok, type Result } from '../base/result.ts';
import type { Candidate, HoldReason, OpenAttempt, Store } from '../store/store.ts';

/** A task that waits for a person, or for the next run to find out. */
export interface HeldTask {
  /** What commands call it: the first characters of its attempt's id. */
  readonly name: string;
  readonly attempt: OpenAttempt['attempt'];
  readonly pipeline: string;
  readonly step: string;
  readonly task: string;
  readonly agent: string;
  readonly reason: HoldReason | 'in-doubt';
  readonly since: string;
  readonly message: string;
  /** Its ceiling: what it may have cost, and what it may cost again. */
  readonly reservedMicrodollars: Microdollars;
  readonly candidates: readonly Candidate[];
}

const NAME_LENGTH = 8;

/** Tasks of one pipeline that wait; `isRunning` leaves out what a run is still finding out. */
export function heldTasks(
  open: readonly OpenAttempt[],
  pipeline: string,
  isRunning: boolean,
): readonly HeldTask[] {
  return open
    .filter((attempt) => attempt.pipeline === pipeline && waits(attempt, isRunning))
    .map(heldTask);
}

function waits({ held, agentRunId, asks }: OpenAttempt, isRunning: boolean): boolean {
  if (held !== undefined) return true;
  // What was asked of an agent that ended with its process is not there to be found.
  return agentRunId === undefined && asks !== undefined && !isRunning;
}

function heldTask(open: OpenAttempt): HeldTask {
  const { attempt, pipeline, step, task, agent, held, reserved, intendedAt } = open;
  return {
    name: attempt.slice(0, NAME_LENGTH),
    attempt,
    pipeline,
    step,
    task,
    agent,
    reason: held?.reason ?? 'in-doubt',
    since: held?.at ?? intendedAt,
    message: held?.message ?? 'it may have been sent; the next run looks for it',
    reservedMicrodollars: reserved,
    candidates: held?.candidates ?? [],
  };
}

/** The one that a person means: by its name, or by `task`, `step/task` or `pipeline/step/task`. */
export function findHeld(held: readonly HeldTask[], named: string): Result<HeldTask, string> {
  const found = held.filter(
    (one) => (named.length >= 4 && one.attempt.startsWith(named)) || namesOf(one).includes(named),
  );
  const [only] = found;
  if (only !== undefined && found.length === 1) return ok(only);
  if (found.length > 1) {
    const which = found.map(({ name, pipeline, step }) => `${name} (${pipeline}/${step})`);
    return fail(`"${named}" is ${found.length} held tasks: ${which.join(', ')}; give one of these`);
  }
  if (held.length === 0) return fail('nothing is held');
  const hint = didYouMean(
    named,
    held.map(({ name }) => name),
    'held tasks',
  );
  return fail(`there is no held task "${named}"; ${hint}`);
}

/** A step that is one task has its own name for it. */
const namesOf = ({ pipeline, step, task }: HeldTask): readonly string[] =>
  task === ''
    ? [step, `${pipeline}/${step}`]
    : [task, `${step}/${task}`, `${pipeline}/${step}/${task}`];

/** Which other attempt an agent run belongs to, as a person calls its task. */
export async function ownerOf(
  store: Store,
  agentRunId: string,
  not: OpenAttempt['attempt'],
): Promise<string | undefined> {
  const tasks = new Map<string, string>();
  let owner: string | undefined;
  for await (const entries of store.ledger()) {
    for (const entry of entries) {
      if (entry.type === 'attempt-intended') {
        tasks.set(entry.attempt, `${entry.pipeline}/${entry.step}/${entry.task}`);
      } else if (entry.type === 'attempt-created') {
        if (entry.agentRunId === agentRunId && entry.attempt !== not) {
          owner = tasks.get(entry.attempt) ?? entry.attempt;
        }
      } else if (entry.type === 'attempt-ended') tasks.delete(entry.attempt);
    }
  }
  return owner;
}
