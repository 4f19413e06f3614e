import { setTimeout as sleep } from 'node:timers/promises';
import type { Chance } from '../sim/chance.ts';
import { KillProject, type ProcessEnd } from './kill-project.ts';
import type { ListedRun, Served } from './served.ts';
import { CUTS, type DyingWire } from '../rig/dying-wire.ts';

/** What one pipeline came to, on whatever way. */
export interface Came {
  readonly tables: Readonly<Record<string, string>>;
  readonly ledger: readonly string[];
  /** Agent runs in the server's own list, by what they ask. */
  readonly creates: ReadonlyMap<string, number>;
  readonly starts: number;
  readonly kills: number;
  readonly serverKills: number;
  readonly adopted: number;
  readonly ms: number;
}

/** What dies in one loop. */
export interface Deaths {
  /** Of processes that run the pipeline; a process that is done before its time is not killed. */
  readonly kills: number;
  readonly serverKills: number;
  /** How long a run takes that nobody kills, in milliseconds. */
  readonly wholeMs: number;
}

/** The two that live longer than a loop. */
export interface World {
  readonly served: Served;
  readonly wire: DyingWire;
}

/** Requests may be on their way for so long after the process that sent them is dead. */
const SETTLE = '2s';
/** Runs after the last kill. */
const MOST_RUNS = 3;
/** After three deaths in a row without any progress a run refuses to buy: one less than that. */
const MOST_BARREN = 2;

/** Runs the pipeline from nothing to its end, killing processes at random instants. */
export async function killLoop(chance: Chance, deaths: Deaths, world: World): Promise<Came> {
  const { served, wire } = world;
  const [newest] = await served.runsSince(undefined);
  const project = await KillProject.open(wire.url, SETTLE);
  const server = new ServerDeaths(chance, deaths, world);
  const started = performance.now();
  let starts = 0;
  let kills = 0;
  let barren = 0;
  try {
    for (let left = deaths.kills; left > 0 && barren < MOST_BARREN; left--) {
      starts++;
      const before = await project.progress();
      // What is left of the work gets less from death to death.
      const longest = deaths.wholeMs / (kills + 1.5);
      const end = await server.during(() => killedRun(chance, project, world, longest));
      if (!end.killed) break;
      kills++;
      barren = (await project.progress()) > before ? 0 : barren + 1;
    }
    for (let left = MOST_RUNS; ; left--) {
      starts++;
      const { exit, error } = await server.during(() => project.run().ended);
      if (exit === 0) break;
      if (left === 1) throw new Error(`run ended with ${exit}: ${error}`);
    }
    return {
      tables: await project.tables(),
      ledger: await project.ledger(),
      creates: createsOf(await served.runsSince(newest?.id)),
      starts,
      kills,
      serverKills: server.count,
      adopted: await project.adopted(),
      ms: performance.now() - started,
    };
  } finally {
    await project.remove();
  }
}

/** One run that is killed at some time, or at one of its creates. */
async function killedRun(
  chance: Chance,
  project: KillProject,
  { wire }: World,
  longestMs: number,
): Promise<ProcessEnd> {
  const run = project.run();
  const over = new AbortController();
  if (chance.hit(0.5)) {
    const ms = chance.between(100, Math.round(longestMs));
    void sleep(ms, undefined, { signal: over.signal }).then(run.kill, () => undefined);
  } else {
    wire.set({ cut: chance.pick(CUTS), nth: chance.between(1, 5), kill: run.kill });
  }
  const end = await run.ended;
  over.abort();
  wire.set(undefined);
  return end;
}

/** Kills the server while others work, and starts it again. */
class ServerDeaths {
  count = 0;
  #left: number;
  readonly #chance: Chance;
  readonly #world: World;
  readonly #wholeMs: number;

  constructor(chance: Chance, { serverKills, wholeMs }: Deaths, world: World) {
    this.#chance = chance;
    this.#left = serverKills;
    this.#wholeMs = wholeMs;
    this.#world = world;
  }

  async during(work: () => Promise<ProcessEnd>): Promise<ProcessEnd> {
    if (this.#left === 0) return work();
    this.#left--;
    const over = new AbortController();
    const ms = this.#chance.between(300, Math.round(this.#wholeMs));
    const death = sleep(ms, undefined, { signal: over.signal }).then(
      () => this.#kill(),
      () => undefined,
    );
    const end = await work();
    over.abort();
    await death;
    return end;
  }

  async #kill(): Promise<void> {
    const { served, wire } = this.#world;
    this.count++;
    await served.kill();
    await wire.close();
    await served.start();
    await wire.open();
  }
}

function createsOf(runs: readonly ListedRun[]): ReadonlyMap<string, number> {
  const creates = new Map<string, number>();
  for (const { request } of runs) {
    const { query, input, previousRunId } = request;
    const key = JSON.stringify([query, input, previousRunId]);
    creates.set(key, (creates.get(key) ?? 0) + 1);
  }
  return creates;
}
