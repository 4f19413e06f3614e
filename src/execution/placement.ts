import type { AgentOutput } from '../agent/agent.ts';
import type { JsonObject } from '../base/json.ts';
import { KeySet } from '../base/key-set.ts';
import type { ExclusionList } from '../plan/exclusions.ts';
import { takeRecords, type RecordShape } from '../plan/take-records.ts';
import type { DroppedRecord } from '../store/store.ts';

/** What became of an answer's records. */
export type Placed =
  | {
      readonly ok: true;
      /** Records that are in the table. */
      readonly records: number;
      readonly dropped: readonly DroppedRecord[];
    }
  | {
      readonly ok: false;
      readonly kind: 'empty-output' | 'invalid-output';
      readonly message: string;
    };

/**
 * Decides which records of the answers of one step go into its table: those that fit the schema,
 * are not excluded, and have a key that no record before them has.
 *
 * Answers are placed in the order they come, once each.
 */
export class Placement {
  readonly #shape: RecordShape;
  readonly #exclusions: ExclusionList;
  readonly #unique: boolean;
  readonly #keys = new KeySet();

  constructor(
    shape: RecordShape,
    exclusions: ExclusionList,
    mode: 'replace' | 'append' | 'upsert',
  ) {
    this.#shape = shape;
    this.#exclusions = exclusions;
    // With upsert a later record of a key takes the earlier one's place when the table is made.
    this.#unique = shape.key !== undefined && mode !== 'upsert';
  }

  /** Different keys so far. */
  get keys(): number {
    return this.#keys.size;
  }

  /** `isStray` tells records that belong to no question of their batch. */
  place(output: AgentOutput, isStray?: (record: JsonObject) => boolean): Placed {
    const taken = takeRecords(this.#shape, output);
    if (!taken.ok) return taken;
    const dropped: DroppedRecord[] = [];
    for (const { index, record, key, problem } of taken.records) {
      if (problem !== undefined) {
        dropped.push({ index, ...problem });
        continue;
      }
      if (isStray?.(record) === true) {
        dropped.push({
          index,
          reason: 'unknown-key',
          detail: 'no record of the batch has this key',
        });
        continue;
      }
      const excluded = this.#exclusions.match(record);
      if (excluded !== undefined) {
        dropped.push({ index, reason: 'excluded', detail: excluded });
      } else if (key !== undefined && !this.#keys.add(key) && this.#unique) {
        dropped.push({ index, reason: 'duplicate', detail: `another record has the key ${key}` });
      }
    }
    return { ok: true, records: taken.records.length - dropped.length, dropped };
  }

  /** How many records of an answer that is placed later would go into the table now. */
  foresee(output: AgentOutput): { readonly records: number; readonly dropped: number } {
    const taken = takeRecords(this.#shape, output);
    if (!taken.ok) return { records: 0, dropped: 0 };
    const records = taken.records.filter(
      ({ record, key, problem }) =>
        problem === undefined &&
        this.#exclusions.match(record) === undefined &&
        !(this.#unique && key !== undefined && this.#keys.has(key)),
    ).length;
    return { records, dropped: taken.records.length - records };
  }

  /** Takes over keys of records that were placed before and stay in the table. */
  keep(output: AgentOutput, dropped: readonly DroppedRecord[]): void {
    const taken = takeRecords(this.#shape, output);
    if (!taken.ok) return;
    const out = new Set(dropped.map(({ index }) => index));
    for (const { index, key, problem } of taken.records) {
      if (key !== undefined && problem === undefined && !out.has(index)) this.#keys.add(key);
    }
  }
}
