import { describe, expect, test } from 'vitest';
import type { AgentUsage } from '../../../src/agent/agent.ts';
import type { EngineOutcome } from '../../../src/server/engine.ts';
import { operations } from '../contract/openapi-document.ts';
import { sampleAnswer, ScriptedEngine } from '../scripted-engine.ts';
import { startServer as start, type StartedServer, type StartOptions } from '../start-server.ts';
import { officialSdks, type SdkRun } from './official-sdk.ts';

const sdks = await officialSdks();

const TOKEN = 'agent-2026-05-07';
const BETA = { 'exa-beta': TOKEN };
const NOBODY = 'agent_run_01kaf3m8q2v5x7z9b1d3f5h7k9';
const QUERY = 'Find two firms.';

const startServer = (options: StartOptions = {}): Promise<StartedServer> =>
  start({ ...options, contract: '2026-05-07' });

/** An engine whose runs use this much. */
const using = (usage: Partial<AgentUsage>, partial = false): ScriptedEngine =>
  new ScriptedEngine(({ request, used }): EngineOutcome => {
    const answer = sampleAnswer(request);
    const all = { ...answer.usage, ...usage };
    used(all);
    return answer.ok ? { ...answer, usage: all, partial } : answer;
  });

async function create(server: StartedServer, body: object): Promise<[number, SdkRun]> {
  const response = await server.fetch('/agent/runs', {
    method: 'POST',
    headers: BETA,
    body: JSON.stringify(body),
  });
  return [response.status, (await response.json()) as SdkRun];
}

/** Creates a run and comes back with its end. */
async function finish(server: StartedServer, body: object): Promise<SdkRun> {
  const response = await server.fetch('/agent/runs', {
    method: 'POST',
    headers: { ...BETA, accept: 'text/event-stream' },
    body: JSON.stringify(body),
  });
  const last = (await response.text()).trimEnd().split('\n').at(-1) ?? '';
  return JSON.parse(last.replace(/^data: /u, '')) as SdkRun;
}

const agentOperations = operations
  .filter(({ path }) => path.startsWith('/agent/'))
  .map(({ method, path }) => ({ method, path: path.replace('{id}', NOBODY) }));

describe('the header Exa-Beta', () => {
  test.each(agentOperations)('$method $path needs it', async ({ method, path }) => {
    const server = await startServer();
    const answers: unknown[] = [];
    for (const headers of [{}, { 'exa-beta': ' ' }, { 'exa-beta': 'agent-2099-01-01' }]) {
      const response = await server.fetch(path, { method, headers });
      answers.push([response.status, ((await response.json()) as { error: object }).error]);
    }
    expect(answers).toMatchObject([
      [400, { type: 'INVALID_REQUEST', code: 'MISSING_BETA_HEADER' }],
      [400, { type: 'INVALID_REQUEST', code: 'MISSING_BETA_HEADER' }],
      [400, { type: 'INVALID_REQUEST', code: 'INVALID_BETA_HEADER' }],
    ]);
    expect(server.engine.tasks).toEqual([]);
  });

  test('it may be one of several tokens', async () => {
    const server = await startServer();
    const headers = { 'exa-beta': `something-else, ${TOKEN}` };
    expect((await server.fetch('/agent/runs', { headers })).status).toBe(200);
  });

  test('without a key it is not looked at', async () => {
    const server = await startServer();
    const response = await server.fetch('/agent/runs', { headers: { 'x-api-key': 'nobody' } });
    expect(response.status).toBe(401);
  });

  test.each(['/healthz', '/openapi.json', '/docs'])('%s needs none', async (path) => {
    const server = await startServer();
    expect((await server.fetch(path)).status).toBe(200);
  });

  test.each(sdks.filter(({ betas }) => !('betas' in betas)))(
    '$name sends none and is told so',
    async (sdk) => {
      const server = await startServer();
      const runs = sdk.connect(server.url, server.token);
      const code = sdk.typedErrors ? { code: 'MISSING_BETA_HEADER' } : {};
      await expect(runs.list()).rejects.toMatchObject({ statusCode: 400, ...code });
      await expect(runs.create({ query: QUERY })).rejects.toMatchObject({
        statusCode: 400,
        ...code,
      });
    },
  );
});

describe.each(sdks.filter(({ betas }) => 'betas' in betas))('$name', ({ connect, betas }) => {
  test('speaks with it from create to delete', async () => {
    const server = await startServer();
    const runs = connect(server.url, server.token);
    const { id } = await runs.create({ query: QUERY, effort: 'low', ...betas });
    const run = await runs.pollUntilFinished(id, { pollInterval: 2, ...betas });
    expect(run).toMatchObject({ status: 'completed', stopReason: 'schema_satisfied' });
    const names: string[] = [];
    for await (const { event } of await runs.create({ query: QUERY, stream: true, ...betas })) {
      names.push(event);
    }
    expect(names.at(-1)).toBe('agent_run.completed');
    expect(await runs.getAll({ limit: 1, ...betas })).toHaveLength(2);
    expect((await runs.events.list(id, betas)).data).toHaveLength(3);
    expect(await runs.cancel(id, betas)).toEqual(run);
    expect(await runs.delete(id, betas)).toMatchObject({ id, deleted: true });
  });
});

