import type { Fingerprint } from '../base/fingerprint.ts';
import type { AttemptId } from '../base/ids.ts';
import { addMoney, microdollars, subtractMoney, type Microdollars } from '../base/money.ts';
import { decode, nameKey } from './lmdb-encoding.ts';
import type { Table, Tables } from './lmdb-tables.ts';
import type { AttemptHeld, AttemptIntended, Hold, OpenAttempt } from './store.ts';

/** Bytes before the agent run's id. */
const NUMBER_BYTES = 6;
/** Stands after the first number where a second one follows: that of the entry which holds it. */
const HELD = 0;

/**
 * Attempts that were begun and not ended: few at any time, whatever the size of the store.
 *
 * Each is the number of its intent in the ledger, and its agent run's id once that is known: three
 * writes an attempt, so they are as small as can be. One that waits for a person has the number of
 * the entry that says so as well. What the entries say is read from the ledger when somebody asks,
 * which is after a crash.
 */
export class OpenAttempts {
  #attempts: Table<Buffer>;
  #ledger: Table<number>;
  /**
   * What is open of this process, so that a look need not read the ledger once for each task under
   * way: that would be every task times the concurrency.
   */
  readonly #begun = new Map<AttemptId, Begun>();
  readonly #asking = new Map<Fingerprint, readonly AttemptId[]>();
  #heldByBegun = microdollars(0);
  /** What takes back the changes of the transaction under way, in the order of these. */
  #undo: (() => void)[] = [];

  constructor({ open, ledger }: Tables) {
    this.#attempts = open;
    this.#ledger = ledger;
  }

  /** The same tables, opened anew. */
  moveTo({ open, ledger }: Tables): void {
    this.#attempts = open;
    this.#ledger = ledger;
  }

  /** The transaction is committed. */
  keep(): void {
    this.#undo = [];
  }

