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
  /** Labels of the same tasks, for questions that changed since. */
  readonly gaveWayLabels: KeySet;
}

const NONE: BaseMembers = {
  labels: new KeySet(),
  gaveWay: new Set(),
  gaveWayLabels: new KeySet(),
};

export async function readBaseMembers(
  store: Store,
  base: StepState | undefined,
): Promise<BaseMembers> {
  if (base === undefined) return NONE;
  const labels = new KeySet();
  const gaveWay = new Set<Fingerprint>();
  const gaveWayLabels = new KeySet();
  for await (const members of store.members(base.version)) {
    for (const { task, fingerprint, dropped } of members) {
      labels.add(task);
      if (!dropped.some(({ reason }) => reason === 'duplicate')) continue;
      gaveWay.add(fingerprint);
      gaveWayLabels.add(task);
    }
  }
  return { labels, gaveWay, gaveWayLabels };
}
