import { packEntry, unpackEntry } from './known-codec.ts';
import { encode, fingerprintKey, keysUnder } from './lmdb-encoding.ts';
import type { Tables } from './lmdb-tables.ts';
import type { AnswerId, Known, NewAnswer } from './store.ts';

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

export function removeMembers({ members }: Tables, version: string): void {
  const keys = [...members.getKeys(keysUnder(version))];
  for (const key of keys) members.removeSync(key);
}
