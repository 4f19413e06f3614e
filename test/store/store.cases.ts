import { describe, expect, test } from 'vitest';
import type { AnswerId, Store } from '../../src/store/store.ts';
import {
  answer,
  collect,
  created,
  ended,
  failed,
  fingerprint,
  HOSTILE,
  intended,
  member,
  output,
  stepState,
  time,
} from './samples.ts';
import { attemptCases, lookOne } from './attempt.cases.ts';
import { runCases } from './run.cases.ts';

export interface StoreUnderTest {
  readonly store: Store;
  /** The store as a later process sees it; the one before is closed. */
  reopen(): Promise<Store>;
  dispose(): Promise<void>;
}

const NOTHING = { answer: undefined, open: undefined, failed: undefined };

/** What every store promises. */
export function storeCases(name: string, setup: () => Promise<StoreUnderTest>): void {
  const each = (title: string, body: (under: StoreUnderTest) => Promise<void>): void => {
    test(title, async () => {
      expect.hasAssertions();
      const under = await setup();
      try {
        await body(under);
      } finally {
        await under.dispose();
      }
    });
  };

  describe(name, () => {
    attemptCases(each);
    answerCases(each);
    versionCases(each);
    runCases(each);
  });
}

export type Each = (title: string, body: (under: StoreUnderTest) => Promise<void>) => void;

