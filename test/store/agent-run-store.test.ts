import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LmdbAgentRunStore } from '../../src/store/lmdb-agent-run-store.ts';
import { MemoryAgentRunStore } from '../../src/store/memory-agent-run-store.ts';
import { agentRunStoreCases } from './agent-run-store.cases.ts';
import { temporaryFolder } from './temporary-folder.ts';

agentRunStoreCases('MemoryAgentRunStore', async () => {
  const store = new MemoryAgentRunStore();
  return { store, reopen: async () => store, dispose: () => store.close() };
});

async function open(folder: string): Promise<LmdbAgentRunStore> {
  const opened = await LmdbAgentRunStore.open(folder);
  if (!opened.ok) throw new Error(opened.error.message);
  return opened.value;
}

agentRunStoreCases('LmdbAgentRunStore', async () => {
  const folder = await temporaryFolder();
  let store = await open(folder.path);
  return {
    store,
    reopen: async () => {
      await store.close();
      store = await open(folder.path);
      return store;
    },
    dispose: async () => {
      await store.close();
      await folder.dispose();
    },
  };
});

test('a damaged file is said to be damaged, and left alone', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder.path, 'data.mdb'), 'no store');
  const opened = await LmdbAgentRunStore.open(folder.path);
  expect(opened).toMatchObject({ ok: false, error: { kind: 'damaged' } });
  await folder.dispose();
});
