/** Runs `work` inside one write transaction; resolves when it is durable. */
export type Transact = (work: () => void) => Promise<void>;

interface Pending {
  readonly write: () => void;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** Bounds the pages that one transaction keeps in memory. */
const MOST_WRITES = 1_024;

/**
 * Lets many writers share one commit. While a commit waits for the disk, new writes gather; the
 * next transaction takes all of them at the moment it starts. So 256 writers that wait for each
 * write cost about one fsync a round, and a lone writer never waits for company.
 *
 * A failure is final: every write that was not acknowledged is rejected with it, and all that come
 * later. After a failed fsync the kernel may have dropped the pages, so trying again could report
 * success for data that is not there. A failure that `leavesStore` as it was before rejects what
 * waits, and no more.
 */
export class GroupCommit {
  readonly #transact: Transact;
  readonly #leavesStore: (error: unknown) => boolean;
  readonly #queue: Pending[] = [];
  #running: Promise<void> | undefined;
  #fatal: { readonly error: unknown } | undefined;

  constructor(transact: Transact, leavesStore: (error: unknown) => boolean = () => false) {
    this.#transact = transact;
    this.#leavesStore = leavesStore;
  }

  /** `write` runs inside the transaction, and must not wait for anything. */
  submit<T>(write: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#fatal !== undefined) {
        reject(this.#fatal.error as Error);
        return;
      }
      let result: T;
      this.#queue.push({
        write: () => {
          result = write();
        },
        done: () => {
          resolve(result);
        },
        failed: reject,
      });
      this.#running ??= this.#run();
    });
  }

  /** Resolves when nothing is queued or being written. Never rejects. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) await this.#commit();
    this.#running = undefined;
  }

  async #commit(): Promise<void> {
    let group: readonly Pending[] = [];
    try {
      await this.#transact(() => {
        group = this.#queue.splice(0, MOST_WRITES);
        for (const { write } of group) write();
      });
    } catch (error) {
      if (!this.#leavesStore(error)) this.#fatal = { error };
      for (const { failed } of [...group, ...this.#queue.splice(0)]) failed(error);
      return;
    }
    for (const { done } of group) done();
  }
}
