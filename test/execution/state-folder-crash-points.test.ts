import { describe, expect, test } from 'vitest';
import { microdollars } from '../../src/base/money.ts';
import type { RunId } from '../../src/base/ids.ts';
import type { RunRecord } from '../../src/store/store.ts';
import { at, boughtOnce, ONE, TOWNS, towns } from './crash-pipelines.ts';
import { Story } from './crash-rig.ts';

describe('a whole pipeline, where the process dies', () => {
  test('16 and loses its state folder, says that another one has asked the same', async () => {
    const story = new Story(ONE);
    await story.run();
    const lost = new Story(ONE);
    lost.isNew = true;
    for (const { request } of story.remote.runs) if (request) lost.remote.add(request);
    let creates: number | undefined;
    const said = lost.live({
      onEvent: (it) => {
        if (it.type === 'warning') creates ??= lost.remote.counts.create;
      },
    });
    expect(await said).toMatchObject({ exit: 0 });
    // Before it buys.
    expect(creates).toBe(0);
    const warnings = lost.rig?.eventsOf('warning').map(({ message }) => message);
    expect(warnings).toEqual([
      expect.stringContaining(
        'another state folder has asked the same of agent "exa" (1 agent run',
      ),
    ]);
  });

  const BY_ONE = TOWNS.replace('concurrency: 2', 'concurrency: 1');

  /** What is held as bought by nobody known, as task and agent run. */
  const strays = async (story: Story) =>
    (await story.open())
      .filter(({ held }) => held?.reason === 'stray')
      .map(({ task, held }) => [task, ...(held?.candidates ?? []).map((it) => it.agentRunId)]);

  /** A person takes what is held for what was found. */
  async function adopt(story: Story): Promise<void> {
    for (const { attempt, held } of await story.open()) {
      const [candidate] = held?.candidates ?? [];
      if (candidate === undefined) continue;
      const { store } = await story.disk.open();
      await store.created({
        type: 'attempt-created',
        at: '2026-11-22T12:00:00.000Z',
        attempt,
        agentRunId: candidate.agentRunId,
        found: 'chosen',
      });
    }
  }

  test('17 and is put back from an old backup, holds what it no longer knows to have bought', async () => {
    const story = towns(BY_ONE);
    await story.run();
    // The backup was made with the third create on its way.
    let intents = 0;
    const made = story.disk.writes.findIndex(({ name }) => name === 'intend' && ++intents === 3);
    story.disk = story.disk.copy(made + 1);
    expect((await story.run()).exit).toBe(6);
    expect(story.remote.counts.create).toBe(6);
    expect(await strays(story)).toEqual([
      ['#4', 'run-4'],
      ['#5', 'run-5'],
      ['#6', 'run-6'],
    ]);
    await adopt(story);
    expect((await story.run()).exit).toBe(0);
    expect(story.remote.counts.create).toBe(6);
    boughtOnce(story, 6);
    expect(await story.table('towns')).toHaveLength(6);
    expect(await story.booked()).toEqual(Array.from({ length: 6 }, () => 25_000));
  });

  test('18 and is copied to another machine, holds what that one has bought once it sees the list', async () => {
    const story = towns(BY_ONE);
    const dies = at('settle', 2);
    expect(await story.live({ dies })).toBe('died');
    const here = story.disk.copy();
    // The other machine goes on.
    expect((await story.run()).exit).toBe(0);
    boughtOnce(story, 6);
    // So does this one, and its first create is lost: now it has a reason to look at the list.
    story.disk = here;
    story.remote.fates.push('request lost');
    expect((await story.run()).exit).toBe(6);
    expect(await strays(story)).toEqual([
      ['#4', 'run-4'],
      ['#5', 'run-5'],
      ['#6', 'run-6'],
    ]);
    boughtOnce(story, 6);
    await adopt(story);
    expect((await story.run()).exit).toBe(0);
    boughtOnce(story, 6);
    expect(await story.table('towns')).toHaveLength(6);
  });

  test('19 again and again without getting anything done, buys nothing for a while', async () => {
    const story = new Story(ONE);
    const crashed = (nth: number): RunRecord => ({
      run: `20261122-085${nth}-aaaaaa` as RunId,
      pipeline: 'test',
      file: 'pipeline.yaml',
      startedAt: `2026-11-22T08:5${nth}:00.000Z`,
      finishedAt: null,
      pid: 4_000 + nth,
      status: 'interrupted',
      exit: null,
      started: 0,
      reused: 0,
      failed: 0,
      reported: microdollars(0),
    });
    const { store } = await story.disk.open();
    for (const nth of [5, 6]) await store.putRun(crashed(nth));
    const twice = await story.disk.open();
    await twice.store.putRun(crashed(7));
    const report = await story.run();
    expect(report).toMatchObject({ exit: 3, status: 'stopped' });
    expect(story.rig?.eventsOf('run-finished')[0]?.stopped).toBe('crash-loop');
    expect(story.remote.counts.create).toBe(0);
    // Whatever starts it again at once is refused again.
    const { store: later } = await story.disk.open();
    await later.putRun({ ...crashed(8), status: 'stopped', exit: 3 });
    expect((await story.run()).exit).toBe(3);
    expect(story.remote.counts.create).toBe(0);
    await story.clock.advance(6 * 60_000);
    expect((await story.run()).exit).toBe(0);
  });
});
