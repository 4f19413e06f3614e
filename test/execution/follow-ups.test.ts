import { describe, expect, test } from 'vitest';
import type { AgentRun } from '../../src/agent/agent.ts';
import { CURRENT_PRICE_BOOK } from '../../src/cost/price-book.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { Rig } from '../rig/rig.ts';
import { ScriptedAgent } from '../rig/scripted-agent.ts';
import { completed, dollars, Story } from './crash-rig.ts';
import { CHAIN } from './pipelines.ts';

const end = { structured: { found: [{ name: 'Y' }] }, text: '', grounding: [] };
/** An agent whose follow-ups are more of the agent run before them, under its id. */
function goingOn(more: Partial<AgentRun>): ScriptedAgent {
  const agent = new ScriptedAgent();
  const create = agent.create.bind(agent);
  agent.create = async (request, signal) => {
    if (request.previousRunId === undefined) return create(request, signal);
    await change(agent, more);
    return agent.get('run-1');
  };
  return agent;
}

async function change(agent: ScriptedAgent, more: Partial<AgentRun>): Promise<void> {
  const run = await agent.get('run-1');
  if (!run.ok) throw new Error('there is no agent run yet');
  agent.adopt({ ...run.value, ...more });
}

const spent = async (rig: Rig) =>
  (await rig.store.spending('2026-11-22T12:00:00.000Z')).day.reported;

describe('a follow-up', () => {
  test('is sent only once its parent is on disk', async () => {
    const story = new Story(CHAIN);
    story.remote.answer = ({ query }) =>
      completed({ found: [{ name: query === 'Find a firm.' ? 'X' : 'Y' }] });
    const dies = ({ name }: { name: string }) =>
      name === 'settle' ? ('unsynced' as const) : undefined;
    await story.live({ dies });
    expect(story.remote.counts.create).toBe(1);
    expect((await story.run()).exit).toBe(0);
    expect(story.remote.runs.map(({ request }) => request?.previousRunId)).toEqual([
      undefined,
      'run-1',
    ]);
  });

  test('that runs on under the id of its parent keeps both answers, and books only what was added', async () => {
    const story = new Story(CHAIN);
    const { remote } = story;
    remote.answer = () => completed({ found: [{ name: 'X' }] });
    const add = remote.add.bind(remote);
    remote.add = (request, fields) => {
      if (request.previousRunId === undefined) return add(request, fields);
      remote.answer = () => completed({ found: [{ name: 'Y' }] }, { costDollars: dollars(0.06) });
      return add(request, { ...fields, id: request.previousRunId });
    };
    const seenBy = remote.seenBy.bind(remote);
    remote.seenBy = (life) => {
      const agent = seenBy(life);
      // The second life of the agent run is the one that is seen.
      const last = (id: string): string =>
        remote.runs.length > 1 && id === 'run-1' ? 'run-2' : id;
      return {
        ...agent,
        wait: async (id, signal) => {
          const run = await agent.wait(last(id), signal);
          return run.ok ? { ok: true, value: { ...run.value, id } } : run;
        },
      };
    };
    expect((await story.run()).exit).toBe(0);
    expect(await story.table('firms')).toEqual([{ name: 'X' }]);
    expect(await story.table('more')).toEqual([{ name: 'Y' }]);
    const ends = (await story.ledger()).flatMap((it) =>
      it.type === 'attempt-ended' ? [[it.agentRunId, it.reported, it.estimated ?? false]] : [],
    );
    expect(ends).toEqual([
      ['run-1', 25_000, false],
      ['run-1', 35_000, true],
    ]);
  });

  test('that runs on under the id of its parent books only what was added to a cost that was told late', async () => {
    const agent = goingOn({ output: end, costDollars: dollars(0.06) });
    const rig = new Rig({ agent, store: new MemoryStore(), prices: CURRENT_PRICE_BOOK });
    const done = rig.run(CHAIN, { steps: ['firms'] });
    (await agent.nextCall()).complete({ found: [{ name: 'X' }] });
    await done;
    await change(agent, { costDollars: dollars(0.025) });
    rig.nowMs += 3_600_000;
    await rig.run(CHAIN);
    expect(await spent(rig)).toBe(60_000);
  });

  test('that was left open under the id of its parent books only what was added, though nobody asks for it', async () => {
    const agent = goingOn({ status: 'running', stopReason: null, completedAt: null });
    const rig = new Rig({ agent, store: new MemoryStore(), prices: CURRENT_PRICE_BOOK });
    const done = rig.run(CHAIN);
    (await agent.nextCall()).complete({ found: [{ name: 'X' }] }, { dollars: 0.025 });
    for (let i = 0; i < 200; i++) await new Promise(setImmediate);
    rig.abort.abort('detach');
    await done;
    await change(agent, {
      status: 'completed',
      stopReason: 'schema_satisfied',
      completedAt: '2026-11-22T12:00:00.000Z',
      output: end,
      costDollars: dollars(0.06),
    });
    const next = new Rig({ agent, store: rig.store, prices: CURRENT_PRICE_BOOK, seed: 9 });
    next.nowMs += 60_000;
    await next.run(CHAIN, { steps: ['firms'] });
    expect(await spent(rig)).toBe(60_000);
  });
});
