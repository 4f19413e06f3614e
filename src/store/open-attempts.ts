import type { Fingerprint } from '../base/fingerprint.ts';
import type { AttemptId } from '../base/ids.ts';
import { decode, nameKey } from './lmdb-encoding.ts';
import type { Table, Tables } from './lmdb-tables.ts';
import type { LedgerEntry, OpenAttempt } from './store.ts';

type Intent = Extract<LedgerEntry, { type: 'attempt-intended' }>;

/** Bytes before the agent run's id. */
const NUMBER_BYTES = 6;

/**
 * Attempts that were begun and not ended: few at any time, whatever the size of the store.
 *
 * Each is the number of its intent in the ledger, and its agent run's id once that is known: three
 * writes an attempt, so they are as small as can be. What the intent says is read from the ledger
 * when somebody asks, which is after a crash.
 */
export class OpenAttempts {
  #attempts: Table<Buffer>;
  #ledger: Table<number>;
  /** Of attempts that this process began, so that ending them need not read the ledger. */
  readonly #begun = new Map<
    AttemptId,
    { readonly number: number; readonly asks: readonly Fingerprint[] }
  >();

  constructor({ open, ledger }: Tables) {
    this.#attempts = open;
    this.#ledger = ledger;
  }

  /** The same tables, opened anew. */
  moveTo({ open, ledger }: Tables): void {
    this.#attempts = open;
    this.#ledger = ledger;
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

  /** The newest open attempt for each fingerprint that has any. */
  byFingerprint(): ReadonlyMap<Fingerprint, OpenAttempt> {
    const found = new Map<Fingerprint, OpenAttempt>();
    for (const attempt of this.all()) {
      for (const fingerprint of attempt.fingerprints) found.set(fingerprint, attempt);
    }
    return found;
  }

  /** `number` is that of the intent in the ledger. */
  begin({ attempt, fingerprints }: Intent, number: number): void {
    this.#begun.set(attempt, { number, asks: fingerprints });
    this.#attempts.putSync(nameKey(attempt), pack({ number, agentRunId: undefined }));
  }

  /** Notes the agent run of an attempt that is still open. */
  setAgentRun(id: AttemptId, agentRunId: string): void {
    const number = this.#begun.get(id)?.number ?? this.#stored(id)?.number;
    if (number !== undefined) this.#attempts.putSync(nameKey(id), pack({ number, agentRunId }));
  }

  /** Gives what the attempt asked for; nothing when it was not open. */
  end(id: AttemptId): readonly Fingerprint[] {
    const begun = this.#begun.get(id);
    const stored = begun === undefined ? this.#stored(id) : undefined;
    this.#begun.delete(id);
    this.#attempts.removeSync(nameKey(id));
    if (begun !== undefined) return begun.asks;
    return stored === undefined ? [] : this.#intent(stored.number).fingerprints;
  }

  #stored(id: AttemptId): Entry | undefined {
    const bytes = this.#attempts.getBinaryFast(nameKey(id));
    return bytes === undefined ? undefined : unpack(bytes);
  }

  #intent(number: number): Intent {
    const bytes = this.#ledger.getBinaryFast(number);
    if (bytes === undefined) throw new RangeError(`The ledger has no entry ${number}`);
    return decode<Intent>(bytes);
  }

  #openAttempt({ number, agentRunId }: Entry): OpenAttempt {
    const { attempt, pipeline, step, agent, fingerprints, at, reserved } = this.#intent(number);
    return { attempt, pipeline, step, agent, fingerprints, intendedAt: at, reserved, agentRunId };
  }
}

interface Entry {
  readonly number: number;
  readonly agentRunId: string | undefined;
}

function pack({ number, agentRunId = '' }: Entry): Buffer {
  const bytes = Buffer.alloc(NUMBER_BYTES + Buffer.byteLength(agentRunId));
  bytes.writeUIntBE(number, 0, NUMBER_BYTES);
  bytes.write(agentRunId, NUMBER_BYTES);
  return bytes;
}

function unpack(bytes: Buffer): Entry {
  const agentRunId = bytes.toString('utf8', NUMBER_BYTES, bytes.length);
  return {
    number: bytes.readUIntBE(0, NUMBER_BYTES),
    agentRunId: agentRunId === '' ? undefined : agentRunId,
  };
}

/** What an intent opens. */
export const openedBy = (entry: Intent): OpenAttempt => ({
  attempt: entry.attempt,
  pipeline: entry.pipeline,
  step: entry.step,
  agent: entry.agent,
  fingerprints: entry.fingerprints,
  intendedAt: entry.at,
  reserved: entry.reserved,
  agentRunId: undefined,
});

/** By time of intent; the id decides between equal times, so that the order is the same everywhere. */
export const byAge = (a: OpenAttempt, b: OpenAttempt): number =>
  compare(a.intendedAt, b.intendedAt) || compare(a.attempt, b.attempt);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
