import { describe, expect, test } from 'vitest';
import { OutputSchema } from '../../src/agent/output-schema.ts';
import type { Json, JsonObject } from '../../src/base/json.ts';
import type { RecordsAt } from '../../src/pipeline/pipeline.ts';
import { takeRecords, type RecordShape } from '../../src/plan/take-records.ts';

const RECORD: JsonObject = {
  type: 'object',
  required: ['name'],
  properties: { name: { type: 'string' }, size: { type: 'integer' } },
};

const schema = (json: JsonObject): OutputSchema => {
  const compiled = OutputSchema.compile(json);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.error));
  return compiled.value;
};

const LIST: JsonObject = { type: 'array', items: RECORD };

const shape = (
  at: RecordsAt,
  json?: JsonObject,
  key: readonly string[] | undefined = ['name'],
): RecordShape => ({
  at,
  key,
  schema: json === undefined ? undefined : schema(json),
});

/** `key`, or `key: problem`, of every record. */
function taken(given: RecordShape, structured: Json, text = ''): readonly string[] | string {
  const result = takeRecords(given, { text, structured, grounding: [] });
  if (!result.ok) return `${result.kind}: ${result.message}`;
  return result.records.map(({ index, key, problem }) =>
    problem === undefined
      ? `${index} ${key ?? '-'}`
      : `${index} ${key ?? '-'}: ${problem.reason}, ${problem.detail}`,
  );
}

const FOUND = shape(
  { kind: 'array', property: 'found' },
  { type: 'object', required: ['found'], properties: { found: LIST, note: { type: 'string' } } },
);

describe('records', () => {
  test('come from a list, each with its normalised key', () => {
    expect(taken(FOUND, { found: [{ name: ' ACME Inc.' }, { name: 'Bolt' }] })).toEqual([
      '0 acme',
      '1 bolt',
    ]);
    expect(taken(FOUND, { found: [] })).toEqual([]);
  });

  test('that break the schema do not spoil their neighbours', () => {
    expect(
      taken(FOUND, {
        found: [{ name: 'A' }, { name: 7 }, { size: 1 }, { name: 'B', size: 'big' }],
      }),
    ).toEqual([
      '0 a',
      expect.stringMatching(/^1 7: schema, name /),
      '2 -: schema, name is missing',
      expect.stringMatching(/^3 b: schema, size /),
    ]);
  });

  test('without their key are told apart', () => {
    expect(taken(FOUND, { found: [{ name: '  ' }, { name: 'A' }] })).toEqual([
      '0 -: no-key, no value for the key name',
      '1 a',
    ]);
    const two = shape({ kind: 'root-array' }, undefined, ['name', 'city']);
    expect(taken(two, [{ name: 'A' }, { name: 'A', city: 'Bern' }])).toEqual([
      '0 -: no-key, no value for the key city',
      '1 ["a","bern"]',
    ]);
  });

  test('come from a nested list', () => {
    const nested = shape(
      { kind: 'array', property: 'result.found' },
      { type: 'object', properties: { result: { type: 'object', properties: { found: LIST } } } },
    );
    expect(taken(nested, { result: { found: [{ name: 'A' }, { name: 1 }] } })).toEqual([
      '0 a',
      expect.stringMatching(/^1 1: schema, name /),
    ]);
    expect(taken(nested, { result: {} })).toBe(
      'invalid-output: no list of records at "result.found"',
    );
    expect(taken(nested, {})).toBe('invalid-output: no list of records at "result.found"');
  });

  test('come from a list at the root', () => {
    expect(taken(shape({ kind: 'root-array' }, LIST), [{ name: 'A' }, { name: 2 }])).toEqual([
      '0 a',
      expect.stringMatching(/^1 2: schema, name /),
    ]);
    expect(taken(shape({ kind: 'root-array' }), { name: 'A' })).toBe(
      'invalid-output: no list of records at its root',
    );
  });

  test('are the output itself where it is one object', () => {
    expect(taken(shape({ kind: 'object' }, RECORD), { name: 'A' })).toEqual(['0 a']);
    expect(taken(shape({ kind: 'object' }, RECORD), { name: 3 })).toMatch(/^invalid-output: name /);
  });

  test('are the text where there is no schema', () => {
    const result = takeRecords(shape({ kind: 'text' }, undefined, undefined), {
      text: 'Hello',
      structured: null,
      grounding: [],
    });
    expect(result).toMatchObject({
      ok: true,
      records: [{ record: { text: 'Hello' }, key: undefined }],
    });
    expect(taken(shape({ kind: 'text' }), null)).toBe('empty-output: the agent gave no text');
  });

  test('that are no objects are kept as a value', () => {
    const result = takeRecords(shape({ kind: 'root-array' }, undefined, undefined), {
      text: '',
      structured: ['a', 1, null],
      grounding: [],
    });
    expect(result.ok && result.records.map(({ record }) => record)).toEqual([
      { value: 'a' },
      { value: 1 },
      { value: null },
    ]);
  });

  test('are none where a mistake is outside their list', () => {
    expect(taken(FOUND, { found: [{ name: 'A' }], note: 5 })).toMatch(/^invalid-output: note /);
    expect(taken(FOUND, {})).toBe('invalid-output: found is missing');
    expect(taken(FOUND, { found: 'none' })).toMatch(/^invalid-output: found /);
  });

  test('are none where the agent gave nothing', () => {
    expect(taken(FOUND, null)).toBe('empty-output: the agent gave no structured output');
  });
});
