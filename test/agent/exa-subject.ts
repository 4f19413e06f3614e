import { onTestFinished } from 'vitest';
import { openExaAgent, type ExaOptions } from '../../src/agent/exa.ts';
import type { AgentRequest } from '../../src/agent/agent.ts';
import { Secret } from '../../src/http/secret.ts';
import {
  AgentApiServer,
  type AgentApiServerOptions,
  type Ending,
} from '../rig/agent-api-server.ts';
import { seededRandom } from '../rig/seeded-random.ts';
import { VirtualClock } from '../rig/virtual-clock.ts';
import type { Requests, Subject } from './backend.cases.ts';

/** Planted in every test; it must never be seen outside the header. */
export const CANARY = 'canary-5e1f-d0n0t-pr1nt';

export interface ExaSubject extends Subject {
  readonly server: AgentApiServer;
  readonly clock: VirtualClock;
}

/** A server on a real socket with an agent in front of it, both by one virtual clock. */
export async function exaSubject(
  serverOptions: AgentApiServerOptions = {},
  agentOptions: Partial<ExaOptions> = {},
): Promise<ExaSubject> {
  const clock = new VirtualClock();
  const server = await AgentApiServer.start({
    now: () => clock.now(),
    key: CANARY,
    durationMs: durationOf,
    answer: endingOf,
    ...serverOptions,
  });
  const backend = openExaAgent({
    name: 'exa',
    baseUrl: server.baseUrl,
    key: new Secret(CANARY),
    clock,
    random: seededRandom(),
    concurrency: 8,
    contract: '2026-11',
    ...agentOptions,
  });
  onTestFinished(async () => {
    await backend.close();
    await server.close();
  });
  return { backend, server, clock, drive: (work) => clock.drive(work) };
}

const SCHEMA = { type: 'object', properties: { firms: { type: 'array' } } } as const;

export const NEVER_ENDS: AgentRequest = { query: 'Never end.' };

/** Requests of the conformance suite; {@link endingOf} knows how each is to end. */
export const EXA_REQUESTS: Requests = {
  completes: { query: 'Find two firms.', effort: 'low', outputSchema: SCHEMA },
  alsoCompletes: { query: 'Find three firms.', effort: 'low', outputSchema: SCHEMA },
  fails: { query: 'Fail.' },
  isCancelled: { query: 'Be cancelled.' },
  reachesBudget: { query: 'Spend it all.', effort: 'auto', budget: { maxCostDollars: 2 } },
  neverEnds: NEVER_ENDS,
  passesUnknownStatus: { query: 'Find two firms after all.' },
  followUp: { query: 'Find two more.', outputSchema: SCHEMA },
};

const durationOf = ({ query }: AgentRequest): number =>
  query === NEVER_ENDS.query ? Infinity : 1_000;

function endingOf({ query }: AgentRequest): Ending {
  switch (query) {
    case 'Fail.':
      return { status: 'failed', dollars: 0.01, error: { code: 'TIMEOUT', message: 'Too slow.' } };
    case 'Be cancelled.':
      return { status: 'cancelled' };
    case 'Spend it all.':
      return { stopReason: 'budget_reached', dollars: 2 };
    default:
      return {
        structured: { firms: [{ name: 'Acme' }] },
        text: 'Found them.',
        dollars: 0.025,
        grounding: [
          {
            field: 'structured.firms[0].name',
            citations: [{ url: 'https://acme.example', title: 'Acme' }],
            confidence: 'high',
          },
        ],
      };
  }
}
