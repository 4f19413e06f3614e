import { describe, expect, test } from 'vitest';
import { completed, dollars, Story } from './crash-rig.ts';
import { CHAIN } from './pipelines.ts';

describe('a follow-up', () => {
  test('is sent only once its parent is on disk', async () => {
    const story = new Story(CHAIN);
    story.remote.answer = ({ query }) =>
      completed({ found: [{ name: query === 'Find a firm.' ? 'X' : 'Y' }] });
    const dies = ({ name }: { name: string }) =>
      name === 'settle' ? ('unsynced' as const) : undefined;
    await story.live({ dies });
    expect(story.remote.counts.create).toBe(1);
    expect((await story.run()).exit).toBe(0);
    expect(story.remote.runs.map(({ request }) => request?.previousRunId)).toEqual([
      undefined,
      'run-1',
    ]);
  });

  test('that runs on under the id of its parent keeps both answers, and books only what was added', async () => {
    const story = new Story(CHAIN);
    const { remote } = story;
    remote.answer = () => completed({ found: [{ name: 'X' }] });
    const add = remote.add.bind(remote);
    remote.add = (request, fields) => {
      if (request.previousRunId === undefined) return add(request, fields);
      remote.answer = () => completed({ found: [{ name: 'Y' }] }, { costDollars: dollars(0.06) });
      return add(request, { ...fields, id: request.previousRunId });
    };
    const seenBy = remote.seenBy.bind(remote);
    remote.seenBy = (life) => {
      const agent = seenBy(life);
      // The second life of the agent run is the one that is seen.
      const last = (id: string): string =>
        remote.runs.length > 1 && id === 'run-1' ? 'run-2' : id;
      return {
        ...agent,
        wait: async (id, signal) => {
          const run = await agent.wait(last(id), signal);
          return run.ok ? { ok: true, value: { ...run.value, id } } : run;
        },
      };
    };
    expect((await story.run()).exit).toBe(0);
    expect(await story.table('firms')).toEqual([{ name: 'X' }]);
    expect(await story.table('more')).toEqual([{ name: 'Y' }]);
    const ends = (await story.ledger()).flatMap((it) =>
      it.type === 'attempt-ended' ? [[it.agentRunId, it.reported, it.estimated ?? false]] : [],
    );
    expect(ends).toEqual([
      ['run-1', 25_000, false],
      ['run-1', 35_000, true],
    ]);
  });
});
