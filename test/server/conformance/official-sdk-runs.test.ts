import { describe, expect, test } from 'vitest';
import { sampleAnswer } from '../scripted-engine.ts';
import { startServer } from '../start-server.ts';
import { officialSdks, type OfficialSdk, type SdkRuns } from './official-sdk.ts';

const sdks = await officialSdks();

const ID = /^agent_run_[0-9a-hjkmnp-tv-z]{26}$/u;
const QUERY = 'Find two firms.';

/** Creates runs one after the other, each once the one before has ended. */
async function createAll(sdk: OfficialSdk, runs: SdkRuns, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let i = 1; i <= count; i++) {
    const { id } = await runs.create({ query: `Find ${i} firms.`, ...sdk.betas });
    await runs.pollUntilFinished(id, { pollInterval: 2, ...sdk.betas });
    ids.push(id);
  }
  return ids;
}

describe.each(sdks)('$name', (sdk) => {
  const { betas } = sdk;

  test('create gives a run that has not ended, with all that was asked for', async () => {
    const server = await startServer();
    server.engine.hold();
    const asked = {
      query: QUERY,
      systemPrompt: 'Prefer official sources.',
      input: { data: [{ company: 'Acme' }], exclusion: [{ company: 'Globex' }] },
      outputSchema: { type: 'object', properties: { firm: { type: 'string' } } },
      effort: 'low',
      metadata: { step: 'firms' },
      dataSources: [{ provider: 'similarweb' }],
    };
    const run = await sdk.connect(server.url, server.token).create({ ...asked, ...betas });
    expect(run).toEqual({
      id: expect.stringMatching(ID),
      object: 'agent_run',
      status: expect.stringMatching(/^(?:queued|running)$/u),
      stopReason: null,
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/u),
      completedAt: null,
      request: asked,
      output: { text: '', structured: null, grounding: [] },
      usage: { agentComputeUnits: 0, searches: 0, emails: 0, phoneNumbers: 0 },
      costDollars: { total: 0, agentCompute: 0, search: 0, emails: 0, phoneNumbers: 0 },
    });
  });

  test('get gives the run with its output, its use and its cost', async () => {
    const server = await startServer();
    const runs = sdk.connect(server.url, server.token);
    const [id = ''] = await createAll(sdk, runs, 1);
    const run = await runs.get(id, betas);
    expect(run).toMatchObject({
      id,
      status: 'completed',
      stopReason: 'schema_satisfied',
      output: {
        text: 'Answered: Find 1 firms.',
        grounding: [
          {
            field: 'text',
            citations: [{ url: 'https://acme.example/about', title: 'About Acme' }],
          },
        ],
      },
      usage: { agentComputeUnits: 0.18, searches: 2, emails: 0, phoneNumbers: 0 },
    });
    const { total, ...parts } = run.costDollars;
    expect(total).toBeGreaterThan(0);
    expect(total).toBeCloseTo(
      Object.values(parts).reduce((sum, part) => sum + part, 0),
      6,
    );
  });

  test('list gives pages, newest first', async () => {
    const server = await startServer();
    const runs = sdk.connect(server.url, server.token);
    const [first, second, third] = await createAll(sdk, runs, 3);
    const page = await runs.list({ limit: 2, ...betas });
    expect(page).toMatchObject({
      object: 'list',
      data: [{ id: third }, { id: second }],
      hasMore: true,
      nextCursor: second,
    });
    const rest = await runs.list({ limit: 2, cursor: page.nextCursor, ...betas });
    expect(rest).toMatchObject({ data: [{ id: first }], hasMore: false, nextCursor: null });
    expect((await runs.list(betas)).data).toHaveLength(3);
  });

  test('listAll and getAll go through all pages', async () => {
    const server = await startServer();
    const runs = sdk.connect(server.url, server.token);
    const ids = await createAll(sdk, runs, 5);
    const seen: string[] = [];
    for await (const run of runs.listAll({ limit: 2, ...betas })) seen.push(run.id);
    expect(seen).toEqual([...ids].reverse());
    expect((await runs.getAll({ limit: 3, ...betas })).map(({ id }) => id)).toEqual(seen);
  });

  test('list and getAll of a key without runs are empty', async () => {
    const server = await startServer();
    await createAll(sdk, sdk.connect(server.url, server.token), 1);
    const others = sdk.connect(server.url, server.otherToken);
    expect(await others.list(betas)).toEqual({
      object: 'list',
      data: [],
      hasMore: false,
      nextCursor: null,
    });
    expect(await others.getAll(betas)).toEqual([]);
  });

  test('events.list gives the events in order, in pages', async () => {
    const server = await startServer();
    const runs = sdk.connect(server.url, server.token);
    const [id = ''] = await createAll(sdk, runs, 1);
    const { data, hasMore, nextCursor } = await runs.events.list(id, betas);
    const run = await runs.get(id, betas);
    expect({ hasMore, nextCursor }).toEqual({ hasMore: false, nextCursor: null });
    expect(data).toEqual([
      {
        id: '1',
        event: 'agent_run.created',
        data: { id, status: 'queued', createdAt: run.createdAt },
        createdAt: run.createdAt,
      },
      {
        id: '2',
        event: 'agent_run.started',
        data: { id, status: 'running' },
        createdAt: expect.stringMatching(/Z$/u),
      },
      { id: '3', event: 'agent_run.completed', data: run, createdAt: run.completedAt },
    ]);
    const page = await runs.events.list(id, { limit: 2, ...betas });
    expect(page).toMatchObject({ data: [{ id: '1' }, { id: '2' }], hasMore: true });
    const rest = await runs.events.list(id, { cursor: page.nextCursor, ...betas });
    expect(rest).toMatchObject({ data: [{ id: '3' }], hasMore: false, nextCursor: null });
  });

  test('cancel ends a run, and changes nothing of one that has ended', async () => {
    const server = await startServer();
    const runs = sdk.connect(server.url, server.token);
    const [done = ''] = await createAll(sdk, runs, 1);
    server.engine.hold();
    const { id } = await runs.create({ query: QUERY, ...betas });
    await server.engine.began(id);
    const cancelled = await runs.cancel(id, betas);
    expect(cancelled).toMatchObject({
      id,
      status: 'cancelled',
      stopReason: 'cancelled',
      completedAt: expect.stringMatching(/Z$/u),
      output: { text: '', structured: null, grounding: [] },
    });
    expect(await runs.cancel(id, betas)).toEqual(cancelled);
    expect(await runs.get(id, betas)).toEqual(cancelled);
    expect(await runs.cancel(done, betas)).toMatchObject({ id: done, status: 'completed' });
  });

  test('delete forgets a run, also an active one', async () => {
    const server = await startServer();
    const runs = sdk.connect(server.url, server.token);
    const [done = ''] = await createAll(sdk, runs, 1);
    server.engine.hold();
    const { id: active } = await runs.create({ query: QUERY, ...betas });
    for (const id of [done, active]) {
      expect(await runs.delete(id, betas)).toEqual({
        id,
        object: 'agent_run.deleted',
        deleted: true,
      });
      await expect(runs.get(id, betas)).rejects.toMatchObject({ statusCode: 404 });
      await expect(runs.delete(id, betas)).rejects.toMatchObject({ statusCode: 404 });
    }
    expect((await runs.list(betas)).data).toEqual([]);
  });

  test('a follow-up is a run of its own that names the one before', async () => {
    const server = await startServer();
    const runs = sdk.connect(server.url, server.token);
    const [before = ''] = await createAll(sdk, runs, 1);
    const run = await runs.create({ query: '10 more', previousRunId: before, ...betas });
    expect(run).toMatchObject({
      id: expect.stringMatching(ID),
      request: { query: '10 more', previousRunId: before },
    });
    expect(run.id).not.toBe(before);
    const { earlier } = await server.engine.began(run.id);
    expect(await earlier()).toMatchObject([{ id: before }]);
  });

  test('a base URL with a slash at its end works like one without', async () => {
    const server = await startServer();
    const runs = sdk.connect(`${server.url}/`, server.token);
    const [id = ''] = await createAll(sdk, runs, 1);
    expect(await runs.get(id, betas)).toMatchObject({ id, status: 'completed' });
    expect(await runs.list({ limit: 1, ...betas })).toMatchObject({ data: [{ id }] });
    expect((await runs.events.list(id, betas)).data).toHaveLength(3);
    expect(await runs.cancel(id, betas)).toMatchObject({ id });
    expect(await runs.delete(id, betas)).toMatchObject({ id, deleted: true });
  });
});