  /** The transaction is not committed. */
  undo(): void {
    for (const back of this.#undo.toReversed()) back();
    this.#undo = [];
  }

  isEmpty(): boolean {
    const [first] = this.#attempts.getKeys({ limit: 1 });
    return first === undefined;
  }

  /** Oldest first. */
  all(): readonly OpenAttempt[] {
    const entries = Array.from(this.#attempts.getRange(), ({ value }) => unpack(value));
    return entries.map((entry) => this.#openAttempt(entry)).sort(byAge);
  }

  /** The newest open attempt for each of those fingerprints that has any. */
  asking(fingerprints: readonly Fingerprint[]): ReadonlyMap<Fingerprint, OpenAttempt> {
    const wanted = new Set(fingerprints);
    const found = this.#others();
    for (const fingerprint of wanted) {
      for (const id of this.#asking.get(fingerprint) ?? []) {
        const stored = this.#stored(id);
        if (stored !== undefined) found.push(this.#openAttempt(stored));
      }
    }
    const newest = new Map<Fingerprint, OpenAttempt>();
    for (const attempt of found.sort(byAge)) {
      for (const it of attempt.fingerprints) if (wanted.has(it)) newest.set(it, attempt);
    }
    return newest;
  }

  /** What other processes have open, and what they left so. */
  #others(): OpenAttempt[] {
    if (this.#attempts.getKeysCount() === this.#begun.size) return [];
    const others: OpenAttempt[] = [];
    for (const key of Array.from(this.#attempts.getKeys())) {
      const id = key.toString() as AttemptId;
      const stored = this.#begun.has(id) ? undefined : this.#stored(id);
      if (stored !== undefined) others.push(this.#openAttempt(stored));
    }
    return others;
  }

  /** `number` is that of the intent in the ledger. */
  begin({ attempt, fingerprints, reserved }: AttemptIntended, number: number): void {
    const begun: Begun = { number, asks: fingerprints, held: reserved };
    this.#remember(attempt, begun);
    this.#undo.push(() => this.#forget(attempt, begun));
    this.#attempts.putSync(nameKey(attempt), pack({ ...NEW, number }));
  }

  /** Notes the agent run of an attempt that is still open; a hold ends. */
  setAgentRun(id: AttemptId, agentRunId: string): void {
    const number = this.#begun.get(id)?.number ?? this.#stored(id)?.number;
    if (number === undefined) return;
    this.#attempts.putSync(nameKey(id), pack({ ...NEW, number, agentRunId }));
  }

  /** Notes that an attempt that is still open is held, by the ledger's entry of that number. */
  hold(id: AttemptId, heldBy: number): void {
    const stored = this.#stored(id);
    if (stored !== undefined) this.#attempts.putSync(nameKey(id), pack({ ...stored, heldBy }));
  }

  /** Ceilings of all that is open. */
  held(): Microdollars {
    return this.#others().reduce((sum, it) => addMoney(sum, it.reserved), this.#heldByBegun);
  }

  /** Gives what the attempt asked for and what was held for it; nothing when it was not open. */
  end(id: AttemptId): {
    readonly asks: readonly Fingerprint[];
    readonly held: Microdollars;
    readonly wasOpen: boolean;
  } {
    const begun = this.#begun.get(id);
    const stored = this.#stored(id);
    const wasOpen = stored !== undefined;
    this.#attempts.removeSync(nameKey(id));
    if (begun !== undefined) {
      this.#forget(id, begun);
      this.#undo.push(() => this.#remember(id, begun));
      return { asks: begun.asks, held: begun.held, wasOpen };
    }
    if (stored === undefined) return { asks: [], held: microdollars(0), wasOpen };
    const { fingerprints, reserved } = this.#intent(stored.number);
    return { asks: fingerprints, held: reserved, wasOpen };
  }

  #remember(id: AttemptId, begun: Begun): void {
    this.#begun.set(id, begun);
    this.#heldByBegun = addMoney(this.#heldByBegun, begun.held);
    for (const fingerprint of begun.asks) {
      this.#asking.set(fingerprint, [...(this.#asking.get(fingerprint) ?? []), id]);
    }
  }

  #forget(id: AttemptId, { asks, held }: Begun): void {
    this.#begun.delete(id);
    this.#heldByBegun = subtractMoney(this.#heldByBegun, held);
    for (const fingerprint of asks) {
      const others = this.#asking.get(fingerprint)?.filter((it) => it !== id) ?? [];
      if (others.length === 0) this.#asking.delete(fingerprint);
      else this.#asking.set(fingerprint, others);
    }
  }

  #stored(id: AttemptId): Entry | undefined {
    const bytes = this.#attempts.getBinaryFast(nameKey(id));
    return bytes === undefined ? undefined : unpack(bytes);
  }

  #intent(number: number): AttemptIntended {
    return this.#entry(number);
  }

  #entry<T>(number: number): T {
    const bytes = this.#ledger.getBinaryFast(number);
    if (bytes === undefined) throw new RangeError(`The ledger has no entry ${number}`);
    return decode<T>(bytes);
  }

  #openAttempt({ number, agentRunId, heldBy }: Entry): OpenAttempt {
    const open = openedBy(this.#intent(number));
    const held = heldBy === undefined ? undefined : holdOf(this.#entry<AttemptHeld>(heldBy));
    return { ...open, agentRunId, held };
  }
}

interface Begun {
  readonly number: number;
  readonly asks: readonly Fingerprint[];
  readonly held: Microdollars;
}

interface Entry {
  readonly number: number;
  readonly agentRunId: string | undefined;
  readonly heldBy: number | undefined;
}

const NEW = { agentRunId: undefined, heldBy: undefined } as const;

function pack({ number, agentRunId = '', heldBy }: Entry): Buffer {
  const head = NUMBER_BYTES + (heldBy === undefined ? 0 : 1 + NUMBER_BYTES);
  const bytes = Buffer.alloc(head + Buffer.byteLength(agentRunId));
  bytes.writeUIntBE(number, 0, NUMBER_BYTES);
  if (heldBy !== undefined) {
    bytes.writeUInt8(HELD, NUMBER_BYTES);
    bytes.writeUIntBE(heldBy, NUMBER_BYTES + 1, NUMBER_BYTES);
  }
  bytes.write(agentRunId, head);
  return bytes;
}

function unpack(bytes: Buffer): Entry {
  // No agent run's id begins with a zero byte.
  const isHeld = bytes.length > NUMBER_BYTES && bytes.readUInt8(NUMBER_BYTES) === HELD;
  const head = NUMBER_BYTES + (isHeld ? 1 + NUMBER_BYTES : 0);
  const agentRunId = bytes.toString('utf8', head, bytes.length);
  return {
    number: bytes.readUIntBE(0, NUMBER_BYTES),
    agentRunId: agentRunId === '' ? undefined : agentRunId,
    heldBy: isHeld ? bytes.readUIntBE(NUMBER_BYTES + 1, NUMBER_BYTES) : undefined,
  };
}

/** What an intent opens. */
export function openedBy(entry: AttemptIntended): OpenAttempt {
  const { type: _, at, ...intent } = entry;
  return { ...intent, intendedAt: at, agentRunId: undefined, held: undefined };
}

/** What an entry says of the attempt that it holds. */
export const holdOf = ({ at, reason, message, candidates }: AttemptHeld): Hold => ({
  at,
  reason,
  message,
  candidates,
});

/** By time of intent; the id decides between equal times, so that the order is the same everywhere. */
export const byAge = (a: OpenAttempt, b: OpenAttempt): number =>
  compare(a.intendedAt, b.intendedAt) || compare(a.attempt, b.attempt);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
