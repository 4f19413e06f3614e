import type { AgentRun } from '../agent/agent.ts';
import { answerDigest } from './answer-digest.ts';

/** How an agent run had ended when that was first seen. */
export interface FirstEnd {
  readonly status: string;
  /** Of its output; undefined where an older program wrote its end down without one. */
  readonly digest: string | undefined;
}

export const firstEndOf = ({ status, output }: AgentRun): FirstEnd => ({
  status,
  digest: answerDigest(output),
});

/**
 * What is different about an agent run that had ended and is looked at again; undefined where
 * nothing is. An end is final by the contract, and the first one counts, but whoever compares our
 * tables with the server has to know.
 */
export function changedText(
  { status, digest }: FirstEnd,
  { id, status: now, output }: AgentRun,
): string | undefined {
  const what =
    now !== status
      ? `had ended as ${status} and is shown as ${now} now`
      : digest !== undefined && digest !== answerDigest(output)
        ? 'had ended and has another output now'
        : undefined;
  return what === undefined ? undefined : `agent run ${id} ${what}; what was seen first counts`;
}
