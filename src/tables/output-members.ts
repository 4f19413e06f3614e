import { join } from 'node:path';
import type { Member, Store } from '../store/store.ts';
import { ExternalSort } from './external-sort.ts';

/** What it takes to sort more than fits into memory. */
export interface Sorting {
  /** An existing folder that is free for temporary files. */
  readonly scratchFolder: string;
  /** Up to so many lines are sorted in memory; 20,000 when left out. */
  readonly inMemory?: number;
}

/** A sort of its own for `what` of a version, whose name has slashes in it. */
export const sortOf = (sorting: Sorting, what: string, version: string): ExternalSort =>
  new ExternalSort(
    join(sorting.scratchFolder, `${what}-${version.replace(/[^\w-]+/gu, '-')}.lines`),
    sorting.inMemory,
  );

/**
 * The tasks of a version in the order of their paths; the store has them in the order they ended,
 * and tasks with equal paths keep it.
 */
export async function* membersInOrder(
  store: Store,
  version: string,
  sorting: Sorting,
): AsyncGenerator<readonly Member[]> {
  const sort = sortOf(sorting, 'members', version);
  try {
    for await (const members of store.members(version)) {
      for (const member of members) sort.add(placeOf(member.path), JSON.stringify(member));
      await sort.flush();
    }
    for await (const lines of sort.sorted()) yield lines.map((line) => JSON.parse(line) as Member);
  } finally {
    await sort.discard();
  }
}

/**
 * A path as text that sorts as {@link comparePaths} does: before each number stands how many
 * digits it has, as one letter.
 */
export const placeOf = (path: readonly number[]): string =>
  path.map((n) => String.fromCharCode(96 + String(n).length) + String(n)).join('');
