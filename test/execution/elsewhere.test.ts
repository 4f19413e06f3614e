import { expect, test } from 'vitest';
import type { ListOptions } from '../../src/agent/agent.ts';
import { fail, ok } from '../../src/base/result.ts';
import { Elsewhere } from '../../src/execution/elsewhere.ts';
import { ScriptedAgent } from '../rig/scripted-agent.ts';

test('a server that cannot be reached at first is told at once, and tried again with patience', async () => {
  const asked: ListOptions[] = [];
  const agent = new ScriptedAgent();
  agent.list = (options) => {
    asked.push(options);
    return Promise.resolve(
      asked.length === 1
        ? fail({ kind: 'unreachable', message: 'connection refused', mayHaveCreated: false })
        : ok({ runs: [], nextCursor: undefined }),
    );
  };
  const events: unknown[] = [];
  const { signal } = new AbortController();
  const elsewhere = new Elsewhere({ emit: (event) => void events.push(event), signal });
  await elsewhere.look('tag', 'own', agent);
  await elsewhere.look('tag', 'own', agent);
  expect(asked.map(({ isHasty = false }) => isHasty)).toEqual([true, false]);
  const message = `agent "${agent.name}" cannot be reached yet: connection refused`;
  expect(events).toEqual([{ type: 'warning', step: '', task: '', message }]);
});
