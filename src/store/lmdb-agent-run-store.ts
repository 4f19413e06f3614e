import type { RootDatabase } from 'lmdb';
import { digestOf } from '../base/fingerprint.ts';
import { fail, ok, type Result } from '../base/result.ts';
import {
  isActive,
  type AgentRunChange,
  type AgentRunEvent,
  type AgentRunStore,
  type IdempotencyMark,
  type NewAgentRunEvent,
  type StoredAgentRun,
} from './agent-run-store.ts';
import { GroupCommit } from './group-commit.ts';
import { decode, encode, keysUnder, memberKey, nameKey } from './lmdb-encoding.ts';
import { createEnvironment, openEnvironment, readNewest, transact } from './lmdb-environment.ts';
import type { Table, TableSpace } from './lmdb-tables.ts';
import { requireName } from './names.ts';
import { prepareFolder } from './state-folder.ts';
import { storeProblemOf, type StoreProblem } from './store-problem.ts';

/** The layout of the tables below. A store with another number is left alone. */
const FORMAT = '1';
const FORMAT_KEY = Buffer.from('agent-runs-format');
const LAST_ID_KEY = Buffer.from('last-id');

interface Tables {
  /** The format, and the last id. */
  readonly about: Table<Buffer>;
  /** Owner, NUL, id → `Row`. */
  readonly runs: Table<Buffer>;
  /** Owner, NUL, id of those that have not ended → nothing. */
  readonly active: Table<Buffer>;
  /** Owner, NUL, id, NUL, number (big-endian) → `AgentRunEvent`. */
  readonly events: Table<Buffer>;
  /** Owner, NUL, digest of the key → `IdempotencyMark`. */
  readonly marks: Table<Buffer>;
}

interface Row {
  readonly stored: StoredAgentRun;
  /** The idempotency key it was made with. */
  readonly mark?: string;
}

const NOTHING = Buffer.alloc(0);

const TABLE_NAMES = ['about', 'runs', 'active', 'events', 'marks'] as const;

function openTables(space: TableSpace): Tables {
  const options = { encoding: 'binary', keyEncoding: 'binary' } as const;
  const tables = TABLE_NAMES.map((name) => [name, space.openDB({ name, ...options })]);
  return Object.fromEntries(tables) as Tables;
}

const createEmpty = (folder: string): Promise<void> =>
  createEnvironment(folder, (root) => {
    openTables(root).about.putSync(FORMAT_KEY, Buffer.from(FORMAT));
  });

/** Agent runs of a server, in a folder of their own. */
export class LmdbAgentRunStore implements AgentRunStore {
  readonly #folder: string;
  readonly #root: RootDatabase;
  readonly #tables: Tables;
  readonly #commits: GroupCommit;
  #closed = false;

  private constructor(folder: string, root: RootDatabase) {
    this.#folder = folder;
    this.#root = root;
    this.#tables = root.transactionSync(() => openTables(root));
    this.#commits = new GroupCommit((work) => transact(root, folder, work));
  }

  /** Opens the store in `folder`; where there is none, it is created. */
  static async open(folder: string): Promise<Result<LmdbAgentRunStore, StoreProblem>> {
    try {
      const prepared = await prepareFolder(folder, false, createEmpty);
      if (!prepared.ok) return prepared;
      const root = openEnvironment(folder);
      const store = new LmdbAgentRunStore(folder, root);
      const format = store.#tables.about.get(FORMAT_KEY)?.toString();
      if (format === FORMAT) return ok(store);
      await root.close();
      const message = `${folder} was not written by this version of Fieldwork`;
      return fail({
        kind: format === undefined ? 'damaged' : 'newer-format',
        path: folder,
        message,
      });
    } catch (error) {
      return fail(storeProblemOf(folder, error));
    }
  }

