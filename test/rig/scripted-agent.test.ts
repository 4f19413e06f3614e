import { functionAgent, Answered } from './scripted-agent.ts';
import { VirtualClock } from './virtual-clock.ts';
import { backendCases, type Requests } from '../agent/backend.cases.ts';

// The agents that other tests stand on must keep to the contract themselves.

const REQUESTS: Requests = {
  completes: { query: 'Find two firms.' },
  alsoCompletes: { query: 'Find three firms.' },
  fails: { query: 'Fail.' },
  isCancelled: { query: 'Be cancelled.' },
  reachesBudget: { query: 'Spend it all.' },
  neverEnds: { query: 'Wait.' },
  followUp: { query: 'Find two more.' },
};

backendCases('function agent', REQUESTS, () => {
  const clock = new VirtualClock();
  const backend = functionAgent(
    ({ query }) => {
      switch (query) {
        case 'Fail.':
          return new Answered({ status: 'failed', stopReason: 'error', error: { message: 'No.' } });
        case 'Be cancelled.':
          return new Answered({ status: 'cancelled', stopReason: 'cancelled' });
        case 'Spend it all.':
          return new Answered({ status: 'completed', stopReason: 'budget_reached' });
        default:
          return { firms: [{ name: 'Acme' }] };
      }
    },
    { clock, latencyMs: 1_000 },
  );
  return Promise.resolve({ backend, drive: (work) => clock.drive(work) });
});
