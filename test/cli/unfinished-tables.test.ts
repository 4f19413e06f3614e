import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { LmdbStore } from '../../src/store/lmdb-store.ts';
import { hosted } from './hosted.ts';

/** Tasks that the state keeps of the tables that the run made. */
async function membersOf(root: string, run: string): Promise<number> {
  const opened = await LmdbStore.open(join(root, '.fieldwork', 'state'), { readOnly: true });
  if (!opened.ok) throw new Error(opened.error.message);
  onTestFinished(() => opened.value.close());
  let count = 0;
  for await (const members of opened.value.members(`${run}/firms/profiles`))
    count += members.length;
  return count;
}

const runOf = (out: string): string => /run (\S+)/u.exec(out)?.[1] ?? '';

test('A table that was not finished leaves nothing in the state, and the one before stays', async () => {
  const { project } = await hosted();
  const whole = await project.call('run', 'firms');
  await project.edit('pipelines/firms.yaml', 'What does', 'What on earth does');
  const part = await project.call('run', 'firms', '--limit', '1');
  expect(part.exit).toBe(0);
  expect(await membersOf(project.root, runOf(whole.out))).toBe(4);
  expect(await membersOf(project.root, runOf(part.out))).toBe(0);
});
