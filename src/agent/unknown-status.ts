import { maskedLine } from '../http/problem.ts';
import { isTerminal, type AgentProblem, type AgentRun } from './agent.ts';

/** A documented agent run ends within an hour; a status nobody knows is not believed for longer. */
export const UNKNOWN_STATUS_MS: number = 70 * 60_000;

/** Whether the contract says nothing about the status that it has: it may have ended, or not. */
export const hasUnknownStatus = (run: AgentRun): boolean =>
  !isTerminal(run) && run.status !== 'queued' && run.status !== 'running';

/** What it is to wait for one that keeps such a status. */
export const staysUnknown = ({ id, status }: AgentRun): AgentProblem => ({
  kind: 'bad-response',
  message: `Agent run ${id} has been for over an hour in a status that is not known: ${maskedLine(status, undefined, 60)}.`,
  mayHaveCreated: false,
});
