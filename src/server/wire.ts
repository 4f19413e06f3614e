import type { AgentRun } from '../agent/agent.ts';
import type { Json, JsonObject } from '../base/json.ts';
import type { AgentRunEvent } from '../store/agent-run-store.ts';
import type { Contract } from './contract.ts';

/** An agent run as it is sent: every required field, in the contract's order. */
export function runJson(run: AgentRun, contract: Contract): JsonObject {
  const { usage, error } = run;
  const units = usage.agentComputeUnits;
  return {
    id: run.id,
    object: 'agent_run',
    status: run.status,
    stopReason: run.stopReason,
    createdAt: run.createdAt,
    completedAt: run.completedAt,
    request: run.request as unknown as Json,
    output: run.output as unknown as Json,
    usage: { ...usage, agentComputeUnits: contract.wholeUnits ? Math.ceil(units) : units },
    costDollars: run.costDollars as unknown as Json,
    ...(error !== undefined && { error }),
  };
}

export const eventJson = ({ number, event, data, createdAt }: AgentRunEvent): JsonObject => ({
  id: String(number),
  event,
  data,
  createdAt,
});

/** One frame of an event stream: lines end with LF, and the data is one line. */
export const eventFrame = ({ number, event, data }: AgentRunEvent): string =>
  `id: ${number}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/** Part of a list; the cursor is the id of its last item. */
export const listJson = (data: readonly JsonObject[], hasMore: boolean): JsonObject => ({
  object: 'list',
  data,
  hasMore,
  nextCursor: hasMore ? (data.at(-1)?.['id'] ?? null) : null,
});

export const deletedJson = (id: string): JsonObject => ({
  id,
  object: 'agent_run.deleted',
  deleted: true,
});
