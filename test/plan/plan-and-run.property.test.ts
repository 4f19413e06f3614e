import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import type { AgentRequest } from '../../src/agent/agent.ts';
import type { Json } from '../../src/base/json.ts';
import type { StepCounts } from '../../src/execution/events.ts';
import type { StepPlan } from '../../src/execution/plan-notes.ts';
import type { RunReport } from '../../src/execution/run-pipeline.ts';
import { Rig } from '../rig/rig.ts';
import { Answered, functionAgent } from '../rig/scripted-agent.ts';

vi.setConfig({ testTimeout: 120_000 });

const DAY = 86_400_000;

/** Mostly the first: an edit changes one thing or two. */
const mostly = <T>(usual: T, ...others: readonly T[]): fc.Arbitrary<T> =>
  fc.constantFrom(usual, usual, usual, usual, usual, ...others);

/** One state of a pipeline whose steps wait for no other step's new answers. */
const shape = fc.record({
  ids: fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'bad', 'worse'), {
    minLength: 1,
    maxLength: 6,
  }),
  batch: fc.constantFrom(1, 2, 3),
  wording: mostly('How large', 'How big'),
  system: mostly<string | undefined>(undefined, 'Be brief.'),
  effort: mostly<string | undefined>(undefined, 'low'),
  ttlDays: mostly<number | undefined>(undefined, 1, 30),
  excluded: mostly<string | undefined>(undefined, 'Zoo'),
  alone: mostly(true, false),
  history: mostly(true, false),
});
type Shape = typeof shape extends fc.Arbitrary<infer T> ? T : never;

const move = fc.record({
  shape,
  daysLater: fc.constantFrom(0, 0, 2, 40),
  refresh: fc.constantFrom([], [], ['sizes'], ['sizes', 'finds']),
  limit: fc.constantFrom(undefined, undefined, 1),
});

const SCHEMA = `
    schema:
      type: object
      required: [found]
      properties:
        found: { type: array, items: { type: object, required: [name], properties: { name: { type: string } } } }
    key: name`;

function yamlOf({
  ids,
  batch,
  wording,
  system,
  effort,
  ttlDays,
  excluded,
  alone,
  history,
}: Shape): string {
  const options = [
    system === undefined ? '' : `\n    system: ${system}`,
    effort === undefined ? '' : `\n    effort: ${effort}`,
    ttlDays === undefined ? '' : `\n    ttl: ${ttlDays}d`,
    excluded === undefined ? '' : `\n    exclude: [{ name: ${excluded} }]`,
  ].join('');
  const finds = `
  finds:
    query: ${wording} is the list?${options.replace(/\n {4}exclude.*/, '')}${history ? '\n    exclude: [finds]' : ''}${SCHEMA}`;
  return `
steps:
  sizes:
    input: { from: ${JSON.stringify(ids.map((name) => ({ name })))}, batch: ${batch} }
    query: ${wording} are they?${options}${SCHEMA}${alone ? finds : ''}`;
}

/** Leaves "bad" out of a batch, and fails where "worse" is asked about. */
function answer(request: AgentRequest): Json | Answered {
  const rows = request.input?.data ?? [];
  if (rows.some(({ name }) => name === 'worse'))
    return new Answered({ status: 'failed', stopReason: 'error' });
  if (rows.length === 1 && rows[0]?.['name'] === 'bad') return { lost: true };
  return {
    found: rows.filter(({ name }) => name !== 'bad').map(({ name }) => ({ name: name ?? '' })),
  };
}

test('a plan says exactly what the run after it starts, reuses and holds', async () => {
  let started = 0;
  let reused = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(move, { minLength: 3, maxLength: 6 }), async (moves) => {
      const rig = new Rig({ agent: functionAgent(answer) });
      for (const { shape: state, daysLater, refresh, limit } of moves) {
        rig.nowMs += daysLater * DAY;
        const yaml = yamlOf(state);
        const before = await ledgerOf(rig);
        const plan = await rig.plan(yaml, { refresh });
        expect(await ledgerOf(rig)).toEqual(before);
        rig.events.length = 0;
        const run = await rig.run(yaml, { refresh, ...(limit === undefined ? {} : { limit }) });
        for (const step of plan) {
          const counts = compare(rig, step, run, limit);
          started += counts?.started ?? 0;
          reused += counts?.reused ?? 0;
        }
      }
    }),
    { numRuns: 60 },
  );
  expect(started).toBeGreaterThan(50);
  expect(reused).toBeGreaterThan(20);
});

function compare(
  rig: Rig,
  { step, toRun, agentRuns, tasks, unchanged }: StepPlan,
  run: RunReport,
  limit: number | undefined,
): StepCounts | undefined {
  const report = run.steps.get(step);
  const begun = rig.eventsOf('task-started').filter((event) => event.step === step);
  if (limit === undefined) {
    expect(report?.counts.started).toBe(toRun);
    expect(begun).toHaveLength(agentRuns);
    if (step === 'sizes') expect(report?.counts.tasks).toBe(tasks);
  } else {
    expect(begun.length).toBe(Math.min(agentRuns, limit));
  }
  expect(unchanged).toBe(report?.outcome === 'unchanged');
  return report?.counts;
}

async function ledgerOf(rig: Rig): Promise<readonly unknown[]> {
  const entries = [];
  for await (const portion of rig.store.ledger()) entries.push(...portion);
  return entries;
}
