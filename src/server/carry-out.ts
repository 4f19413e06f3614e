import type { EarlierRuns } from '../agent/agent.ts';
import type { Clock } from '../base/clock.ts';
import type { StoredAgentRun } from '../store/agent-run-store.ts';
import { billOf } from './accounting.ts';
import type { Contract } from './contract.ts';
import type { Engine, EngineOutcome, EngineTask } from './engine.ts';
import type { LiveRun } from './live-run.ts';
import type { RunEnd } from './run-states.ts';

/** How long a run may take, from when a worker takes it. */
export interface TimeLimits {
  /** Milliseconds for an ordinary run, and for one of an effort that may run for hours. */
  readonly runMs: number;
  readonly longRunMs: number;
  /** For an engine that was asked to finish. */
  readonly finishMs: number;
}

export const TIME_LIMITS: TimeLimits = {
  runMs: 3_600_000,
  longRunMs: 3 * 3_600_000,
  finishMs: 60_000,
};

/** What carrying out needs besides the run. */
export interface Surroundings {
  readonly engine: Engine;
  readonly contract: Contract;
  readonly clock: Clock;
  readonly limits: TimeLimits;
  earlier(stored: StoredAgentRun): ReturnType<EarlierRuns>;
  note(live: LiveRun, event: string, data: Parameters<EngineTask['emit']>[1]): void;
  /** The engine threw: a bug, told to whoever runs the server. */
  bug(error: unknown): void;
}

/**
 * Lets the engine work on one run until it ends, is cancelled, or takes too long. Undefined when
 * it was cancelled: whoever did that has written the end, or means the run to be taken up again.
 * Never rejects, and never waits for an engine that does not listen.
 */
export async function carryOut(
  live: LiveRun,
  stored: StoredAgentRun,
  around: Surroundings,
): Promise<RunEnd | undefined> {
  const over = new AbortController();
  try {
    return await Promise.race([
      answer(live, stored, around),
      cancelled(live, over.signal),
      tooLate(live, stored, around, over.signal),
      finishing(live, around, over.signal),
    ]);
  } finally {
    over.abort();
  }
}

async function answer(
  live: LiveRun,
  stored: StoredAgentRun,
  around: Surroundings,
): Promise<RunEnd | undefined> {
  const { run } = stored;
  const request = run.request ?? { query: '' };
  const { contract } = around;
  const task: EngineTask = {
    id: run.id,
    request,
    startedMs: startOf(stored),
    earlier: () => around.earlier(stored),
    cancelled: live.cancelled,
    finish: live.finish,
    emit: (event, data) => {
      around.note(live, event, data);
    },
    used: (usage) => {
      live.usage = usage;
      const terms = { completed: true, takesBudget: contract.takesBudget };
      if (billOf(usage, request, contract.prices, terms).reached) {
        live.askToFinish('budget_reached');
      }
    },
  };
  try {
    return endOf(await around.engine.run(task), live);
  } catch (error) {
    if (live.cancelled.aborted) return undefined;
    around.bug(error);
    const message = 'The agent failed. The operator of the server can see why.';
    return {
      status: 'failed',
      error: { type: 'SERVER_ERROR', code: 'SERVER_ERROR', message },
      usage: live.usage,
    };
  }
}

function endOf(outcome: EngineOutcome, live: LiveRun): RunEnd {
  const { usage } = outcome;
  if (!outcome.ok) return { status: 'failed', error: outcome.error, usage };
  const stopReason = (outcome.partial ? live.finishReason : undefined) ?? 'schema_satisfied';
  return { status: 'completed', stopReason, output: outcome.output, usage };
}

async function cancelled(live: LiveRun, over: AbortSignal): Promise<undefined> {
  await aborted(live.cancelled, over);
  return undefined;
}

/** Fails the run at its time limit; before, at the duration its caller set, asks it to finish. */
async function tooLate(
  live: LiveRun,
  stored: StoredAgentRun,
  { clock, contract, limits }: Surroundings,
  over: AbortSignal,
): Promise<RunEnd> {
  const { effort = '', budget } = stored.run.request ?? {};
  const limitMs = contract.long.includes(effort) ? limits.longRunMs : limits.runMs;
  // From now on, not from a first start before a restart: a server that is down does no work.
  const startMs = clock.now();
  const leftMs = (ms: number): number => startMs + ms - clock.now();
  const askedMs = (budget?.maxDurationSeconds ?? Infinity) * 1_000;
  if (askedMs < limitMs) {
    await clock.sleep(leftMs(askedMs), over);
    if (!over.aborted) live.askToFinish('time_limit_reached');
  }
  await clock.sleep(leftMs(limitMs), over);
  const message = `The run took longer than ${Math.round(limitMs / 1_000)} seconds.`;
  return {
    status: 'failed',
    error: { type: 'SERVER_ERROR', code: 'TIMEOUT', message },
    usage: live.usage,
  };
}

/** Ends a run whose engine was asked to finish and does not. */
async function finishing(
  live: LiveRun,
  { clock, limits }: Surroundings,
  over: AbortSignal,
): Promise<RunEnd> {
  await aborted(live.finish, over);
  await clock.sleep(limits.finishMs, over);
  const output = { text: 'The run was ended before it found anything.', structured: null };
  return {
    status: 'completed',
    stopReason: live.finishReason ?? 'stopped',
    output: { ...output, grounding: [] },
    usage: live.usage,
  };
}

const startOf = ({ startedAt, run }: StoredAgentRun): number =>
  Date.parse(startedAt ?? run.createdAt);

/** Resolves when `signal` aborts; never, and without a listener left, once `over` has. */
function aborted(signal: AbortSignal, over: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    signal.addEventListener('abort', () => resolve(), { once: true, signal: over });
  });
}
