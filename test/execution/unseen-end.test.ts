import { describe, expect, test } from 'vitest';
import { fromDollars } from '../../src/base/money.ts';
import type { AttemptEnded } from '../../src/store/store.ts';
import { ONE_FIRM } from '../rig/fault-stories.ts';
import { completed, dollars, Story } from './crash-rig.ts';

const MINUTE = 60_000;

const warnings = ({ rig }: Story): readonly string[] =>
  rig?.eventsOf('warning').map(({ message }) => message) ?? [];

const failures = ({ rig }: Story): readonly string[] =>
  rig?.eventsOf('task-failed').map(({ failure }) => failure) ?? [];

/** Nothing that it asks for can be read when it has ended. */
function tooLarge(yaml: string): Story {
  const story = new Story(yaml);
  for (const id of ['run-1', 'run-2']) story.remote.unread.add(id);
  return story;
}

const TWO_FIRMS = ONE_FIRM.replace('effort: low', 'effort: low\nconcurrency: 1').replace(
  'query: Find a firm.',
  'input: [{ n: 1 }, { n: 2 }]\n    query: Find firm {{row.n}}.',
);

const endings = async (story: Story): Promise<readonly AttemptEnded[]> =>
  (await story.ledger()).filter((it) => it.type === 'attempt-ended');

describe('an agent run whose end cannot be seen', () => {
  test.each([
    ['and the list says', 0, 25_000],
    ['and the list says only later', 1, null],
  ])(
    'row 28: whose answer is too large to read is kept and not bought again, %s what it cost',
    async (_, failing, booked) => {
      const story = tooLarge(ONE_FIRM);
      const { remote } = story;
      remote.listProblems = Array.from({ length: failing }, () => 'bad-response' as const);
      const unknown = booked === null ? 25_000 : 0;
      const spend = { reported: booked ?? 0, reserved: 0, unknown };
      expect(await story.run({ cap: fromDollars(0.03) })).toMatchObject({ exit: 1, spend });
      expect(failures(story)).toEqual(['output-too-large']);
      const [told] = story.rig?.eventsOf('task-failed') ?? [];
      const says = 'This is output-too-large; its cost is not known and counts as $0.025';
      expect(told?.message).toBe(booked === null ? says : 'This is output-too-large.');
      expect(await endings(story)).toMatchObject([
        { agentRunId: 'run-1', failure: 'output-too-large', reported: booked },
      ]);
      expect(await story.open()).toEqual([]);
      // The next run asks the list what it cost, where that is not known, and buys nothing.
      await story.clock.advance(MINUTE);
      expect((await story.run()).exit).toBe(1);
      expect(remote.counts).toMatchObject({ create: 1, list: 1 + failing });
      const late = (await story.ledger()).filter(({ type }) => type === 'cost-told');
      expect(late).toMatchObject(booked === null ? [{ reported: 25_000, reserved: 25_000 }] : []);
      expect(warnings(story)).toEqual([]);
    },
  );

  test('row 28: whose answer is too large to read leaves no more of the budget than its ceiling did', async () => {
    const story = tooLarge(TWO_FIRMS);
    // Nobody says what it cost, so it counts as its ceiling: there is no room for a second one.
    story.remote.listProblems = Array.from({ length: 9 }, () => 'bad-response' as const);
    expect((await story.run({ cap: fromDollars(0.03) })).exit).toBe(3);
    expect(story.remote.counts.create).toBe(1);
    // Where the list says that it cost less, there is.
    const cheap = tooLarge(TWO_FIRMS);
    cheap.remote.answer = () =>
      completed({ found: [{ name: 'X' }] }, { costDollars: dollars(0.004) });
    expect((await cheap.run({ cap: fromDollars(0.03) })).exit).toBe(1);
    expect(cheap.remote.counts.create).toBe(2);
  });

  test.each([
    ['row 28: whose answer is too large to read', 'output-too-large', 25_000],
    ['row 7: that its agent does not know any more', 'run-gone', null],
  ])('%s is closed as well where nobody asks for it any more', async (_, failure, booked) => {
    const story = new Story(ONE_FIRM);
    expect(await story.live({ diesAfterMs: 5_000 })).toBe('died');
    await story.clock.advance(MINUTE);
    const { remote } = story;
    if (booked === null) remote.delete('run-1');
    else remote.unread.add('run-1');
    const edited = ONE_FIRM.replace('a firm', 'another firm');
    const before = story.clock.now();
    expect((await story.run({ yaml: edited })).exit).toBe(0);
    expect(story.clock.now() - before).toBeLessThan(5 * MINUTE);
    expect(await story.open()).toEqual([]);
    expect(await endings(story)).toMatchObject([
      { agentRunId: 'run-2', failure: null },
      { agentRunId: 'run-1', failure, reported: booked },
    ]);
    // Asked again, it is not bought again.
    expect((await story.run()).exit).toBe(1);
    expect(remote.counts.create).toBe(2);
  });
});
