import { expect, test } from 'vitest';
import type { AttemptId } from '../../src/base/ids.ts';
import { NO_REMEDIES, remedyOf, sumOfRemedies } from '../../src/execution/remedy.ts';
import type { AnswerId, Known } from '../../src/store/store.ts';

const NOTHING: Known = { answer: undefined, open: undefined, failed: undefined };
const failed = (kind: string, charged: boolean): Known => ({
  ...NOTHING,
  failed: { kind, charged, at: '2026-11-22T09:00:00.000Z' },
});
const OPEN: Known = {
  ...NOTHING,
  open: {
    attempt: 'a' as AttemptId,
    agentRunId: 'agent_run_1',
  } as NonNullable<Known['open']>,
};
const ANSWERED: Known = {
  ...failed('agent-failed', true),
  answer: {
    id: 1 as AnswerId,
    answeredAt: '2026-11-22T08:00:00.000Z',
    digest: '',
    agentRunId: 'r',
  },
};

test.each([
  ['a run, where it cost nothing', 'agent-failed', failed('agent-failed', false), 'run'],
  ['a run, where nothing was sent', 'cancelled', NOTHING, 'run'],
  ['a run, where the agent run goes on', 'unreachable', OPEN, 'run'],
  ['a run, where an older answer is there', 'agent-failed', ANSWERED, 'run'],
  [
    'a word of the user, where it was paid for',
    'agent-failed',
    failed('agent-failed', true),
    'retry-failed',
  ],
  [
    'a word of the user, where it was cancelled',
    'agent-cancelled',
    failed('agent-cancelled', false),
    'retry-failed',
  ],
  ['a decision, where nobody knows', 'create-in-doubt', OPEN, 'decide'],
] as const)('A failed task takes %s', (_, kind, known, remedy) => {
  expect(remedyOf(kind, known, false)).toBe(remedy);
});

test('what an agent of this process failed at is asked again by the next run', () => {
  expect(remedyOf('agent-failed', failed('agent-failed', true), true)).toBe('run');
});

test('remedies add up', () => {
  const one = { ...NO_REMEDIES, run: 1, edit: 2 };
  const other = { ...NO_REMEDIES, run: 3, 'retry-failed': 4, refresh: 5, decide: 6 };
  expect(sumOfRemedies([one, other])).toEqual({
    run: 4,
    'retry-failed': 4,
    refresh: 5,
    edit: 2,
    decide: 6,
  });
});
