import { afterAll, describe, expect, test } from 'vitest';
import { openLocalAgent } from '../../../src/agent/local/local-agent.ts';
import { seededRandom } from '../../rig/seeded-random.ts';
import { problem } from '../backend.cases.ts';
import { ask, column, items, listOf, never, NOW, openAgent } from './local-rig.ts';

const TOP = {
  query: 'The ten largest countries in Africa by population, with their area.',
  outputSchema: listOf('countries', { name: 'string', population: 'integer', area_km2: 'number' }),
};

let shared: ReturnType<typeof openAgent> | undefined;

/** The agent over the quick start's corpus; all tests of this file share it. */
const quickstart = (): ReturnType<typeof openAgent> => (shared ??= openAgent());

afterAll(async () => (await shared)?.close());

describe('follow-ups', () => {
  test('more: the next ones, and never one that was given before', async () => {
    const agent = await quickstart();
    const first = await ask(agent, TOP);
    const second = await ask(agent, { query: 'Find 3 more.', previousRunId: first.id });
    const third = await ask(agent, { query: '2 more', previousRunId: second.id });
    expect(column(items(second, 'countries'), 'name')).toEqual(['Morocco', 'Angola', 'Ghana']);
    expect(column(items(third, 'countries'), 'name')).toEqual(['Mozambique', 'Madagascar']);
  });

  test('narrow and sort work on what was given', async () => {
    const agent = await quickstart();
    const first = await ask(agent, TOP);
    const narrow = await ask(agent, {
      query: 'Only those with more than 1,000,000 km2',
      previousRunId: first.id,
    });
    expect(column(items(narrow, 'countries'), 'name')).toEqual([
      'Ethiopia',
      'Egypt',
      'South Africa',
      'Algeria',
      'Sudan',
    ]);
    expect(narrow.output.text).toContain('1 record has no area_km2 and was left out.');
    const sorted = await ask(agent, {
      query: 'Sort by area, smallest first',
      previousRunId: narrow.id,
    });
    expect(column(items(sorted, 'countries'), 'name')[0]).toBe('Egypt');
  });

  test('of runs of another process go on from what these were asked', async () => {
    const [agent, other] = [await quickstart(), await openAgent()];
    try {
      const first = await ask(other, TOP);
      const second = await ask(other, { query: 'Find 3 more.', previousRunId: first.id });
      const chain = [first, second].map(({ id, request, createdAt }) => ({
        id,
        request: request ?? { query: '' },
        startedMs: Date.parse(createdAt),
      }));
      const created = await agent.create({ query: '2 more', previousRunId: second.id }, never, () =>
        Promise.resolve(chain),
      );
      if (!created.ok) throw new Error(created.error.message);
      const third = await agent.wait(created.value.id, never);
      if (!third.ok) throw new Error(third.error.message);
      expect(column(items(third.value, 'countries'), 'name')).toEqual(['Mozambique', 'Madagascar']);
      const gone = await agent.create(
        { query: '2 more', previousRunId: 'agent_run_x' },
        never,
        () => Promise.resolve(undefined),
      );
      expect(problem(gone)).toMatchObject({ apiCode: 'PREVIOUS_RUN_NOT_FOUND' });
    } finally {
      await other.close();
    }
  });

  test('of a run that is unknown or failed are refused', async () => {
    const agent = await quickstart();
    const unknown = await agent.create({ query: '10 more', previousRunId: 'agent_run_x' }, never);
    expect(problem(unknown)).toMatchObject({ kind: 'rejected', apiCode: 'PREVIOUS_RUN_NOT_FOUND' });
    const failed = await ask(agent, { query: 'Who won?' });
    const after = await agent.create({ query: '10 more', previousRunId: failed.id }, never);
    expect(problem(after)).toMatchObject({
      kind: 'rejected',
      apiCode: 'PREVIOUS_RUN_NOT_COMPLETED',
    });
  });
});

describe('requests without an honest answer', () => {
  test('an agent without a corpus fails and says what to do', async () => {
    const opened = await openLocalAgent({
      name: 'local',
      corpusFolder: undefined,
      clock: { now: () => NOW, sleep: () => Promise.resolve() },
      random: seededRandom(),
    });
    if (!opened.ok) throw new Error(opened.error.message);
    const run = await ask(opened.value, TOP);
    expect(run).toMatchObject({
      status: 'failed',
      stopReason: 'error',
      error: { code: 'NO_SOURCE' },
    });
    expect(run.error?.message).toContain('Name a folder');
  });

  test('a schema that no file can fill fails and says what there is', async () => {
    const outputSchema = listOf('films', { director: 'string', rating: 'number' });
    const run = await ask(await quickstart(), { query: 'Find films', outputSchema });
    expect(run).toMatchObject({ status: 'failed', error: { code: 'NO_MATCH' } });
    expect(run.error?.message).toContain(
      'No file of the corpus has a column for director, rating.',
    );
    expect(run.error?.message).toContain('countries.csv has name, code, continent');
  });

  test('a bad schema and an empty query are refused before anything runs', async () => {
    const agent = await quickstart();
    const bad = await agent.create({ query: 'x', outputSchema: { type: 'nonsense' } }, never);
    expect(problem(bad)).toMatchObject({ kind: 'rejected', apiCode: 'INVALID_OUTPUT_SCHEMA' });
    const empty = await agent.create({ query: '  ' }, never);
    expect(problem(empty)).toMatchObject({ kind: 'rejected', apiCode: 'INVALID_REQUEST' });
  });
});
