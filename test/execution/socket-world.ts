import { Pool } from 'undici';
import { onTestFinished } from 'vitest';
import { openExaAgent, type ExaOptions } from '../../src/agent/exa.ts';
import type { RunReport } from '../../src/execution/run-pipeline.ts';
import type { Wire } from '../../src/http/wire.ts';
import { CURRENT_PRICE_BOOK } from '../../src/cost/price-book.ts';
import type { OpenAttempt } from '../../src/store/store.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { AgentApiServer, type AgentApiServerOptions } from '../rig/agent-api-server.ts';
import { Rig, type RunWith } from '../rig/rig.ts';
import { seededRandom } from '../rig/seeded-random.ts';
import { VirtualClock } from '../rig/virtual-clock.ts';
import { inline, TOWN } from './pipelines.ts';
import { STATE_ID } from './crash-rig.ts';

/** Three questions, one after another; each agent run costs $0.025. */
export const THREE = `
effort: low
concurrency: 1
steps:
  towns:
    input: ${inline([{ id: 'a' }, { id: 'b' }, { id: 'c' }])}
    query: Where is {{row.id}}?${TOWN}`;

/** Real milliseconds: only what never comes takes them. */
const SHORT = { postHeaders: 60, getHeaders: 60, body: 60 };

export interface SocketWorld {
  readonly server: AgentApiServer;
  readonly clock: VirtualClock;
  readonly store: MemoryStore;
  /** Of the last run. */
  readonly rig: () => Rig;
  run(yaml?: string, options?: RunWith): Promise<RunReport>;
  open(): Promise<readonly OpenAttempt[]>;
}

/** A network on which time stands still until every request has its answer. */
class Patient implements Wire {
  readonly #pool: Pool;
  #inFlight = 0;

  constructor(origin: string) {
    this.#pool = new Pool(origin, { connections: 8, pipelining: 1 });
  }

  get isBusy(): boolean {
    return this.#inFlight > 0;
  }

  dispatch(...[options, handler]: Parameters<Wire['dispatch']>): ReturnType<Wire['dispatch']> {
    // A stream may stay open for as long as its server likes.
    if (options.path.includes('/events')) return this.#pool.dispatch(options, handler);
    this.#inFlight++;
    const ended = (name: string | symbol): boolean =>
      name === 'onResponseEnd' || name === 'onResponseError';
    const told = new Proxy(handler, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        return (...args: readonly unknown[]): unknown => {
          if (ended(name)) this.#inFlight--;
          return Reflect.apply(method, target, args);
        };
      },
    });
    return this.#pool.dispatch(options, told);
  }

  destroy(): Promise<void> {
    return this.#pool.destroy();
  }
}

/** The runner with its own agent over sockets, in front of a server that does wrong when told to. */
export async function socketWorld(
  serverOptions: AgentApiServerOptions = {},
  agentOptions: Partial<ExaOptions> = {},
): Promise<SocketWorld> {
  const clock = new VirtualClock();
  const store = new MemoryStore();
  // As after a first run: a new state folder has the list looked through once.
  await store.stateId(STATE_ID);
  const server = await AgentApiServer.start({
    now: () => clock.now(),
    durationMs: 1_000,
    answer: () => ({ structured: { town: 'Oslo' }, dollars: 0.025 }),
    ...serverOptions,
  });
  let rig: Rig | undefined;
  let runs = 0;
  const latest = (): Rig => {
    if (rig === undefined) throw new Error('Nothing has run yet');
    return rig;
  };
  onTestFinished(() => server.close());
  return {
    server,
    clock,
    store,
    rig: latest,
    open: () => store.openAttempts(),
    run: async (yaml = THREE, options = {}) => {
      const wire = new Patient(agentOptions.baseUrl ?? server.baseUrl);
      const agent = openExaAgent({
        name: 'exa',
        baseUrl: server.baseUrl,
        key: undefined,
        clock,
        random: seededRandom(),
        concurrency: 4,
        contract: '2026-11',
        timeouts: SHORT,
        wire,
        ...agentOptions,
      });
      rig = new Rig({ agent, store, clock, prices: CURRENT_PRICE_BOOK, seed: ++runs });
      const pipeline = await rig.pipeline(yaml);
      try {
        return await clock.drive(rig.runLoaded(pipeline, options), () => wire.isBusy);
      } finally {
        await agent.close();
      }
    },
  };
}