function answerCases(each: Each): void {
  each('gives back an answer as it was given', async ({ store, reopen }) => {
    await store.intend(intended('a'));
    const [id] = await store.settle(ended('a'), [answer('a')]);
    const later = await reopen();
    expect(await later.answers([id as AnswerId])).toEqual([{ id, ...answer('a') }]);
    expect(await lookOne(later, 'a')).toEqual({
      ...NOTHING,
      answer: {
        id,
        answeredAt: time(2),
        digest: answer('a').digest,
        agentRunId: 'run-of-a',
      },
    });
  });

  each('keeps the older answer of a fingerprint under its own id', async ({ store, reopen }) => {
    const [first] = await store.settle(ended('a'), [answer('a')]);
    const newer = answer('a', { output: output('newer'), answeredAt: time(60) });
    const [second] = await store.settle(ended('a'), [newer]);
    expect(second).toBeGreaterThan(first ?? Infinity);
    const later = await reopen();
    expect((await lookOne(later, 'a'))?.answer?.id).toBe(second);
    const ids = [second, first, second] as AnswerId[];
    expect(await later.answers(ids)).toEqual([
      { id: second, ...newer },
      { id: first, ...answer('a') },
      { id: second, ...newer },
    ]);
  });

  each('numbers answers upwards and gives their ids in order', async ({ store, reopen }) => {
    const ids = await store.settle(ended('a'), [answer('a'), answer('b'), answer('c')]);
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
    expect(new Set(ids).size).toBe(3);
    const [next] = await (await reopen()).settle(ended('d'), [answer('d')]);
    expect(next).toBeGreaterThan(Math.max(...ids));
  });

  each('says that an answer was asked for which does not exist', async ({ store }) => {
    await expect(store.answers([99 as AnswerId])).rejects.toThrow('There is no answer 99');
  });

  each(
    'remembers how the last attempt failed, until one is answered',
    async ({ store, reopen }) => {
      await store.intend(intended('a'));
      await store.settle(failed('a', { at: time(7) }), []);
      const failure = {
        kind: 'timeout',
        at: time(7),
        charged: true,
        message: 'It took too long',
      };
      expect(await lookOne(await reopen(), 'a')).toEqual({ ...NOTHING, failed: failure });
    },
  );

  each('forgets the failure when an answer comes', async ({ store }) => {
    await store.intend(intended('a'));
    await store.settle(failed('a'), []);
    await store.settle(ended('a'), [answer('a')]);
    expect(await lookOne(store, 'a')).toMatchObject({ failed: undefined, answer: {} });
  });

  each('keeps an older answer when asking again fails', async ({ store, reopen }) => {
    const [id] = await store.settle(ended('a'), [answer('a')]);
    await store.intend(intended('again', { fingerprints: [fingerprint('a')] }));
    await store.settle(failed('again'), []);
    expect(await lookOne(await reopen(), 'a')).toMatchObject({
      answer: { id },
      failed: { kind: 'timeout' },
    });
  });

  each('marks the records of a batch that were left out as failed', async ({ store }) => {
    const fingerprints = [fingerprint('a'), fingerprint('b'), fingerprint('c')];
    await store.intend(intended('batch', { fingerprints }));
    await store.settle(ended('batch'), [answer('a'), answer('c')]);
    const [a, b, c] = await store.look(fingerprints);
    expect([a?.failed, c?.failed]).toEqual([undefined, undefined]);
    expect(b).toEqual({ ...NOTHING, failed: { kind: 'no-record', at: time(2), charged: true } });
  });

  each('gives the answers alone to who asks for no more', async ({ store, reopen }) => {
    const [id] = await store.settle(ended('a'), [answer('a')]);
    await store.intend(intended('b'));
    const names = ['b', 'a', 'c', 'a'].map(fingerprint);
    const later = await reopen();
    const answers = await later.answersTo(names);
    expect(answers).toEqual((await later.look(names)).map((known) => known.answer));
    expect(answers.map((it) => it?.id)).toEqual([undefined, id, undefined, id]);
    expect(await later.answersTo([])).toEqual([]);
  });

  each('settles many attempts at once without losing or mixing any', async ({ store, reopen }) => {
    const names = Array.from({ length: 300 }, (_, i) => `task-${i}`);
    await Promise.all(
      names.map(async (name) => {
        await store.intend(intended(name));
        await store.created(created(name));
        await store.settle(ended(name), [answer(name)]);
      }),
    );
    const later = await reopen();
    expect(await later.openAttempts()).toEqual([]);
    expect(await collect(later.ledger())).toHaveLength(900);
    const known = await later.look(names.map(fingerprint));
    const ids = known.map((one) => one.answer?.id as AnswerId);
    expect(new Set(ids).size).toBe(300);
    const texts = (await later.answers(ids)).map((one) => one.output.text);
    expect(texts).toEqual(names);
  });

  each('keeps every text exactly', async ({ store, reopen }) => {
    for (const [at, text] of HOSTILE.entries()) {
      await store.intend(intended(`h${at}`, { task: text }));
      await store.created(created(`h${at}`, text));
      const hostile = answer(`h${at}`, {
        output: { text, structured: { [text]: [text] }, grounding: [] },
        agentRunId: text,
        digest: text,
      });
      await store.settle(ended(`h${at}`, { message: text, agentRunId: text }), [hostile]);
    }
    const later = await reopen();
    const known = await later.look(HOSTILE.map((_, at) => fingerprint(`h${at}`)));
    expect(known.map((one) => one.answer?.agentRunId)).toEqual(HOSTILE);
    expect(known.map((one) => one.answer?.digest)).toEqual(HOSTILE);
    const answers = await later.answers(known.map((one) => one.answer?.id as AnswerId));
    expect(answers.map((one) => one.output.text)).toEqual(HOSTILE);
    expect(answers.map((one) => Object.entries(one.output.structured as object)[0])).toEqual(
      HOSTILE.map((text) => [text, [text]]),
    );
    const tasks = (await collect(later.ledger())).flatMap((entry) =>
      entry.type === 'attempt-intended' ? [entry.task] : [],
    );
    expect(tasks).toEqual(HOSTILE);
  });
}

