import type { AgentProblem } from '../agent/agent.ts';

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
  /** An agent run may have been paid for and nobody knows its id. */
  | 'create-in-doubt'
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
  /** At least this long before the next attempt, as the agent asked. */
  readonly retryAfterMs?: number;
}

export const failure = (kind: FailureKind, message: string, retryable = false): Failure => ({
  kind,
  message,
  retryable,
});

/** What a failed create means for its question. */
export function createFailure(problem: AgentProblem): Failure {
  if (problem.mayHaveCreated) {
    return failure(
      'create-in-doubt',
      `${problem.message}; an agent run may have been started, so nothing is sent again`,
    );
  }
  return fromProblem(problem, problem.kind === 'rate-limited' || problem.kind === 'unreachable');
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
