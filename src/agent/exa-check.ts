import type { Clock } from '../base/clock.ts';
import { isJsonObject, type Json } from '../base/json.ts';
import type { Random } from '../base/random.ts';
import type { Result } from '../base/result.ts';
import { fullJitter } from '../http/backoff.ts';
import type { HttpClient } from '../http/client.ts';
import type { HttpAnswer } from '../http/judge.ts';
import type { HttpProblem } from '../http/problem.ts';
import type { AgentProblem } from './agent.ts';
import { readProblem } from './exa-problem.ts';

/** What is asked to find out who is there: free, and what a lost agent run is looked for with. */
const CHECK_PATH = '/agent/runs?limit=1';

/** Problems that say something about the moment, the key or the account, not about the server. */
const PASSING: ReadonlySet<AgentProblem['kind']> = new Set([
  'unauthorized',
  'credit-exhausted',
  'rate-limited',
  'unreachable',
  'misconfigured',
  'cancelled',
]);

/** Answers in a row that are no list: one alone may have been cut on its way. */
const ODD_TRIES = 5;

/** What the look at a server needs. */
interface CheckOptions {
  readonly http: HttpClient;
  readonly origin: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
}

/**
 * Whether whoever answers {@link CHECK_PATH} speaks the Agent API; undefined when it does. Another
 * server might take a create for something else, and nobody could ever find out what came of it.
 *
 * What says nothing about the server is not asked again here: whoever wants to create does that.
 */
export async function checkServer(options: CheckOptions): Promise<AgentProblem | undefined> {
  const { http, origin, clock, random, signal } = options;
  for (let attempt = 0; ; attempt++) {
    const answer = await http.get(CHECK_PATH, signal, 0);
    const problem = checkProblem(answer, origin);
    if (problem === undefined || !isOdd(answer) || attempt + 1 >= ODD_TRIES) return problem;
    await clock.sleep(fullJitter(random, attempt, 1_000, 60_000), signal);
  }
}

/** It has a good status, and not a body that a list has. */
const isOdd = (answer: Result<HttpAnswer, HttpProblem>): boolean =>
  answer.ok || answer.error.kind === 'not-json' || answer.error.kind === 'encoded';

function checkProblem(
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
