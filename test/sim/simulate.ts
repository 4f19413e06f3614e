import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { emptyTally, merge, type Tally } from './tally.ts';

export interface Simulation {
  /** The first seed. */
  readonly from: number;
  readonly seeds: number;
  /** Processes that run histories. */
  readonly workers: number;
  /** No more histories are begun after so many real milliseconds, but never fewer than `atLeast`. */
  readonly atMostMs?: number;
  readonly atLeast?: number;
  /** Hears what it has come to after each portion. */
  readonly heard?: (tally: Tally) => void;
}

/** Seeds that a worker gets at a time. */
const PORTION = 25;

export interface Portion {
  readonly from: number;
  readonly seeds: number;
}

/** Runs histories of consecutive seeds on several workers, and adds up what they came to. */
export async function simulate(simulation: Simulation): Promise<Tally> {
  const { from, seeds, workers, atMostMs = Infinity, atLeast = 0, heard } = simulation;
  const tally = emptyTally();
  const started = performance.now();
  let given = 0;
  const next = (): Portion | undefined => {
    const late = performance.now() - started > atMostMs && given >= atLeast;
    if (given >= seeds || late) return undefined;
    const portion = { from: from + given, seeds: Math.min(PORTION, seeds - given) };
    given += portion.seeds;
    return portion;
  };
  const take = (part: Tally): void => {
    merge(tally, part);
    heard?.(tally);
  };
  await Promise.all(Array.from({ length: workers }, () => work(next, take)));
  return tally;
}

const WORKER = fileURLToPath(new URL('./worker.ts', import.meta.url));
/** Most of what a history makes lives shortly: with more room for the young, less is copied. */
const WORKER_FLAGS = [
  '--max-semi-space-size=32',
  '--import',
  new URL('./strip-types.mjs', import.meta.url).href,
];

/** One process, until there are no more portions. */
async function work(next: () => Portion | undefined, take: (part: Tally) => void): Promise<void> {
  const worker = fork(WORKER, [], { execArgv: WORKER_FLAGS });
  try {
    for (let portion = next(); portion !== undefined; portion = next()) {
      const reply = replyOf(worker);
      worker.send(portion);
      take(await reply);
    }
  } finally {
    worker.kill();
  }
}

const replyOf = (worker: ChildProcess): Promise<Tally> =>
  new Promise((resolve, reject) => {
    const onExit = (code: number | null): void => {
      reject(new Error(`A worker of the simulation ended with ${code}`));
    };
    worker.once('exit', onExit);
    worker.once('message', (tally: Tally) => {
      worker.off('exit', onExit);
      resolve(tally);
    });
  });