function versionCases(each: Each): void {
  each('shows a version to all only when it is published', async ({ store, reopen }) => {
    await store.addMembers('v1', 0, [member('a'), member('b', 1)]);
    await store.addMembers('v1', 1, [member('c', 2)]);
    expect(await store.stepState('leads', 'people')).toBeUndefined();
    expect(await store.stepStates('leads')).toEqual([]);
    expect(await store.pipelines()).toEqual([]);
    const names = (await collect(store.members('v1'))).map(({ task }) => task);
    expect(names).toEqual(['a', 'b', 'c']);
    await store.publish(stepState('people', 'v1'));
    const later = await reopen();
    expect(await later.stepState('leads', 'people')).toEqual(stepState('people', 'v1'));
    expect(await collect(later.members('v1'))).toEqual([
      member('a'),
      member('b', 1),
      member('c', 2),
    ]);
  });

  each('forgets the version that a new one replaces', async ({ store }) => {
    await store.addMembers('v1', 0, [member('a')]);
    await store.publish(stepState('people', 'v1'));
    await store.addMembers('v2', 0, [member('b')]);
    expect(await collect(store.members('v1'))).toHaveLength(1);
    await store.publish(stepState('people', 'v2'));
    expect(await collect(store.members('v1'))).toEqual([]);
    expect(await store.memberPortion('v1', 0)).toBeUndefined();
    expect(await collect(store.members('v2'))).toEqual([member('b')]);
    expect((await store.stepState('leads', 'people'))?.version).toBe('v2');
  });

  each('keeps the members of a version that is published again', async ({ store }) => {
    await store.addMembers('v1', 0, [member('a')]);
    await store.publish(stepState('people', 'v1'));
    await store.publish(stepState('people', 'v1', { tasks: 7 }));
    expect(await collect(store.members('v1'))).toHaveLength(1);
    expect((await store.stepState('leads', 'people'))?.tasks).toBe(7);
  });

  each('discards a version and nothing beside it', async ({ store, reopen }) => {
    // Names of which one is the beginning of another.
    for (const version of ['run/leads/a', 'run/leads/ab', 'run/leads/a/b']) {
      await store.addMembers(version, 0, [member(version)]);
    }
    await store.discard('run/leads/a');
    const later = await reopen();
    expect(await collect(later.members('run/leads/a'))).toEqual([]);
    expect(await collect(later.members('run/leads/ab'))).toHaveLength(1);
    expect(await collect(later.members('run/leads/a/b'))).toHaveLength(1);
  });

  each('gives portions by number, whatever order they came in', async ({ store }) => {
    await Promise.all(
      [3, 0, 256, 1, 2, 255].map((at) => store.addMembers('v1', at, [member(`m${at}`, at)])),
    );
    const places = (await collect(store.members('v1'))).map(({ path }) => path[0]);
    expect(places).toEqual([0, 1, 2, 3, 255, 256]);
    expect(await store.memberPortion('v1', 2)).toEqual([member('m2', 2)]);
    expect(await store.memberPortion('v1', 4)).toBeUndefined();
    expect(await store.memberPortion('v2', 0)).toBeUndefined();
  });

  each('carries ten thousand members', async ({ store, reopen }) => {
    for (let portion = 0; portion < 10; portion++) {
      const members = Array.from({ length: 1_000 }, (_, i) => {
        const at = portion * 1_000 + i;
        return member(HOSTILE[at % 9] ?? '', at);
      });
      await store.addMembers('big', portion, members);
    }
    await store.publish(stepState('people', 'big'));
    const members = await collect((await reopen()).members('big'));
    expect(members).toHaveLength(10_000);
    expect(members.every(({ path, task }, at) => path[0] === at && task === HOSTILE[at % 9])).toBe(
      true,
    );
  });

  each('reads a version to its end though it is replaced meanwhile', async ({ store }) => {
    for (const portion of [0, 1, 2]) await store.addMembers('v1', portion, [member('a', portion)]);
    await store.publish(stepState('people', 'v1'));
    const seen: number[] = [];
    for await (const [first] of store.members('v1')) {
      seen.push(first?.path[0] ?? -1);
      if (seen.length === 1) await store.publish(stepState('people', 'v2'));
    }
    expect(seen).toEqual([0, 1, 2]);
    expect(await collect(store.members('v1'))).toEqual([]);
  });

  each('keeps pipelines and steps apart', async ({ store, reopen }) => {
    await store.publish(stepState('people', 'v1'));
    await store.publish(stepState('companies', 'v2'));
    await store.publish(stepState('people', 'v3', { pipeline: 'leads-eu' }));
    await store.publish(stepState('people', 'v4', { pipeline: 'lead' }));
    const later = await reopen();
    expect(await later.pipelines()).toEqual(['lead', 'leads', 'leads-eu']);
    const steps = (await later.stepStates('leads')).map(({ step, version }) => [step, version]);
    expect(steps).toEqual([
      ['companies', 'v2'],
      ['people', 'v1'],
    ]);
    expect((await later.stepState('lead', 'people'))?.version).toBe('v4');
    expect(await later.stepState('lead', 'companies')).toBeUndefined();
  });
}
