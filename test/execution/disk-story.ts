import { open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { JsonObject } from '../../src/base/json.ts';
import { CURRENT_PRICE_BOOK } from '../../src/cost/price-book.ts';
import { checkDataFile } from '../../src/store/data-file.ts';
import { openEnvironment } from '../../src/store/lmdb-environment.ts';
import { LmdbStore } from '../../src/store/lmdb-store.ts';
import type { LedgerEntry, Store } from '../../src/store/store.ts';
import { Rig } from '../rig/rig.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';
import { Remote, STATE_ID } from './crash-rig.ts';

const WRITES = ['intend', 'created', 'settle', 'stateId', 'addMembers', 'publish', 'discard'];

/** Of LMDB: which state counts is said by these, at the start of the file, and by nothing else. */
const PAGE = 8_192;
const META_BYTES = 2 * PAGE;

/** The file before and after one write. */
export interface Commit {
  readonly name: string;
  readonly before: Buffer;
  readonly after: Buffer;
}

/** Every page of the new state is written, and the switch to it is not. */
export const unswitched = ({ before, after }: Commit): Buffer =>
  Buffer.concat([before.subarray(0, META_BYTES), after.subarray(META_BYTES)]);

/** Of the pages that are new every second one is written, and the switch is not. */
export function halfWritten({ before, after }: Commit): Buffer {
  const torn = Buffer.from(unswitched({ name: '', before, after }));
  let changed = 0;
  for (let at = META_BYTES; at < after.length; at += PAGE) {
    const old = before.subarray(at, at + PAGE);
    if (old.equals(after.subarray(at, at + PAGE)) || changed++ % 2 === 0) continue;
    torn.fill(0xa5, at, at + PAGE);
    old.copy(torn, at);
  }
  return torn;
}

/** A process, as its store sees it. */
class Life {
  isDead = false;
  readonly commits: Commit[] = [];
  readonly died: Promise<void>;
  readonly store: Store;
  readonly #file: string;
  readonly #dies: number;
  #die: () => void = () => undefined;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(store: Store, file: string, dies: number) {
    this.#file = file;
    this.#dies = dies;
    this.died = new Promise((resolve) => (this.#die = resolve));
    this.store = new Proxy(store, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== 'function') return method;
        const call = (...args: unknown[]): unknown => Reflect.apply(method, target, args);
        if (!WRITES.includes(String(name))) return call;
        return (...args: unknown[]) => this.#write(String(name), () => call(...args));
      },
    });
  }

  crash(): void {
    this.isDead = true;
    this.#die();
  }

  /** One after the other, so that each commit is of one write. */
  #write(name: string, write: () => unknown): Promise<unknown> {
    const written = this.#tail.then(async () => {
      if (this.isDead) return new Promise(() => undefined);
      const before = await readFile(this.#file);
      const result = await write();
      this.commits.push({ name, before, after: await readFile(this.#file) });
      if (this.commits.length < this.#dies) return result;
      this.crash();
      return new Promise(() => undefined);
    });
    this.#tail = written;
    return written;
  }
}

/** A state folder on a real disk, and processes that use it one after the other. */
export class DiskStory {
  readonly remote: Remote = new Remote();
  readonly #folder: string;
  readonly #yaml: string;
  #lives = 0;

  private constructor(folder: string, yaml: string) {
    this.#folder = folder;
    this.#yaml = yaml;
    this.remote.durationMs = 0;
  }

  static async open(yaml: string): Promise<DiskStory> {
    const folder = await temporaryFolder();
    onTestFinished(() => folder.dispose());
    const story = new DiskStory(folder.path, yaml);
    await story.with((store) => store.stateId(STATE_ID));
    return story;
  }

  get file(): string {
    return join(this.#folder, 'data.mdb');
  }

  async with<T>(work: (store: Store) => Promise<T>): Promise<T> {
    const store = await LmdbStore.open(this.#folder);
    if (!store.ok) throw new Error(store.error.message);
    try {
      return await work(store.value);
    } finally {
      await store.value.close();
    }
  }

  /**
   * A run, until it ends or dies at its `dies`th write: that one is on disk, and the process never
   * hears of it. Gives the file as it was around each write.
   */
  run(dies = Infinity): Promise<readonly Commit[]> {
    return this.with(async (store) => {
      const life = new Life(store, this.file, dies);
      const agent = this.remote.seenBy(life);
      const parts = { agent, store: life.store, prices: CURRENT_PRICE_BOOK };
      const rig = new Rig({ ...parts, seed: ++this.#lives });
      const ended = rig
        .run(this.#yaml)
        .then(({ exit }) => must(exit === 0, `the run ended with ${exit}`));
      await Promise.race([ended, life.died]);
      return life.commits;
    });
  }

  /** The file as the power cord left it. */
  async leave(bytes: Buffer): Promise<void> {
    await rm(join(this.#folder, 'lock.mdb'), { force: true });
    await writeFile(this.file, bytes);
    const file = await open(this.file, 'r+');
    await file.sync();
    await file.close();
    const whole = await checkDataFile(this.file, { deep: true });
    must(whole.ok, 'the file is damaged');
  }

  /** As if a later version of the program had been at it. */
  async newer(): Promise<void> {
    const root = openEnvironment(this.#folder);
    const binary = { encoding: 'binary', keyEncoding: 'binary' } as const;
    const about = root.openDB<Buffer, Buffer>({ name: 'about', ...binary });
    await about.put(Buffer.from('format'), Buffer.from('7'));
    await root.close();
  }

  ledger(): Promise<readonly LedgerEntry[]> {
    return this.with(async (store) => {
      const all: LedgerEntry[] = [];
      for await (const entries of store.ledger()) all.push(...entries);
      return all;
    });
  }

  table(step: string): Promise<readonly JsonObject[]> {
    const agent = this.remote.seenBy({ isDead: false, crash: () => undefined });
    return this.with((store) => new Rig({ agent, store }).table(step));
  }
}

function must(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}
