import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json, JsonObject } from '../../src/base/json.ts';
import { fingerprintIn } from './steps-of.ts';

const TEXT = `version: 1
name: test
agent: local
steps:
  sizes:
    input: [{ name: Acme }]
    query: How large is {{row.name}}?
    effort: low`;

const value = fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>;
const record = fc
  .dictionary(fc.stringMatching(/^[a-zé_]{1,8}$/u), value, { maxKeys: 6 })
  .map((rest): JsonObject => ({ ...rest, name: 'Acme' }));

/** The same value, the keys of its objects in the order that `ranks` gives them. */
function reordered(json: Json, ranks: readonly number[]): Json {
  if (Array.isArray(json)) return json.map((item: Json) => reordered(item, ranks));
  if (json === null || typeof json !== 'object') return json;
  const rank = (at: number): number => ranks[at % ranks.length] ?? 0;
  return Object.fromEntries(
    Object.entries(json)
      .map(([key, item], at) => [rank(at), key, reordered(item as Json, ranks)] as const)
      .sort(([a], [b]) => a - b)
      .map(([, key, item]) => [key, item] as const),
  );
}

test('the fingerprint of a question is that of its records and exclusions, whatever the order of their keys', async () => {
  const ranks = fc.array(fc.nat(9), { minLength: 1, maxLength: 8 });
  const law = fc.asyncProperty(
    record,
    fc.array(record, { maxLength: 3 }),
    ranks,
    async (row, excluded, order) => {
      const asked = await fingerprintIn(TEXT, { row, excluded });
      const again = {
        row: reordered(row, order) as JsonObject,
        excluded: excluded.map((it) => reordered(it, order) as JsonObject),
      };
      expect(await fingerprintIn(TEXT, again)).toBe(asked);
    },
  );
  await fc.assert(law, { numRuns: 60 });
}, 60_000);

test('records that differ in any value have questions that differ', async () => {
  const law = fc.asyncProperty(record, record, async (one, other) => {
    const same = JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
    const equal =
      (await fingerprintIn(TEXT, { row: one })) === (await fingerprintIn(TEXT, { row: other }));
    expect(equal).toBe(same);
  });
  await fc.assert(law, { numRuns: 60 });
}, 60_000);

function sorted(json: Json): Json {
  if (Array.isArray(json)) return json.map((item: Json) => sorted(item));
  if (json === null || typeof json !== 'object') return json;
  const entries = Object.entries(json).map(([key, item]) => [key, sorted(item as Json)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
