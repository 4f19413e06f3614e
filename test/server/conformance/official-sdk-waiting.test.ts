import { describe, expect, test } from 'vitest';
import { startServer, type StartedServer } from '../start-server.ts';
import { officialSdks, type SdkRuns } from './official-sdk.ts';

const sdks = await officialSdks();

const QUERY = 'Find two firms.';
const SOON = { pollInterval: 2 };

/** The one run there is, once work on it has begun. */
async function only(server: StartedServer, runs: SdkRuns, betas: object): Promise<string> {
  for (;;) {
    const [run] = (await runs.list({ ...betas })).data;
    if (run === undefined) continue;
    await server.engine.began(run.id);
    return run.id;
  }
}

describe.each(sdks)('$name, pollUntilFinished', (sdk) => {
  const { betas } = sdk;

  test('comes back with a completed run', async () => {
    const server = await startServer();
    const runs = sdk.connect(server.url, server.token);
    server.engine.hold();
    const { id } = await runs.create({ query: QUERY, ...betas });
    const finished = runs.pollUntilFinished(id, { ...SOON, ...betas });
    await server.engine.began(id);
    await server.engine.release(id);
    expect(await finished).toMatchObject({ id, status: 'completed' });
  });

  test('comes back with a failed run and its error', async () => {
    const server = await startServer();
    const runs = sdk.connect(server.url, server.token);
    const { id } = await runs.create({ query: 'Fail.', ...betas });
    expect(await runs.pollUntilFinished(id, { ...SOON, ...betas })).toMatchObject({
      id,
      status: 'failed',
      stopReason: 'error',
      output: { text: '', structured: null, grounding: [] },
      error: { type: 'SERVER_ERROR', code: 'SERVER_ERROR', message: 'Told to fail.' },
    });
  });

  test('comes back with a cancelled run', async () => {
    const server = await startServer();
    const runs = sdk.connect(server.url, server.token);
    server.engine.hold();
    const { id } = await runs.create({ query: QUERY, ...betas });
    const finished = runs.pollUntilFinished(id, { ...SOON, ...betas });
    await runs.cancel(id, betas);
    expect(await finished).toMatchObject({ id, status: 'cancelled', stopReason: 'cancelled' });
  });

  test('gives up after its time; the run goes on', async () => {
    const server = await startServer();
    const runs = sdk.connect(server.url, server.token);
    server.engine.hold();
    const { id } = await runs.create({ query: QUERY, ...betas });
    await expect(runs.pollUntilFinished(id, { ...SOON, timeoutMs: 1, ...betas })).rejects.toThrow(
      /did not complete within 1ms/u,
    );
    expect(await runs.get(id, betas)).toMatchObject({ completedAt: null });
    await server.engine.began(id);
    await server.engine.release(id);
    expect(await runs.pollUntilFinished(id, { ...SOON, ...betas })).toMatchObject({
      status: 'completed',
    });
  });
});

describe.each(
  sdks.map((sdk) => {
    const known = 'createAndWait' in sdk.connect('http://127.0.0.1', 'key');
    return { name: known ? sdk.name : `${sdk.name}, which has none,`, sdk, known };
  }),
)('$name createAndWait', ({ sdk, known }) => {
  const { betas, module } = sdk;

  test.skipIf(!known)('comes back with a completed run', async () => {
    const server = await startServer();
    const runs = sdk.connect(server.url, server.token);
    expect(await runs.createAndWait?.({ query: QUERY, ...betas }, SOON)).toMatchObject({
      status: 'completed',
      output: { text: `Answered: ${QUERY}` },
    });
  });

  test.skipIf(!known)('throws for a failed run, with its message and the run', async () => {
    const server = await startServer();
    const runs = sdk.connect(server.url, server.token);
    const error = await runs.createAndWait?.({ query: 'Fail.', ...betas }, SOON).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(module.AgentRunFailedError);
    expect(error).toMatchObject({ message: 'Told to fail.', run: { status: 'failed' } });
  });

  test.skipIf(!known)('throws for a cancelled run, with the run', async () => {
    const server = await startServer();
    const runs = sdk.connect(server.url, server.token);
    server.engine.hold();
    const waiting = runs.createAndWait?.({ query: QUERY, ...betas }, SOON).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    const id = await only(server, runs, betas);
    await runs.cancel(id, betas);
    const error = await waiting;
    expect(error).toBeInstanceOf(module.AgentRunCancelledError);
    expect(error).toMatchObject({ run: { id, status: 'cancelled' } });
  });

  test.skipIf(!known)('throws after its time; the run goes on', async () => {
    const server = await startServer();
    const runs = sdk.connect(server.url, server.token);
    server.engine.hold();
    const waiting = runs.createAndWait?.({ query: QUERY, ...betas }, { ...SOON, timeoutMs: 1 });
    await expect(waiting).rejects.toThrow(/did not complete within 1ms/u);
    const id = await only(server, runs, betas);
    await server.engine.release(id);
    expect(await runs.pollUntilFinished(id, { ...SOON, ...betas })).toMatchObject({
      status: 'completed',
    });
  });
});
