import { describe, expect, test, vi } from 'vitest';
import type { AgentBackend, AgentRequest } from '../../src/agent/agent.ts';
import type { Json, JsonObject } from '../../src/base/json.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import type { Store } from '../../src/store/store.ts';
import { Rig } from '../rig/rig.ts';
import { ScriptedAgent } from '../rig/scripted-agent.ts';
import { mortalStore } from './mortal-store.ts';
import { FOUND, inline, rowOf, TOWN, shown } from './pipelines.ts';

vi.setConfig({ testTimeout: 60_000 });

const YAML = `
concurrency: 2
steps:
  firms:
    input: ${inline([{ id: 'a' }, { id: 'b' }, { id: 'c' }])}
    query: Which firm is {{row.id}}?${FOUND}
    key: name
  homes:
    input: firms
    query: Where is {{row.name}}?${TOWN}
  others:
    exclude: [firms]
    query: Find other firms.${FOUND}
    key: name
  sizes:
    input: { from: others, batch: 2 }
    query: How large are they?${FOUND}
    key: name`;

const STEPS = ['firms', 'homes', 'others', 'sizes'];

function answer(request: AgentRequest): Json {
  if (request.query.startsWith('Where'))
    return { town: `Town of ${shown(rowOf(request)['name'])}` };
  if (request.query.startsWith('How')) {
    return {
      found: (request.input?.data ?? []).map(({ name }) => ({ name: name ?? '', size: 7 })),
    };
  }
  if (request.query.startsWith('Find'))
    return { found: [{ name: 'X' }, { name: 'Y' }, { name: 'Z' }] };
  return { found: [{ name: `Firm ${shown(rowOf(request)['id'])}` }] };
}

/** The world outside: it lives on when the process dies. Every agent run costs a cent. */
class World extends ScriptedAgent {
  #over = false;

  constructor() {
    super();
    void this.#serve();
  }

  async #serve(): Promise<void> {
    while (!this.#over) {
      const call = await this.nextCall();
      if (call.request !== undefined) call.complete(answer(call.request), { dollars: 0.01 });
    }
  }

  end(): void {
    this.#over = true;
  }

  /** How often each question was bought. */
  bought(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { query, input } of this.created) {
      const question = `${query} ${JSON.stringify(input?.data ?? null)}`;
      counts.set(question, (counts.get(question) ?? 0) + 1);
    }
    return counts;
  }
}

/** The agent as a process sees it: a dead one sends nothing. */
const seenBy = (world: World, isDead: () => boolean): AgentBackend => ({
  name: world.name,
  identity: world.identity,
  ephemeral: false,
  priceBook: undefined,
  create: (request, signal) =>
    isDead() ? new Promise(() => undefined) : world.create(request, signal),
  get: (id) => world.get(id),
  wait: (id, signal) => world.wait(id, signal),
  cancel: (id) => world.cancel(id),
  list: (options) => world.list(options),
  close: () => Promise.resolve(),
});

const turns = async (count: number): Promise<void> => {
  for (let n = 0; n < count; n++) await new Promise((resolve) => setImmediate(resolve));
};

/** Runs until the end or the death of the process. */
async function live(
  world: World,
  store: Store,
  isDead: () => boolean,
  seed = 7,
): Promise<'ended' | 'died'> {
  const rig = new Rig({ agent: seenBy(world, isDead), store, seed });
  let over = false;
  const done = rig.run(YAML).then(() => (over = true));
  while (!over && !isDead()) await turns(1);
  if (!over) {
    await turns(20);
    return 'died';
  }
  await done;
  return 'ended';
}

async function tables(store: Store): Promise<Record<string, readonly JsonObject[]>> {
  const rig = new Rig({ agent: new ScriptedAgent(), store });
  const all: Record<string, readonly JsonObject[]> = {};
  for (const step of STEPS) all[step] = await rig.table(step);
  return all;
}

async function uncrashed(): Promise<{
  tables: Awaited<ReturnType<typeof tables>>;
  agentRuns: number;
}> {
  const world = new World();
  const store = new MemoryStore();
  await live(world, store, () => false);
  world.end();
  return { tables: await tables(store), agentRuns: world.created.length };
}

describe.each(['heard', 'unheard'] as const)('a process that dies after any write, %s,', (last) => {
  test('leaves what the next one needs: nothing is bought twice and the tables are the same', async () => {
    const whole = await uncrashed();
    expect(whole.agentRuns).toBe(9);
    let deaths = 0;
    let doubts = 0;
    for (let writes = 0; ; writes++) {
      const world = new World();
      const store = new MemoryStore();
      const mortal = mortalStore(store, writes, last);
      if ((await live(world, mortal.store, mortal.isDead)) === 'ended') break;
      deaths++;
      const inDoubt = (await store.openAttempts()).filter((it) => it.agentRunId === undefined);
      expect(await live(world, store, () => false, 8)).toBe('ended');
      world.end();
      const counts = [...world.bought().values()];
      expect(Math.max(0, ...counts), `bought after death at write ${writes}`).toBeLessThanOrEqual(
        1,
      );
      if (inDoubt.length > 0) doubts++;
      expect(await store.openAttempts()).toEqual([]);
      expect(await tables(store), `after death at write ${writes}`).toEqual(whole.tables);
      expect(world.created).toHaveLength(whole.agentRuns);
      // The money is in the ledger once for every agent run.
      const ended: string[] = [];
      for await (const portion of store.ledger()) {
        for (const entry of portion) {
          if (entry.type !== 'attempt-ended') continue;
          // What was shown to be absent cost nothing.
          if (entry.agentRunId === null) expect(entry.reported).toBe(0);
          else ended.push(entry.agentRunId);
        }
      }
      expect(new Set(ended).size).toBe(ended.length);
      expect(ended).toHaveLength(whole.agentRuns);
    }
    expect(deaths).toBeGreaterThan(30);
    expect(doubts).toBeGreaterThan(5);
    expect(doubts).toBeLessThan(deaths);
  });
});
