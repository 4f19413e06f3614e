import { open, type RootDatabase } from 'lmdb';
import { causeOf, isSystemError, storeErrorOf } from './lmdb-error.ts';
import { StoreError, writeProblemOf } from './store-problem.ts';

/*
 * How writes become durable, from reading lmdb 3.5 (write.js, writer.cpp, mdb.c).
 *
 * `overlappingSync: false`: a commit is LMDB's own: pages are written, then fdatasync, then the meta
 * page through a descriptor opened with O_DSYNC, and only then the promise resolves; an error in any
 * of them rejects it. With `overlappingSync` (the package's default) commits are visible before they
 * are on disk, durability is another promise (`flushed`), and that one is never settled when the
 * flush fails: a writer would wait for ever. It was not faster either, as we commit in groups.
 *
 * Each group of writes is one `childTransaction`: where a write throws, the nested transaction is
 * aborted. `transaction` would commit what the callback had put until then.
 *
 * Pages have 8 KiB: an answer of 2 KB shares one with others. In 4 KiB pages a value over about
 * 2,000 bytes takes a page alone, and the file grows by a third.
 *
 * The map is address space, not memory or disk. Large from the start, it is hardly ever mapped anew:
 * old maps stay until close, and count as resident twice.
 */
const ENVIRONMENT = {
  overlappingSync: false,
  pageSize: 8_192,
  mapSize: 16 * 2 ** 30,
  noSubdir: false,
  maxDbs: 12,
  encoding: 'binary',
} as const;

/** Opens the LMDB environment in a folder that is ready for it. */
export const openEnvironment = (folder: string, readOnly = false): RootDatabase =>
  open({ path: folder, readOnly, ...ENVIRONMENT });

/** Makes an environment with the tables that `fill` opens. */
export async function createEnvironment(
  folder: string,
  fill: (root: RootDatabase) => void,
): Promise<void> {
  const root = openEnvironment(folder);
  try {
    root.transactionSync(() => {
      fill(root);
    });
  } finally {
    await root.close();
  }
}

/** Reads of `work` see one state: the newest, whichever process wrote it. Throws a store's error. */
export function readNewest<T>(root: RootDatabase, folder: string, work: () => T): T {
  // LMDB's package would go on with its snapshot until a timer fires.
  root.resetReadTxn();
  try {
    return work();
  } catch (error) {
    throw storeErrorOf(folder, error);
  }
}

/** Runs `work` in one transaction; resolves when it is durable, and rejects with a store's error. */
export async function transact(
  root: RootDatabase,
  folder: string,
  work: () => void,
): Promise<void> {
  try {
    await root.childTransaction(() => {
      // The package makes a second promise for the commit and gives it to nobody: without this,
      // its rejection would end the process before anyone can say why.
      void root.committed.then(undefined, () => undefined);
      work();
    });
  } catch (error) {
    const cause = await causeOf(error);
    if (!isSystemError(cause)) throw storeErrorOf(folder, cause);
    throw new StoreError(writeProblemOf(folder, cause), { cause });
  }
}

/**
 * The pages of a transaction that found no room belong to nobody, and the next one writes all of
 * its own anew: nothing of it can be taken for what it is not.
 */
export const isFull = (error: unknown): boolean =>
  error instanceof StoreError && error.problem.kind === 'no-space';
