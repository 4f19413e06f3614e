import { MemoryStore } from '../../src/store/memory-store.ts';
import type { Store } from '../../src/store/store.ts';

/** Methods that change the store: nothing of them is on disk before their promise resolves. */
const WRITES = [
  'intend',
  'created',
  'note',
  'settle',
  'stateId',
  'addMembers',
  'publish',
  'discard',
  'putRun',
] as const;

export type WriteName = (typeof WRITES)[number];

/** One call of a method that changes the store. */
export interface Write {
  readonly name: WriteName;
  readonly args: readonly unknown[];
}

/** When a process dies, seen from one of its writes. */
type Moment =
  /** The write was asked for and nothing of it was done. */
  | 'before'
  /** It was being done: the disk keeps none of it. */
  | 'unsynced'
  /** The disk has it whole, and the process never hears of that. */
  | 'unheard'
  /** The process has heard, and does not come to do anything with it. */
  | 'heard';

export interface OpenOptions {
  /** How long the disk takes for one write; at once where nothing is said. */
  readonly sync?: (write: Write) => Promise<void>;
  /** Dies at this write; asked once for each, in the order in which they come. */
  readonly dies?: (write: Write, nth: number) => Moment | undefined;
  /** The write fails with this and the process lives on. */
  readonly breaks?: (write: Write, nth: number) => Error | undefined;
}

/** Never goes on. */
const forever = (): Promise<never> => new Promise<never>(() => undefined);

/**
 * What outlives a process: the writes that were made durable, in order. A store that is opened on
 * it has those and no others, as after the power cord was pulled.
 */
export class Disk {
  readonly #writes: Write[] = [];

  /** Durable writes, oldest first. */
  get writes(): readonly Write[] {
    return this.#writes;
  }

  /** Its first `count` writes on another disk. */
  copy(count: number = this.#writes.length): Disk {
    const copy = new Disk();
    copy.#writes.push(...this.#writes.slice(0, count));
    return copy;
  }

  /** The store as a new process finds it. */
  async open(options: OpenOptions = {}): Promise<CrashingStore> {
    const memory = new MemoryStore();
    for (const write of this.#writes) await apply(memory, write);
    return new CrashingStore(memory, options, (write) => this.#writes.push(write));
  }

  /** What the disk has, for a test to look at. */
  async look(): Promise<Store> {
    return (await this.open()).store;
  }
}

/** A process's store: it can die, and takes with it whatever is not on disk. */
export class CrashingStore {
  readonly store: Store;
  readonly #memory: MemoryStore;
  readonly #options: OpenOptions;
  readonly #keep: (write: Write) => void;
  /** Asked for and not yet on disk, in order. */
  readonly #pending: Write[] = [];
  #tail: Promise<unknown> = Promise.resolve();
  #nth = 0;
  #dead = false;
  readonly #died: Promise<void>;
  #die: () => void = () => undefined;

  constructor(memory: MemoryStore, options: OpenOptions, keep: (write: Write) => void) {
    this.#memory = memory;
    this.#options = options;
    this.#keep = keep;
    this.#died = new Promise((resolve) => {
      this.#die = resolve;
    });
    this.store = new Proxy<Store>(memory, { get: (_, name) => this.#method(String(name)) });
  }

  get isDead(): boolean {
    return this.#dead;
  }

  get died(): Promise<void> {
    return this.#died;
  }

  /** Writes so far. */
  get count(): number {
    return this.#nth;
  }

  /**
   * The process dies here. Of the writes under way the disk keeps the first `kept`: a commit goes
   * through or not, and never one before another that was asked for earlier.
   */
  crash(kept = 0): void {
    if (this.#dead) return;
    this.#dead = true;
    for (const write of this.#pending.slice(0, kept)) this.#keep(write);
    this.#die();
  }

  #method(name: string): unknown {
    const method: unknown = Reflect.get(this.#memory, name);
    if (typeof method !== 'function') return method;
    const isWrite = (WRITES as readonly string[]).includes(name);
    return (...args: readonly unknown[]): unknown => {
      if (this.#dead) return forever();
      if (isWrite) return this.#write({ name: name as WriteName, args });
      return Reflect.apply(method, this.#memory, args);
    };
  }

  async #write(write: Write): Promise<unknown> {
    const nth = ++this.#nth;
    const broken = this.#options.breaks?.(write, nth);
    if (broken !== undefined) throw broken;
    const moment = this.#options.dies?.(write, nth);
    if (moment === 'before') return this.#end();
    this.#pending.push(write);
    if (moment === 'unsynced') return this.#end();
    const done = this.#tail.then(() => this.#commit(write));
    this.#tail = done;
    const result = await done;
    if (moment === 'unheard' || this.#dead) return this.#end();
    if (moment === 'heard') queueMicrotask(() => this.crash());
    return result;
  }

  async #commit(write: Write): Promise<unknown> {
    await this.#options.sync?.(write);
    if (this.#dead) return forever();
    this.#pending.shift();
    this.#keep(write);
    return await apply(this.#memory, write);
  }

  #end(): Promise<never> {
    this.crash();
    return forever();
  }
}

function apply(memory: MemoryStore, { name, args }: Write): Promise<unknown> {
  const method = memory[name] as (...given: readonly unknown[]) => Promise<unknown>;
  return method.apply(memory, [...args]);
}
