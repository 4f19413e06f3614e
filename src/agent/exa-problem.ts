import { isCreditCode, type HttpProblem } from '../http/problem.ts';
import type { AgentProblem, AgentProblemKind } from './agent.ts';

/**
 * Statuses after which a create has certainly made nothing: the request itself was turned down.
 * Any other one leaves it open, because proxies and failing servers answer with them too, after
 * the request went through.
 */
const TURNED_DOWN: ReadonlySet<number> = new Set([
  400, 401, 402, 403, 404, 405, 406, 410, 411, 413, 414, 415, 422, 429, 431,
]);

/** What became of `POST /agent/runs` when it gave no agent run. */
export function createProblem(problem: HttpProblem, bodyBytes: number): AgentProblem {
  const { status } = problem;
  const mapped = toAgentProblem(problem, problem.sent && !wasTurnedDown(problem));
  if (status !== 413 && status !== 414 && status !== 431) return mapped;
  const size = `The request is too large for the agent (${Math.ceil(bodyBytes / 1024)} KB).`;
  return { ...mapped, message: `${size} ${mapped.message}` };
}

/** What became of a request that creates nothing. */
export const readProblem = (problem: HttpProblem): AgentProblem => toAgentProblem(problem, false);

function wasTurnedDown({ kind, status, api }: HttpProblem): boolean {
  if (kind !== 'status' || status === undefined) return false;
  if (status === 409) return api?.code?.startsWith('PREVIOUS_RUN_') === true;
  return TURNED_DOWN.has(status);
}

function toAgentProblem(problem: HttpProblem, mayHaveCreated: boolean): AgentProblem {
  const { status, api, retryAfterMs } = problem;
  return {
    kind: kindOf(problem),
    message: problem.message,
    mayHaveCreated,
    ...(status !== undefined && { httpStatus: status }),
    ...(api?.code !== undefined && { apiCode: api.code }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

function kindOf(problem: HttpProblem): AgentProblemKind {
  switch (problem.kind) {
    case 'aborted':
      return 'cancelled';
    case 'no-connection':
    case 'untrusted':
    case 'broken':
    case 'timeout':
      return 'unreachable';
    case 'redirect':
    case 'not-json':
    case 'encoded':
    case 'too-large':
      return 'bad-response';
    case 'status':
      return kindOfStatus(problem);
  }
}

const BY_STATUS: Readonly<Record<number, AgentProblemKind>> = {
  401: 'unauthorized',
  402: 'credit-exhausted',
  403: 'unauthorized',
  408: 'unreachable',
  421: 'unreachable',
  429: 'rate-limited',
  499: 'unreachable',
};

function kindOfStatus(problem: HttpProblem): AgentProblemKind {
  const { status = 0, api } = problem;
  if (isCreditCode(api?.code)) return 'credit-exhausted';
  if (status >= 500) return 'unreachable';
  return BY_STATUS[status] ?? (wasTurnedDown(problem) ? 'rejected' : 'bad-response');
}
