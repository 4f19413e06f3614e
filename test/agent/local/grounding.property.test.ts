import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AgentRun } from '../../../src/agent/agent.ts';
import { parseGroundingPath } from '../../../src/agent/grounding-path.ts';
import { OutputSchema } from '../../../src/agent/output-schema.ts';
import type { LocalAgent } from '../../../src/agent/local/local-agent.ts';
import type { Json, JsonObject } from '../../../src/base/json.ts';
import { ask, items, listOf, openAgent, QUICKSTART } from './local-rig.ts';

let agent: LocalAgent;
/** The files as lines and fields, read here without the agent. */
const sources = new Map<string, readonly (readonly string[])[]>();

beforeAll(async () => {
  agent = await openAgent();
  const csv = await readFile(join(QUICKSTART, 'countries.csv'), 'utf8');
  const rows = csv.trimEnd().split('\n').slice(1);
  sources.set('countries.csv', rows.map(fieldsOf));
  const ndjson = await readFile(join(QUICKSTART, 'currencies-and-languages.ndjson'), 'utf8');
  const records = ndjson
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as JsonObject);
  const texts = (value: Json | undefined): string[] =>
    Array.isArray(value)
      ? [value.join(', '), ...value.map((it) => textOf(it as Json))]
      : [textOf(value ?? null)];
  sources.set(
    'currencies-and-languages.ndjson',
    records.map((record) => Object.values(record).flatMap(texts)),
  );
});

afterAll(() => agent.close());

const textOf = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));

const fieldsOf = (line: string): readonly string[] =>
  [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  );

const QUERIES = fc.oneof(
  fc.constantFrom(
    'landlocked countries',
    'countries in Asia or Oceania',
    'countries with more than 50 million people',
    'countries independent since 1960',
    'the 12 largest countries by area',
    'countries that speak English',
    'European countries ordered by name',
  ),
  fc
    .tuple(
      fc.integer({ min: 1, max: 30 }),
      fc.constantFrom('Africa', 'Asia', 'Europe'),
      fc.constantFrom('population', 'area'),
    )
    .map(([n, place, by]) => `The ${n} largest countries in ${place} by ${by}`),
  fc.integer({ min: 1, max: 500 }).map((n) => `countries with fewer than ${n} million people`),
);

const SLOTS = fc.uniqueArray(
  fc.constantFrom(
    ['code', 'string'],
    ['region', 'string'],
    ['population', 'integer'],
    ['area_km2', 'number'],
    ['landlocked', 'boolean'],
    ['independence_year', 'integer'],
    ['capital', 'string'],
    ['languages', 'array'],
    ['currency', 'string'],
    ['calling_code', 'string'],
    ['gdp', 'number'],
  ),
  { minLength: 1, maxLength: 7, selector: ([name]) => name },
);

const schemaOf = (slots: readonly (readonly string[])[]): JsonObject =>
  listOf('countries', { name: 'string', ...(Object.fromEntries(slots) as Record<string, string>) });

/** Leaves of the list that are not null, by the path that grounding writes. */
function leavesOf(rows: readonly JsonObject[]): ReadonlyMap<string, Json> {
  const leaves = new Map<string, Json>();
  for (const [i, row] of rows.entries()) {
    for (const [name, value] of Object.entries(row)) {
      const at = `structured.countries[${i}].${name}`;
      if (Array.isArray(value))
        for (const [k, it] of value.entries()) leaves.set(`${at}[${k}]`, it as Json);
      else if (value !== null && value !== undefined) leaves.set(at, value);
    }
  }
  return leaves;
}

/** Every cited row states the value, word for word or digit for digit. */
function expectGrounded(run: AgentRun, leaves: ReadonlyMap<string, Json>): void {
  expect(run.output.grounding.map(({ field }) => field)).toEqual([...leaves.keys()]);
  for (const { field, citations } of run.output.grounding) {
    expect(parseGroundingPath(field)?.[0]).toBe('structured');
    expect(citations.length).toBeGreaterThan(0);
    for (const { url } of citations) {
      const match = /^corpus:\/\/corpus\/([a-z.-]+)#row=(\d+)$/.exec(url);
      const row = sources.get(match?.[1] ?? '')?.[Number(match?.[2]) - 1];
      const value = leaves.get(field);
      expect([url, row?.some((text) => text === textOf(value ?? null))]).toEqual([url, true]);
    }
  }
}

test('every value that is not null is cited, and the cited row states it', async () => {
  await fc.assert(
    fc.asyncProperty(QUERIES, SLOTS, async (query, slots) => {
      const outputSchema = schemaOf(slots);
      const run = await ask(agent, { query, outputSchema });
      expectGrounded(run, leavesOf(items(run, 'countries')));
      const schema = OutputSchema.compile(outputSchema);
      if (!schema.ok) throw new Error('a schema');
      expect(schema.value.check(run.output.structured)).toEqual([]);
    }),
    { numRuns: 40, seed: 1 },
  );
}, 120_000);

test('rows come back one by one, as they were, with grounded values', async () => {
  const names = sources.get('countries.csv')?.map(([name]) => name ?? '') ?? [];
  const row = fc.record({
    name: fc.oneof(fc.constantFrom(...names), fc.string({ minLength: 1 })),
    note: fc.string(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 8 }), SLOTS, async (data, slots) => {
      const rows = data.filter(({ name }) => name.trim() !== '');
      fc.pre(rows.length > 0);
      const run = await ask(agent, {
        query: 'Fill in each country.',
        input: { data: rows },
        outputSchema: schemaOf(slots),
      });
      const found = items(run, 'countries');
      expect(found.map(({ name }) => name)).toEqual(rows.map(({ name }) => name));
      const leaves = new Map([...leavesOf(found)].filter(([path]) => !path.endsWith('.name')));
      expectGrounded(run, leaves);
    }),
    { numRuns: 25, seed: 2 },
  );
}, 120_000);

test('nothing that is excluded ever comes back, and the count is never passed', async () => {
  const names = sources.get('countries.csv')?.map(([name]) => name ?? '') ?? [];
  const spelling = fc.constantFrom(
    (name: string) => name,
    (name: string) => name.toUpperCase(),
    (name: string) => ` ${name.toLowerCase()} `,
    (name: string) => `The ${name}`,
  );
  const key = fc.constantFrom('name', 'country', 'country_name', 'thing');
  const exclusions = fc.array(fc.tuple(fc.constantFrom(...names), spelling, key), {
    maxLength: 40,
  });
  await fc.assert(
    fc.asyncProperty(QUERIES, exclusions, async (query, list) => {
      const exclusion = list.map(([name, spell, as]) => ({ [as]: spell(name) }));
      const excluded = new Set(list.map(([name]) => name));
      const run = await ask(agent, {
        query,
        input: { exclusion },
        outputSchema: listOf('countries', { name: 'string' }),
      });
      const found = items(run, 'countries').map(({ name }) => name);
      expect(found.filter((name) => excluded.has(textOf(name ?? null)))).toEqual([]);
      const limit = /^The (\d+)|^the 12/.exec(query)?.[1] ?? '1000';
      expect(found.length).toBeLessThanOrEqual(Number(limit));
    }),
    { numRuns: 40, seed: 3 },
  );
}, 120_000);
