import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AgentOutput, Grounding } from '../../src/agent/agent.ts';
import type { Fingerprint } from '../../src/base/fingerprint.ts';
import type { Json, JsonObject } from '../../src/base/json.ts';
import type { Question } from '../../src/plan/question.ts';
import { splitBatch, strayRecord } from '../../src/plan/split-batch.ts';
import { recordsAt, type RecordShape } from '../../src/plan/take-records.ts';

const FOUND: RecordShape = {
  at: { kind: 'array', property: 'found' },
  key: ['name'],
  schema: undefined,
};

const question = (row: JsonObject): Question => ({
  path: [0],
  label: '',
  rows: [row],
  fingerprint: '' as Fingerprint,
});
const questions = (...names: readonly string[]): readonly Question[] =>
  names.map((name) => question({ name }));

const cite = (field: string): Grounding => ({
  field,
  citations: [{ url: `https://x.test/${field}` }],
});
const output = (structured: Json, fields: readonly string[] = []): AgentOutput => ({
  text: 'all',
  structured,
  grounding: fields.map(cite),
});

const structuredOf = (parts: readonly (AgentOutput | undefined)[]): readonly unknown[] =>
  parts.map((part) => part?.structured);

describe('the answer of a batch', () => {
  test('gives each record what echoes its key, after normalising', () => {
    const found = [{ name: 'BOLT' }, { name: 'Acme Inc.', n: 1 }, { name: 'acme', n: 2 }];
    expect(
      structuredOf(splitBatch(FOUND, questions('Acme', 'Bolt'), output({ found, note: 'x' }))),
    ).toEqual([
      {
        found: [
          { name: 'Acme Inc.', n: 1 },
          { name: 'acme', n: 2 },
        ],
        note: 'x',
      },
      { found: [{ name: 'BOLT' }], note: 'x' },
    ]);
  });

  test('has nothing for a record that it leaves out', () => {
    const parts = splitBatch(FOUND, questions('A', 'B', 'C'), output({ found: [{ name: 'B' }] }));
    expect(structuredOf(parts)).toEqual([undefined, { found: [{ name: 'B' }] }, undefined]);
    expect(splitBatch(FOUND, questions('A', 'B'), output(null))).toEqual([undefined, undefined]);
  });

  test('goes to each of several records that have one key', () => {
    const found = [{ name: 'Acme', n: 1 }, { name: 'Bolt' }];
    const parts = splitBatch(FOUND, questions('Acme', 'acme inc', 'Bolt'), output({ found }));
    expect(structuredOf(parts)).toEqual([
      { found: [{ name: 'Acme', n: 1 }] },
      { found: [{ name: 'Acme', n: 1 }] },
      { found: [{ name: 'Bolt' }] },
    ]);
  });

  test('brings the citations of each record along, under its new place', () => {
    const found = [{ name: 'B' }, { name: 'A', 'a b': 1 }, { name: 'A' }];
    const fields = [
      'structured.found[0].name',
      'structured.found[1].name',
      'structured.found[1]["a b"]',
      'structured.found[2].deep.list[3].x',
      'structured.note',
      'found[0].name',
      'text',
      'structured.found',
      'structured.other[1].name',
      'not [ a path',
    ];
    const [a, b] = splitBatch(FOUND, questions('A', 'B'), output({ found }, fields));
    expect(a?.grounding.map(({ field }) => field)).toEqual([
      'structured.found[0].name',
      'structured.found[0]["a b"]',
      'structured.found[1].deep.list[3].x',
    ]);
    expect(b?.grounding.map(({ field }) => field)).toEqual([
      'structured.found[0].name',
      'structured.found[0].name',
    ]);
    expect(a?.grounding[2]?.citations).toEqual([
      { url: 'https://x.test/structured.found[2].deep.list[3].x' },
    ]);
  });

  test('keeps records of nobody with the first answered one, or leaves them out', () => {
    const given = output({ found: [{ name: 'Z' }, { name: 'B' }, { n: 1 }, 'text'] });
    const asked = questions('A', 'B');
    const [none, kept] = splitBatch(FOUND, asked, given);
    expect(none).toBeUndefined();
    expect(kept?.structured).toEqual({ found: [{ name: 'B' }, { name: 'Z' }, { n: 1 }, 'text'] });
    expect(structuredOf(splitBatch(FOUND, asked, given, 'left out'))).toEqual([
      undefined,
      { found: [{ name: 'B' }] },
    ]);
    const [, b] = asked;
    expect(
      b && [{ name: 'b ' }, { name: 'Z' }, { n: 1 }].map((it) => strayRecord(FOUND, b, it)),
    ).toEqual([false, true, true]);
  });

  test('is split by the part of the key that the input has', () => {
    const shape: RecordShape = {
      at: { kind: 'root-array' },
      key: ['company', 'name'],
      schema: undefined,
    };
    const asked = [question({ company: 'A' }), question({ company: 'B' })];
    const list = [
      { company: 'b', name: 'Bo' },
      { company: 'a', name: 'Ann' },
      { company: 'a', name: 'Al' },
    ];
    expect(structuredOf(splitBatch(shape, asked, output(list, ['structured[2].name'])))).toEqual([
      [
        { company: 'a', name: 'Ann' },
        { company: 'a', name: 'Al' },
      ],
      [{ company: 'b', name: 'Bo' }],
    ]);
    expect(
      splitBatch(shape, asked, output(list, ['structured[2].name']))[0]?.grounding[0]?.field,
    ).toBe('structured[1].name');
  });

  test('is found in a nested list', () => {
    const shape: RecordShape = { ...FOUND, at: { kind: 'array', property: 'a.found' } };
    const given = output({ a: { found: [{ name: 'B' }, { name: 'A' }], n: 1 }, m: 2 }, [
      'structured.a.found[1].name',
    ]);
    const [a] = splitBatch(shape, questions('A', 'B'), given);
    expect(a).toMatchObject({ structured: { a: { found: [{ name: 'A' }], n: 1 }, m: 2 } });
    expect(a?.grounding[0]?.field).toBe('structured.a.found[0].name');
  });

  test('loses no record and no citation of one, and gives none away twice', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
    fc.assert(
      fc.property(fc.uniqueArray(name, { minLength: 1 }), fc.array(name), (asked, answered) => {
        const found = answered.map((it, n) => ({ name: it, n }));
        const given = output(
          { found },
          found.map((_, n) => `structured.found[${n}].n`),
        );
        const parts = splitBatch(FOUND, questions(...asked), given);
        const records = parts.flatMap((part) =>
          part === undefined ? [] : (recordsAt(FOUND.at, part.structured) ?? []),
        );
        const anyKnown = answered.some((it) => asked.includes(it));
        const sorted = (records as unknown as readonly { n: number }[])
          .map(({ n }) => n)
          .toSorted((x, y) => x - y);
        expect(sorted).toEqual(anyKnown ? found.map(({ n }) => n) : []);
        for (const part of parts) if (part !== undefined) expectOwnCitations(part);
      }),
    );
  });
});

/** Each citation still names the record that it was for. */
function expectOwnCitations({ structured, grounding }: AgentOutput): void {
  const own = (recordsAt(FOUND.at, structured) ?? []) as unknown as readonly { n: number }[];
  for (const { field, citations } of grounding) {
    const at = Number(/\[(\d+)\]/.exec(field)?.[1]);
    expect(citations[0]?.url).toBe(`https://x.test/structured.found[${own[at]?.n ?? -1}].n`);
  }
  expect(grounding).toHaveLength(own.length);
}
