import { describe, expect, test } from 'vitest';
import type { AgentRequest } from '../../src/agent/agent.ts';
import type { RunRecord, Store } from '../../src/store/store.ts';
import { microdollars } from '../../src/base/money.ts';
import type { RunId } from '../../src/base/ids.ts';
import { StoreError } from '../../src/store/store-problem.ts';
import { TAGS } from '../../src/execution/tags.ts';
import { Disk, type Write } from '../rig/crashing-store.ts';
import { Rig } from '../rig/rig.ts';
import { completed, STATE_ID, Story } from './crash-rig.ts';
import { FOUND, inline, TOWN } from './pipelines.ts';

const rows = (count: number) => inline(Array.from({ length: count }, (_, n) => ({ id: `r${n}` })));

const TOWNS = `
effort: low
concurrency: 2
steps:
  towns:
    input: ${rows(6)}
    query: Where is {{row.id}}?${TOWN}`;

const TWO = `${TOWNS}
  near:
    input: towns
    query: What is near {{row.town}}?${TOWN}`;

const ONE = `
effort: low
steps:
  firms:
    query: Find a firm.${FOUND}
    key: name`;

const town = (request: AgentRequest) =>
  completed({ town: request.query.replace(/^.* (\S+)\?$/, 'Town of $1') });

function towns(yaml = TOWNS): Story {
  const story = new Story(yaml);
  story.remote.answer = town;
  return story;
}

/** Every question bought once, however often a process died. */
function boughtOnce(story: Story, times: number): void {
  const queries = story.remote.runs.map(({ request }) => request?.query);
  expect(new Set(queries).size).toBe(queries.length);
  expect(queries).toHaveLength(times);
}

const full = (path: string): StoreError =>
  new StoreError({ kind: 'no-space', path, message: `${path}: there is no room left` });

