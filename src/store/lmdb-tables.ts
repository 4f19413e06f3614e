import type { StoreProblem } from './store-problem.ts';

/** The layout of the tables below. A store with a larger number is left alone. */
const FORMAT = 1;
const FORMAT_KEY = Buffer.from('format');
/** Set once the sums of `spending` hold all that is in the ledger. */
export const SUMMED_KEY: Buffer = Buffer.from('summed');
const STATE_ID_KEY = Buffer.from('state-id');

/** What is used of an LMDB table. Writes are for write transactions only. */
export interface Table<Key> {
  get(key: Key, options?: { readonly transaction?: Snapshot }): Buffer | undefined;
  /** The buffer is LMDB's own and good until the next read: decode at once, never keep. */
  getBinaryFast(key: Key): Buffer | undefined;
  getKeys(range?: Range<Key>): Iterable<Key>;
  getKeysCount(): number;
  getRange(range?: Range<Key>): Iterable<{ readonly value: Buffer }>;
  /** False when `append` is asked and the key is not the largest. */
  putSync(key: Key, value: Buffer, options?: { readonly append?: boolean }): boolean;
  removeSync(key: Key): boolean;
}

/** One state of the store, kept for a reader until `done`. */
export interface Snapshot {
  done(): void;
}

interface Range<Key> {
  readonly start?: Key;
  /** Not in the range itself. */
  readonly end?: Key;
  readonly limit?: number;
  readonly reverse?: boolean;
  readonly transaction?: Snapshot;
}

/** Answers and ledger entries are appended under growing numbers, so their pages fill up whole. */
export interface Tables {
  /** `format` → number as text; `state-id` → text; `summed` once `spending` is filled. */
  readonly about: Table<Buffer>;
  /** Answer id → `NewAnswer`. */
  readonly answers: Table<number>;
  /** Fingerprint (32 bytes) → entry of known-codec.ts. */
  readonly index: Table<Buffer>;
  /** Attempt → what `OpenAttempts` keeps of it. */
  readonly open: Table<Buffer>;
  /** Number → `LedgerEntry`. */
  readonly ledger: Table<number>;
  /** `2026-11-22` or `2026-11` → `PeriodSum`. Undefined in a store that an older program made. */
  readonly spending: Table<Buffer> | undefined;
  /** Version, NUL, portion (big-endian) → members. */
  readonly members: Table<Buffer>;
  /** Pipeline, NUL, step → `StepState`. */
  readonly steps: Table<Buffer>;
  /** Start, NUL, run → `RunRecord`. */
  readonly runs: Table<Buffer>;
}

/** What is used of an LMDB environment to open tables. */
export interface TableSpace {
  /** Undefined when there is no such table and `create` is false, or the store is read only. */
  openDB(options: {
    readonly name: string;
    readonly encoding: 'binary';
    readonly keyEncoding: 'binary' | 'uint32';
    readonly create?: boolean;
  }): unknown;
}

const byBytes = (space: TableSpace, name: string, create = true): Table<Buffer> =>
  space.openDB({ name, encoding: 'binary', keyEncoding: 'binary', create }) as Table<Buffer>;

const byNumber = (space: TableSpace, name: string): Table<number> =>
  space.openDB({ name, encoding: 'binary', keyEncoding: 'uint32' }) as Table<number>;

export const openTables = (space: TableSpace): Tables => ({
  about: byBytes(space, 'about'),
  answers: byNumber(space, 'answers'),
  index: byBytes(space, 'index'),
  open: byBytes(space, 'open'),
  ledger: byNumber(space, 'ledger'),
  spending: byBytes(space, 'spending'),
  members: byBytes(space, 'members'),
  steps: byBytes(space, 'steps'),
  runs: byBytes(space, 'runs'),
});

/** Makes the tables of a new store. In a write transaction. */
export function createTables(space: TableSpace): void {
  const { about } = openTables(space);
  about.putSync(FORMAT_KEY, Buffer.from(String(FORMAT)));
  about.putSync(SUMMED_KEY, Buffer.from('1'));
}

/** Whether the store's layout is the one of this file. Creates nothing. */
export function checkFormat(folder: string, space: TableSpace): StoreProblem | undefined {
  const about: Table<Buffer> | undefined = byBytes(space, 'about', false);
  const format = Number(about?.get(FORMAT_KEY)?.toString());
  if (format === FORMAT) return undefined;
  if (format > FORMAT) {
    const message =
      `${folder} was written by a newer version of Fieldwork ` +
      `(state format ${format}; this version knows ${FORMAT})`;
    return { kind: 'newer-format', path: folder, message };
  }
  const message = `${folder} is damaged: it does not say which format it has`;
  return { kind: 'damaged', path: folder, message };
}

/** What tells this store from every other. */
export const readStateId = ({ about }: Tables): string | undefined =>
  about.get(STATE_ID_KEY)?.toString();

/** Makes `fresh` the store's id where it has none; gives the one it has. In a write transaction. */
export function putStateId(tables: Tables, fresh: string): string {
  const known = readStateId(tables);
  if (known === undefined) tables.about.putSync(STATE_ID_KEY, Buffer.from(fresh));
  return known ?? fresh;
}

/** Of all pipelines with a published step, in order. */
export function pipelineNames({ steps }: Tables): readonly string[] {
  const names = new Set<string>();
  for (const key of steps.getKeys()) names.add(key.toString().split('\0', 1)[0] ?? '');
  return [...names];
}

/** The largest key, or 0. */
export function lastNumber(table: Table<number>): number {
  const [last = 0] = table.getKeys({ reverse: true, limit: 1 });
  return last;
}

/** Puts a value behind all others. */
export function append(table: Table<number>, key: number, value: Buffer): void {
  if (!table.putSync(key, value, { append: true })) {
    throw new Error(`Entry ${key} is not the last of its table`);
  }
}
