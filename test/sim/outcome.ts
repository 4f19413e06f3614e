import type { Violation } from './judge.ts';

/** What a history comes to but for times, ids and counts of attempts. */
export interface Outcome {
  /** Each step's table: how many tasks, how many of them failed, what is in it. */
  readonly tables: readonly string[];
  /** Attempts that came to an agent run: what was asked, how it ended, what it cost. */
  readonly ledger: readonly string[];
  /** The last run had nothing left to do, and nothing of it failed. */
  readonly whole: boolean;
  /** A task failed, or a cap ended a run, before the calm: other questions may have been asked. */
  readonly disturbed: boolean;
}

/**
 * Crashes change nothing. Failures may, of either history: what a task lacked is another question
 * later, what was not clear about its cost is not bought again, and a task whose tries are used up
 * has fresh ones after a crash, as in any other run; then only whole tables can be compared.
 */
export function outcomeDifferences(
  came: Outcome,
  expected: Outcome,
  batches: boolean,
): readonly Violation[] {
  const differences: Violation[] = [];
  const compare = (what: string, a: readonly string[], b: readonly string[]): void => {
    const [left, right] = [a.join('\n'), b.join('\n')];
    if (left === right) return;
    const message = `${what} differ from those of a run without a crash:\n${left}\n--\n${right}`;
    differences.push({ breach: 'other outcome', message });
  };
  const whole = came.whole && expected.whole;
  const calm = !came.disturbed && !expected.disturbed;
  if (whole || calm) compare('tables', came.tables, expected.tables);
  // How batches are cut depends on what was answered before a crash.
  if (calm && !batches) compare('ledgers', came.ledger, expected.ledger);
  return differences;
}