describe('a whole pipeline, where the process dies', () => {
  test('1 while its files are read, has written nothing', async () => {
    const story = towns();
    await expect(story.live({ yaml: 'steps: { a: { query: } }' })).rejects.toThrow('query');
    expect(story.disk.writes.filter(({ name }) => name !== 'stateId')).toEqual([]);
    expect(story.remote.counts.create).toBe(0);
  });

  test('2 after its plan was shown, has bought and written nothing', async () => {
    const story = towns();
    const life = await story.disk.open();
    const rig = new Rig({ agent: story.remote.seenBy(life), store: life.store });
    const [plan] = await rig.plan(TOWNS);
    expect(plan?.toRun).toBe(6);
    life.crash();
    expect(story.disk.writes).toEqual([]);
    expect(story.remote.counts).toMatchObject({ create: 0, list: 0 });
  });

  test('3 while its input is read, asks what the input says when it runs again', async () => {
    // Records are read as they are needed and asked about as they are read: an input that changes
    // under a run shows as other questions, and what was bought for the old ones stays.
    const story = towns();
    await story.live({ diesAfterMs: 15_000 });
    const before = story.remote.counts.create;
    const other = TOWNS.replace('{"id":"r5"}', '{"id":"r9"}');
    expect((await story.run({ yaml: other })).exit).toBe(0);
    expect(before).toBeLessThan(6);
    boughtOnce(story, 6);
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])(
    '4 between its records, reuses what is done (after %i answers or starts)',
    async (nth) => {
      const story = towns();
      let left = nth;
      const dies = ({ name }: Write) => {
        if (name !== 'settle' && name !== 'created') return undefined;
        return --left === 0 ? ('unheard' as const) : undefined;
      };
      await story.live({ dies });
      expect((await story.run()).exit).toBe(0);
      boughtOnce(story, 6);
      expect(await story.table('towns')).toHaveLength(6);
    },
  );

  test('5 between two steps, reuses the first', async () => {
    const story = towns(TWO);
    await story.live({ diesAfterMs: 35_000 });
    const done = story.remote.runs.length;
    expect(done).toBeGreaterThan(2);
    expect((await story.run()).exit).toBe(0);
    boughtOnce(story, 12);
    expect(await story.table('near')).toHaveLength(6);
  });

  test.each(['addMembers', 'publish'] as const)(
    '6 to 8 while a table is made (%s), keeps the one before and makes it anew',
    async (name) => {
      const story = towns();
      await story.run();
      const changed = TOWNS.replace('Where is', 'Where was');
      let left = 1;
      const dies = (write: Write) =>
        write.name === name && --left === 0 ? ('unsynced' as const) : undefined;
      await story.live({ yaml: changed, dies });
      const before = await story.table('towns');
      expect(before).toContainEqual({ town: 'Town of r0' });
      expect((await story.run({ yaml: changed })).exit).toBe(0);
      expect(story.remote.counts.create).toBe(12);
      expect(await story.table('towns')).toHaveLength(6);
    },
  );

  test('9 at any write at all, needs no journal to be put in order', async () => {
    const whole = towns();
    await whole.run();
    const expected = await whole.table('towns');
    for (let nth = 1; ; nth += 3) {
      const story = towns();
      const dies = (_: Write, at: number) => (at === nth ? ('unheard' as const) : undefined);
      if ((await story.live({ dies })) !== 'died') break;
      await story.run();
      boughtOnce(story, 6);
      expect(await story.table('towns')).toEqual(expected);
    }
  });

  test('10 before a newer version of the program goes on, finds what the older one left', async () => {
    // An older program writes neither the account nor the digest of the query.
    const story = new Story(ONE);
    story.remote.fates.push('dies after it');
    await story.live();
    const older = new Disk();
    const life = await older.open();
    for (const { name, args } of story.disk.writes) {
      if (name !== 'intend') continue;
      const { account: _, asks: __, ...entry } = args[0] as Parameters<Store['intend']>[0];
      await life.store.stateId(STATE_ID);
      await life.store.intend(entry);
    }
    const rig = new Rig({
      agent: story.remote.seenBy(life),
      store: life.store,
      clock: story.clock,
      seed: 9,
    });
    const pipeline = await rig.pipeline(ONE);
    expect((await story.clock.drive(rig.runLoaded(pipeline))).exit).toBe(0);
    expect(story.remote.runs).toHaveLength(1);
  });

  test('11 and is edited, has the answer that was paid for under the old text collected', async () => {
    const story = new Story(ONE);
    story.remote.fates.push('dies after it');
    await story.live();
    const edited = ONE.replace('Find a firm', 'Find one firm');
    expect((await story.run({ yaml: edited })).exit).toBe(0);
    expect(await story.open()).toEqual([]);
    expect(await story.booked()).toEqual([25_000, 25_000]);
    // Back to the old text: its answer is there.
    expect((await story.run()).exit).toBe(0);
    expect(story.remote.runs).toHaveLength(2);
  });

  test('12 and has another key or address, holds what nobody can see', async () => {
    const story = new Story(ONE);
    story.remote.fates.push('dies after it');
    await story.live();
    story.remote.account = 'account-2';
    expect((await story.run()).exit).toBe(6);
    expect(story.remote.counts).toMatchObject({ create: 1, list: 0 });
    expect(await story.open()).toMatchObject([{ held: { reason: 'other-account' } }]);
    // With the key it had before it is found.
    story.remote.account = 'account-1';
    expect((await story.run()).exit).toBe(0);
    expect(story.remote.counts).toMatchObject({ create: 1, list: 1 });
  });

  test('13 of a full disk at an intent, has sent nothing for it', async () => {
    const story = new Story(ONE);
    const breaks = ({ name }: Write) => (name === 'intend' ? full('/state') : undefined);
    const report = await story.run({ breaks });
    expect(report).toMatchObject({ exit: 6, status: 'stopped' });
    expect(story.remote.counts.create).toBe(0);
    expect((await story.run()).exit).toBe(0);
  });

  test('13 of a full disk at an end, loses nothing: it is asked for again', async () => {
    const story = new Story(ONE);
    const breaks = ({ name }: Write) => (name === 'settle' ? full('/state') : undefined);
    expect((await story.run({ breaks })).exit).toBe(6);
    expect((await story.run()).exit).toBe(0);
    expect(story.remote.counts.create).toBe(1);
    expect(await story.booked()).toEqual([25_000]);
  });

  test.each([7, 19, 31, 43, 55])('14 at any time, is as if it had not (%i s)', async (seconds) => {
    const whole = towns(TWO);
    await whole.run();
    const story = towns(TWO);
    await story.live({ diesAfterMs: seconds * 1_000 });
    await story.run();
    boughtOnce(story, 12);
    expect(await story.table('near')).toEqual(await whole.table('near'));
    expect(await story.booked()).toEqual(await whole.booked());
  });

  test('15 or sleeps for an hour, finds what was sent before', async () => {
    const story = new Story(ONE);
    story.remote.fates.push('answer lost');
    const asleep = story.clock.sleep(10).then(() => story.clock.advance(3_600_000));
    expect((await story.run()).exit).toBe(0);
    await asleep;
    expect(story.remote.counts).toMatchObject({ create: 1, list: 1 });
  });

  test('16 and loses its state folder, says that another one has asked the same', async () => {
    const story = new Story(ONE);
    await story.run();
    const lost = new Story(ONE);
    lost.isNew = true;
    for (const { request } of story.remote.runs) if (request) lost.remote.add(request);
    expect((await lost.run()).exit).toBe(0);
    const warnings = lost.rig?.eventsOf('warning').map(({ message }) => message);
    expect(warnings).toEqual([
      expect.stringContaining(
        'another state folder has asked the same of agent "exa" (1 agent run',
      ),
    ]);
    expect(lost.rig?.events.findIndex(({ type }) => type === 'warning')).toBeLessThan(
      lost.rig?.events.findIndex(({ type }) => type === 'task-answered') ?? 0,
    );
  });

  /** Runs once, forgets all but the beginning, and leaves a create in doubt behind. */
  async function rolledBack(): Promise<Story> {
    const story = new Story(TOWNS.replace('concurrency: 2', 'concurrency: 1'));
    story.remote.answer = town;
    // The other machine, or this folder before the backup was put back.
    const other = new Story(TOWNS);
    other.remote.answer = town;
    await other.run();
    const third = other.remote.runs.find(({ request }) => request?.query.includes('r2'));
    story.remote.fates.push('dies before it');
    await story.live();
    if (third?.request) story.remote.add(third.request);
    return story;
  }

  test.each([
    '17 and is put back from an old backup, holds what it no longer knows to have bought',
    '18 and is copied to another machine, holds what that one has bought',
  ])('%s', async () => {
    const story = await rolledBack();
    expect((await story.run()).exit).toBe(6);
    boughtOnce(story, 6);
    const held = (await story.open()).filter((it) => it.held !== undefined);
    expect(held).toMatchObject([
      {
        step: 'towns',
        task: '#3',
        held: { reason: 'stray', candidates: [{ agentRunId: 'run-1' }] },
      },
    ]);
    // A person adopts it.
    const life = await story.disk.open();
    const [stray] = held;
    if (stray === undefined) throw new Error('Nothing is held');
    await life.store.created({
      type: 'attempt-created',
      at: '2026-11-22T12:00:00.000Z',
      attempt: stray.attempt,
      agentRunId: 'run-1',
      found: 'chosen',
    });
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
    await story.clock.advance(6 * 60_000);
    expect((await story.run()).exit).toBe(0);
  });
});

test('the tag of a request is strings below 200 bytes, and says nothing of what is asked', async () => {
  const story = towns();
  await story.run();
  for (const { request } of story.remote.runs) {
    const metadata = request?.metadata ?? {};
    expect(Object.keys(metadata)).toEqual(Object.values(TAGS));
    expect(metadata[TAGS.attempt]).toMatch(/^[0-9a-f]{32}$/);
    expect(metadata[TAGS.question]).toMatch(/^[0-9a-f]{32}$/);
    expect(metadata[TAGS.state]).toBe(STATE_ID);
    expect(JSON.stringify(metadata).length).toBeLessThan(200);
  }
});
