import type { RootDatabase } from 'lmdb';
import { GroupCommit } from './group-commit.ts';
import { isFull, openEnvironment, readNewest, transact } from './lmdb-environment.ts';
import { openFilled } from './lmdb-spending.ts';
import { openTables, type Snapshot, type Tables } from './lmdb-tables.ts';
import { MappedPages } from './mapped-pages.ts';
import { roomProblem, StoreError, type FreeBytes } from './store-problem.ts';

/** What a store keeps in memory of its tables has to follow what becomes of them. */
export interface FileOwner {
  /** In a transaction, before the first of its writes. */
  begin(tables: Tables): void;
  /** In the transaction, after the last. */
  finish(): void;
  /** The writes are durable. */
  keep(): void;
  /** None of them is. */
  undo(): void;
  /** The file was mapped anew: tables from before are of no use. */
  moveTo(tables: Tables): void;
}

export interface HeldSnapshot {
  readonly transaction: Snapshot;
  readonly done: () => void;
}

/**
 * The tables of a state folder, for reads between two transactions and for writes that share one.
 * Every page that was ever touched stays in the map and counts as memory, so the file is mapped
 * anew now and then.
 */
export class LmdbFile {
  readonly pages: MappedPages = new MappedPages();
  readonly #folder: string;
  readonly #readOnly: boolean;
  readonly #free: FreeBytes;
  readonly #owner: FileOwner;
  readonly #commits: GroupCommit | undefined;
  #root: RootDatabase;
  #tables: Tables;
  #closed = false;
  #snapshots = 0;
  #remapping: Promise<void> | undefined;

  constructor(
    folder: string,
    root: RootDatabase,
    { readOnly, free }: { readonly readOnly: boolean; readonly free: FreeBytes },
    owner: FileOwner,
  ) {
    this.#folder = folder;
    this.#readOnly = readOnly;
    this.#free = free;
    this.#owner = owner;
    this.#root = root;
    // One transaction for all: each table would else wait for the write lock on its own.
    this.#tables = readOnly ? openTables(root) : root.transactionSync(() => openFilled(root));
    this.#commits = readOnly ? undefined : new GroupCommit((work) => this.#transact(work), isFull);
  }

  /** Those of now. For the owner's own look at them, at once. */
  get tables(): Tables {
    return this.#tables;
  }

  /** Reads of one portion see one state of the store: the newest, whichever process wrote it. */
  async read<T>(work: (tables: Tables) => T): Promise<T> {
    if (this.#remapping !== undefined) await this.#remapping;
    this.#requireOpen();
    return readNewest(this.#root, this.#folder, () => work(this.#tables));
  }

  /** As `read`, for portions of a long walk: room is made for what they bring into the map. */
  async readOn<T>(work: (tables: Tables) => T): Promise<T> {
    await this.#makeRoom();
    return this.read(work);
  }

  async write<T>(work: (tables: Tables) => T): Promise<T> {
    this.#requireOpen();
    if (this.#commits === undefined) throw new Error('The store was opened for reading only');
    return await this.#commits.submit(() => work(this.#tables));
  }

  /** One state for several reads, whatever is written meanwhile. Until its `done` the map stays. */
  async snapshot(): Promise<HeldSnapshot> {
    this.#requireOpen();
    await this.#remapping;
    const transaction = this.#root.useReadTransaction();
    this.#snapshots++;
    return {
      transaction,
      done: () => {
        this.#snapshots--;
        if (!this.#closed) transaction.done();
      },
    };
  }

  /** A snapshot of now in the place of one from before; room is made between them. */
  async renew(held: HeldSnapshot): Promise<HeldSnapshot> {
    held.done();
    await this.#makeRoom();
    return this.snapshot();
  }

  async #makeRoom(): Promise<void> {
    if (!this.pages.areFull() || this.#snapshots > 0) return;
    // A commit of nothing, because the file is mapped anew between two commits.
    if (this.#commits !== undefined) await this.#commits.submit(() => undefined);
    else if (this.#remapping === undefined) await this.#remap();
  }

  /** Waits for what is being written. Again is harmless. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#commits?.idle();
    await this.#root.close();
  }

  #requireOpen(): void {
    if (this.#closed) throw new Error('The store is closed');
  }

  async #transact(work: () => void): Promise<void> {
    const full = roomProblem(this.#folder, this.#free);
    if (full !== undefined) throw new StoreError(full);
    try {
      await transact(this.#root, this.#folder, () => {
        this.#owner.begin(this.#tables);
        work();
        this.#owner.finish();
      });
      this.#owner.keep();
    } catch (error) {
      this.#owner.undo();
      throw error;
    }
    if (this.pages.areFull() && this.#snapshots === 0) await this.#remap();
  }

  /** When nobody holds a snapshot, and nothing is being written; readers wait the few milliseconds. */
  async #remap(): Promise<void> {
    this.pages.reset();
    let done: () => void = () => undefined;
    this.#remapping = new Promise((resolve) => {
      done = resolve;
    });
    try {
      await this.#root.close();
      this.#root = openEnvironment(this.#folder, this.#readOnly);
      this.#tables = this.#readOnly
        ? openTables(this.#root)
        : this.#root.transactionSync(() => openTables(this.#root));
      this.#owner.moveTo(this.#tables);
    } finally {
      this.#remapping = undefined;
      done();
    }
  }
}
