import { expect, onTestFinished, test, vi } from 'vitest';
import type * as environment from '../../src/store/lmdb-environment.ts';
import { LmdbStore } from '../../src/store/lmdb-store.ts';
import { StoreError } from '../../src/store/store-problem.ts';
import {
  answer,
  attemptId,
  collect,
  created,
  ended,
  fingerprint,
  intended,
  time,
} from './samples.ts';
import { openLmdb } from './stores.ts';
import { temporaryFolder } from './temporary-folder.ts';

const disk = vi.hoisted(() => ({ isFull: false }));

// A transaction does all it has to, and then it is not committed.
vi.mock('../../src/store/lmdb-environment.ts', async (original) => {
  const real = await original<typeof environment>();
  const transact: typeof real.transact = (root, folder, work) =>
    real.transact(root, folder, () => {
      work();
      if (!disk.isFull) return;
      throw new StoreError({ kind: 'no-space', path: folder, message: 'there is no room left' });
    });
  return { ...real, transact };
});

test('what found no room on the disk is not there, and can be written once there is some', async () => {
  const folder = await temporaryFolder();
  const store = await openLmdb(folder.path);
  onTestFinished(async () => {
    await store.close();
    await folder.dispose();
  });
  await store.intend(intended('a'));
  await store.created(created('a'));
  const before = await store.spending(time());
  disk.isFull = true;
  const writes = [
    store.settle(ended('a'), [answer('a')]),
    store.intend(intended('b')),
    store.created(created('b')),
  ];
  for (const write of writes) await expect(write).rejects.toThrow('there is no room left');

  expect(await store.spending(time())).toEqual(before);
  expect(await store.openAttempts()).toMatchObject([
    { attempt: attemptId('a'), agentRunId: 'run-of-a' },
  ]);
  const [a, b] = await store.look([fingerprint('a'), fingerprint('b')]);
  expect(a).toMatchObject({ answer: undefined, open: { attempt: attemptId('a') } });
  expect(b).toMatchObject({ answer: undefined, open: undefined });
  expect(await collect(store.ledger())).toHaveLength(2);

  disk.isFull = false;
  await store.settle(ended('a'), [answer('a')]);
  expect((await store.look([fingerprint('a')]))[0]).toMatchObject({
    answer: { agentRunId: 'run-of-a' },
    open: undefined,
  });
  expect((await store.spending(time())).day.reserved).toBe(0);
  expect(await store.openAttempts()).toEqual([]);
  expect(await collect(store.ledger())).toMatchObject([
    { type: 'attempt-intended' },
    { type: 'attempt-created' },
    { type: 'attempt-ended', attempt: attemptId('a') },
  ]);
});

test('a disk that is nearly full is not written to, and LMDB is not asked to', async () => {
  const folder = await temporaryFolder();
  let free = 2 ** 30;
  const opened = await LmdbStore.open(folder.path, { free: () => free });
  if (!opened.ok) throw new Error(opened.error.message);
  const store = opened.value;
  onTestFinished(async () => {
    await store.close();
    await folder.dispose();
  });
  await store.intend(intended('a'));
  free = 2 ** 20;
  await expect(store.intend(intended('b'))).rejects.toMatchObject({
    problem: { kind: 'no-space', message: `${folder.path}: there is no room left` },
  });
  expect(await store.openAttempts()).toMatchObject([{ attempt: attemptId('a') }]);
  free = 2 ** 30;
  await store.intend(intended('b'));
  expect(await collect(store.ledger())).toHaveLength(2);
});
