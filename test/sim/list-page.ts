/** What a list may do wrong. */
export type ListOddity = 'as agreed' | 'unordered' | 'cursor stays' | 'never ends' | 'no requests';

interface Page<T> {
  readonly page: readonly T[];
  readonly hasMore: boolean;
  readonly nextCursor: string | null;
}

/** One page of a list, newest first; its cursor is the id of the last entry on it. */
export function pageOf<T extends { readonly id: string }>(
  newestFirst: readonly T[],
  size: number,
  cursor: string | null,
  oddity: ListOddity,
): Page<T> {
  const start = cursor === null ? 0 : newestFirst.findIndex(({ id }) => id === cursor) + 1;
  const page = newestFirst.slice(start, start + size);
  const last = page.at(-1)?.id ?? null;
  const hasMore = start + size < newestFirst.length;
  if (oddity === 'cursor stays' && start > 0) return { page, hasMore: true, nextCursor: cursor };
  if (oddity === 'never ends' && !hasMore) {
    const [first] = newestFirst;
    return { page, hasMore: first !== undefined, nextCursor: first?.id ?? null };
  }
  return { page, hasMore, nextCursor: hasMore ? last : null };
}

/** Another order than that of their making, and always the same however many are added. */
export function neighboursSwapped<T>(entries: readonly T[]): readonly T[] {
  return entries.map((entry, at) => entries[at % 2 === 0 ? at + 1 : at - 1] ?? entry);
}
