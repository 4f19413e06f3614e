import type { JsonObject } from '../../src/base/json.ts';
import type { AgentRequest } from '../../src/agent/agent.ts';
import { AgentApiServer, type Ending } from '../rig/agent-api-server.ts';
import { answerTo } from '../sim/answers.ts';
import type { Chance } from '../sim/chance.ts';
import { KillProject } from './kill-project.ts';

/** What one pipeline came to, on whatever way. */
export interface Came {
  readonly tables: Readonly<Record<string, string>>;
  readonly ledger: readonly string[];
  /** Creates that the server worked on, by what they ask. */
  readonly creates: ReadonlyMap<string, number>;
  readonly starts: number;
  readonly kills: number;
  readonly adopted: number;
  readonly ms: number;
}

/** Requests may be on their way for so long after the process that sent them is dead. */
const SETTLE = '2s';
const MOST_KILLS = 8;
/** Runs after the last kill. */
const MOST_RUNS = 3;

/** Runs the pipeline from nothing to its end, killing its processes at random instants. */
export async function killLoop(chance: Chance, kills: number, wholeMs: number): Promise<Came> {
  const answers = new Answers();
  const trap = new Trap();
  const server = await AgentApiServer.start({
    key: 'a-key',
    durationMs: () => chance.between(20, 400),
    answer: (request) => {
      trap.create();
      return answers.ending(request);
    },
  });
  const project = await KillProject.open(server.baseUrl, SETTLE);
  const started = performance.now();
  let starts = 0;
  let killed = 0;
  try {
    for (let left = Math.min(kills, MOST_KILLS); left > 0; left--) {
      starts++;
      const anyTime = chance.hit(0.4);
      const end = await project.run(
        anyTime ? chance.between(50, Math.round(wholeMs)) : trap.set(chance.between(1, 8)),
      );
      trap.unset();
      if (end.killed) killed++;
    }
    for (let left = MOST_RUNS; ; left--) {
      starts++;
      const end = await project.run();
      if (end.exit === 0) break;
      if (left === 1) throw new Error(`run ended with ${end.exit}: ${end.error}`);
    }
    return {
      tables: await project.tables(),
      ledger: await project.ledger(),
      creates: createsOf(server),
      starts,
      kills: killed,
      adopted: await project.adopted(),
      ms: performance.now() - started,
    };
  } finally {
    await server.close();
    await project.remove();
  }
}

/** Kills a process while the server works on one of its creates: it never hears the answer. */
class Trap {
  #moment: { kill: () => void } | undefined;
  #left = 0;

  /** At the `nth` create from now on. */
  set(nth: number): { kill: () => void } {
    this.#left = nth;
    return (this.#moment = { kill: () => undefined });
  }

  unset(): void {
    this.#moment = undefined;
  }

  create(): void {
    if (--this.#left === 0) this.#moment?.kill();
  }
}

/** Answers as the simulation does; a follow-up's answer depends on how many runs are before it. */
class Answers {
  readonly #depths: number[] = [];

  /** Asked once for each run, in the order in which they are created. */
  ending(request: AgentRequest): Ending {
    const { previousRunId } = request;
    const before = previousRunId === undefined ? -1 : (this.#depths[placeOf(previousRunId)] ?? 0);
    const depth = before + 1;
    this.#depths.push(depth);
    return { structured: answerTo(request as unknown as JsonObject, depth), dollars: 0.025 };
  }
}

/** The server numbers its runs from 1, to the base of 36. */
const placeOf = (id: string): number => Number.parseInt(id.replace('agent_run_', ''), 36) - 1;

function createsOf(server: AgentApiServer): ReadonlyMap<string, number> {
  const creates = new Map<string, number>();
  for (const { route, body } of server.received) {
    if (route !== 'create') continue;
    const { query, input, previousRunId } = JSON.parse(body) as AgentRequest;
    const key = JSON.stringify([query, input?.data, previousRunId]);
    creates.set(key, (creates.get(key) ?? 0) + 1);
  }
  return creates;
}
