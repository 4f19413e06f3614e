import type { Fingerprint } from '../base/fingerprint.ts';
import { KeySet } from '../base/key-set.ts';
import type { StepState, Store } from '../store/store.ts';

/** What a pass over a step has to know of the table it had before. */
export interface BaseMembers {
  /** Labels of its tasks, to tell a changed record from a new one. */
  readonly labels: KeySet;
  /**
   * Questions whose answers lost a record to one with the same key. They are placed after all
   * others, so that the record which had the key keeps it: whatever was asked about that record
   * stays good.
   */
  readonly gaveWay: ReadonlySet<Fingerprint>;
}

const NONE: BaseMembers = { labels: new KeySet(), gaveWay: new Set() };

export async function readBaseMembers(
  store: Store,
  base: StepState | undefined,
): Promise<BaseMembers> {
  if (base === undefined) return NONE;
  const labels = new KeySet();
  const gaveWay = new Set<Fingerprint>();
  for await (const members of store.members(base.version)) {
    for (const { task, fingerprint, dropped } of members) {
      labels.add(task);
      if (dropped.some(({ reason }) => reason === 'duplicate')) gaveWay.add(fingerprint);
    }
  }
  return { labels, gaveWay };
}
