import { isJsonObject, type Json } from '../base/json.ts';
import type { Result } from '../base/result.ts';
import type { HttpAnswer } from '../http/judge.ts';
import type { HttpProblem } from '../http/problem.ts';
import type { AgentProblem } from './agent.ts';
import { readProblem } from './exa-problem.ts';

/** What is asked to find out who is there: free, and what a lost agent run is looked for with. */
export const CHECK_PATH = '/agent/runs?limit=1';

/** Problems that say something about the moment, the key or the account, not about the server. */
const PASSING: ReadonlySet<AgentProblem['kind']> = new Set([
  'unauthorized',
  'credit-exhausted',
  'rate-limited',
  'unreachable',
  'misconfigured',
  'cancelled',
]);

/**
 * Whether whoever answered {@link CHECK_PATH} speaks the Agent API; undefined when it does. Another
 * server might take a create for something else, and nobody could ever find out what came of it.
 */
export function checkProblem(
  answer: Result<HttpAnswer, HttpProblem>,
  origin: string,
): AgentProblem | undefined {
  if (answer.ok) return isList(answer.value.json) ? undefined : wrongServer(origin);
  // Not even one agent run fits into a page: still, it is a list of them.
  if (answer.error.kind === 'too-large') return undefined;
  const problem = readProblem(answer.error);
  return PASSING.has(problem.kind) ? problem : wrongServer(origin, problem.message);
}

const isList = (json: Json): boolean => isJsonObject(json) && Array.isArray(json['data']);

function wrongServer(origin: string, said?: string): AgentProblem {
  const detail = said === undefined ? 'its list of agent runs is none.' : said;
  return {
    kind: 'misconfigured',
    message: `${origin} does not speak the Agent API: ${detail}`,
    mayHaveCreated: false,
  };
}
