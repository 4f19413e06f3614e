import { expect, test } from 'vitest';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { Rig } from '../rig/rig.ts';
import { ScriptedAgent } from '../rig/scripted-agent.ts';
import { FOUND, inline } from './pipelines.ts';

test('what an agent of a process that died left open ends where the next run begins', async () => {
  const yaml = `
concurrency: 2
steps:
  firms:
    input: ${inline([{ id: 'a' }, { id: 'b' }])}
    query: Q {{row.id}}?${FOUND}
    key: name`;
  const store = new MemoryStore();
  const dead = new ScriptedAgent();
  dead.ephemeral = true;
  void new Rig({ agent: dead, store }).run(yaml);
  await dead.nextCall();
  await dead.nextCall();
  for (let i = 0; i < 50; i++) await new Promise(setImmediate);
  const agent = new ScriptedAgent();
  agent.ephemeral = true;
  const rig = new Rig({ agent, store, seed: 9 });
  rig.nowMs += 60_000;
  const plan = await rig.plan(yaml);
  expect(await store.openAttempts()).toHaveLength(2);
  const done = rig.run(yaml);
  (await agent.nextCall()).complete({ found: [{ name: 'x' }] }, { dollars: 0 });
  (await agent.nextCall()).complete({ found: [{ name: 'y' }] }, { dollars: 0 });
  await done;
  expect(plan).toMatchObject([{ toRun: 2, held: 0 }]);
  expect(await store.openAttempts()).toEqual([]);
  const ends: unknown[] = [];
  for await (const entries of store.ledger()) {
    ends.push(...entries.filter(({ type }) => type === 'attempt-ended'));
  }
  expect(ends).toMatchObject([
    { agentRunId: 'run-1', failure: 'run-gone', reported: 0 },
    { agentRunId: 'run-2', failure: 'run-gone', reported: 0 },
    { outcome: 'answered' },
    { outcome: 'answered' },
  ]);
});
