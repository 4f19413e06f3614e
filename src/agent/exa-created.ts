import { isJsonObject, type Json } from '../base/json.ts';
import { ok, type Result } from '../base/result.ts';
import type { HttpProblem } from '../http/problem.ts';
import type { AgentRequest, AgentRun } from './agent.ts';
import { isRunId, parseRun } from './exa-run.ts';

/** A create's answer counts as soon as it has an id: from then on the run can be asked for. */
export function parseCreated(
  json: Json,
  request: AgentRequest,
  at: string,
): Result<AgentRun, string> {
  const run = parseRun(json);
  if (run.ok) return run;
  const id = isJsonObject(json) ? json['id'] : undefined;
  return isRunId(id) ? ok(pendingRun(id, request, at)) : run;
}

/** The id at the very beginning of a create's answer of which the rest got lost. */
export function idOfPartial(problem: HttpProblem): string | undefined {
  const { partial, status = 0 } = problem;
  if (partial === undefined || status < 200 || status > 299) return undefined;
  const id = /^\s*\{\s*"id"\s*:\s*"([^"\\]*)"/.exec(partial)?.[1];
  return isRunId(id) ? id : undefined;
}

export const pendingRun = (id: string, request: AgentRequest, at: string): AgentRun => ({
  id,
  status: 'queued',
  stopReason: null,
  createdAt: at,
  completedAt: null,
  request,
  output: { text: '', structured: null, grounding: [] },
  usage: { agentComputeUnits: 0, searches: 0, emails: 0, phoneNumbers: 0 },
});
