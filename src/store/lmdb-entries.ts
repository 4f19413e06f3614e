import type { Fingerprint } from '../base/fingerprint.ts';
import { packEntry, unpackEntry, type IndexEntry } from './known-codec.ts';
import { decode, encode, fingerprintKey, keysUnder } from './lmdb-encoding.ts';
import type { Tables } from './lmdb-tables.ts';
import type { AnswerId, Known, Member, NewAnswer, OpenAttempt, StepState } from './store.ts';

/** An answer whose key and value are made before the transaction. */
export interface ReadyAnswer {
  readonly answer: NewAnswer;
  readonly key: Buffer;
  readonly value: Buffer;
}

export const readyAnswer = (answer: NewAnswer): ReadyAnswer => ({
  answer,
  key: fingerprintKey(answer.fingerprint),
  value: encode(answer),
});

/** Makes an answer the present one of its fingerprint. */
export function indexAnswer({ index }: Tables, id: AnswerId, { answer, key }: ReadyAnswer): void {
  const { answeredAt, digest, agentRunId } = answer;
  const known = { answer: { id, answeredAt, digest, agentRunId }, failed: undefined };
  index.putSync(key, packEntry(known));
}

/** An older answer stays known. */
export function putFailed({ index }: Tables, key: Buffer, failed: Known['failed']): void {
  const bytes = index.getBinaryFast(key);
  const answer = bytes === undefined ? undefined : unpackEntry(bytes).answer;
  index.putSync(key, packEntry({ answer, failed }));
}

/** What is known of a fingerprint, but for its open attempt. */
export function readEntry(
  index: Tables['index'],
  fingerprint: Fingerprint,
): IndexEntry | undefined {
  // The buffer is LMDB's own and good until the next read: unpacked at once, never kept.
  const bytes = index.getBinaryFast(fingerprintKey(fingerprint));
  return bytes === undefined ? undefined : unpackEntry(bytes);
}

const NOTHING: Known = { answer: undefined, open: undefined, failed: undefined };

/** All that is known of a fingerprint. */
export function knownOf(
  index: Tables['index'],
  fingerprint: Fingerprint,
  open: OpenAttempt | undefined,
): Known {
  const entry = readEntry(index, fingerprint);
  if (entry === undefined) return open === undefined ? NOTHING : { ...NOTHING, open };
  return { ...entry, open };
}

export function readStepState({ steps }: Tables, key: Buffer): StepState | undefined {
  const bytes = steps.getBinaryFast(key);
  return bytes === undefined ? undefined : decode<StepState>(bytes);
}

export function readMembers({ members }: Tables, key: Buffer): readonly Member[] | undefined {
  const bytes = members.getBinaryFast(key);
  return bytes === undefined ? undefined : decode<readonly Member[]>(bytes);
}

/** The members of the version before go with it. */
export function putStepState(
  tables: Tables,
  key: Buffer,
  { version, value }: { readonly version: string; readonly value: Buffer },
): void {
  const before = readStepState(tables, key)?.version;
  tables.steps.putSync(key, value);
  if (before !== undefined && before !== version) removeMembers(tables, before);
}

export function removeMembers({ members }: Tables, version: string): void {
  const keys = [...members.getKeys(keysUnder(version))];
  for (const key of keys) members.removeSync(key);
}
