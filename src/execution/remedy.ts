import { decide } from '../plan/decide.ts';
import type { Known } from '../store/store.ts';
import { isHeld, type FailureKind } from './failure.ts';

/**
 * What it takes to have a task that failed asked again: a further run, one with `--retry-failed`
 * or with `--refresh`, another query or record, or the word of a person about what is held.
 */
export type Remedy = 'run' | 'retry-failed' | 'refresh' | 'edit' | 'decide';

/** Failed tasks by what it takes. */
export type Remedies = Readonly<Record<Remedy, number>>;

export const NO_REMEDIES: Remedies = {
  run: 0,
  'retry-failed': 0,
  refresh: 0,
  edit: 0,
  decide: 0,
};

/** Of a task that failed by `kind`, of whose question the store knows this: what the next run does. */
export function remedyOf(kind: FailureKind, known: Known, ephemeral: boolean): Remedy {
  if (isHeld(kind)) return 'decide';
  const next = decide({
    known,
    nowMs: 0,
    ttlMs: undefined,
    refresh: false,
    retryFailed: false,
    ephemeral,
    before: { hadTask: true, changed: [] },
  });
  if (next.kind === 'hold') return 'decide';
  return next.kind === 'keep' ? 'retry-failed' : 'run';
}

export function sumOfRemedies(all: Iterable<Remedies>): Remedies {
  const sum = { ...NO_REMEDIES };
  for (const one of all) {
    sum.run += one.run;
    sum['retry-failed'] += one['retry-failed'];
    sum.refresh += one.refresh;
    sum.edit += one.edit;
    sum.decide += one.decide;
  }
  return sum;
}
