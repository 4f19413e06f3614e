import type { StepReport } from './step-work.ts';
import type { StopCause } from './stop.ts';

interface RunEnd {
  readonly exit: number;
  readonly status: 'succeeded' | 'failed' | 'stopped' | 'interrupted';
}

/** Exit codes are part of the contract with scripts; the README lists them. */
const STOPPED: Readonly<Record<StopCause, RunEnd>> = {
  interrupted: { exit: 130, status: 'interrupted' },
  terminated: { exit: 143, status: 'interrupted' },
  budget: { exit: 3, status: 'stopped' },
  'crash-loop': { exit: 3, status: 'stopped' },
  unauthorized: { exit: 4, status: 'stopped' },
  'credit-exhausted': { exit: 4, status: 'stopped' },
  misconfigured: { exit: 2, status: 'stopped' },
  unreachable: { exit: 5, status: 'stopped' },
  'rate-limited': { exit: 5, status: 'stopped' },
  'on-error': { exit: 1, status: 'stopped' },
  state: { exit: 6, status: 'stopped' },
  bug: { exit: 70, status: 'failed' },
};

export function exitCode(stopped: StopCause | undefined, steps: readonly StepReport[]): RunEnd {
  if (stopped !== undefined) return STOPPED[stopped];
  if (steps.some(({ remedies }) => remedies.decide > 0)) return { exit: 6, status: 'failed' };
  const failed = steps.some(({ outcome, counts }) => outcome === 'failed' || counts.failed > 0);
  return failed ? { exit: 1, status: 'failed' } : { exit: 0, status: 'succeeded' };
}
