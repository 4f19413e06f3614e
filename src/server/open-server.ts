import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { AgentRunStore } from '../store/agent-run-store.ts';
import { AgentRuns } from './agent-runs.ts';
import { createApp } from './app.ts';
import { TIME_LIMITS, type TimeLimits } from './carry-out.ts';
import type { Contract } from './contract.ts';
import { Documents } from './documents.ts';
import type { Engine } from './engine.ts';
import { STREAM_LIMITS, type StreamLimits } from './event-stream.ts';
import { Keys } from './keys.ts';
import { listen, type Patience } from './listen.ts';
import { isLoopback } from './origin.ts';

/** Runs that are worked on at the same time. More would only share the same processor. */
const WORKERS = 16;
const FAILURES_PER_SECOND = 10;
/** What runs that are worked on get to end when the server is asked to. */
const GRACE_MS = 5_000;
/** What the last answers get to go out after that. */
const DRAIN_MS = 1_000;

export interface ServerOptions {
  readonly port: number;
  readonly host: string;
  /** Undefined: no key is asked for. */
  readonly tokens: readonly string[] | undefined;
  readonly contract: Contract;
  /** Closed with the server, as is the engine. */
  readonly store: AgentRunStore;
  readonly engine: Engine;
  readonly clock: Clock;
  readonly random: Random;
  readonly workers?: number;
  readonly limits?: TimeLimits;
  readonly streams?: StreamLimits;
  readonly failuresPerSecond?: number;
  readonly patience?: Patience;
  /** Told of what must not happen. After a `store` fault nothing can be written any more. */
  readonly onFault: (fault: 'store' | 'engine' | 'request', error: unknown) => void;
}

/** The Agent API on a socket. */
export interface AgentServer {
  readonly url: string;
  /** Runs that are worked on get `graceMs` to end; what is left the next server takes up. */
  close(graceMs?: number): Promise<void>;
}

/** Takes up unfinished runs and opens the socket; rejects when it cannot be had. */
export async function openServer(options: ServerOptions): Promise<AgentServer> {
  const { store, engine, contract, clock, random, onFault, host } = options;
  const runs = await AgentRuns.open({
    store,
    engine,
    contract,
    clock,
    random,
    workers: options.workers ?? WORKERS,
    limits: options.limits ?? TIME_LIMITS,
    onFault,
  });
  const onBug = (error: unknown): void => {
    onFault('request', error);
  };
  const keys = new Keys({
    tokens: options.tokens,
    clock,
    failuresPerSecond: options.failuresPerSecond ?? FAILURES_PER_SECOND,
  });
  const app = createApp({
    runs,
    contract,
    keys,
    anyHost: !isLoopback(host),
    documents: new Documents(),
    streams: options.streams ?? STREAM_LIMITS,
    clock,
    random,
    onBug,
  });
  const { port, patience } = options;
  const socket = await listen({
    port,
    host,
    fetch: app.fetch,
    clock,
    random,
    patience,
    onBug,
  }).catch(async (error: unknown) => {
    await runs.close(0);
    throw error;
  });
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${socket.port}`,
    close: async (graceMs = GRACE_MS) => {
      socket.stop();
      await runs.close(graceMs);
      await socket.close(Math.min(graceMs, DRAIN_MS));
      await engine.close();
      await store.close();
    },
  };
}
