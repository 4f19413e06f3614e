import { describe, expect, test } from 'vitest';
import { NO_SPEND } from '../../src/cost/spend.ts';
import { exitCode } from '../../src/execution/exit-code.ts';
import { NO_REMEDIES } from '../../src/execution/remedy.ts';
import type { StepOutcome } from '../../src/execution/events.ts';
import type { StepReport } from '../../src/execution/step-work.ts';
import { Stop, type StopCause } from '../../src/execution/stop.ts';

const step = (outcome: StepOutcome, failed = 0, held = 0): StepReport => ({
  outcome,
  counts: { tasks: 3, reused: 0, started: 3, failed, notStarted: 0 },
  spend: NO_SPEND,
  message: null,
  remedies: { ...NO_REMEDIES, decide: held },
});

describe('the exit code', () => {
  test.each<[StopCause, number, string]>([
    ['interrupted', 130, 'interrupted'],
    ['budget', 3, 'stopped'],
    ['crash-loop', 3, 'stopped'],
    ['unauthorized', 4, 'stopped'],
    ['credit-exhausted', 4, 'stopped'],
    ['unreachable', 5, 'stopped'],
    ['rate-limited', 5, 'stopped'],
    ['misconfigured', 2, 'stopped'],
    ['on-error', 1, 'stopped'],
    ['state', 6, 'stopped'],
    ['bug', 70, 'failed'],
  ])('after a stop for %s is %i, %s, whatever the steps came to', (cause, exit, status) => {
    expect(exitCode(cause, [step('finished')])).toEqual({ exit, status });
    expect(exitCode(cause, [step('failed', 2)])).toEqual({ exit, status });
  });

  test.each<[string, readonly StepReport[], number]>([
    ['nothing to do', [step('unchanged')], 0],
    ['a task that may have been paid for', [step('finished', 1, 1)], 6],
    ['no steps', [], 0],
    ['all done', [step('finished'), step('finished')], 0],
    ['a record that failed', [step('finished', 1), step('finished')], 1],
    ['a step that failed', [step('failed'), step('skipped')], 1],
  ])('with %s is right', (_, steps, exit) => {
    expect(exitCode(undefined, steps)).toEqual({
      exit,
      status: exit === 0 ? 'succeeded' : 'failed',
    });
  });

  test('follows from the first cause of a stop', () => {
    const stop = new Stop();
    stop.now('budget', 'no room');
    stop.now('interrupted', 'asked to stop');
    expect([stop.cause, stop.message]).toEqual(['budget', 'no room']);
  });
});
