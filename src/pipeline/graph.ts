/** Which nodes each node needs. Insertion order is the order in the user's file. */
type Needs = ReadonlyMap<string, readonly string[]>;

type Ordering =
  | { readonly kind: 'order'; readonly order: readonly string[] }
  /** The first node is repeated at the end. */
  | { readonly kind: 'cycle'; readonly cycle: readonly string[] };

/**
 * Orders nodes so that each comes after all it needs, ties in file order, or names one cycle.
 * Depth-first and deterministic: the same file always gives the same order and the same cycle.
 * Recursion is as deep as the longest chain, which the limit of 100 steps bounds.
 */
export function topologicalOrder(needs: Needs): Ordering {
  const order: string[] = [];
  const done = new Set<string>();
  const trail: string[] = [];

  function visit(id: string): readonly string[] | undefined {
    if (done.has(id)) return undefined;
    const seenAt = trail.indexOf(id);
    if (seenAt !== -1) return [...trail.slice(seenAt), id];
    trail.push(id);
    for (const need of needs.get(id) ?? []) {
      const cycle = visit(need);
      if (cycle !== undefined) return cycle;
    }
    trail.pop();
    done.add(id);
    order.push(id);
    return undefined;
  }

  for (const id of needs.keys()) {
    const cycle = visit(id);
    if (cycle !== undefined) return { kind: 'cycle', cycle };
  }
  return { kind: 'order', order };
}
