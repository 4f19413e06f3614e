import type { AgentOutput, AgentRequest, AgentRun, AgentUsage } from '../agent/agent.ts';
import type { JsonObject } from '../base/json.ts';
import { isActive, type AgentRunChange, type StoredAgentRun } from '../store/agent-run-store.ts';
import { billOf, NO_COST, NO_USAGE } from './accounting.ts';
import type { Contract } from './contract.ts';
import { runJson } from './wire.ts';

const NO_OUTPUT: AgentOutput = { text: '', structured: null, grounding: [] };

/** How an agent run ended, before it is priced. */
export type RunEnd = { readonly usage: AgentUsage } & (
  | { readonly status: 'completed'; readonly stopReason: string; readonly output: AgentOutput }
  | { readonly status: 'failed'; readonly error: NonNullable<AgentRun['error']> }
  | { readonly status: 'cancelled' }
);

export function queued(
  owner: string,
  id: string,
  request: AgentRequest,
  at: string,
): AgentRunChange {
  const run: AgentRun = {
    id,
    status: 'queued',
    stopReason: null,
    createdAt: at,
    completedAt: null,
    request,
    output: NO_OUTPUT,
    usage: NO_USAGE,
    costDollars: NO_COST,
  };
  const data = { id, status: 'queued', createdAt: at };
  return {
    next: { owner, run, startedAt: null, starts: 0 },
    events: [{ event: 'agent_run.created', data, createdAt: at }],
  };
}

/** Work begins, or begins again after a restart; undefined when the run has ended already. */
export function started(now: StoredAgentRun, at: string): AgentRunChange | undefined {
  if (!isActive(now)) return undefined;
  const { run } = now;
  const next: StoredAgentRun = {
    ...now,
    run: { ...run, status: 'running' },
    startedAt: now.startedAt ?? at,
    starts: now.starts + 1,
  };
  const data = { id: run.id, status: 'running' };
  const isFirst = run.status === 'queued';
  const events = isFirst ? [{ event: 'agent_run.started', data, createdAt: at }] : [];
  return { next, events };
}

/** Undefined when the run has ended already: the first end stands. */
export function ended(
  now: StoredAgentRun,
  end: RunEnd,
  at: string,
  contract: Contract,
): AgentRunChange | undefined {
  if (!isActive(now)) return undefined;
  const completed = end.status === 'completed';
  const usage = contract.wholeUnits
    ? { ...end.usage, agentComputeUnits: Math.ceil(end.usage.agentComputeUnits) }
    : end.usage;
  const { cost, reached } = billOf(usage, now.run.request ?? {}, contract.prices, {
    completed,
    takesBudget: contract.takesBudget,
  });
  const run: AgentRun = {
    ...now.run,
    status: end.status,
    stopReason: reached && completed ? 'budget_reached' : stopReasonOf(end),
    completedAt: at,
    output: completed ? end.output : NO_OUTPUT,
    usage,
    costDollars: cost,
    ...(end.status === 'failed' && { error: end.error }),
  };
  const event = `agent_run.${end.status}`;
  const data = runJson(run, contract);
  return { next: { ...now, run }, events: [{ event, data, createdAt: at }] };
}

function stopReasonOf(end: RunEnd): string {
  if (end.status === 'completed') return end.stopReason;
  return end.status === 'failed' ? 'error' : 'cancelled';
}

/** Something to show while a run goes on; not once it has ended. */
export const noted = (
  now: StoredAgentRun,
  event: string,
  data: JsonObject,
  at: string,
): AgentRunChange | undefined =>
  isActive(now)
    ? { next: now, events: [{ event: `agent_run.${event}`, data, createdAt: at }] }
    : undefined;

export const TERMINAL_EVENTS: ReadonlySet<string> = new Set([
  'agent_run.completed',
  'agent_run.failed',
  'agent_run.cancelled',
]);