describe('requests', () => {
  test.each(['minimal', 'ultra', 'max'])('the effort %s does not exist yet', async (effort) => {
    const server = await startServer();
    const [status, body] = await create(server, { query: QUERY, effort });
    expect([status, body]).toMatchObject([400, { error: { code: 'INVALID_REQUEST' } }]);
  });

  test.each(['low', 'medium', 'high', 'xhigh', 'auto'])(
    'a budget is accepted with the effort %s and changes nothing',
    async (effort) => {
      const server = await startServer({ engine: using({ searches: 20, agentComputeUnits: 50 }) });
      const budget = { maxCostDollars: 0 };
      const [status, created] = await create(server, { query: QUERY, effort, budget });
      expect([status, created.request]).toEqual([200, { query: QUERY, effort, budget }]);
      const task = await server.engine.began(created.id);
      const withBudget = await finish(server, { query: QUERY, effort, budget });
      const without = await finish(server, { query: QUERY, effort });
      expect(withBudget.costDollars).toEqual(without.costDollars);
      expect(withBudget.costDollars['total']).toBeGreaterThan(0);
      expect(withBudget.stopReason).toBe(without.stopReason);
      expect(task.finish.aborted).toBe(effort === 'low' || effort === 'medium');
    },
  );
});

describe('ends', () => {
  test('there are four stop reasons', async () => {
    const server = await startServer({ engine: using({}, true) });
    const failing = await startServer();
    const held = await startServer();
    held.engine.hold();
    const [, { id }] = await create(held, { query: QUERY });
    const cancelled = await held.fetch(`/agent/runs/${id}/cancel`, {
      method: 'POST',
      headers: BETA,
    });
    const expensive = await startServer({ engine: using({ searches: 100 }) });
    const reasons = [
      await finish(failing, { query: QUERY }),
      await finish(expensive, { query: QUERY, effort: 'low' }),
      await finish(failing, { query: 'Fail.' }),
      (await cancelled.json()) as SdkRun,
    ].map(({ status, stopReason }) => [status, stopReason]);
    expect(reasons).toEqual([
      ['completed', 'schema_satisfied'],
      ['completed', 'budget_reached'],
      ['failed', 'error'],
      ['cancelled', 'cancelled'],
    ]);
    // An engine that found only part has no word of its own for it.
    const partial = await finish(server, { query: QUERY });
    expect(['schema_satisfied', 'budget_reached']).toContain(partial.stopReason);
  });

  test.each(['low', 'auto'])('no run can be stopped, also of effort %s', async (effort) => {
    const server = await startServer();
    server.engine.hold();
    const [, { id }] = await create(server, { query: QUERY, effort });
    const stopped = await server.fetch(`/agent/runs/${id}/stop`, { method: 'POST', headers: BETA });
    expect(stopped.status).toBe(400);
    expect(await stopped.json()).toMatchObject({ error: { code: 'INVALID_REQUEST' } });
  });
});

describe('accounting', () => {
  test('compute units are whole numbers at the prices of the time', async () => {
    const server = await startServer({
      engine: using({ agentComputeUnits: 2_000.2, searches: 3 }),
    });
    const run = await finish(server, { query: QUERY });
    expect(run.usage).toEqual({
      agentComputeUnits: 2_001,
      searches: 3,
      emails: 0,
      phoneNumbers: 0,
    });
    expect(run.costDollars).toEqual({
      total: 0.2211,
      agentCompute: 0.2001,
      search: 0.021,
      emails: 0,
      phoneNumbers: 0,
    });
  });

  test.each([
    ['low', 0.025],
    ['medium', 0.1],
    ['high', 0.5],
    ['xhigh', 2],
  ])('an effort of %s costs at most $%d, contacts on top', async (effort, cap) => {
    const server = await startServer({
      engine: using({ searches: 1_000, emails: 1, phoneNumbers: 2 }),
    });
    const { costDollars, stopReason } = await finish(server, { query: QUERY, effort });
    const { agentCompute = 0, search = 0, emails, phoneNumbers, total } = costDollars;
    expect(agentCompute + search).toBeCloseTo(cap, 6);
    expect({ emails, phoneNumbers }).toEqual({ emails: 0.02, phoneNumbers: 0.14 });
    expect(total).toBeCloseTo(cap + 0.16, 6);
    expect(stopReason).toBe('budget_reached');
  });
});

test('two agent runs may be active at once', async () => {
  const server = await startServer();
  server.engine.hold();
  const [, { id }] = await create(server, { query: QUERY });
  await create(server, { query: QUERY });
  const third = await server.fetch('/agent/runs', {
    method: 'POST',
    headers: BETA,
    body: JSON.stringify({ query: QUERY }),
  });
  expect([third.status, third.headers.get('retry-after')]).toEqual([
    429,
    expect.stringMatching(/^[1-5]$/u),
  ]);
  expect(await third.json()).toMatchObject({
    error: { type: 'RATE_LIMIT_ERROR', code: 'CONCURRENCY_LIMIT_REACHED' },
  });
  await server.fetch(`/agent/runs/${id}`, { method: 'DELETE', headers: BETA });
  expect((await create(server, { query: QUERY }))[0]).toBe(200);
});
