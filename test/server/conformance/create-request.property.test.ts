import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json } from '../../../src/base/json.ts';
import { CURRENT_CONTRACT } from '../../../src/server/contract.ts';
import { parseCreateRequest } from '../../../src/server/create-request.ts';
import { schemaViolations } from '../contract/openapi-schema.ts';

/** Never null: an optional field that is null counts as not given, which the document says in words. */
const anything = fc.jsonValue({ maxDepth: 2 }).filter((value) => value !== null);
const text = fc.string({ maxLength: 12 });
const record = fc.dictionary(fc.constantFrom('company', 'domain'), fc.jsonValue(), { maxKeys: 2 });
const metered = fc.constantFrom('auto', 'ultra', 'max');
const some = <T>(least: number, most: number, make: (count: number) => T): fc.Arbitrary<T> =>
  fc.integer({ min: least, max: most }).map(make);
const around = (...limits: readonly number[]): fc.Arbitrary<number> =>
  fc.constantFrom(...limits.flatMap((limit) => [limit - 1, limit - 0.5, limit, limit + 0.5]));

/** Bodies that are right, budgets aside: which go with which effort is left to chance. */
const right = fc.record(
  {
    query: fc.constantFrom('Find two firms.', ' ? '),
    systemPrompt: text,
    input: fc.record({ data: fc.array(record), exclusion: fc.array(record) }, { requiredKeys: [] }),
    outputSchema: fc.constantFrom({}, { type: 'object' }, null),
    effort: fc.oneof(metered, fc.constantFrom('minimal', 'low', 'medium', 'high', 'xhigh')),
    previousRunId: fc.constantFrom('agent_run_01j...', 'a'.repeat(200)),
    metadata: fc.dictionary(text, text, { maxKeys: 3 }),
    dataSources: fc.array(fc.record({ provider: fc.constantFrom('fiber', 'jinko'), x: anything }), {
      maxLength: 5,
    }),
  },
  { requiredKeys: ['query'] },
);

const one = <T>(key: string, value: fc.Arbitrary<T>): fc.Arbitrary<object> =>
  value.map((it) => ({ [key]: it }));

/** What may be wrong, at the edge of being wrong, or right all the same. */
const doubtful = fc.oneof(
  fc.constant({}),
  one('query', fc.oneof(anything, fc.constantFrom('', ' ', '\n\t', '\u00a0', '\u200b'))),
  one('systemPrompt', anything),
  one('input', fc.oneof(anything, one('data', anything), one('exclusion', fc.array(anything)))),
  one('input', one('more', anything)),
  one('outputSchema', fc.constantFrom('text', 7, [], true)),
  one('effort', fc.oneof(anything, fc.constantFrom('huge', '', 'LOW', 'auto '))),
  one('previousRunId', fc.constantFrom('', 'a'.repeat(201), 'a b', 'a/b', 'é', 'a\n', 7)),
  one(
    'metadata',
    fc.oneof(
      anything,
      one('key', anything),
      some(63, 66, (count) =>
        Object.fromEntries(Array.from({ length: count }, (_, i) => [`key${i}`, 'value'])),
      ),
      some(127, 130, (length) => ({ ['k'.repeat(length)]: 'value' })),
      some(4_095, 4_098, (length) => ({ key: 'v'.repeat(length) })),
    ),
  ),
  one(
    'dataSources',
    fc.oneof(
      anything,
      fc.array(anything),
      fc.constantFrom([{}], [{ provider: 'nobody' }], [{ provider: null }]),
      some(4, 7, (length) => Array.from({ length }, () => ({ provider: 'fiber' }))),
    ),
  ),
  one('budget', fc.oneof(anything, one('more', anything), one('maxCostDollars', anything))),
  fc.record(
    {
      effort: metered,
      budget: fc.record(
        { maxCostDollars: around(1, 100), maxDurationSeconds: around(300, 10_800) },
        { requiredKeys: [] },
      ),
    },
    { requiredKeys: ['budget'] },
  ),
  one('count', anything),
);

const body = fc.oneof(
  { weight: 30, arbitrary: fc.tuple(right, doubtful).map(([a, b]) => ({ ...a, ...b })) },
  { weight: 1, arbitrary: anything },
);

test('the server takes a body exactly when it fits the document', () => {
  const seen = { taken: 0, refused: 0 };
  fc.assert(
    fc.property(body, (value) => {
      // What is on the wire: no undefined members, no keys with a meaning of their own in JavaScript.
      const sent = JSON.parse(JSON.stringify(value)) as Json;
      const violations = schemaViolations('#/components/schemas/CreateAgentRunRequest', sent);
      const parsed = parseCreateRequest(sent, CURRENT_CONTRACT);
      const problem = parsed.ok ? undefined : parsed.error.message;
      expect({ fits: violations.length === 0, problem }).toEqual({
        fits: parsed.ok,
        problem,
      });
      if (parsed.ok) seen.taken++;
      else seen.refused++;
    }),
    { numRuns: 1_000 },
  );
  expect(Math.min(seen.taken, seen.refused)).toBeGreaterThan(150);
});
