import type { AgentProblem } from '../agent/agent.ts';
import type { RenderProblem } from '../pipeline/template.ts';

/** Why a question has no answer. A closed list: reports, exit codes and retries switch on it. */
export type FailureKind =
  /** The query could not be rendered for this record. */
  | 'template'
  /** The agent refused the request. */
  | 'rejected'
  | 'unauthorized'
  | 'credit-exhausted'
  | 'rate-limited'
  | 'unreachable'
  | 'bad-response'
  /** The agent no longer knows an agent run that it had created. */
  | 'run-gone'
  | 'no-recording'
  /** Address, certificate or headers of the agent are wrong. */
  | 'misconfigured'
  /** The answer is larger than this program reads. */
  | 'output-too-large'
  /** An agent run may have been paid for and nobody knows its id: a person decides. */
  | 'create-in-doubt'
  /** The agent run was told to end and does not: a person decides. */
  | 'no-end'
  /** How the agent run stands cannot be told from what the agent answers: a person decides. */
  | 'unreadable'
  /** A person said that it is not to be asked. */
  | 'skipped'
  | 'agent-failed'
  | 'agent-cancelled'
  | 'timeout'
  | 'empty-output'
  | 'invalid-output'
  /** The answer of a batch says nothing about this record. */
  | 'no-record'
  /** What this one builds on has no answer. */
  | 'needs-failed'
  | 'budget'
  | 'cancelled'
  /** A mistake in this program. */
  | 'bug';

/** A value, never thrown: it is stored, counted and shown. */
export interface Failure {
  readonly kind: FailureKind;
  readonly message: string;
  /** A further attempt could end otherwise, and nothing was paid for this one. */
  readonly retryable: boolean;
  /** What bounds further attempts, where the step's retry policy does not. */
  readonly again?:
    | 'turned-down'
    /** It may have been sent and there is no agent run of it. */
    | 'absent'
    /** The agent run that it continues was not found. */
    | 'parent';
  /** At least this long before the next attempt, as the agent asked. */
  readonly retryAfterMs?: number;
}

export const failure = (kind: FailureKind, message: string, retryable = false): Failure => ({
  kind,
  message,
  retryable,
});

/** A record that a query has no words for, and what to write in the query for such ones. */
export const templateFailure = ({ message, hint }: RenderProblem): Failure =>
  failure('template', `${message}; ${hint}`);

const HELD: ReadonlySet<string> = new Set<FailureKind>(['create-in-doubt', 'no-end', 'unreadable']);

/** Waits for a person, where nobody knows whether there is an agent run, or how it ends. */
export const isHeld = (kind: string | undefined): boolean => kind !== undefined && HELD.has(kind);

/** What it means for its question that a create certainly made nothing. */
export function createFailure(problem: AgentProblem): Failure {
  if (problem.apiCode?.startsWith('PREVIOUS_RUN_') === true) {
    return { ...fromProblem(problem, true), again: 'parent' };
  }
  const turnedDown = problem.kind === 'rate-limited' || problem.kind === 'unreachable';
  if (!turnedDown) return fromProblem(problem, false);
  return { ...fromProblem(problem, true), again: 'turned-down' };
}

/** What a failed wait means: the agent run goes on without us, and the next run asks for it. */
export const waitFailure = (problem: AgentProblem): Failure => fromProblem(problem, false);

function fromProblem(problem: AgentProblem, retryable: boolean): Failure {
  const kind = problem.kind === 'not-found' ? 'run-gone' : problem.kind;
  return {
    kind,
    message: problem.message,
    retryable,
    ...(problem.retryAfterMs === undefined ? {} : { retryAfterMs: problem.retryAfterMs }),
  };
}
