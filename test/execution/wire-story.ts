import { setImmediate } from 'node:timers/promises';
import { openExaAgent } from '../../src/agent/exa.ts';
import { CURRENT_PRICE_BOOK } from '../../src/cost/price-book.ts';
import { Secret } from '../../src/http/secret.ts';
import type { RunReport } from '../../src/execution/run-pipeline.ts';
import type { LedgerEntry } from '../../src/store/store.ts';
import type { JsonObject } from '../../src/base/json.ts';
import { AgentApiServer } from '../rig/agent-api-server.ts';
import { Disk } from '../rig/crashing-store.ts';
import { DyingWire, type Trap } from '../rig/dying-wire.ts';
import { Rig } from '../rig/rig.ts';
import { ScriptedAgent } from '../rig/scripted-agent.ts';
import { seededRandom } from '../rig/seeded-random.ts';
import { proxied } from './pipelines.ts';
import { STATE_ID } from './crash-rig.ts';

const NOW = Date.parse('2026-11-22T09:00:00Z');
const forever = (): Promise<never> => new Promise<never>(() => undefined);

/** Processes that run one pipeline over real sockets, one after the other; the server lives on. */
export class WireStory {
  readonly server: AgentApiServer;
  readonly wire: DyingWire;
  readonly disk: Disk = new Disk();
  readonly #yaml: string;
  #lives = 0;

  private constructor(yaml: string, server: AgentApiServer, wire: DyingWire) {
    this.#yaml = yaml;
    this.server = server;
    this.wire = wire;
  }

  static async open(yaml: string): Promise<WireStory> {
    const server = await AgentApiServer.start({
      now: () => NOW,
      answer: () => ({ structured: { found: [{ name: 'X' }] }, dollars: 0.025 }),
    });
    const wire = new DyingWire(() => new URL(server.baseUrl), { keepsAlive: false });
    await wire.open();
    return new WireStory(yaml, server, wire);
  }

  /** A process from its start to its end, or to its death at the trap. */
  async live(trap?: Omit<Trap, 'kill'>): Promise<RunReport | 'died'> {
    if (this.#lives === 0) await (await this.disk.open()).store.stateId(STATE_ID);
    const life = await this.disk.open();
    const agent = openExaAgent({
      name: 'exa',
      baseUrl: this.wire.url,
      key: new Secret('a-key'),
      // Nobody who is dead wakes up and tries again.
      clock: { now: () => NOW, sleep: () => (life.isDead ? forever() : setImmediate()) },
      random: seededRandom(++this.#lives),
      concurrency: 2,
      contract: '2026-11',
    });
    const kill = async (): Promise<void> => {
      life.crash();
      await agent.close();
    };
    if (trap !== undefined) this.wire.set({ ...trap, kill });
    const alive = <T>(work: Promise<T>): Promise<T> =>
      life.isDead ? forever() : work.then((it) => (life.isDead ? forever() : it));
    const seen = {
      ...proxied(agent),
      ...(agent.account !== undefined && { account: agent.account }),
      create: (...of: Parameters<typeof agent.create>) => alive(agent.create(...of)),
      wait: (...of: Parameters<typeof agent.wait>) => alive(agent.wait(...of)),
      get: (...of: Parameters<typeof agent.get>) => alive(agent.get(...of)),
      list: (...of: Parameters<typeof agent.list>) => alive(agent.list(...of)),
    };
    const parts = { agent: seen, store: life.store, prices: CURRENT_PRICE_BOOK };
    const rig = new Rig({ ...parts, seed: this.#lives });
    const pipeline = await rig.pipeline(this.#yaml);
    const died = life.died.then(() => 'died' as const);
    const end = await Promise.race([rig.runLoaded(pipeline), died]);
    this.wire.set(undefined);
    await agent.close();
    return end;
  }

  async ledger(): Promise<readonly LedgerEntry[]> {
    const all: LedgerEntry[] = [];
    for await (const entries of (await this.disk.look()).ledger()) all.push(...entries);
    return all;
  }

  /** How attempts ended, and what they cost in microdollars. */
  async ends(): Promise<readonly (readonly [string, number | null])[]> {
    return (await this.ledger()).flatMap((it) =>
      it.type === 'attempt-ended' ? [[it.status, it.reported] as const] : [],
    );
  }

  async table(step: string): Promise<readonly JsonObject[]> {
    const { store } = await this.disk.open();
    return new Rig({ agent: new ScriptedAgent(), store }).table(step);
  }

  async close(): Promise<void> {
    await this.wire.close();
    await this.server.close();
  }
}
