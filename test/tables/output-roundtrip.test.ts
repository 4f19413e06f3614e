import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json, JsonObject } from '../../src/base/json.ts';
import { readTable } from '../../src/tables/read-table.ts';
import { itemsSchema, OutputRig, PIPELINE } from './output-rig.ts';

/** A property's schema, values that conform to it, and how a reader's value becomes JSON again. */
interface Kind {
  readonly schema: JsonObject;
  readonly value: fc.Arbitrary<Json>;
  /** The value as it should come back. */
  readonly canonical: (value: Json) => Json;
  /** From what hyparquet gives. */
  readonly decode: (value: unknown) => Json;
}

const same = (value: Json): Json => value;
const day = fc.date({
  min: new Date('0001-01-01T00:00:00Z'),
  max: new Date('9999-12-30T00:00:00Z'),
  noInvalidDate: true,
});
const iso = (value: unknown): string => (value as Date).toISOString();

const TEXT: Kind = {
  schema: { type: 'string' },
  value: fc.string({ unit: 'binary' }),
  canonical: same,
  decode: (value) => value as string,
};

const SCALARS: readonly Kind[] = [
  TEXT,
  { ...TEXT, schema: { enum: ['', 'null', 'Ω'] }, value: fc.constantFrom('', 'null', 'Ω') },
  {
    schema: { type: 'boolean' },
    value: fc.boolean(),
    canonical: same,
    decode: (value) => value as boolean,
  },
  { schema: { type: 'integer' }, value: fc.maxSafeInteger(), canonical: same, decode: Number },
  {
    schema: { type: 'number' },
    // JSON has no minus zero.
    value: fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .map((n) => (Object.is(n, -0) ? 0 : n)),
    canonical: same,
    decode: Number,
  },
  {
    schema: { type: 'number', multipleOf: 0.01 },
    value: fc.integer().map((n) => n / 100),
    canonical: same,
    decode: (value) => Number((value as number).toFixed(2)),
  },
  {
    schema: { type: 'string', format: 'date' },
    value: day.map((date) => date.toISOString().slice(0, 10)),
    canonical: same,
    decode: (value) => iso(value).slice(0, 10),
  },
  {
    schema: { type: 'string', format: 'date-time' },
    value: fc
      .tuple(day, fc.constantFrom('Z', '+05:30', '-11:00'))
      .map(([date, zone]) => date.toISOString().slice(0, -1) + zone)
      .filter((text) => !Number.isNaN(Date.parse(text)) && Date.parse(text) > -62_135_500_000_000),
    canonical: (value) => new Date(value as string).toISOString(),
    decode: iso,
  },
  {
    schema: {},
    value: fc
      .jsonValue({ noUnicodeString: false })
      .filter((value) => value !== null)
      .map((value) => value as Json),
    canonical: (value) => JSON.stringify(value),
    decode: (value) => value as string,
  },
];

const nullable = (value: fc.Arbitrary<Json>): fc.Arbitrary<Json> => fc.option(value, { freq: 4 });

const listOf = (item: Kind): Kind => ({
  schema: { type: 'array', items: item.schema },
  value: fc.array(nullable(item.value), { maxLength: 4 }),
  canonical: (value) =>
    (value as readonly Json[]).map((entry) => (entry === null ? null : item.canonical(entry))),
  decode: (value) =>
    (value as readonly unknown[]).map((entry) =>
      entry === null || entry === undefined ? null : item.decode(entry),
    ),
});

const structOf = (fields: Readonly<Record<string, Kind>>): Kind => ({
  schema: {
    type: 'object',
    properties: Object.fromEntries(
      Object.entries(fields).map(([name, { schema }]) => [name, schema]),
    ),
  },
  value: fc.record(
    Object.fromEntries(Object.entries(fields).map(([name, { value }]) => [name, nullable(value)])),
  ),
  canonical: (value) => convert(fields, value as JsonObject, 'canonical'),
  decode: (value) => convert(fields, value as JsonObject, 'decode'),
});

/** Null and absent mean the same in a table. */
function convert(
  fields: Readonly<Record<string, Kind>>,
  value: JsonObject,
  how: 'canonical' | 'decode',
): JsonObject {
  const converted: Record<string, Json> = {};
  for (const [name, kind] of Object.entries(fields)) {
    const member = value[name] ?? null;
    if (member !== null) converted[name] = kind[how](member);
  }
  return converted;
}

