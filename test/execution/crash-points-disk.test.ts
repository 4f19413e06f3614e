import { readFile } from 'node:fs/promises';
import { describe, expect, test, vi } from 'vitest';
import { completed } from './crash-rig.ts';
import { DiskStory, halfWritten, unswitched, type Commit } from './disk-story.ts';
import { FOUND, inline, TOWN } from './pipelines.ts';

vi.setConfig({ testTimeout: 60_000 });

const ONE = `
effort: low
steps:
  firms:
    query: Find a firm.${FOUND}
    key: name`;

const TOWNS = `
effort: low
concurrency: 1
steps:
  towns:
    input: ${inline([{ id: 'r0' }, { id: 'r1' }])}
    query: Where is {{row.id}}?${TOWN}
  near:
    input: towns
    query: What is near {{row.town}}?${TOWN}`;

const untouched = ({ before }: Commit): Buffer => before;

describe('one paid agent run on a real disk, after a power cut', () => {
  test.each([
    ['15 with nothing of its answer written', untouched],
    ['16 with its answer written and its end missing', unswitched],
    ['17 with its end half written', halfWritten],
  ] as const)('%s, is asked for again', async (_, torn) => {
    const story = await DiskStory.open(ONE);
    const commits = await story.run();
    const ends = commits.filter(({ name }) => name === 'settle');
    const [end] = ends;
    expect(ends).toHaveLength(1);
    if (end === undefined) throw new Error('Nothing ended');
    const { get } = story.remote.counts;
    await story.leave(torn(end));
    expect((await story.ledger()).map(({ type }) => type)).toEqual([
      'attempt-intended',
      'attempt-created',
    ]);
    const open = await story.with((store) => store.openAttempts());
    expect(open).toMatchObject([{ agentRunId: 'run-1', reserved: 25_000 }]);
    await story.run();
    expect(story.remote.counts).toMatchObject({ create: 1, list: 0, get: get + 1 });
    expect(await story.ledger()).toMatchObject([
      { type: 'attempt-intended' },
      { type: 'attempt-created', agentRunId: 'run-1' },
      { type: 'attempt-ended', agentRunId: 'run-1', reported: 25_000 },
    ]);
    expect(await story.table('firms')).toEqual([{ name: 'X' }]);
  });
});

const towns = async (): Promise<DiskStory> => {
  const story = await DiskStory.open(TOWNS);
  story.remote.answer = ({ query }) => completed({ town: query.replace(/^.* (\S+)\?$/, 'T-$1') });
  return story;
};

describe('a whole pipeline on a real disk, after a power cut', () => {
  test.each([
    ['and the switch to it is not', unswitched],
    ['in half', halfWritten],
  ] as const)(
    '9 in a write of which the new state is beside the old one %s, goes on from the old one',
    async (_, torn) => {
      const whole = await towns();
      const { length } = await whole.run();
      expect(length).toBeGreaterThan(14);
      const tables = [await whole.table('towns'), await whole.table('near')];
      for (let nth = 1; nth <= length; nth++) {
        const story = await towns();
        const last = (await story.run(nth)).at(-1);
        if (last === undefined) throw new Error('Nothing was written');
        await story.leave(last.before);
        const before = await story.ledger();
        await story.leave(torn(last));
        expect(await story.ledger(), `after write ${nth}, ${last.name}`).toEqual(before);
        await story.run();
        const queries = story.remote.runs.map(({ request }) => request?.query);
        expect(queries).toHaveLength(4);
        expect(new Set(queries).size).toBe(4);
        expect([await story.table('towns'), await story.table('near')]).toEqual(tables);
        expect(await story.with((store) => store.openAttempts())).toEqual([]);
      }
    },
  );

  test('10 that a newer version has been to, is refused and left as it is', async () => {
    const story = await DiskStory.open(ONE);
    // It dies with its create in doubt.
    await story.run(1);
    await story.newer();
    const before = await readFile(story.file);
    const { create, list, get } = story.remote.counts;
    await expect(story.run()).rejects.toThrow('was written by a newer version of Fieldwork');
    expect((await readFile(story.file)).equals(before)).toBe(true);
    expect(story.remote.counts).toMatchObject({ create, list, get });
  });
});
