import { expect, test } from 'vitest';
import { nextCommands } from '../../src/cli/next-commands.ts';
import type { RunOptions } from '../../src/cli/options.ts';
import { NO_SPEND } from '../../src/cost/spend.ts';
import { NO_REMEDIES, type Remedies } from '../../src/execution/remedy.ts';
import type { RunReport } from '../../src/execution/run-pipeline.ts';

const PLAIN: RunOptions = { param: {}, step: [], refresh: [] };

function told(
  remedies: Partial<Remedies>,
  options: Partial<RunOptions> = {},
  notStarted = 0,
): readonly string[] {
  const counts = { tasks: 9, reused: 0, started: 3, failed: 2, notStarted };
  const step = { outcome: 'finished', counts, spend: NO_SPEND, message: null } as const;
  const steps = new Map([['firms', { ...step, remedies: { ...NO_REMEDIES, ...remedies } }]]);
  const report: RunReport = { exit: 1, status: 'failed', spend: NO_SPEND, steps };
  return nextCommands(report, { path: 'leads', options: { ...PLAIN, ...options } });
}

test('nothing is said where nothing is left', () => {
  expect(told({})).toEqual([]);
});

test('each kind of failure has its own way on', () => {
  expect(told({ run: 1, 'retry-failed': 2, refresh: 3, edit: 4, decide: 5 })).toEqual([
    'Next     fieldwork run leads   does what is left',
    'Retry    fieldwork run leads --retry-failed   asks again: 2 failed and may have been paid for',
    'Refresh  fieldwork run leads --refresh firms   asks all of firms anew: 3 cannot be used',
    'Mend     the query or the input of firms: 4 cannot be asked',
    'Held     fieldwork held   5 of the failed wait for you',
  ]);
});

test('what no run asks again has no command that would do nothing', () => {
  expect(told({ edit: 1 })).toEqual([
    'Mend     the query or the input of firms: 1 cannot be asked',
  ]);
});

test('the command is the one that was given, fit for a shell, without its limit', () => {
  const given: Partial<RunOptions> = {
    param: { region: "Cote d'Or", note: '$(id)' },
    step: ['firms'],
    agent: 'exa',
    limit: 2,
    maxCost: 0.5,
    maxRows: 10,
    untrusted: true,
    record: true,
  };
  expect(told({}, given, 7)).toEqual([
    String.raw`Next     fieldwork run leads --param 'region=Cote d'\''Or' --param 'note=$(id)' --step firms --agent exa --max-cost 0.5 --max-rows 10 --untrusted --record   does what is left`,
  ]);
});

test('what was to be asked anew and was not reached needs the option again', () => {
  expect(told({}, { refresh: ['firms'] }, 7)).toEqual([
    'Next     fieldwork run leads --refresh firms   asks all of firms anew',
  ]);
  expect(told({ 'retry-failed': 1 }, { retryFailed: true }, 7)).toEqual([
    'Next     fieldwork run leads --retry-failed   does what is left',
  ]);
});
