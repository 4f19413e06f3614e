import { join } from 'node:path';
import { stat } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { microdollars } from '../../src/base/money.ts';
import { LmdbStore } from '../../src/store/lmdb-store.ts';
import type { AttemptId } from '../../src/base/ids.ts';
import type { AttemptIntended, Store } from '../../src/store/store.ts';
import { hosted } from './hosted.ts';
import { profileOf } from './projects.ts';

/** What another process writes into the state of a project. */
async function write(root: string, work: (store: Store) => Promise<void>): Promise<void> {
  const opened = await LmdbStore.open(join(root, '.fieldwork/state'));
  if (!opened.ok) throw new Error(opened.error.message);
  await work(opened.value);
  await opened.value.close();
}

async function intents(store: Store): Promise<readonly AttemptIntended[]> {
  const found: AttemptIntended[] = [];
  for await (const entries of store.ledger()) {
    for (const entry of entries) if (entry.type === 'attempt-intended') found.push(entry);
  }
  return found;
}

test('a cost that was told late is in _costs after the next run; what other pipelines do is not read into it', async () => {
  const { project } = await hosted((request) => ({ ...profileOf(request), dollars: null }), {
    durationMs: 0,
  });
  await project.call('run', 'firms');
  const path = join(project.root, 'out/firms/_costs.parquet');
  const writtenMs = async (): Promise<number> => (await stat(path)).mtimeMs;
  const first = await writtenMs();
  await write(project.root, async (store) => {
    const [one] = await intents(store);
    if (one === undefined) throw new Error('nothing was intended');
    await store.intend({
      ...one,
      attempt: 'other' as AttemptId,
      pipeline: 'other',
      fingerprints: [],
    });
  });
  await project.call('run', 'firms');
  expect(await writtenMs()).toBe(first);
  await write(project.root, async (store) => {
    for (const { attempt, at, run, pipeline, step, reserved } of await intents(store)) {
      if (pipeline !== 'firms') continue;
      const reported = microdollars(20_000);
      const told = { attempt, at, run, pipeline, step, reported, endedAt: at, reserved };
      await store.note({ type: 'cost-told', ...told });
    }
  });
  await project.call('run', 'firms');
  const { out } = await project.call('show', 'firms', '_costs', '--json');
  const shown = JSON.parse(out) as { cost: string }[];
  expect(shown.map(({ cost }) => cost)).toEqual(shown.map(() => 'reported'));
  const last = await writtenMs();
  expect(last).toBeGreaterThan(first);
  await project.call('run', 'firms');
  expect(await writtenMs()).toBe(last);
});
