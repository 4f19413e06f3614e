import { onTestFinished } from 'vitest';
import type { Clock } from '../../src/base/clock.ts';
import type { Json } from '../../src/base/json.ts';
import { contractOf } from '../../src/server/contract.ts';
import type { Engine } from '../../src/server/engine.ts';
import { openServer, type ServerOptions } from '../../src/server/open-server.ts';
import type { AgentRunStore } from '../../src/store/agent-run-store.ts';
import { MemoryAgentRunStore } from '../../src/store/memory-agent-run-store.ts';
import { seededRandom } from '../rig/seeded-random.ts';
import { watchResponses } from './contract/watch-responses.ts';
import { ScriptedEngine } from './scripted-engine.ts';

/** Whatever a server of a test answers is held against the contract. */
const watch = watchResponses();

export const TOKEN = 'token-of-a-test';
export const OTHER_TOKEN = 'token-of-somebody-else';

export interface StartOptions extends Partial<
  Omit<ServerOptions, 'contract' | 'engine' | 'onFault' | 'store'>
> {
  readonly contract?: '2026-11' | '2026-05-07';
  /** Active runs a key may have. */
  readonly concurrency?: number;
  /** In place of one that answers at once; it can be held all the same. */
  readonly engine?: Engine;
  readonly store?: AgentRunStore;
  /** Holds runs from the start, those of an earlier process too. */
  readonly held?: boolean;
  /** Faults are expected; without it one fails the test. */
  readonly onFault?: ServerOptions['onFault'];
}

export interface StartedServer {
  readonly url: string;
  readonly token: string;
  /** A key with runs of its own. */
  readonly otherToken: string;
  /** `hold()` and `release(id?)` runs, and see what was asked of the engine. */
  readonly engine: ScriptedEngine;
  close(graceMs?: number): Promise<void>;
  /** A request with the token, or with other headers in its place. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** The JSON of an answer that must be 200. */
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<WireRun>;
  /** Creates a run. */
  create(body?: unknown, headers?: Readonly<Record<string, string>>): Promise<WireRun>;
  /** A run once it has ended: reads its stream to the end. */
  end(id: string): Promise<WireRun>;
}

/** What tests look at of an answer. */
interface WireRun {
  readonly id: string;
  readonly status: string;
  readonly stopReason: string | null;
  readonly completedAt: string | null;
  readonly output: { readonly text: string; readonly structured: Json };
  readonly usage: Readonly<Record<string, number>>;
  readonly costDollars: Readonly<Record<string, number>>;
  readonly error?: { readonly type: string; readonly code: string; readonly message: string };
  /** Of a list. */
  readonly data: readonly (WireRun & { readonly event: string })[];
  readonly hasMore: boolean;
  readonly nextCursor: string | null;
}

/** Names of a run's events, without their prefix. */
export async function eventNames(server: StartedServer, id: string): Promise<readonly string[]> {
  const { data } = await server.call('GET', `/agent/runs/${id}/events`);
  return data.map(({ event }) => event.replace('agent_run.', ''));
}

/** A request that asks for a stream. */
export const streamOf = (
  server: StartedServer,
  path: string,
  init: RequestInit = {},
): Promise<Response> => server.fetch(path, { ...init, headers: { accept: 'text/event-stream' } });

/** Time as it is. */
export const REAL_CLOCK: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal?.addEventListener('abort', done);
    }),
};

/** The server on a real socket, until the test is over. */
export async function startServer(options: StartOptions = {}): Promise<StartedServer> {
  const { contract: id = '2026-11', concurrency, engine: inner, held = false, ...rest } = options;
  const contract = contractOf(id);
  if (contract === undefined) throw new Error(`There is no contract ${id}`);
  const engine =
    inner === undefined ? new ScriptedEngine() : new ScriptedEngine((task) => inner.run(task));
  if (held) engine.hold();
  const faults: unknown[] = [];
  const server = await openServer({
    port: 0,
    host: '127.0.0.1',
    tokens: [TOKEN, OTHER_TOKEN],
    clock: REAL_CLOCK,
    random: seededRandom(),
    failuresPerSecond: Infinity,
    onFault: (fault, error) => {
      faults.push(new Error(`A ${fault} fault`, { cause: error }));
    },
    ...rest,
    store: rest.store ?? new MemoryAgentRunStore(),
    contract: { ...contract, ...(concurrency !== undefined && { concurrency }) },
    engine,
  });
  watch.add(server.url, id);
  let closed: Promise<void> | undefined;
  const close = (graceMs = 0): Promise<void> => {
    closed ??= server.close(graceMs).then(() => inner?.close());
    return closed;
  };
  onTestFinished(async () => {
    await close();
    if (faults.length > 0) throw faults[0];
  });
  const request: StartedServer['fetch'] = (path, init = {}) =>
    fetch(server.url + path, {
      ...init,
      headers: {
        'x-api-key': TOKEN,
        'content-type': 'application/json',
        ...(init.headers as Readonly<Record<string, string>> | undefined),
      },
    });
  const call: StartedServer['call'] = async (method, path, body, headers = {}) => {
    const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
    const response = await request(path, init);
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${response.status} ${text}`);
    return JSON.parse(text) as WireRun;
  };
  return {
    url: server.url,
    token: TOKEN,
    otherToken: OTHER_TOKEN,
    engine,
    close,
    fetch: request,
    call,
    create: (body = { query: 'Find two firms.' }, headers = {}) =>
      call('POST', '/agent/runs', body, headers),
    end: async (id) => {
      const headers = { accept: 'text/event-stream' };
      const stream = await request(`/agent/runs/${id}/events?follow=true`, { headers });
      await stream.text();
      return call('GET', `/agent/runs/${id}`);
    },
  };
}
