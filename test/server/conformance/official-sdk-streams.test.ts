import { describe, expect, test } from 'vitest';
import { startServer } from '../start-server.ts';
import { officialSdks, type SdkEvent } from './official-sdk.ts';

const sdks = await officialSdks();

const QUERY = 'Find two firms.';

async function all(events: AsyncGenerator<SdkEvent>): Promise<readonly SdkEvent[]> {
  const seen: SdkEvent[] = [];
  for await (const event of events) seen.push(event);
  return seen;
}

describe.each(sdks)('$name, streams', (sdk) => {
  const { betas } = sdk;

  test('a stream has the events from the first to the last, and ends', async () => {
    const server = await startServer();
    const runs = sdk.connect(server.url, server.token);
    const seen = await all(await runs.create({ query: QUERY, stream: true, ...betas }));
    const id = String(seen[0]?.data['id']);
    expect(seen).toEqual([
      {
        id: '1',
        event: 'agent_run.created',
        data: { id, status: 'queued', createdAt: expect.stringMatching(/Z$/u) },
      },
      { id: '2', event: 'agent_run.started', data: { id, status: 'running' } },
      { id: '3', event: 'agent_run.completed', data: await runs.get(id, betas) },
    ]);
    const stored = await runs.events.list(id, betas);
    expect(stored.data.map(({ id: number, event, data }) => ({ id: number, event, data }))).toEqual(
      seen,
    );
  });

  test('events come while the run goes on', async () => {
    const server = await startServer();
    const runs = sdk.connect(server.url, server.token);
    server.engine.hold();
    const events = await runs.create({ query: QUERY, stream: true, ...betas });
    const names: unknown[] = [];
    const next = async (): Promise<SdkEvent | undefined> => {
      const result = await events.next();
      if (result.done === true) return undefined;
      names.push(result.value.event);
      return result.value;
    };
    const created = await next();
    await next();
    await server.engine.release(String(created?.data['id']));
    await next();
    expect(await next()).toBeUndefined();
    expect(names).toEqual(['agent_run.created', 'agent_run.started', 'agent_run.completed']);
  });

  test('leaving a stream early does not cancel the run', async () => {
    const server = await startServer();
    const runs = sdk.connect(server.url, server.token);
    server.engine.hold();
    let id = '';
    for await (const event of await runs.create({ query: QUERY, stream: true, ...betas })) {
      id = String(event.data['id']);
      break;
    }
    const { cancelled } = await server.engine.began(id);
    await server.engine.release(id);
    const run = await runs.pollUntilFinished(id, { pollInterval: 2, ...betas });
    expect(run).toMatchObject({ id, status: 'completed', output: { text: `Answered: ${QUERY}` } });
    expect(cancelled.aborted).toBe(false);
    const names = (await runs.events.list(id, betas)).data.map(({ event }) => event);
    expect(names).toEqual(['agent_run.created', 'agent_run.started', 'agent_run.completed']);
  });

  test('a run that fails ends its stream with the error', async () => {
    const server = await startServer();
    const runs = sdk.connect(server.url, server.token);
    const seen = await all(await runs.create({ query: 'Fail.', stream: true, ...betas }));
    expect(seen.map(({ event }) => event)).toEqual([
      'agent_run.created',
      'agent_run.started',
      'agent_run.failed',
    ]);
    expect(seen.at(-1)?.data).toMatchObject({
      status: 'failed',
      stopReason: 'error',
      error: { type: 'SERVER_ERROR', code: 'SERVER_ERROR', message: 'Told to fail.' },
    });
  });

  test.each(['cancel', 'delete'] as const)('%s ends the stream of a run', async (how) => {
    const server = await startServer();
    const runs = sdk.connect(server.url, server.token);
    server.engine.hold();
    const events = await runs.create({ query: QUERY, stream: true, ...betas });
    const created = await events.next();
    const id = created.done === true ? '' : String(created.value.data['id']);
    await server.engine.began(id);
    await runs[how](id, betas);
    const rest = await all(events);
    expect(rest.at(-1)).toMatchObject({
      event: 'agent_run.cancelled',
      data: { id, status: 'cancelled', stopReason: 'cancelled' },
    });
  });

  test('a stream that is refused throws, with the body as message', async () => {
    const server = await startServer();
    const refused = sdk.connect(server.url, server.token).create({
      query: QUERY,
      count: 3,
      stream: true,
      ...betas,
    });
    const error = await refused.then(
      () => undefined,
      (thrown: unknown) => thrown as Error,
    );
    expect(error).toBeInstanceOf(sdk.module.ExaError);
    expect(error).toMatchObject({ statusCode: 400 });
    expect(JSON.parse(error?.message ?? '')).toMatchObject({
      error: { type: 'INVALID_REQUEST', code: 'INVALID_REQUEST' },
    });
    const unknown = sdk.connect(server.url, 'no-such-key');
    await expect(unknown.create({ query: QUERY, stream: true, ...betas })).rejects.toMatchObject({
      statusCode: 401,
    });
    expect(server.engine.tasks).toEqual([]);
  });
});
