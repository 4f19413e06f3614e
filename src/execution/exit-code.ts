import type { StepReport } from './step-work.ts';
import type { StopCause } from './stop.ts';

/** Exit codes are part of the contract with scripts; the README lists them. */
export function exitCode(
  stopped: StopCause | undefined,
  steps: readonly StepReport[],
): { readonly exit: number; readonly status: 'succeeded' | 'failed' | 'stopped' | 'interrupted' } {
  switch (stopped) {
    case 'interrupted':
      return { exit: 130, status: 'interrupted' };
    case 'terminated':
      return { exit: 143, status: 'interrupted' };
    case 'budget':
    case 'crash-loop':
      return { exit: 3, status: 'stopped' };
    case 'unauthorized':
    case 'credit-exhausted':
      return { exit: 4, status: 'stopped' };
    case 'misconfigured':
      return { exit: 2, status: 'stopped' };
    case 'unreachable':
    case 'rate-limited':
      return { exit: 5, status: 'stopped' };
    case 'on-error':
      return { exit: 1, status: 'stopped' };
    case 'state':
      return { exit: 6, status: 'stopped' };
    case 'bug':
      return { exit: 70, status: 'failed' };
    case undefined: {
      if (steps.some(({ held }) => held > 0)) return { exit: 6, status: 'failed' };
      const failed = steps.some(({ outcome, counts }) => outcome === 'failed' || counts.failed > 0);
      return failed ? { exit: 1, status: 'failed' } : { exit: 0, status: 'succeeded' };
    }
  }
}
