import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, test, vi } from 'vitest';
import type { AgentRun } from '../../src/agent/agent.ts';
import { value } from './backend.cases.ts';
import { EXA_REQUESTS, exaSubject, NEVER_ENDS, type ExaSubject } from './exa-subject.ts';

// Events end a pause early and do nothing else: the state comes from GET alone.

const never = new AbortController().signal;

const event = (id: number, name: string, text = '{}'): string =>
  `id: ${id}\nevent: ${name}\ndata: ${text}\n\n`;

/** A stream that the test holds open. */
interface Stream {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

interface Following extends ExaSubject {
  readonly streams: Stream[];
  /** An agent run that has begun; `ended` says whether it is over by now. */
  begin(ended?: boolean): Promise<{ id: string; waiting: Promise<AgentRun> }>;
  nth(n: number): Promise<Stream>;
}

/** An agent that follows events; its clock stands still, so only hints make it look. */
async function following(answer: (stream: Stream, n: number) => void = open): Promise<Following> {
  const streams: Stream[] = [];
  const subject = await exaSubject(
    {
      durationMs: ({ query }) => (query === NEVER_ENDS.query ? Infinity : 0),
      events: (request, response) => {
        streams.push({ request, response });
        answer({ request, response }, streams.length);
      },
    },
    { followEvents: true },
  );
  return {
    ...subject,
    streams,
    begin: async (ended = true) => {
      const asked = ended ? EXA_REQUESTS.completes : NEVER_ENDS;
      const { id } = value(await subject.backend.create(asked, never));
      return { id, waiting: subject.backend.wait(id, never).then(value) };
    },
    nth: async (n) => {
      await vi.waitUntil(() => streams.length >= n, { timeout: 30_000, interval: 1 });
      return streams[n - 1] as Stream;
    },
  };
}

function open({ response }: Stream): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(`: keep-alive\n\n${event(1, 'agent_run.created')}`);
}

const looked = (subject: ExaSubject, times: number): Promise<unknown> =>
  vi.waitUntil(() => subject.server.counts.get >= times, { timeout: 30_000, interval: 1 });

describe('a server that follows agent runs', () => {
  test('says when one has ended, and it is looked at at once and only then', async () => {
    const subject = await following();
    const before = subject.clock.now();
    const { id, waiting } = await subject.begin();
    const { request, response } = await subject.nth(1);
    expect(request.url).toBe(`/agent/runs/${id}/events?follow=true`);
    expect(request.headers).toMatchObject({ accept: 'text/event-stream', 'x-api-key': /./ });
    response.write(event(2, 'agent_run.started'));
    response.write(event(3, 'agent_run.search_trace', 'this is no JSON'));
    expect(subject.server.counts.get).toBe(0);
    response.write(event(4, 'agent_run.completed'));
    expect((await waiting).status).toBe('completed');
    expect(subject.server.counts.get).toBe(1);
    expect(subject.clock.now()).toBe(before);
  });

  test('is not believed: an end that GET does not confirm is polled for', async () => {
    const subject = await following();
    const { waiting } = await subject.begin(false);
    const { response } = await subject.nth(1);
    response.write(event(2, 'agent_run.completed'));
    await looked(subject, 1);
    subject.server.fault('get', 1, {
      type: 'change',
      change: (run) => ({ ...run, status: 'completed' }),
    });
    expect((await subject.drive(waiting)).status).toBe('completed');
    expect(subject.server.counts.get).toBe(2);
  });

  test('is asked to go on where a stream was cut', async () => {
    const subject = await following();
    const { waiting } = await subject.begin(false);
    const { response } = await subject.nth(1);
    response.write(event(7, 'agent_run.started'));
    // Closed behind what was written, but not in good order.
    response.socket?.end();
    const { request, response: again } = await subject.drive(subject.nth(2));
    expect(request.headers['last-event-id']).toBe('7');
    subject.server.fault('get', 1, {
      type: 'change',
      change: (run) => ({ ...run, status: 'completed' }),
    });
    again.write(event(8, 'agent_run.completed'));
    expect((await subject.drive(waiting)).status).toBe('completed');
  });

  test('repeats itself or goes back: events that were heard change nothing', async () => {
    const subject = await following();
    const { waiting } = await subject.begin(false);
    const { response } = await subject.nth(1);
    response.write(event(5, 'agent_run.started'));
    for (const id of [5, 3, 1]) response.write(event(id, 'agent_run.completed'));
    response.write(event(6, 'agent_run.completed'));
    await looked(subject, 1);
    expect(subject.server.counts.get).toBe(1);
    subject.server.fault('get', 1, {
      type: 'change',
      change: (run) => ({ ...run, status: 'failed' }),
    });
    expect((await subject.drive(waiting)).status).toBe('failed');
  });
});

describe('streams that are of no use are dropped, and agent runs are polled', () => {
  test.each<[name: string, answer: (stream: Stream) => void]>([
    [
      'one that replays what has happened and ends, as the hosted API does',
      ({ response }) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.end(event(1, 'agent_run.created'));
      },
    ],
    ['none at all', ({ response }) => response.writeHead(404).end('{}')],
    [
      'JSON in its place',
      ({ response }) => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'),
    ],
    [
      'a compressed one',
      ({ response }) => {
        const headers = { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' };
        response.writeHead(200, headers).write('x');
      },
    ],
    [
      'an event that never ends',
      ({ response }) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('data: ');
        const more = (): boolean => response.write('x'.repeat(64 * 1024));
        response.on('drain', more);
        while (more());
      },
    ],
    [
      'more events than anybody can want',
      ({ response }) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        const many = event(1, 'agent_run.noise').repeat(1_000);
        const more = (): boolean => response.write(many);
        response.on('drain', more);
        while (more());
      },
    ],
  ])('%s', async (_name, answer) => {
    const subject = await following(answer);
    const first = await subject.begin();
    await subject.nth(1);
    expect((await subject.drive(first.waiting)).status).toBe('completed');
    await vi.waitUntil(() => subject.streams[0]?.response.closed, { timeout: 30_000, interval: 1 });
    // It has learnt that: no further agent run is followed.
    const second = await subject.begin();
    expect((await subject.drive(second.waiting)).status).toBe('completed');
    expect(subject.streams).toHaveLength(1);
  });

  test('a stream that is cut again and again is given up after three', async () => {
    const subject = await following(({ response }) => response.socket?.resetAndDestroy());
    const { waiting } = await subject.begin(false);
    const abort = subject.clock.now() + 600_000;
    subject.server.faults('get', 1_000, {
      type: 'change',
      change: (run) => (subject.clock.now() > abort ? { ...run, status: 'cancelled' } : run),
    });
    expect((await subject.drive(waiting)).status).toBe('cancelled');
    expect(subject.streams).toHaveLength(3);
  });
});

test('nobody follows unless it is asked for', async () => {
  const subject = await exaSubject({ durationMs: 0 });
  const { id } = value(await subject.drive(subject.backend.create(EXA_REQUESTS.completes, never)));
  value(await subject.drive(subject.backend.wait(id, never)));
  expect(subject.server.counts.events).toBe(0);
});

test('a wait that is given up closes its stream', async () => {
  const subject = await following();
  const { id } = value(await subject.backend.create(NEVER_ENDS, never));
  const abort = new AbortController();
  const waiting = subject.backend.wait(id, abort.signal);
  const { response } = await subject.nth(1);
  const closed = new Promise((resolve) => response.once('close', resolve));
  abort.abort();
  expect((await waiting).ok).toBe(false);
  await closed;
});
