import { describe, expect, test } from 'vitest';
import { startServer } from '../start-server.ts';
import { officialSdks } from './official-sdk.ts';

const sdks = (await officialSdks()).map((sdk) => ({
  name: `${sdk.name}, ${sdk.typedErrors ? 'whose errors have type and code' : 'whose errors have the status only'}`,
  sdk,
}));

const QUERY = 'Find two firms.';
const NOBODY = 'agent_run_01kaf3m8q2v5x7z9b1d3f5h7k9';

describe.each(sdks)('$name', ({ sdk }) => {
  const { betas, module } = sdk;

  /** What a call throws; anything but the SDK's own error is an error of the test. */
  async function thrown(call: Promise<unknown>): Promise<Error> {
    const error = await call.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (error instanceof module.ExaError) return error;
    throw new Error('The call threw no ExaError.', { cause: error });
  }

  /** What this version shows of an error. */
  const shown = (statusCode: number, type: string, code: string): object =>
    sdk.typedErrors
      ? {
          statusCode,
          type,
          code,
          message: expect.stringMatching(/^.{10,300}$/u),
          requestId: expect.stringMatching(/^[0-9a-f]{32}$/u),
        }
      : { statusCode };

  const invalid = shown(400, 'INVALID_REQUEST', 'INVALID_REQUEST');

  test('400: a key that does not exist, with the list of issues', async () => {
    const server = await startServer();
    const runs = sdk.connect(server.url, server.token);
    const error = await thrown(runs.create({ query: QUERY, count: 3, ...betas }));
    expect(error).toMatchObject(invalid);
    if (sdk.typedErrors) {
      expect(error).toMatchObject({ detail: expect.stringContaining('"unrecognized_keys"') });
    }
    expect((await runs.list(betas)).data).toEqual([]);
  });

  test.each([
    ['an empty query', { query: ' ' }],
    ['no query', {}],
    ['an effort that does not exist', { query: QUERY, effort: 'huge' }],
    ['a budget with a fixed price', { query: QUERY, effort: 'low', budget: { maxCostDollars: 2 } }],
    ['metadata that is no text', { query: QUERY, metadata: { count: 3 } }],
    ['a previousRunId that is none', { query: QUERY, previousRunId: 'no run/at all' }],
  ])('400: %s', async (_name, body) => {
    const server = await startServer();
    const runs = sdk.connect(server.url, server.token);
    expect(await thrown(runs.create({ ...body, ...betas }))).toMatchObject(invalid);
  });

  test.each([
    ['INVALID_OUTPUT_SCHEMA', { outputSchema: { type: 'no-such-type' } }],
    ['INVALID_DATA_SOURCE', { dataSources: [{ provider: 'nobody' }] }],
    ['PREVIOUS_RUN_NOT_FOUND', { previousRunId: NOBODY }],
  ])('400: %s', async (code, body) => {
    const server = await startServer();
    const runs = sdk.connect(server.url, server.token);
    expect(await thrown(runs.create({ query: QUERY, ...body, ...betas }))).toMatchObject(
      shown(400, 'INVALID_REQUEST', code),
    );
  });

  test('400: PREVIOUS_RUN_NOT_COMPLETED', async () => {
    const server = await startServer();
    const runs = sdk.connect(server.url, server.token);
    server.engine.hold();
    const { id } = await runs.create({ query: QUERY, ...betas });
    const error = await thrown(runs.create({ query: '10 more', previousRunId: id, ...betas }));
    expect(error).toMatchObject(shown(400, 'INVALID_REQUEST', 'PREVIOUS_RUN_NOT_COMPLETED'));
  });

  test('400: a limit or a cursor that is none', async () => {
    const server = await startServer();
    const runs = sdk.connect(server.url, server.token);
    const { id } = await runs.create({ query: QUERY, ...betas });
    const calls = [
      runs.list({ limit: 101, ...betas }),
      runs.list({ cursor: 'no cursor', ...betas }),
      runs.events.list(id, { limit: -1, ...betas }),
      runs.events.list(id, { cursor: 'x', ...betas }),
    ];
    for (const error of await Promise.all(calls.map(thrown))) {
      expect(error).toMatchObject(invalid);
    }
  });

  test('401: a key that is not known', async () => {
    const server = await startServer();
    const runs = sdk.connect(server.url, 'no-such-key');
    const calls = [
      runs.create({ query: QUERY, ...betas }),
      runs.list(betas),
      runs.get(NOBODY, betas),
    ];
    for (const error of await Promise.all(calls.map(thrown))) {
      const refused = shown(401, 'AUTHENTICATION_ERROR', 'TEAM_NOT_FOUND');
      expect(error).toMatchObject(refused);
    }
    expect(server.engine.tasks).toEqual([]);
  });

  test('404: a run that does not exist, and a run of another key', async () => {
    const server = await startServer();
    const others = sdk.connect(server.url, server.otherToken);
    const { id: foreign } = await others.create({ query: QUERY, ...betas });
    const runs = sdk.connect(server.url, server.token);
    for (const id of [NOBODY, foreign]) {
      const calls = [
        runs.get(id, betas),
        runs.events.list(id, betas),
        runs.cancel(id, betas),
        runs.delete(id, betas),
      ];
      for (const error of await Promise.all(calls.map(thrown))) {
        expect(error).toMatchObject(shown(404, 'NOT_FOUND', 'RUN_NOT_FOUND'));
      }
    }
    const error = await thrown(runs.create({ query: QUERY, previousRunId: foreign, ...betas }));
    expect(error).toMatchObject(shown(400, 'INVALID_REQUEST', 'PREVIOUS_RUN_NOT_FOUND'));
    expect(await others.get(foreign, betas)).toMatchObject({ id: foreign });
  });

  test('429: more active runs than a key may have; a place is free again after an end', async () => {
    const server = await startServer({ concurrency: 2 });
    const runs = sdk.connect(server.url, server.token);
    server.engine.hold();
    const { id } = await runs.create({ query: QUERY, ...betas });
    await runs.create({ query: QUERY, ...betas });
    const error = await thrown(runs.create({ query: QUERY, ...betas }));
    expect(error).toMatchObject(shown(429, 'RATE_LIMIT_ERROR', 'CONCURRENCY_LIMIT_REACHED'));
    await sdk.connect(server.url, server.otherToken).create({ query: QUERY, ...betas });
    await runs.cancel(id, betas);
    expect(await runs.create({ query: QUERY, ...betas })).toMatchObject({ stopReason: null });
  });
});
