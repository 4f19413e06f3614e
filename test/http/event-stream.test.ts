import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { parseBaseUrl } from '../../src/http/base-url.ts';
import { HttpClient } from '../../src/http/client.ts';
import { EventStream, type StreamEnd, type StreamEvent } from '../../src/http/event-stream.ts';
import { seededRandom } from '../rig/seeded-random.ts';
import { VirtualClock } from '../rig/virtual-clock.ts';

const never = new AbortController().signal;
const HEADERS = { 'content-type': 'text/event-stream; charset=utf-8' };

/** What a stream makes of chunks of bytes, without a network. */
function read(chunks: readonly Buffer[]): { events: StreamEvent[]; ends: StreamEnd[] } {
  const events: StreamEvent[] = [];
  const ends: StreamEnd[] = [];
  const stream = new EventStream(
    never,
    (event) => events.push(event),
    (end) => ends.push(end),
  );
  const controller = { abort: () => undefined } as never;
  stream.onRequestStart(controller);
  stream.onResponseStart(controller, 200, HEADERS);
  for (const chunk of chunks) stream.onResponseData(controller, chunk);
  stream.onResponseEnd();
  return { events, ends };
}

test('events are the same however their bytes are cut into chunks', () => {
  const text = fc.stringMatching(/^[^\r\n\0]{0,20}$/u);
  const event = fc.record({ id: fc.nat(), name: fc.constantFrom('a.b', 'run'), text });
  const cuts = fc.array(fc.nat(400), { maxLength: 20 });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 6 }), cuts, (sent, at) => {
      const bytes = Buffer.from(
        sent.map((it) => `id: ${it.id}\nevent: ${it.name}\ndata: ${it.text}\n\n: hm\n\n`).join(''),
      );
      const places = [0, ...at.filter((place) => place < bytes.length), bytes.length];
      const sorted = places.sort((a, b) => a - b);
      const chunks = sorted.slice(1).map((end, i) => bytes.subarray(sorted[i], end));
      const expected = sent.map((it) => ({ ...it, id: String(it.id) }));
      expect(read(chunks)).toEqual({ events: expected, ends: ['ended'] });
    }),
  );
});

test('a line of more than a megabyte ends the stream, and nothing is heard after it', () => {
  const part = Buffer.from('x'.repeat(64 * 1024));
  const long = Array.from({ length: 20 }, () => part);
  const after = Buffer.from('\n\nid: 1\ndata: y\n\n');
  expect(read([Buffer.from('data: '), ...long, after])).toEqual({ events: [], ends: ['too-much'] });
});

async function serve(
  answer: (response: ServerResponse, url: string, lastEventId: unknown) => void,
): Promise<HttpClient> {
  const server = createServer((request, response) => {
    answer(response, request.url ?? '', request.headers['last-event-id']);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = parseBaseUrl(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  if (!base.ok) throw new Error(base.error);
  const client = new HttpClient({
    base: base.value,
    key: undefined,
    headers: {},
    connections: 1,
    clock: new VirtualClock(),
    random: seededRandom(),
  });
  onTestFinished(async () => {
    await client.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return client;
}

test('an open stream does not keep a request waiting, even with one connection', async () => {
  const client = await serve((response, url) => {
    if (url === '/events') response.writeHead(200, HEADERS).write('data: x\n\n');
    else response.end('{}');
  });
  const abort = new AbortController();
  let heard = (): void => undefined;
  const first = new Promise<void>((resolve) => void (heard = resolve));
  const ended = client.events('/events', undefined, abort.signal, () => heard());
  await first;
  expect(await client.get('/state', never, 0)).toMatchObject({ ok: true });
  abort.abort();
  expect(await ended).toBe('aborted');
});

test('a stream goes on after the last event that was heard', async () => {
  const client = await serve((response, _url, lastEventId) => {
    const next = Number(lastEventId ?? 0) + 1;
    response.writeHead(200, HEADERS).end(`id: ${next}\ndata: {}\n\n`);
  });
  const heard: (string | undefined)[] = [];
  for (const last of [undefined, '41']) {
    const end = await client.events('/events', last, never, ({ id }) => heard.push(id));
    expect(end).toBe('ended');
  }
  expect(heard).toEqual(['1', '42']);
});

test('nobody there, or a stream that was given up before it began', async () => {
  const client = await serve((response) => response.socket?.destroy());
  expect(await client.events('/events', undefined, never, () => undefined)).toBe('cut');
  const aborted = AbortSignal.abort();
  expect(await client.events('/events', undefined, aborted, () => undefined)).toBe('aborted');
});
