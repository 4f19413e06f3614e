import { isoTime } from '../base/clock.ts';
import type { RunRecord } from '../store/store.ts';
import { exitCode } from './exit-code.ts';
import type { RunContext } from './context.ts';

/** So many runs of a pipeline died one after another ... */
const CRASHES = 3;
/** ... within this, and without getting anything done. */
const WITHIN_MS = 10 * 60_000;

/** Looked back on: whatever starts runs again may do so every second. */
const MOST_RUNS = 1_000;

const GUARDED = exitCode('crash-loop', []).exit;

/** A guard let it start nothing, so it says nothing of what kills the others. */
const wasRefused = ({ exit, started }: RunRecord): boolean => exit === GUARDED && started === 0;

/**
 * Stops a run before it buys anything where the last ones died at once: whatever kills them would
 * kill this one too, each time after another create.
 */
export async function stopCrashLoop(context: RunContext): Promise<void> {
  const { store, pipeline, run, clock, stop } = context;
  const own = (await store.runs(MOST_RUNS)).filter(
    (it) => it.pipeline === pipeline.name && it.run !== run && !wasRefused(it),
  );
  const last = own.slice(0, CRASHES);
  const first = last.at(-1);
  if (first === undefined || last.length < CRASHES || last.some(({ exit }) => exit !== null)) {
    return;
  }
  const endsMs = Date.parse(first.startedAt) + WITHIN_MS;
  if (endsMs <= clock.now() || (await hasProgress(context, first.startedAt))) return;
  stop.now(
    'crash-loop',
    `the last ${CRASHES} runs of this pipeline died without getting anything done; ` +
      `nothing is bought before ${isoTime(endsMs)}`,
  );
}

async function hasProgress({ store, pipeline }: RunContext, since: string): Promise<boolean> {
  const own = new Set<string>();
  for await (const entries of store.ledger()) {
    for (const entry of entries) {
      if (entry.type === 'attempt-intended' && entry.pipeline === pipeline.name) {
        own.add(entry.attempt);
      } else if (entry.type === 'attempt-created' && entry.at >= since && own.has(entry.attempt)) {
        return true;
      } else if (entry.type === 'attempt-ended') {
        if (entry.outcome === 'answered' && entry.at >= since && own.has(entry.attempt))
          return true;
        own.delete(entry.attempt);
      }
    }
  }
  return false;
}
