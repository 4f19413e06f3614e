import {
  access,
  constants,
  link,
  mkdir,
  mkdtemp,
  open,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fail, ok, type Result } from '../base/result.ts';
import { checkDataFile } from './data-file.ts';
import type { StoreProblem } from './store-problem.ts';

/** File names that LMDB chooses. */
const DATA_FILE = 'data.mdb';
const LOCK_FILE = 'lock.mdb';

/** At least what LMDB needs for its table of readers. */
const LOCK_BYTES = 16_384;

/**
 * Makes a folder ready to be opened by LMDB, or says why it cannot be. All that makes LMDB's own
 * opening fail is looked for here, because a failed one takes the process down.
 *
 * `create` makes a new, empty store in the folder it is given. System errors are thrown.
 */
export async function prepareFolder(
  folder: string,
  readOnly: boolean,
  create: (folder: string) => Promise<void>,
): Promise<Result<void, StoreProblem>> {
  const file = join(folder, DATA_FILE);
  if (!(await exists(file))) {
    // The lock comes after the data. So where it is looked for first, it is not alone by chance.
    if ((await exists(join(folder, LOCK_FILE))) && !(await exists(file))) return dataGone(folder);
    if (readOnly) {
      return fail({ kind: 'missing', path: folder, message: `There is no state in ${folder}` });
    }
    await createStore(folder, file, create);
  }
  await requireAccess(file, readOnly);
  const sound = await checkDataFile(file);
  if (!sound.ok) return sound;
  await allocateLock(join(folder, LOCK_FILE), readOnly);
  return ok(undefined);
}

/** A new store in its place would buy again what was paid for. */
const dataGone = (folder: string): Result<never, StoreProblem> =>
  fail({
    kind: 'damaged',
    path: folder,
    message:
      `${folder} has lost its ${DATA_FILE}, and the answers in it; ` +
      'put the file back, or remove the folder to ask for all of them again',
  });

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

/**
 * A store appears whole or not at all: it is made beside its place and linked into it. So an empty
 * or half-written file is always damage, and two processes that start at once share one store.
 */
async function createStore(
  folder: string,
  file: string,
  create: (folder: string) => Promise<void>,
): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  const beside = await mkdtemp(join(folder, 'new-'));
  try {
    // A full disk shows here, where it is an error and not a signal inside LMDB.
    await writeFile(join(beside, 'room'), Buffer.alloc(2 ** 18));
    await create(beside);
    await link(join(beside, DATA_FILE), file);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  } finally {
    await rm(beside, { recursive: true, force: true });
  }
  // The names on the way to the file must survive a power cut too.
  const top = first === undefined ? folder : dirname(first);
  for (let path = folder; ; path = dirname(path)) {
    await syncFolder(path);
    if (path === top || path === dirname(path)) return;
  }
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function requireAccess(file: string, readOnly: boolean): Promise<void> {
  const handle = await open(file, readOnly ? 'r' : 'r+');
  await handle.close();
}

/**
 * LMDB maps its lock file and lets the system allocate it at the first touch; on a full disk that
 * is a signal. Written beforehand it is an error. Readers need the lock file as well.
 *
 * The file appears whole: written in place, its zeros could fall on what another process has set up
 * in it by then, and that process dies of it. Nor is it opened to see whether that may be done:
 * closing any descriptor of a file drops all locks that this process holds on it (POSIX, fcntl).
 */
async function allocateLock(path: string, readOnly: boolean): Promise<void> {
  try {
    if (await exists(path)) await requireLockFile(path);
    else await createLock(path);
  } catch (error) {
    const code = codeOf(error);
    // Another process was first; or nobody can write there, and LMDB does without a lock.
    if (code === 'EEXIST' || (readOnly && code === 'EROFS')) return;
    throw error;
  }
}

/** LMDB crashes over a lock that is no file. */
async function requireLockFile(path: string): Promise<void> {
  await access(path, constants.R_OK | constants.W_OK);
  const found = await stat(path);
  if (!found.isFile()) throw new Error(`${path} is not a file`);
}

async function createLock(path: string): Promise<void> {
  const beside = await mkdtemp(join(dirname(path), 'new-'));
  try {
    const whole = join(beside, LOCK_FILE);
    await writeFile(whole, Buffer.alloc(LOCK_BYTES));
    await link(whole, path);
  } finally {
    await rm(beside, { recursive: true, force: true });
  }
}

const codeOf = (error: unknown): string | undefined => (error as { readonly code?: string }).code;
