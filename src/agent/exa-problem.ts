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

/** What became of the look at one agent run. */
export function runProblem(problem: HttpProblem): AgentProblem {
  const read = readProblem(problem);
  if (problem.kind === 'too-large') return { ...read, kind: 'output-too-large' };
  return problem.status === 404 ? { ...read, kind: 'not-found' } : read;
}

export const badResponse = (message: string, mayHaveCreated = false): AgentProblem => ({
  kind: 'bad-response',
  message,
  mayHaveCreated,
});

export const notAnId = (): AgentProblem => ({
  kind: 'not-found',
  message: 'That is not the id of an agent run.',
  mayHaveCreated: false,
});

function wasTurnedDown({ kind, status, api }: HttpProblem): boolean {
  if (kind !== 'status' || status === undefined) return false;
  if (status === 409) return api?.code?.startsWith('PREVIOUS_RUN_') === true;
  return TURNED_DOWN.has(status);
}

function toAgentProblem(problem: HttpProblem, mayHaveCreated: boolean): AgentProblem {
  const { status, api, retryAfterMs } = problem;
  return {
    kind: kindOf(problem),
    message: wantsBeta(problem) ? `${problem.message} ${UPDATE}` : problem.message,
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
    case 'untrusted':
    case 'redirect':
      return 'misconfigured';
    case 'no-connection':
    case 'broken':
    case 'timeout':
      return 'unreachable';
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

/** The server wants a header `Exa-Beta` that we do not send, or not the one we send. */
const BETA_CODES: ReadonlySet<string> = new Set(['MISSING_BETA_HEADER', 'INVALID_BETA_HEADER']);

const wantsBeta = ({ api }: HttpProblem): boolean =>
  api?.code !== undefined && BETA_CODES.has(api.code);

/** What a person can do about it: the header goes with the contract, which is not for them to set. */
const UPDATE =
  'Update Fieldwork: the header Exa-Beta that this version sends is not the right one.';

function kindOfStatus(problem: HttpProblem): AgentProblemKind {
  const { status = 0, api } = problem;
  if (wantsBeta(problem)) return 'misconfigured';
  if (isCreditCode(api?.code)) return 'credit-exhausted';
  if (status >= 500) return 'unreachable';
  return BY_STATUS[status] ?? (wasTurnedDown(problem) ? 'rejected' : 'bad-response');
}
