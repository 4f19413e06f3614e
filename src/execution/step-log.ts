import { Pulse } from '../base/pulse.ts';
import type { Member, Store } from '../store/store.ts';

const PORTION = 1_000;

/**
 * The tasks of a step in the order they end: written to a new version of its table, and read by
 * the steps after it while it grows.
 *
 * Only the last portion is in memory; the rest is in the store, so that neither a million tasks
 * nor a slow reader costs memory, and a reader never holds up the writer.
 */
export class StepLog {
  readonly version: string;
  readonly #store: Store;
  readonly #changed = new Pulse();
  /** Portions cut so far; those on their way to the store are still in `#unwritten`. */
  #portions = 0;
  readonly #unwritten = new Map<number, readonly Member[]>();
  #tail: Member[] = [];
  #closed = false;

  constructor(store: Store, version: string) {
    this.#store = store;
    this.version = version;
  }

  async append(member: Member): Promise<void> {
    this.#tail.push(member);
    if (this.#tail.length >= PORTION) await this.#flush();
    else this.#changed.beat();
  }

  /** No more tasks: readers end once they have seen all. */
  async close(): Promise<void> {
    if (this.#tail.length > 0) await this.#flush();
    this.#closed = true;
    this.#changed.beat();
  }

  /** Ends it where it is, after a mistake of this program: nobody waits for what never comes. */
  abandon(): void {
    this.#closed = true;
    this.#changed.beat();
  }

  /** From the first task on; waits for more until the log is closed. Each reader has its own place. */
  async *read(): AsyncGenerator<readonly Member[]> {
    let portion = 0;
    let seen = 0;
    for (;;) {
      const changed = this.#changed.next;
      const whole = portion < this.#portions;
      const members = whole ? await this.#portion(portion) : this.#tail;
      const fresh = members.slice(seen);
      seen = whole ? 0 : members.length;
      if (whole) portion++;
      if (fresh.length > 0) yield fresh;
      else if (!whole && this.#closed) return;
      else if (!whole) await changed;
    }
  }

  async #portion(portion: number): Promise<readonly Member[]> {
    const unwritten = this.#unwritten.get(portion);
    return unwritten ?? (await this.#store.memberPortion(this.version, portion)) ?? [];
  }

  async #flush(): Promise<void> {
    const portion = this.#portions++;
    const members = this.#tail;
    this.#tail = [];
    this.#unwritten.set(portion, members);
    this.#changed.beat();
    await this.#store.addMembers(this.version, portion, members);
    this.#unwritten.delete(portion);
  }
}
