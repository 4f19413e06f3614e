import { onTestFinished } from 'vitest';
import { openExaAgent } from '../../src/agent/exa.ts';
import { Secret } from '../../src/http/secret.ts';
import type { EngineOutcome, EngineTask } from '../../src/server/engine.ts';
import { backendCases, type Requests } from '../agent/backend.cases.ts';
import { listOf } from '../agent/local/local-rig.ts';
import { seededRandom } from '../rig/seeded-random.ts';
import { VirtualClock } from '../rig/virtual-clock.ts';
import { sampleAnswer, ScriptedEngine, USAGE } from './scripted-engine.ts';
import { startServer } from './start-server.ts';

const SCHEMA = listOf('firms', { name: 'string', domain: 'string' });

const REQUESTS: Requests = {
  completes: { query: 'Find two firms.', effort: 'low', outputSchema: SCHEMA },
  alsoCompletes: { query: 'Find three firms.', effort: 'low', outputSchema: SCHEMA },
  fails: { query: 'Fail.' },
  isCancelled: { query: 'Be cancelled.' },
  reachesBudget: { query: 'Spend it all.', effort: 'auto', budget: { maxCostDollars: 2 } },
  neverEnds: { query: 'Never end.' },
  followUp: { query: 'Find two more.', outputSchema: SCHEMA },
};

backendCases('the server, over a socket', REQUESTS, async () => {
  const never = new Promise<EngineOutcome>(() => undefined);
  const engine = new ScriptedEngine((task: EngineTask) => {
    const { query } = task.request;
    if (query === 'Never end.') return never;
    if (query === 'Be cancelled.') {
      // As somebody else with the same key would.
      void server.call('POST', `/agent/runs/${task.id}/cancel`);
      return never;
    }
    const answer = sampleAnswer(task.request);
    return query === 'Spend it all.'
      ? { ...answer, usage: { ...USAGE, agentComputeUnits: 50 } }
      : answer;
  });
  const server = await startServer({ engine });
  // Of the client alone, so that its pauses are over at once.
  const clock = new VirtualClock();
  const backend = openExaAgent({
    name: 'exa',
    baseUrl: server.url,
    key: new Secret(server.token),
    clock,
    random: seededRandom(),
    concurrency: 8,
    contract: '2026-11',
  });
  onTestFinished(() => backend.close());
  return { backend, drive: (work) => clock.drive(work) };
});
