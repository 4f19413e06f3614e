import { isoTime } from '../base/clock.ts';
import { fromDollars, microdollars, type Microdollars } from '../base/money.ts';
import { Budget } from '../cost/budget.ts';
import { smallestCap, type Cap, type PeriodCaps } from '../cost/cap.ts';
import type { Spend } from '../cost/spend.ts';
import type { Store } from '../store/store.ts';
import type { Io } from './io.ts';
import type { OpenPipeline } from './open-pipeline.ts';
import type { RunOptions } from './options.ts';

/** The smallest ceiling of one run of a pipeline, by the name that a person knows it by. */
export function runCap(
  { pipeline, project, path }: OpenPipeline,
  { maxCost, planned }: Pick<RunOptions, 'maxCost' | 'planned'>,
): Cap | undefined {
  const cap = (amount: Microdollars | undefined, name: string, help: string): Cap | undefined =>
    amount === undefined ? undefined : { amount, name, help };
  return smallestCap([
    cap(planned, 'the most that the plan comes to', 'make a new plan'),
    cap(
      maxCost === undefined ? undefined : fromDollars(maxCost),
      '--max-cost',
      'give a larger one to go on',
    ),
    // Before the pipeline's own, which is never larger.
    cap(
      project.budget.run,
      'the budget of a run in fieldwork.yaml',
      'raise "budget: run" there, or run again to go on',
    ),
    cap(
      pipeline.budget,
      `the budget of pipeline "${pipeline.name}"`,
      `raise "budget" in ${path}, or run again to go on`,
    ),
  ]);
}

/** The ceilings of the project for a day and a month. */
export function periodCaps({ project }: Pick<OpenPipeline, 'project'>): PeriodCaps {
  const { day, month } = project.budget;
  return {
    ...(day === undefined
      ? {}
      : {
          day: {
            amount: day,
            name: 'the budget of a day in fieldwork.yaml',
            help: 'raise "budget: day" there, or run again after midnight (UTC)',
          },
        }),
    ...(month === undefined
      ? {}
      : {
          month: {
            amount: month,
            name: 'the budget of a month in fieldwork.yaml',
            help: 'raise "budget: month" there, or run again next month (UTC)',
          },
        }),
  };
}

/**
 * The budget that a plan is reckoned with: that of a run, inside what is left of the day and the
 * month. A run leaves these two to the store, which all processes share.
 */
export async function planBudget(
  opened: OpenPipeline,
  options: Pick<RunOptions, 'maxCost' | 'planned'>,
  store: Store,
  io: Io,
): Promise<Budget> {
  const { day, month } = periodCaps(opened);
  const spending = await store.spending(isoTime(io.clock.now()));
  const open = await store.openAttempts();
  const own = open
    .filter(({ pipeline }) => pipeline === opened.pipeline.name)
    .reduce((sum, { reserved }) => sum + reserved, 0);
  // What this pipeline left open is carried into its own budget, and counts here by that.
  const others = (spend: Spend): Spend => ({
    ...spend,
    reserved: microdollars(spend.reserved - own),
  });
  const ofMonth = new Budget(month, undefined, others(spending.month));
  const ofDay = new Budget(day, ofMonth, others(spending.day));
  return new Budget(runCap(opened, options), ofDay);
}
