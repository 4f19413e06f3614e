import { join } from 'node:path';
import { LmdbStore, type LmdbStoreOptions } from '../../src/store/lmdb-store.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { OverlayStore } from '../../src/store/overlay-store.ts';
import type { StoreUnderTest } from './store.cases.ts';
import { temporaryFolder } from './temporary-folder.ts';

export async function openLmdb(folder: string, options?: LmdbStoreOptions): Promise<LmdbStore> {
  const opened = await LmdbStore.open(folder, options);
  if (!opened.ok) throw new Error(opened.error.message);
  return opened.value;
}

export async function memoryStore(): Promise<StoreUnderTest> {
  const store = new MemoryStore();
  return { store, reopen: async () => store, dispose: () => store.close() };
}

export async function lmdbStore(): Promise<StoreUnderTest> {
  const folder = await temporaryFolder();
  const path = join(folder.path, 'state');
  let store = await openLmdb(path);
  return {
    store,
    reopen: async () => {
      await store.close();
      store = await openLmdb(path);
      return store;
    },
    dispose: async () => {
      await store.close();
      await folder.dispose();
    },
  };
}

export async function overlayOn(base: () => Promise<StoreUnderTest>): Promise<StoreUnderTest> {
  const below = await base();
  const store = new OverlayStore(below.store);
  return { store, reopen: async () => store, dispose: () => below.dispose() };
}
