import { expect, test } from 'vitest';
import { CURRENT_PRICE_BOOK } from '../../src/cost/price-book.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { Rig } from '../rig/rig.ts';
import { ScriptedAgent } from '../rig/scripted-agent.ts';

const YAML = `
steps:
  firms:
    query: Which firm?
    effort: low`;
const NOW = '2026-11-22T12:00:00.000Z';
const HOUR_MS = 60 * 60 * 1_000;

/** One agent run that ended and did not say what it cost. */
async function unsaid(): Promise<{ readonly rig: Rig; readonly agent: ScriptedAgent }> {
  const agent = new ScriptedAgent();
  const rig = new Rig({ agent, store: new MemoryStore(), prices: CURRENT_PRICE_BOOK });
  const done = rig.run(YAML);
  (await agent.nextCall()).complete(null, { text: 'Alder' });
  const { spend } = await done;
  expect(spend).toEqual({ reported: 0, reserved: 0, unknown: 25_000 });
  return { rig, agent };
}

const today = async ({ store }: Rig): Promise<unknown> => (await store.spending(NOW)).day;

test('fault 45: a cost that was missing is asked for again, and takes the place of the ceiling', async () => {
  const { rig, agent } = await unsaid();
  const run = await agent.get('run-1');
  if (!run.ok) throw new Error(run.error.message);
  const cost = { total: 0.02, agentCompute: 0.02, search: 0, emails: 0, phoneNumbers: 0 };
  agent.adopt({ ...run.value, costDollars: cost });
  rig.nowMs += HOUR_MS;
  expect((await rig.run(YAML)).exit).toBe(0);
  expect(await today(rig)).toEqual({ reported: 20_000, reserved: 0, unknown: 0 });
  expect(agent.created).toHaveLength(1);
  const told: unknown[] = [];
  for await (const entries of rig.store.ledger()) {
    told.push(...entries.filter(({ type }) => type === 'cost-told'));
  }
  await rig.run(YAML);
  expect(told).toMatchObject([{ step: 'firms', reported: 20_000, reserved: 25_000 }]);
  expect(await today(rig)).toEqual({ reported: 20_000, reserved: 0, unknown: 0 });
});

test('fault 45: as long as nobody says the cost, its ceiling stays taken', async () => {
  const { rig } = await unsaid();
  rig.nowMs += HOUR_MS;
  await rig.run(YAML);
  expect(await today(rig)).toEqual({ reported: 0, reserved: 0, unknown: 25_000 });
});
