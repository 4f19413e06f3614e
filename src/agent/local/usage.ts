import type { AgentRequest, AgentUsage } from '../agent.ts';
import { contactsFound } from '../contacts-found.ts';
import type { Answer } from './answer/answer.ts';

/**
 * Counts, not times, so that the same request always reports the same: a search is a question put
 * to the corpus, a compute unit a thousand records gone through, rounded up. E-mail addresses and
 * telephone numbers are those of the output that the input did not bring.
 */
export function usageOf({ output, searches, scanned }: Answer, request: AgentRequest): AgentUsage {
  const { emails, phones } = contactsFound(request, output.structured);
  return {
    agentComputeUnits: Math.ceil(scanned / 1_000),
    searches,
    emails,
    phoneNumbers: phones,
  };
}
