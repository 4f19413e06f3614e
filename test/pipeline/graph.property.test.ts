import fc from 'fast-check';
import { expect, test } from 'vitest';
import { topologicalOrder } from '../../src/pipeline/graph.ts';

const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
const graph = fc
  .array(fc.tuple(fc.constantFrom(...ids), fc.constantFrom(...ids)), { maxLength: 12 })
  .map(
    (edges) =>
      new Map(ids.map((id) => [id, edges.filter(([from]) => from === id).map(([, to]) => to)])),
  );

test('an order puts every node after all it needs; a cycle is a real cycle', () => {
  fc.assert(
    fc.property(graph, (needs) => {
      const ordering = topologicalOrder(needs);
      expect(topologicalOrder(needs)).toEqual(ordering);
      if (ordering.kind === 'order') {
        const { order } = ordering;
        expect([...order].sort()).toEqual(ids);
        for (const [id, before] of needs) {
          for (const need of before) expect(order.indexOf(need)).toBeLessThan(order.indexOf(id));
        }
      } else {
        const { cycle } = ordering;
        expect(cycle[0]).toBe(cycle.at(-1));
        for (const [i, id] of cycle.slice(0, -1).entries()) {
          expect(needs.get(id)).toContain(cycle[i + 1]);
        }
      }
    }),
  );
});

test('nodes that need nothing keep the order of the file', () => {
  const needs = new Map(['z', 'b', 'm'].map((id) => [id, []]));
  expect(topologicalOrder(needs)).toEqual({ kind: 'order', order: ['z', 'b', 'm'] });
});
