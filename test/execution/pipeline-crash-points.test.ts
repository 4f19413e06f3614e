import { describe, expect, test } from 'vitest';
import type { Store } from '../../src/store/store.ts';
import { StoreError } from '../../src/store/store-problem.ts';
import { TAGS } from '../../src/execution/tags.ts';
import { Disk, type Write } from '../rig/crashing-store.ts';
import { Rig } from '../rig/rig.ts';
import { boughtOnce, FROM_SOURCE, ONE, TOWNS, towns, TWO } from './crash-pipelines.ts';
import { completed, STATE_ID, Story } from './crash-rig.ts';
import { FOUND, inline, numberedRows, portions, TOWN } from './pipelines.ts';

const IN_BATCHES = `
effort: low
concurrency: 2
steps:
  firms:
    input: { from: ${inline(['a', 'b', 'c', 'd'].map((name) => ({ name })))}, batch: 2 }
    query: How large are they?${FOUND}
    key: name`;

const SOURCE = 'sources: { rows: { file: rows.csv } }\nsteps:';

const full = (path: string): StoreError =>
  new StoreError({ kind: 'no-space', path, message: `${path}: there is no room left` });

describe('a whole pipeline, where the process dies', () => {
  test('1 while its rows are read, has bought and written nothing', async () => {
    const story = towns(FROM_SOURCE);
    const forever = new Promise<never>(() => undefined);
    let hasRead = false;
    const sources = {
      ...portions([]),
      read: async function* () {
        hasRead = true;
        yield await forever;
      },
    };
    expect(await story.live({ sources, diesAfterMs: 60_000 })).toBe('died');
    expect(hasRead).toBe(true);
    expect(story.disk.writes.filter(({ name }) => name !== 'stateId')).toEqual([]);
    expect(story.remote.counts).toMatchObject({ create: 0, list: 0 });
    expect((await story.run({ sources: numberedRows(2) })).exit).toBe(0);
    expect(story.remote.counts.create).toBe(2);
  });

  test('2 after its plan was shown, has bought and written nothing', async () => {
    const story = towns();
    expect(await story.live({ diesAfterMs: 5_000 })).toBe('died');
    const before = [...story.disk.writes];
    const { create, list } = story.remote.counts;
    const life = await story.disk.open();
    const rig = new Rig({ agent: story.remote.seenBy(life), store: life.store });
    const [plan] = await rig.plan(TOWNS);
    expect(plan?.why).toEqual([
      { reason: 'new', count: 4 },
      { reason: 'interrupted', count: 2 },
    ]);
    life.crash();
    expect(story.disk.writes).toEqual(before);
    expect(story.remote.counts).toMatchObject({ create, list });
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

  test('5 between two steps, reuses the first, whatever became of its file', async () => {
    const yaml = `${TOWNS}
  best:
    input: { from: towns, batch: all }
    query: Which of these is the largest?${TOWN}`;
    const story = towns(yaml);
    const dies = ({ name, args }: Write) =>
      name === 'intend' && (args[0] as { step: string }).step === 'best'
        ? ('before' as const)
        : undefined;
    expect(await story.live({ dies })).toBe('died');
    expect(await story.table('towns')).toHaveLength(6);
    boughtOnce(story, 6);
    // Another text of the same meaning, in a file of another time.
    const report = await story.run({ yaml: `# Edited.\n${yaml}` });
    expect(report).toMatchObject({ exit: 0 });
    expect(report.steps.get('towns')).toMatchObject({ outcome: 'unchanged' });
    boughtOnce(story, 7);
    expect(await story.table('best')).toHaveLength(1);
  });

  test.each(['addMembers', 'publish'] as const)(
    'while a table is made (%s), keeps the one before and makes it anew',
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

  test('at any write at all, needs nothing to be put in order', async () => {
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

  describe('11 and is edited,', () => {
    const EDITED = ONE.replace('Find a firm', 'Find one firm');
    const since = ({ remote }: Story, before: number) =>
      remote.asked.slice(before).filter((it) => it !== 'get');

    test('has the answer that was paid for under the old text collected, before the new one is bought', async () => {
      const story = new Story(ONE);
      story.remote.fates.push('dies after it');
      expect(await story.live()).toBe('died');
      const life = await story.disk.open();
      const rig = new Rig({ agent: story.remote.seenBy(life), store: life.store });
      expect(await rig.plan(EDITED)).toMatchObject([{ toRun: 1, reused: 0 }]);
      const before = story.remote.asked.length;
      expect((await story.run({ yaml: EDITED })).exit).toBe(0);
      // Each is asked once, under its own text, and the old one is looked for first.
      expect(since(story, before)).toEqual(['list', 'create']);
      expect(story.remote.runs.map(({ request }) => request?.query)).toEqual([
        'Find a firm.',
        'Find one firm.',
      ]);
      expect(await story.open()).toEqual([]);
      expect(await story.booked()).toEqual([25_000, 25_000]);
      // Back to the old text: its answer is there.
      expect((await story.run()).exit).toBe(0);
      expect(story.remote.runs).toHaveLength(2);
    });

    test('buys the new text once the old one is shown to be absent', async () => {
      const story = new Story(ONE);
      story.remote.fates.push('dies before it');
      expect(await story.live()).toBe('died');
      const before = story.remote.asked.length;
      expect((await story.run({ yaml: EDITED })).exit).toBe(0);
      expect(since(story, before)).toEqual(['list', 'create']);
      expect(await story.booked()).toEqual([25_000]);
    });

    test('buys the new text all the same where the old one is held', async () => {
      const story = new Story(ONE);
      story.remote.fates.push('dies after it');
      expect(await story.live()).toBe('died');
      story.remote.listed = (runs) => runs.map((run) => ({ ...run, request: null }));
      const before = story.remote.asked.length;
      expect((await story.run({ yaml: EDITED })).exit).toBe(0);
      expect(since(story, before)).toEqual(['list', 'create']);
      expect(await story.open()).toMatchObject([{ held: { reason: 'ambiguous' } }]);
      // Held by now: nobody waits for it again.
      const again = story.clock.now();
      const other = ONE.replace('Find a firm', 'Find some firm');
      expect((await story.run({ yaml: other })).exit).toBe(0);
      expect(story.clock.now() - again).toBeLessThan(60_000);
    });

    test('buys nothing where nobody is let in to look for the old one', async () => {
      const story = new Story(ONE);
      story.remote.fates.push('dies after it');
      expect(await story.live()).toBe('died');
      story.remote.listProblems = ['unauthorized'];
      expect((await story.run({ yaml: EDITED })).exit).toBe(4);
      expect(story.remote.counts.create).toBe(1);
      expect(await story.open()).toMatchObject([{ held: undefined }]);
    });

    test('has only the same record wait for it: the others are bought at once', async () => {
      const story = towns();
      story.remote.fates.push('answered', 'answered', 'dies after it');
      expect(await story.live()).toBe('died');
      const text = TOWNS.replace('Where is', 'Where on earth is');
      const begunMs = story.clock.now();
      expect((await story.run({ yaml: text })).exit).toBe(0);
      const [, , old, ...runs] = story.remote.runs;
      const waited = runs.map(({ createdAt }) => (Date.parse(createdAt) - begunMs) / 1_000);
      expect(runs).toHaveLength(6);
      expect(waited.filter((seconds) => seconds >= 120)).toHaveLength(1);
      expect(old?.request?.query).toBe('Where is r2?');
      expect(runs.at(-1)?.request?.query).toBe('Where on earth is r2?');
      expect(story.remote.counts.list).toBe(1);
    });

    test('has every batch wait for one that may have any of its records in it', async () => {
      const batches = (): Story => {
        const story = new Story(IN_BATCHES);
        story.remote.answer = ({ input }) => completed({ found: input?.data ?? [] });
        story.remote.fates.push('dies after it');
        return story;
      };
      const story = batches();
      expect(await story.live()).toBe('died');
      const before = story.remote.asked.length;
      await story.run({ yaml: IN_BATCHES.replace('How', 'About how') });
      expect(since(story, before)[0]).toBe('list');
      // Where nothing was edited, the batches that are new do not wait for it.
      const same = batches();
      expect(await same.live()).toBe('died');
      const first = same.remote.asked.length;
      await same.run();
      expect(since(same, first)[0]).toBe('create');
    });

    test('is planned as changed, so many agent runs', async () => {
      const story = towns();
      await story.run();
      const life = await story.disk.open();
      const rig = new Rig({ agent: story.remote.seenBy(life), store: life.store });
      const [plan] = await rig.plan(TOWNS.replace('Where is', 'Where on earth is'));
      expect(plan).toMatchObject({ toRun: 6, reused: 0 });
      expect(plan?.why).toEqual([{ reason: 'query changed', count: 6 }]);
    });
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

  test('13 of a full disk at an end, writes it once there is room within a minute', async () => {
    const story = new Story(ONE);
    const until = story.clock.now() + 45_000;
    const breaks = ({ name }: Write) =>
      name === 'settle' && story.clock.now() < until ? full('/state') : undefined;
    expect((await story.run({ breaks })).exit).toBe(0);
    expect(story.clock.now()).toBeGreaterThanOrEqual(until);
    expect(story.remote.counts.create).toBe(1);
    expect(await story.booked()).toEqual([25_000]);
    expect(await story.table('firms')).toEqual([{ name: 'X' }]);
  });

  test('13 of a full disk at an end for longer, loses nothing: it is asked for again', async () => {
    const story = new Story(ONE);
    const breaks = ({ name }: Write) => (name === 'settle' ? full('/state') : undefined);
    const begun = story.clock.now();
    expect(await story.run({ breaks })).toMatchObject({ exit: 6, status: 'stopped' });
    // The agent run takes ten seconds, and the disk has a minute.
    expect(story.clock.now() - begun).toBeGreaterThanOrEqual(70_000);
    expect(story.clock.now() - begun).toBeLessThan(90_000);
    expect(await story.open()).toMatchObject([{ agentRunId: 'run-1' }]);
    expect((await story.run()).exit).toBe(0);
    expect(story.remote.counts.create).toBe(1);
    expect(await story.booked()).toEqual([25_000]);
  });

  test('13 of a full disk at an end, buys nothing more before there is room', async () => {
    const story = towns();
    const until = story.clock.now() + 45_000;
    const creates: number[] = [];
    const breaks = ({ name }: Write) => {
      if (name === 'created') creates.push(story.clock.now());
      return name === 'settle' && story.clock.now() < until ? full('/state') : undefined;
    };
    expect((await story.run({ breaks })).exit).toBe(0);
    // Two at once, and at most one in the place of each before it met the full disk.
    expect(creates.filter((ms) => ms < until).length).toBeLessThanOrEqual(4);
    boughtOnce(story, 6);
  });

  test.each([
    ['a disk that stays full', 6, () => full('/state')],
    ['a mistake of ours', 70, () => new TypeError('x is not a function')],
  ] as const)('13 of %s at an end, starts nothing more', async (_what, exit, error) => {
    const story = towns(TOWNS.replace(/input: .*/u, 'input: rows').replace('steps:', SOURCE));
    const sources = numberedRows(100);
    const breaks = ({ name }: Write) => (name === 'settle' ? error() : undefined);
    expect((await story.run({ sources, breaks })).exit).toBe(exit);
    expect(story.remote.counts.create).toBeLessThanOrEqual(4);
    expect((await story.run({ sources })).exit).toBe(0);
    boughtOnce(story, 100);
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
