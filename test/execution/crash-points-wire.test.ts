import { describe, expect, onTestFinished, test } from 'vitest';
import { FOUND } from './pipelines.ts';
import { WireStory } from './wire-story.ts';

/** One paid question, of some length so that half of it is something. */
const ONE = `
effort: low
steps:
  firms:
    query: Find a firm that ${'builds bridges and '.repeat(200)}sells them.${FOUND}
    key: name`;

async function begin(): Promise<WireStory> {
  const story = await WireStory.open(ONE);
  onTestFinished(() => story.close());
  return story;
}

/** One agent run at the server, its answer in the table, nothing open, nothing to do. */
async function bought(story: WireStory): Promise<void> {
  expect(story.server.size).toBe(1);
  expect(await story.table('firms')).toEqual([{ name: 'X' }]);
  expect(await (await story.disk.look()).openAttempts()).toEqual([]);
  const { requests } = story.server;
  expect(await story.live()).toMatchObject({ exit: 0 });
  expect(story.server.requests).toBe(requests);
}

describe('one paid agent run over a real connection, after a crash', () => {
  test('5 while it connects, is shown to be absent and then created', async () => {
    const story = await begin();
    // The first connection asks whether the server speaks the Agent API.
    expect(await story.live({ cut: 'connecting', nth: 2 })).toBe('died');
    expect(story.server.received.map(({ route }) => route)).toEqual(['list']);
    expect(await (await story.disk.look()).openAttempts()).toMatchObject([
      { agentRunId: undefined, held: undefined },
    ]);
    expect(await story.live()).toMatchObject({ exit: 0 });
    expect(story.server.counts).toMatchObject({ create: 1 });
    expect(await story.ends()).toEqual([
      ['absent', 0],
      ['completed', 25_000],
    ]);
    await bought(story);
  });

  test('6 with a part of the request written, is shown to be absent and then created', async () => {
    const story = await begin();
    expect(await story.live({ cut: 'half sent', nth: 1 })).toBe('died');
    expect(story.wire.delivered).toBeGreaterThan(1_000);
    // It has begun to read a request, and it never became one.
    expect(story.server.counts.create).toBe(0);
    expect(story.server.size).toBe(0);
    const lists = story.server.counts.list;
    expect(await story.live()).toMatchObject({ exit: 0 });
    expect(story.server.counts.create).toBe(1);
    expect(story.server.counts.list).toBeGreaterThan(lists);
    expect(await story.ends()).toEqual([
      ['absent', 0],
      ['completed', 25_000],
    ]);
    await bought(story);
  });

  test.each([
    ['8 with the answer on its way', 'unheard'],
    ['9 with half of the answer received, its id in it', 'half heard'],
  ] as const)('%s, is adopted', async (_, cut) => {
    const story = await begin();
    expect(await story.live({ cut, nth: 1 })).toBe('died');
    expect(story.server.size).toBe(1);
    expect(await (await story.disk.look()).openAttempts()).toMatchObject([
      { agentRunId: undefined },
    ]);
    expect(await story.live()).toMatchObject({ exit: 0 });
    expect(story.server.counts.create).toBe(1);
    expect((await story.ledger()).filter(({ type }) => type === 'attempt-created')).toMatchObject([
      { found: 'listed' },
    ]);
    expect(await story.ends()).toEqual([['completed', 25_000]]);
    await bought(story);
  });

  test('14 with half of its end received, is asked for again', async () => {
    const story = await begin();
    expect(await story.live({ cut: 'half heard', route: 'get', nth: 1 })).toBe('died');
    const [open] = await (await story.disk.look()).openAttempts();
    expect(open?.agentRunId).toMatch(/^agent_run_/);
    const { get, list } = story.server.counts;
    expect(get).toBe(1);
    expect(await story.live()).toMatchObject({ exit: 0 });
    expect(story.server.counts).toMatchObject({ create: 1, get: 2, list });
    expect(await story.ends()).toEqual([['completed', 25_000]]);
    await bought(story);
  });
});
