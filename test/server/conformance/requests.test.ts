import { request } from 'undici';
import { describe, expect, test } from 'vitest';
import { readEventStream } from '../contract/event-stream.ts';
import { startServer, type StartedServer } from '../start-server.ts';

const QUERY = 'Find two firms.';
const JSON_TYPE = 'application/json; charset=utf-8';

interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

interface Asked {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** Sends what it is given and nothing of its own: no Accept, no Content-Type, no redirects. */
async function send(server: StartedServer, path: string, asked: Asked = {}): Promise<Got> {
  const { method = 'GET', headers = { 'x-api-key': server.token }, body } = asked;
  const response = await request(server.url + path, {
    method,
    headers,
    ...(body !== undefined && { body }),
  });
  return {
    status: response.statusCode,
    headers: response.headers,
    text: await response.body.text(),
  };
}

async function create(server: StartedServer, headers: Record<string, string> = {}): Promise<Got> {
  return await send(server, '/agent/runs', {
    method: 'POST',
    headers: { 'x-api-key': server.token, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query: QUERY }),
  });
}

const idOf = ({ text }: Got): string => (JSON.parse(text) as { readonly id: string }).id;

/** A run that has ended. */
async function finished(server: StartedServer): Promise<string> {
  const { text } = await create(server, { accept: 'text/event-stream' });
  return String(
    (readEventStream(text).frames[0]?.data as { readonly id?: string } | undefined)?.id,
  );
}

const stream = (server: StartedServer, path: string, headers: object = {}): Promise<Got> =>
  send(server, path, {
    headers: { 'x-api-key': server.token, accept: 'text/event-stream', ...headers },
  });

const numbers = ({ text }: Got): readonly string[] =>
  readEventStream(text).frames.map(({ id }) => id);

describe('bodies', () => {
  test.each([undefined, '*/*', 'application/json', 'text/html, */*;q=0.8', 'text/event-streams'])(
    'JSON is the answer to Accept: %s',
    async (accept) => {
      const server = await startServer();
      const { headers } = await create(server, accept === undefined ? {} : { accept });
      expect(headers['content-type']).toBe(JSON_TYPE);
    },
  );

  test.each(['cancel', 'stop', 'delete'])(
    '%s takes a request that says JSON and has no body, as the SDKs send it',
    async (what) => {
      const server = await startServer();
      server.engine.hold();
      const { text } = await send(server, '/agent/runs', {
        method: 'POST',
        headers: { 'x-api-key': server.token, 'content-type': 'application/json' },
        body: JSON.stringify({ query: QUERY, effort: 'ultra' }),
      });
      const { id } = JSON.parse(text) as { readonly id: string };
      const got = await send(server, `/agent/runs/${id}${what === 'delete' ? '' : `/${what}`}`, {
        method: what === 'delete' ? 'DELETE' : 'POST',
        headers: { 'x-api-key': server.token, 'content-type': 'application/json' },
      });
      expect(got).toMatchObject({ status: 200, headers: { 'content-type': JSON_TYPE } });
    },
  );

  test.each([
    ['no body', ''],
    ['a body that is no JSON', '{"query":'],
    ['a list', '[]'],
    ['text', '"query"'],
    ['null', 'null'],
    ['bytes that are no UTF-8', Buffer.from('{"query":"caf\xe9"}', 'latin1')],
  ])('create with %s is refused', async (_name, body) => {
    const server = await startServer();
    const got = await send(server, '/agent/runs', {
      method: 'POST',
      headers: { 'x-api-key': server.token, 'content-type': 'application/json' },
      body,
    });
    expect(got.status).toBe(400);
    expect(JSON.parse(got.text)).toMatchObject({ error: { code: 'INVALID_REQUEST' } });
    expect(server.engine.tasks).toEqual([]);
  });
});

describe('ids and limits', () => {
  test.each(['a%20b', 'a%2Fb', '%C3%A9', '%00', '%', 'a'.repeat(201)])(
    'the id %s is none',
    async (id) => {
      const server = await startServer();
      for (const path of [`/agent/runs/${id}`, `/agent/runs/${id}/events`]) {
        const got = await send(server, path);
        expect(got.status).toBe(400);
        expect(JSON.parse(got.text)).toMatchObject({ error: { code: 'INVALID_REQUEST' } });
      }
    },
  );

  test('limits are whole numbers from 1 to 100, and 20 without one', async () => {
    const server = await startServer();
    for (let i = 0; i < 21; i++) await finished(server);
    const { text } = await send(server, '/agent/runs');
    expect((JSON.parse(text) as { readonly data: unknown[] }).data).toHaveLength(20);
    for (const limit of ['0', '101', '-1', '1.5', 'x', '', '1e1']) {
      expect(await send(server, `/agent/runs?limit=${limit}`)).toMatchObject({ status: 400 });
    }
    for (const limit of ['1', '100']) {
      expect(await send(server, `/agent/runs?limit=${limit}`)).toMatchObject({ status: 200 });
    }
  });
});

describe('streams', () => {
  test.each(['text/event-stream', 'application/json, text/event-stream', 'TEXT/EVENT-STREAM;q=1'])(
    'a stream is the answer to Accept: %s',
    async (accept) => {
      const server = await startServer();
      const { headers } = await create(server, { accept, 'accept-encoding': 'gzip, br' });
      expect(headers).toMatchObject({
        'content-type': expect.stringMatching(/^text\/event-stream(?:;|$)/u),
        'cache-control': expect.stringContaining('no-cache'),
      });
      expect(headers['content-encoding']).toBeUndefined();
    },
  );

  test('a replay sends what is stored after Last-Event-ID, and ends', async () => {
    const server = await startServer();
    const path = `/agent/runs/${await finished(server)}/events`;
    expect(numbers(await stream(server, path))).toEqual(['1', '2', '3']);
    expect(numbers(await stream(server, path, { 'last-event-id': '1' }))).toEqual(['2', '3']);
    expect(numbers(await stream(server, path, { 'last-event-id': '3' }))).toEqual([]);
    expect(numbers(await stream(server, path, { 'last-event-id': '99' }))).toEqual([]);
    for (const bad of ['x', '-1', '1.5', '']) {
      const got = await stream(server, path, { 'last-event-id': bad });
      expect([bad, numbers(got)]).toEqual([bad, ['1', '2', '3']]);
    }
  });

  test('a replay does not wait for a run that goes on, unless it follows', async () => {
    const server = await startServer();
    server.engine.hold();
    const id = idOf(await create(server));
    await server.engine.began(id);
    const path = `/agent/runs/${id}/events`;
    expect(numbers(await stream(server, path))).toEqual(['1', '2']);
    const following = stream(server, `${path}?follow=true`, { 'last-event-id': '1' });
    await server.engine.release(id);
    expect(numbers(await following)).toEqual(['2', '3']);
  });

  test('a stream of a run that is not there is refused as JSON', async () => {
    const server = await startServer();
    const got = await stream(server, '/agent/runs/agent_run_01kaf3m8q2v5x7z9b1d3f5h7k9/events');
    expect(got).toMatchObject({ status: 404, headers: { 'content-type': JSON_TYPE } });
  });
});
