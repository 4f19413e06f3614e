import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LmdbStore } from '../../src/store/lmdb-store.ts';
import type { AnswerId, Member, Store } from '../../src/store/store.ts';
import { answer, ended, fingerprint, intended, member, output, stepState } from './samples.ts';
import { openLmdb } from './stores.ts';
import { temporaryFolder } from './temporary-folder.ts';

const ANSWERS = 160;
const PORTIONS = 60;
/** Together far more than what of the file may be mapped at a time. */
const LONG = 'x'.repeat(100_000);

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let state: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  state = join(folder.path, 'state');
  const store = await openLmdb(state);
  for (let n = 0; n < ANSWERS; n += 40) {
    await Promise.all(
      Array.from({ length: 40 }, async (_, k) => {
        const name = `s${n + k}`;
        await store.intend(intended(name, { task: LONG }));
        await store.settle(ended(name), [answer(name, { output: output(`${name} ${LONG}`) })]);
      }),
    );
  }
  for (let portion = 0; portion < PORTIONS; portion++) {
    await store.addMembers('v1', portion, [member(`${portion} ${LONG}`, portion)]);
  }
  await store.publish(stepState('people', 'v1'));
  await store.close();
});

afterEach(() => folder.dispose());

async function tasksOf(members: AsyncIterable<readonly Member[]>): Promise<readonly string[]> {
  const tasks: string[] = [];
  for await (const portion of members) {
    for (const { task } of portion) tasks.push(task.split(' ', 1)[0] ?? '');
  }
  return tasks;
}

const numbers = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, n) => `${n}`);

/** Reads the whole ledger, and every answer by its fingerprint. */
async function readAll(store: Store): Promise<void> {
  let entries = 0;
  for await (const portion of store.ledger()) entries += portion.length;
  expect(entries).toBe(2 * ANSWERS);
  for (let n = 0; n < ANSWERS; n += 20) {
    const names = Array.from({ length: 20 }, (_, k) => `s${n + k}`);
    const known = await store.look(names.map(fingerprint));
    const ids = known.map((one) => one.answer?.id as AnswerId);
    const texts = (await store.answers(ids)).map((one) => one.output.text.split(' ', 1)[0]);
    expect(texts).toEqual(names);
  }
}

describe.each([{ readOnly: true }, { readOnly: false }])('a store opened with %o', (options) => {
  let store: LmdbStore;
  beforeEach(async () => {
    store = await openLmdb(state, options);
  });
  afterEach(() => store.close());

  test('reads more than it keeps mapped, several readers at a time', async () => {
    await Promise.all([
      readAll(store),
      readAll(store),
      expect(tasksOf(store.members('v1'))).resolves.toEqual(numbers(PORTIONS)),
      expect(tasksOf(store.members('v1'))).resolves.toEqual(numbers(PORTIONS)),
    ]);
  });

  test('goes on with a walk while others read all of it', async () => {
    const seen: string[] = [];
    for await (const [first] of store.members('v1')) {
      if (seen.length % 20 === 0) await readAll(store);
      seen.push(first?.task.split(' ', 1)[0] ?? '');
    }
    expect(seen).toEqual(numbers(PORTIONS));
  });
});

test('a walk ends with the version it began with, though that is replaced after much was read', async () => {
  const store = await openLmdb(state);
  const seen: string[] = [];
  for await (const [first] of store.members('v1')) {
    seen.push(first?.task.split(' ', 1)[0] ?? '');
    if (seen.length === 40) {
      await store.addMembers('v2', 0, [member('new')]);
      await store.publish(stepState('people', 'v2'));
    }
  }
  expect(seen).toEqual(numbers(PORTIONS));
  expect(await tasksOf(store.members('v2'))).toEqual(['new']);
  await store.close();
});

test('writes go on while the file is read from end to end', async () => {
  const store = await openLmdb(state);
  const writing = Array.from({ length: 100 }, (_, n) =>
    store.settle(ended(`late${n}`), [answer(`late${n}`)]),
  );
  const walks = [tasksOf(store.members('v1')), tasksOf(store.members('v1'))];
  await Promise.all(writing);
  for (const walk of walks) expect(await walk).toEqual(numbers(PORTIONS));
  const [known] = await store.look([fingerprint('late99')]);
  expect(known?.answer).toBeDefined();
  await store.close();
});
