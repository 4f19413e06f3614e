import { describe, expect, test, vi } from 'vitest';
import { fromDollars } from '../../src/base/money.ts';
import { CURRENT_PRICE_BOOK } from '../../src/cost/price-book.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { Rig } from '../rig/rig.ts';
import { ScriptedAgent } from '../rig/scripted-agent.ts';
import { completed, dollars, Story } from './crash-rig.ts';
import { FOUND, inline } from './pipelines.ts';

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

test('row 45: a cost that was missing is asked for again, and takes the place of the ceiling', async () => {
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

test('row 45: as long as nobody says the cost, its ceiling stays taken', async () => {
  const { rig } = await unsaid();
  rig.nowMs += HOUR_MS;
  await rig.run(YAML);
  expect(await today(rig)).toEqual({ reported: 0, reserved: 0, unknown: 25_000 });
});

describe('while a run goes on', () => {
  const FIRMS = `
concurrency: 1
effort: low
steps:
  firms:
    input: ${inline([{ id: 'a' }, { id: 'b' }])}
    query: Which firm is {{row.id}}?${FOUND}
    key: name`;
  const MINUTE_MS = 60_000;

  /**
   * The first agent run ends at once and says what it cost from `saysAfterMs` on; the second one
   * takes `longMs`. Gives when the first was asked about, and how long the run took.
   */
  async function told(saysAfterMs: number, longMs: number, yaml = FIRMS, cap = 1) {
    const story = new Story(yaml);
    const { remote, clock } = story;
    const begunMs = clock.now();
    remote.durationMs = 0;
    remote.answer = ({ query }) => {
      remote.durationMs = longMs;
      const isFirst = query.endsWith('a?');
      const found = [{ name: isFirst ? 'A' : query }];
      return completed({ found }, { costDollars: dollars(isFirst ? 0.01 : 0.025) });
    };
    const asked: number[] = [];
    const seenBy = remote.seenBy.bind(remote);
    remote.seenBy = (life) => {
      const agent = seenBy(life);
      const quiet = (outcome: Awaited<ReturnType<typeof agent.get>>): typeof outcome => {
        if (!outcome.ok || outcome.value.id !== 'run-1') return outcome;
        if (clock.now() - begunMs >= saysAfterMs) return outcome;
        const { costDollars: _, ...run } = outcome.value;
        return { ok: true, value: run };
      };
      return {
        ...agent,
        wait: async (id, signal) => quiet(await agent.wait(id, signal)),
        get: async (id, signal) => {
          if (id === 'run-1') asked.push(clock.now() - begunMs);
          return quiet(await agent.get(id, signal));
        },
      };
    };
    const report = await story.run({ cap: fromDollars(cap) });
    return { story, asked, report, tookMs: clock.now() - begunMs };
  }

  test('row 45: a missing cost is asked for after 1, 5 and 30 minutes, until it is told', async () => {
    const never = await told(Infinity, 45 * MINUTE_MS);
    expect(never.asked).toEqual([1, 5, 30].map((minutes) => minutes * MINUTE_MS));
    expect(never.report.spend).toEqual({ reported: 25_000, reserved: 0, unknown: 25_000 });
    const then = await told(4 * MINUTE_MS, 45 * MINUTE_MS);
    expect(then.asked).toEqual([1, 5].map((minutes) => minutes * MINUTE_MS));
    expect(then.report.spend).toEqual({ reported: 35_000, reserved: 0, unknown: 0 });
    const entries = (await then.story.ledger()).filter(({ type }) => type === 'cost-told');
    expect(entries).toMatchObject([{ step: 'firms', reported: 10_000, reserved: 25_000 }]);
  });

  test('row 45: and no run takes longer for it', async () => {
    const { story, asked, report, tookMs } = await told(30_000, 40_000);
    expect(tookMs).toBeLessThan(MINUTE_MS);
    expect(asked).toEqual([]);
    expect(report.spend.unknown).toBe(25_000);
    expect(story.clock.sleepers).toBe(0);
    // The next run asks first of all.
    await story.run();
    expect(asked).toHaveLength(1);
    const entries = (await story.ledger()).filter(({ type }) => type === 'cost-told');
    expect(entries).toHaveLength(1);
  });

  test('row 45: what an earlier run has left is asked for at its next times as well', async () => {
    const { story, asked } = await told(Infinity, 40_000);
    story.remote.durationMs = 10 * MINUTE_MS;
    await story.run({ yaml: FIRMS.replace('"b"', '"c"') });
    expect(asked).toEqual([40_000, MINUTE_MS, 5 * MINUTE_MS]);
  });

  test('row 45: once told it leaves more room under the cap of the run', async () => {
    const three = FIRMS.replace('{"id":"b"}', '{"id":"b"},{"id":"c"}');
    const never = await told(Infinity, 10 * MINUTE_MS, three, 0.06);
    expect(never.report).toMatchObject({ exit: 3, spend: { reported: 25_000, unknown: 25_000 } });
    const then = await told(MINUTE_MS, 10 * MINUTE_MS, three, 0.06);
    expect(then.report).toMatchObject({ exit: 0, spend: { reported: 60_000, unknown: 0 } });
  });
});

test('a run asks a few of many before its first step, and the others beside its steps', async () => {
  const agent = new ScriptedAgent();
  const rig = new Rig({ agent, store: new MemoryStore(), prices: CURRENT_PRICE_BOOK });
  const yaml = `
effort: low
steps:
  firms:
    input: ${inline(Array.from({ length: 900 }, (_, i) => ({ id: String(i) })))}
    query: Q {{row.id}}?${FOUND}
    key: name`;
  const done = rig.run(yaml);
  for (let i = 0; i < 900; i++) (await agent.nextCall()).complete({ found: [{ name: `n${i}` }] });
  await done;
  let gets = 0;
  let before = -1;
  const get = agent.get.bind(agent);
  agent.get = (id) => (gets++, get(id));
  rig.onEvent = ({ type }) => {
    if (type === 'step-started') before = gets;
  };
  rig.nowMs += 3_600_000;
  const later = rig.run(yaml.replace('"id":"0"', '"id":"new"'));
  const call = await agent.nextCall();
  await vi.waitFor(() => expect(gets).toBe(900));
  call.complete({ found: [{ name: 'new' }] });
  await later;
  expect(before).toBeGreaterThanOrEqual(32);
  expect(before).toBeLessThanOrEqual(40);
});