const scalar = fc.constantFrom(...SCALARS);
const kind = fc.oneof(
  { weight: 4, arbitrary: scalar },
  { weight: 1, arbitrary: scalar.map(listOf) },
  {
    weight: 1,
    arbitrary: fc.tuple(scalar, scalar).map(([a, b]) => structOf({ a, 'b "c"': listOf(b) })),
  },
  { weight: 1, arbitrary: fc.tuple(scalar, scalar).map(([a, b]) => listOf(structOf({ a, b }))) },
);

/** A step: the columns of its records, and records. */
const step = fc
  .dictionary(fc.constantFrom('name', 'Größe', 'order', 'a.b', "it's", 'select'), kind, {
    minKeys: 1,
  })
  .chain((fields) =>
    fc.record({
      fields: fc.constant(fields),
      records: fc.array(structOf(fields).value, { maxLength: 12 }),
    }),
  );

test('records that conform to a schema come back from Parquet as they were', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 4 }), async (steps) => {
      const rig = await OutputRig.create();
      for (const [rank, { fields, records }] of steps.entries()) {
        const { schema } = structOf(fields);
        await rig.step(
          `step_${rank}`,
          { rank, schema: itemsSchema(schema['properties'] as JsonObject) },
          [{ items: records }],
        );
      }
      expect((await rig.write()).problems).toEqual([]);
      for (const [rank, { fields, records }] of steps.entries()) {
        const rows = await rig.read(`step_${rank}`);
        const struct = structOf(fields);
        expect(rows.map((row) => struct.decode(row as Json))).toEqual(
          records.map(struct.canonical),
        );
        expect(rows.some((row) => '_extra' in row)).toBe(false);
      }
      expect(await rig.read('_rejected')).toEqual([]);
    }),
    { numRuns: 12 },
  );
}, 60_000);

test('whatever a record holds, columns and _extra together hold it all', async () => {
  const value = fc.oneof(
    fc.jsonValue({ noUnicodeString: false }),
    fc.constantFrom(
      '2026-13-01',
      '2026-01-01',
      '2026-01-01T00:00:60Z',
      'half \ud800',
      2 ** 60,
      0.125,
      1e300,
    ),
    fc.record({ a: fc.jsonValue(), other: fc.jsonValue() }, { requiredKeys: [] }),
  );
  const properties = {
    text: { type: 'string' },
    whole: { type: 'integer' },
    cents: { type: 'number', multipleOf: 0.01 },
    day: { type: 'string', format: 'date' },
    yes: { type: 'boolean' },
    part: { type: 'object', properties: { a: { type: 'string' } } },
    list: { type: 'array', items: { type: 'number' } },
    json: {},
  };
  const names = [...Object.keys(properties), 'undeclared'];
  const record = fc.record(Object.fromEntries(names.map((name) => [name, value])), {
    requiredKeys: [],
  });
  await fc.assert(
    fc.asyncProperty(fc.array(record, { maxLength: 60 }), async (records) => {
      const rig = await OutputRig.create();
      await rig.step('any', { schema: itemsSchema(properties) }, [{ items: records as Json[] }]);
      expect((await rig.write()).problems).toEqual([]);
      const read = await readTable({ outFolder: rig.outFolder, pipeline: PIPELINE, table: 'any' });
      if (!read.ok) throw new Error(read.error);
      const rows: JsonObject[] = [];
      for await (const portion of read.value.rows) rows.push(...portion);
      expect(rows.map(wholeRecord)).toEqual(
        records.map((given) => withoutNulls(given as JsonObject)),
      );
    }),
    { numRuns: 8 },
  );
}, 60_000);

function wholeRecord(row: JsonObject): JsonObject {
  const { _key, _parent_key, _agent_run_id, _answered_at, _confidence, _extra, json, ...columns } =
    row;
  const part = columns['part'] as JsonObject | null;
  return withoutNulls({
    ...columns,
    part: part === null || part['a'] !== null ? part : {},
    json: typeof json === 'string' ? (JSON.parse(json) as Json) : null,
    ...(typeof _extra === 'string' ? (JSON.parse(_extra) as JsonObject) : {}),
  });
}

/** Null and absent mean the same for a column. JSON has no minus zero. */
const withoutNulls = (record: JsonObject): JsonObject => {
  const part = record['part'];
  const isNullPart =
    typeof part === 'object' &&
    part !== null &&
    Object.keys(part).join() === 'a' &&
    (part as JsonObject)['a'] === null;
  const told = Object.entries(isNullPart ? { ...record, part: {} } : record).filter(
    ([, value]) => value !== null && value !== undefined,
  );
  return JSON.parse(JSON.stringify(Object.fromEntries(told))) as JsonObject;
};