const stops = sdks.map((sdk) => [sdk, 'stop' in sdk.connect('http://127.0.0.1', 'key')] as const);

describe.each(
  stops.map(([sdk, known]) => ({
    name: known ? sdk.name : `${sdk.name}, which has no stop`,
    sdk,
    known,
  })),
)('$name', ({ sdk, known }) => {
  const { betas } = sdk;

  test.skipIf(!known)('stop lets an ultra run end with what it has', async () => {
    const server = await startServer();
    const runs = sdk.connect(server.url, server.token);
    server.engine.hold();
    const { id } = await runs.create({ query: QUERY, effort: 'ultra', ...betas });
    const { finish, request } = await server.engine.began(id);
    expect(finish.aborted).toBe(false);
    expect(await runs.stop?.(id, betas)).toMatchObject({ id });
    expect(finish.aborted).toBe(true);
    const found = sampleAnswer(request);
    await server.engine.release(id, found.ok ? { ...found, partial: true } : found);
    const run = await runs.pollUntilFinished(id, { pollInterval: 2, ...betas });
    expect(run).toMatchObject({ status: 'completed', stopReason: 'stopped' });
    expect(await runs.stop?.(id, betas)).toEqual(run);
  });

  test.skipIf(!known)('stop is refused for other efforts', async () => {
    const server = await startServer();
    const runs = sdk.connect(server.url, server.token);
    server.engine.hold();
    const { id } = await runs.create({ query: QUERY, effort: 'low', ...betas });
    await expect(runs.stop?.(id, betas)).rejects.toMatchObject({
      statusCode: 400,
      type: 'INVALID_REQUEST',
      code: 'INVALID_REQUEST',
    });
    expect((await server.engine.began(id)).finish.aborted).toBe(false);
  });
});