  async add({ next, events }: AgentRunChange, mark?: IdempotencyMark): Promise<void> {
    const { owner, run } = next;
    const key = runKey(owner, run.id);
    const row: Row = { stored: next, ...(mark !== undefined && { mark: mark.key }) };
    const value = encode(row);
    await this.#write((tables) => {
      const last = tables.about.get(LAST_ID_KEY)?.toString();
      if (last !== undefined && run.id <= last) {
        throw new TypeError(`The id ${run.id} does not sort after ${last}`);
      }
      tables.about.putSync(LAST_ID_KEY, Buffer.from(run.id));
      tables.runs.putSync(key, value);
      this.#setActive(key, next);
      appendEvents(tables, next, events);
      if (mark !== undefined) tables.marks.putSync(markKey(owner, mark.key), encode(mark));
    });
  }

  get(owner: string, id: string): Promise<StoredAgentRun | undefined> {
    const key = runKey(owner, id);
    return this.#read(({ runs }) => rowAt(runs, key)?.stored);
  }

  list(
    owner: string,
    { limit, before }: { readonly limit: number; readonly before?: string },
  ): Promise<readonly StoredAgentRun[]> {
    const under = keysUnder(requireName('owner', owner));
    const start = before === undefined ? under.end : runKey(owner, before);
    return this.#read(({ runs }) => {
      // Backwards the range begins with `start` itself, which may be a run or be gone.
      const range = { start, end: under.start, reverse: true, limit: limit + 1 };
      return Array.from(runs.getRange(range), ({ value }) => decode<Row>(value).stored)
        .filter(({ run }) => run.id !== before)
        .slice(0, limit);
    });
  }

  async change(
    owner: string,
    id: string,
    decide: (now: StoredAgentRun) => AgentRunChange | undefined,
  ): Promise<StoredAgentRun | undefined> {
    const key = runKey(owner, id);
    return await this.#write((tables) => {
      const row = rowAt(tables.runs, key);
      if (row === undefined) return undefined;
      const change = decide(row.stored);
      if (change === undefined) return row.stored;
      tables.runs.putSync(key, encode({ ...row, stored: change.next }));
      this.#setActive(key, change.next);
      appendEvents(tables, change.next, change.events);
      return change.next;
    });
  }

  events(
    owner: string,
    id: string,
    { after, limit }: { readonly after: number; readonly limit: number },
  ): Promise<readonly AgentRunEvent[]> {
    const start = eventKey(owner, id, after + 1);
    const { end } = eventsOf(owner, id);
    return this.#read(({ events }) =>
      Array.from(events.getRange({ start, end, limit }), ({ value }) =>
        decode<AgentRunEvent>(value),
      ),
    );
  }

  async remove(owner: string, id: string): Promise<boolean> {
    const key = runKey(owner, id);
    return await this.#write(({ runs, active, events, marks }) => {
      const row = rowAt(runs, key);
      if (row === undefined) return false;
      runs.removeSync(key);
      active.removeSync(key);
      for (const event of Array.from(events.getKeys(eventsOf(owner, id)))) events.removeSync(event);
      if (row.mark !== undefined) marks.removeSync(markKey(owner, row.mark));
      return true;
    });
  }

  async active(): Promise<readonly StoredAgentRun[]> {
    const active = await this.#read((tables) =>
      [...tables.active.getKeys()].flatMap((key) => rowAt(tables.runs, key)?.stored ?? []),
    );
    return active.sort((a, b) => (a.run.id < b.run.id ? -1 : 1));
  }

  mark(owner: string, key: string): Promise<IdempotencyMark | undefined> {
    return this.#read(({ marks }) => {
      const bytes = marks.getBinaryFast(markKey(owner, key));
      return bytes === undefined ? undefined : decode<IdempotencyMark>(bytes);
    });
  }

  async dropMarks(before: string): Promise<void> {
    await this.#write(({ marks }) => {
      for (const key of Array.from(marks.getKeys())) {
        const bytes = marks.getBinaryFast(key);
        if (bytes !== undefined && decode<IdempotencyMark>(bytes).madeAt < before) {
          marks.removeSync(key);
        }
      }
    });
  }

  lastId(): Promise<string | undefined> {
    return this.#read(({ about }) => about.get(LAST_ID_KEY)?.toString());
  }

  /** Waits for what is being written. Again is harmless. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#commits.idle();
    await this.#root.close();
  }

  async #read<T>(work: (tables: Tables) => T): Promise<T> {
    this.#requireOpen();
    return readNewest(this.#root, this.#folder, () => work(this.#tables));
  }

  async #write<T>(work: (tables: Tables) => T): Promise<T> {
    this.#requireOpen();
    return await this.#commits.submit(() => work(this.#tables));
  }

  #requireOpen(): void {
    if (this.#closed) throw new Error('The store is closed');
  }

  #setActive(key: Buffer, stored: StoredAgentRun): void {
    if (isActive(stored)) this.#tables.active.putSync(key, NOTHING);
    else this.#tables.active.removeSync(key);
  }
}

const runKey = (owner: string, id: string): Buffer =>
  nameKey(requireName('owner', owner), requireName('agent run', id));

const markKey = (owner: string, key: string): Buffer =>
  nameKey(requireName('owner', owner), digestOf(key));

const eventKey = (owner: string, id: string, number: number): Buffer =>
  memberKey(runKey(owner, id).toString(), number);

const eventsOf = (owner: string, id: string): { readonly start: Buffer; readonly end: Buffer } =>
  keysUnder(runKey(owner, id).toString());

function rowAt(runs: Table<Buffer>, key: Buffer): Row | undefined {
  const bytes = runs.getBinaryFast(key);
  return bytes === undefined ? undefined : decode<Row>(bytes);
}

function appendEvents(
  { events }: Tables,
  { owner, run }: StoredAgentRun,
  added: readonly NewAgentRunEvent[],
): void {
  if (added.length === 0) return;
  const { start, end } = eventsOf(owner, run.id);
  const [last] = events.getKeys({ start: end, end: start, reverse: true, limit: 1 });
  let number = last === undefined ? 0 : last.readUInt32BE(last.length - 4);
  for (const event of added) {
    const value: AgentRunEvent = { number: ++number, ...event };
    events.putSync(eventKey(owner, run.id, number), encode(value));
  }
}
