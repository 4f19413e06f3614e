import type { AttemptId } from '../base/ids.ts';
import { decode, encode, fingerprintKey, nameKey } from './lmdb-encoding.ts';
import type { Table } from './lmdb-tables.ts';
import type { LedgerEntry, OpenAttempt } from './store.ts';

type Intent = Extract<LedgerEntry, { type: 'attempt-intended' }>;

/**
 * Attempts that were begun and not ended, by their id and by what they ask for. Few at any time,
 * so both tables stay small whatever the size of the store.
 */
export class OpenAttempts {
  /** Attempt → `OpenAttempt`. */
  readonly #attempts: Table<Buffer>;
  /** Fingerprint → ids of its open attempts, the newest last. */
  readonly #byFingerprint: Table<Buffer>;

  constructor(attempts: Table<Buffer>, byFingerprint: Table<Buffer>) {
    this.#attempts = attempts;
    this.#byFingerprint = byFingerprint;
  }

  isEmpty(): boolean {
    const [first] = this.#attempts.getKeys({ limit: 1 });
    return first === undefined;
  }

  /** Oldest first. */
  all(): readonly OpenAttempt[] {
    return Array.from(this.#attempts.getRange(), ({ value }) => openAttemptOf(value)).sort(byAge);
  }

  newestFor(fingerprint: Buffer): OpenAttempt | undefined {
    const newest = this.#idsFor(fingerprint).at(-1);
    return newest === undefined ? undefined : this.#get(newest);
  }

  begin(attempt: OpenAttempt): void {
    this.#put(attempt);
    for (const fingerprint of attempt.fingerprints) {
      const key = fingerprintKey(fingerprint);
      const others = this.#idsFor(key).filter((other) => other !== attempt.attempt);
      this.#byFingerprint.putSync(key, encode([...others, attempt.attempt]));
    }
  }

  /** Notes the agent run of an attempt that is still open. */
  setAgentRun(id: AttemptId, agentRunId: string): void {
    const attempt = this.#get(id);
    if (attempt !== undefined) this.#put({ ...attempt, agentRunId });
  }

  /** Gives the attempt as it was, or undefined when it was not open. */
  end(id: AttemptId): OpenAttempt | undefined {
    const attempt = this.#get(id);
    if (attempt === undefined) return undefined;
    this.#attempts.removeSync(nameKey(id));
    for (const fingerprint of attempt.fingerprints) {
      const key = fingerprintKey(fingerprint);
      const others = this.#idsFor(key).filter((other) => other !== id);
      if (others.length === 0) this.#byFingerprint.removeSync(key);
      else this.#byFingerprint.putSync(key, encode(others));
    }
    return attempt;
  }

  #get(id: AttemptId): OpenAttempt | undefined {
    const bytes = this.#attempts.getBinaryFast(nameKey(id));
    return bytes === undefined ? undefined : openAttemptOf(bytes);
  }

  #put(attempt: OpenAttempt): void {
    this.#attempts.putSync(nameKey(attempt.attempt), encode(attempt));
  }

  #idsFor(fingerprint: Buffer): readonly AttemptId[] {
    const bytes = this.#byFingerprint.getBinaryFast(fingerprint);
    return bytes === undefined ? [] : decode<readonly AttemptId[]>(bytes);
  }
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

/** JSON drops what is undefined. */
function openAttemptOf(bytes: Buffer): OpenAttempt {
  const attempt = decode<OpenAttempt>(bytes);
  return { ...attempt, agentRunId: attempt.agentRunId };
}

/** By time of intent; the id decides between equal times, so that the order is the same everywhere. */
export const byAge = (a: OpenAttempt, b: OpenAttempt): number =>
  compare(a.intendedAt, b.intendedAt) || compare(a.attempt, b.attempt);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
