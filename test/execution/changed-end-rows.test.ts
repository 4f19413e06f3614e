import { describe, expect, test } from 'vitest';
import type { AgentRun } from '../../src/agent/agent.ts';
import type { Fault } from '../rig/agent-api-faults.ts';
import { ONE_FIRM } from '../rig/fault-stories.ts';
import { completed, dollars, Story } from './crash-rig.ts';
import { socketWorld, THREE } from './socket-world.ts';

// Ends that are not the same when they are looked at again, by the rows of the fault matrix.

const ONE = THREE.replace(',{"id":"b"},{"id":"c"}', '');

const change = (to: (run: Record<string, unknown>) => unknown): Fault => ({
  type: 'change',
  change: to,
});

describe('an end that changes', () => {
  test('row 35: shows the first one for good', async () => {
    const world = await socketWorld();
    await world.run(ONE);
    world.server.faults(
      'get',
      9,
      change((run) => ({ ...run, status: 'failed', output: null })),
    );
    expect((await world.run(ONE)).exit).toBe(0);
    expect(await world.rig().table('towns')).toEqual([{ town: 'Oslo' }]);
    expect(world.server.counts).toMatchObject({ create: 1 });
  });

  test.each<readonly [string, Partial<AgentRun>, RegExp]>([
    [
      'goes on',
      { status: 'running', stopReason: null, completedAt: null },
      /had ended as completed and is shown as running now; what was seen first counts$/,
    ],
    [
      'has failed',
      { status: 'failed', costDollars: dollars(0.01) },
      /had ended as completed and is shown as failed now; what was seen first counts$/,
    ],
    [
      'has another output',
      { output: { text: '', structured: { found: [{ name: 'Y' }] }, grounding: [] } },
      /had ended and has another output now; what was seen first counts$/,
    ],
  ])(
    'row 35: that is looked at again for its cost and %s then: is told, and the first one counts',
    async (_, later, says) => {
      const story = new Story(ONE_FIRM);
      story.remote.answer = () => {
        const { costDollars: __, ...unsaid } = completed({ found: [{ name: 'X' }] });
        return unsaid;
      };
      expect((await story.run()).exit).toBe(0);
      const [run] = story.remote.runs;
      if (run === undefined) throw new Error('Nothing was created');
      const seenBy = story.remote.seenBy.bind(story.remote);
      story.remote.seenBy = (life) => ({
        ...seenBy(life),
        get: () => Promise.resolve({ ok: true, value: { ...run, ...later } }),
      });
      expect((await story.run()).exit).toBe(0);
      const said = story.rig?.eventsOf('warning').map(({ message }) => message);
      expect(said).toEqual([expect.stringMatching(says)]);
      expect(await story.table('firms')).toEqual([{ name: 'X' }]);
      expect(story.remote.counts.create).toBe(1);
    },
  );

  test('row 35: that has another output on the look after a cancel: is told, and the first one counts', async () => {
    const story = new Story(ONE_FIRM);
    story.remote.durationMs = Infinity;
    const seenBy = story.remote.seenBy.bind(story.remote);
    story.remote.seenBy = (life) => {
      const agent = seenBy(life);
      return {
        ...agent,
        get: async (id, signal) => {
          const run = await agent.get(id, signal);
          const output = { text: 'another', structured: null, grounding: [] };
          const isOver = run.ok && run.value.status === 'cancelled';
          return isOver ? { ok: true, value: { ...run.value, output } } : run;
        },
      };
    };
    await story.run();
    const said = story.rig?.eventsOf('warning').map(({ message }) => message) ?? [];
    expect(said.at(-1)).toMatch(/had ended and has another output now; what was seen first counts/);
  });

  test.each([
    ['more', 0.02, 20_000],
    ['less', 0.001, 10_000],
  ])(
    'row 46: a cost that is %s on a later look: the larger is booked, and both are told',
    async (_, later, booked) => {
      const story = new Story(ONE_FIRM);
      const { remote } = story;
      remote.durationMs = Infinity;
      const seenBy = remote.seenBy.bind(remote);
      remote.seenBy = (life) => {
        const agent = seenBy(life);
        return {
          ...agent,
          get: async (id, signal) => {
            const run = await agent.get(id, signal);
            const isOver = run.ok && run.value.status === 'cancelled';
            return isOver
              ? { ok: true, value: { ...run.value, costDollars: dollars(later) } }
              : run;
          },
        };
      };
      expect((await story.run()).exit).toBe(1);
      expect(await story.booked()).toEqual([booked]);
      const warnings = story.rig?.eventsOf('warning').map(({ message }) => message) ?? [];
      expect(warnings.at(-1)).toMatch(
        /two costs, \$0\.01\S* and \$0\.0[02]\S*; the larger is booked/,
      );
    },
  );
});
