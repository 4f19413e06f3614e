import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ulid } from '../../../base/ids.ts';
import { fail, ok, type Result } from '../../../base/result.ts';
import { openDatabase, type Database, type DatabaseOptions } from '../../../duckdb/database.ts';
import { buildIndex, type BuildWork } from './build-index.ts';
import type { CorpusFolder } from './corpus-folder.ts';
import type { IndexPlace } from './index-place.ts';
import { INDEX_VERSION } from './index-tables.ts';
import { IndexError } from './index-writer.ts';

/** What an index had to do for the corpus as it is now. */
export interface IndexWork extends BuildWork {
  /** Why the index could not be kept; the corpus is as good without it, only slower. */
  readonly problem: string | undefined;
}

/** An index that is open; whoever opened it closes the database. */
export interface OpenIndex<T> {
  readonly database: Database;
  /** What `read` made of it. */
  readonly contents: T;
  readonly work: IndexWork;
  /** Takes the file away where it turns out to be damaged: the next to open it makes it anew. */
  readonly discard: () => Promise<void>;
}

/** Reads what is wanted of an index that is open. Rejects with an {@link IndexError}. */
type Read<T> = (database: Database) => Promise<T>;

/** What is left of a building that was killed goes after that time. */
const LEFT_MS = 3_600_000;
const MEMORY = '2GB';

/**
 * Opens the index of a corpus, and brings it up to date before where it is not.
 *
 * An index is a DuckDB file that is only ever replaced whole, by rename: who is killed leaves the
 * old one, any number of processes may read one, and of several that make one the last stays. An
 * index of another version, of a damaged file or of none is made anew. Without a place, or where
 * the file cannot be written, the index is in memory.
 */
export async function openIndex<T>(
  folder: CorpusFolder,
  place: IndexPlace | undefined,
  read: Read<T>,
): Promise<Result<OpenIndex<T>, string>> {
  if (place === undefined) return makeInMemory(folder, undefined, read);
  const known = await openKnown(folder, place.path, read);
  if (known !== 'other' && known !== 'none') return ok(known);
  let made = await makeFile(folder, place, known === 'other', read);
  if (!made.ok && known === 'other') made = await makeFile(folder, place, false, read);
  return made.ok ? made : makeInMemory(folder, made.error, read);
}

/** The index when it is that of the folder; `other` when it is of use for making that one. */
async function openKnown<T>(
  folder: CorpusFolder,
  path: string,
  read: Read<T>,
): Promise<OpenIndex<T> | 'other' | 'none'> {
  const opened = await openDatabase({ path, readOnly: true, memoryLimit: MEMORY });
  if (!opened.ok) return 'none';
  const database = opened.value;
  const rows = await database.rows(
    `select digest from index_of where version = (select ${INDEX_VERSION})`,
  );
  const [row] = rows.ok ? rows.value : [];
  if (row?.['digest'] !== folder.digest) {
    await database.close();
    return row === undefined ? 'none' : 'other';
  }
  try {
    const known = folder.files.length + folder.documents.length;
    const work = { known, read: 0, problem: undefined };
    return { database, contents: await read(database), work, discard: () => remove(path) };
  } catch (error) {
    await database.close();
    if (error instanceof IndexError) return 'none';
    throw error;
  }
}

/** Makes the index in a file of its own and puts it in place; a sentence when that fails. */
async function makeFile<T>(
  folder: CorpusFolder,
  { path, clock, random }: IndexPlace,
  earlier: boolean,
  read: Read<T>,
): Promise<Result<OpenIndex<T>, string>> {
  const making = `${path}.${ulid(clock.now(), random)}`;
  const spillFolder = `${making}.spill`;
  let database: Database | undefined;
  try {
    await mkdir(dirname(path), { recursive: true });
    await removeLeft(path, clock.now());
    const attach = earlier ? { attach: { path, as: 'earlier' } } : {};
    const work = await make({ path: making, spillFolder, ...attach }, folder, earlier);
    database = await openOrThrow({ path: making, readOnly: true, memoryLimit: MEMORY });
    const contents = await read(database);
    // The database stays open under its new name, whoever puts another one there meanwhile.
    await rename(making, path);
    const discard = (): Promise<void> => remove(path);
    return ok({ database, contents, work: { ...work, problem: undefined }, discard });
  } catch (error) {
    await database?.close();
    if (error instanceof IndexError || isSystemError(error)) return fail(error.message);
    throw error;
  } finally {
    for (const left of [making, `${making}.wal`, spillFolder]) await remove(left);
  }
}

async function make(
  options: DatabaseOptions,
  folder: CorpusFolder,
  earlier: boolean,
): Promise<BuildWork> {
  const files = folder.files.map(({ location }) => location);
  const database = await openOrThrow({ ...options, files, memoryLimit: MEMORY });
  try {
    return await buildIndex(database, folder, earlier);
  } finally {
    await database.close();
  }
}

async function makeInMemory<T>(
  folder: CorpusFolder,
  problem: string | undefined,
  read: Read<T>,
): Promise<Result<OpenIndex<T>, string>> {
  const files = folder.files.map(({ location }) => location);
  const opened = await openDatabase({ files, memoryLimit: MEMORY });
  if (!opened.ok) return fail(opened.error.message);
  const database = opened.value;
  try {
    const work = await buildIndex(database, folder, false);
    const discard = (): Promise<void> => Promise.resolve();
    return ok({ database, contents: await read(database), work: { ...work, problem }, discard });
  } catch (error) {
    await database.close();
    if (error instanceof IndexError) return fail(error.message);
    throw error;
  }
}

async function openOrThrow(options: DatabaseOptions): Promise<Database> {
  const opened = await openDatabase(options);
  if (!opened.ok) throw new IndexError(opened.error.message);
  return opened.value;
}

/** Removes what killed processes left beside an index; one that is at work writes all the time. */
async function removeLeft(path: string, nowMs: number): Promise<void> {
  const folder = dirname(path);
  for (const name of await readdir(folder)) {
    if (!name.startsWith(`${basename(path)}.`)) continue;
    const left = join(folder, name);
    const { mtimeMs } = await stat(left).catch(() => ({ mtimeMs: nowMs }));
    if (nowMs - mtimeMs > LEFT_MS) await remove(left);
  }
}

/** What cannot be removed now is left for the next one to remove. */
const remove = (path: string): Promise<void> =>
  rm(path, { force: true, recursive: true }).catch(() => undefined);

const isSystemError = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && 'syscall' in error;
