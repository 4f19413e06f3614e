import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/base/json.ts';
import { columnTypes, recordColumns } from '../../src/tables/column-types.ts';
import { recordFitter } from '../../src/tables/output-cells.ts';
import { cellOfType, duckdbType } from '../../src/tables/output-cell-type.ts';
import { itemsSchema, layout } from './output-rig.ts';

/** The type of a column whose property has this schema. */
const typeOf = (property: JsonObject, definitions: JsonObject = {}): string | undefined => {
  const schema = { ...itemsSchema({ p: property }), $defs: definitions };
  return columnTypes(layout({ schema }))[0]?.type;
};

describe('the type of a column', () => {
  test('is found by a reference with a percent sign that means itself', () => {
    expect(typeOf({ $ref: '#/$defs/100%' }, { '100%': { type: 'integer' } })).toBe('BIGINT');
  });

  test.each<[JsonObject, string]>([
    [{ type: 'string' }, 'VARCHAR'],
    [{ type: 'string', format: 'uri' }, 'VARCHAR'],
    [{ type: 'string', format: 'date' }, 'DATE'],
    [{ type: 'string', format: 'date-time' }, 'TIMESTAMP WITH TIME ZONE'],
    [{ type: 'string', format: 'time' }, 'VARCHAR'],
    [{ type: 'integer' }, 'BIGINT'],
    [{ type: 'number' }, 'DOUBLE'],
    [{ type: ['integer', 'number'] }, 'DOUBLE'],
    [{ type: 'number', multipleOf: 0.01 }, 'DECIMAL(18,2)'],
    [{ type: 'number', multipleOf: 0.000001 }, 'DECIMAL(18,6)'],
    [{ type: 'number', multipleOf: 0.25 }, 'DOUBLE'],
    [{ type: 'boolean' }, 'BOOLEAN'],
    [{ type: ['string', 'null'], format: 'date' }, 'DATE'],
    [{ anyOf: [{ type: 'integer' }, { type: 'null' }] }, 'BIGINT'],
    [{ oneOf: [{ type: 'null' }, { type: 'array', items: { type: 'number' } }] }, 'DOUBLE[]'],
    [
      {
        anyOf: [
          { type: 'string', minLength: 2 },
          { type: 'string', pattern: 'x' },
        ],
      },
      'VARCHAR',
    ],
    [{ allOf: [{ type: 'integer' }], description: 'd' }, 'BIGINT'],
    [{ enum: ['a', 'b', null] }, 'VARCHAR'],
    [{ enum: [1, 2] }, 'BIGINT'],
    [{ enum: [1, 2.5] }, 'DOUBLE'],
    [{ enum: ['a', 1] }, 'VARCHAR'],
    [{ const: true }, 'BOOLEAN'],
    [{ type: ['string', 'integer'] }, 'VARCHAR'],
    [{}, 'VARCHAR'],
    [{ type: 'object' }, 'VARCHAR'],
    [{ type: 'array' }, 'VARCHAR'],
    [{ items: { type: 'boolean' } }, 'BOOLEAN[]'],
    [{ type: 'array', prefixItems: [{ type: 'string' }], items: { type: 'string' } }, 'VARCHAR'],
    [
      {
        type: 'object',
        properties: { 'a b': { type: 'integer' }, l: { items: { type: 'string' } } },
      },
      'STRUCT("a b" BIGINT, "l" VARCHAR[])',
    ],
    [{ properties: { a: { type: 'string' }, A: { type: 'string' } } }, 'VARCHAR'],
    [{ properties: { '': { type: 'string' } } }, 'VARCHAR'],
    [{ $ref: '#/$defs/money', description: 'beside it' }, 'DECIMAL(18,2)'],
    [{ $ref: '#/$defs/loop' }, 'VARCHAR'],
    [{ $ref: 'https://elsewhere.example/schema' }, 'VARCHAR'],
  ])('%j is %s', (schema, type) => {
    const definitions = {
      money: { $ref: '#/$defs/cents' },
      cents: { type: 'number', multipleOf: 0.01 },
      loop: { $ref: '#/$defs/loop' },
    };
    expect(typeOf(schema, definitions)).toBe(type);
  });

  test('of a query is the one the query has, where Parquet and JSON can carry it', () => {
    const stored = (type: string): string => duckdbType(cellOfType(type));
    const same = [
      'VARCHAR',
      'INTEGER',
      'UBIGINT',
      'FLOAT',
      'DECIMAL(38,10)',
      'TIMESTAMP_NS',
      'TIMESTAMP WITH TIME ZONE',
      'UUID[]',
      'STRUCT("a" DATE, "b ""x""" STRUCT("c" BOOLEAN[])[])',
    ];
    expect(same.map(stored)).toEqual(same);
    expect(stored("STRUCT(a DATE, \"b c\" ENUM('x, y', 'it''s)'))")).toBe(
      'STRUCT("a" DATE, "b c" VARCHAR)',
    );
    expect(stored('INTEGER[3]')).toBe('INTEGER[]');
    expect(stored('STRUCT("a" JSON[], "b" DATE)')).toBe('STRUCT("a" VARCHAR[], "b" DATE)');
    expect(cellOfType('JSON[]')).toEqual({ kind: 'list', item: { kind: 'json' } });
    expect(stored('HUGEINT')).toBe('DECIMAL(38,0)');
    for (const type of ['JSON', 'INTERVAL', 'BLOB', 'MAP(VARCHAR, INTEGER)', 'UNION(a INTEGER)']) {
      expect(stored(type)).toBe('VARCHAR');
    }
  });
});

describe('the columns of a step', () => {
  test('come from where the records are, in the order of the schema', () => {
    const record = {
      type: 'object',
      properties: { b: { type: 'string' }, a: { type: 'integer' } },
    };
    const schemaAt = {
      array: {
        properties: { x: { properties: { y: { items: { $ref: '#/$defs/r' } } } } },
        $defs: { r: record },
      },
      'root-array': { type: 'array', items: record },
      object: record,
    };
    const columns = [
      { name: 'b', type: 'VARCHAR' },
      { name: 'a', type: 'BIGINT' },
    ];
    for (const [kind, schema] of Object.entries(schemaAt)) {
      expect(columnTypes(layout({ schema, records: { kind, property: 'x.y' } }))).toEqual(columns);
    }
  });

  test('are one text without a schema, and one value where records are no objects', () => {
    expect(columnTypes(layout({ records: { kind: 'text' } }))).toEqual([
      { name: 'text', type: 'VARCHAR' },
    ]);
    const schema = { properties: { items: { items: { type: 'integer' } } } };
    expect(columnTypes(layout({ schema }))).toEqual([{ name: 'value', type: 'BIGINT' }]);
  });

  test('take in the alternatives of a record', () => {
    const schema = itemsSchema(
      { kind: { type: 'string' } },
      {
        oneOf: [
          { properties: { bark: { type: 'boolean' }, size: { type: 'integer' } } },
          { properties: { meow: { type: 'boolean' }, size: { type: 'string' } } },
        ],
      },
    );
    expect(columnTypes(layout({ schema })).map(({ name, type }) => `${name} ${type}`)).toEqual([
      'kind VARCHAR',
      'bark BOOLEAN',
      'size VARCHAR',
      'meow BOOLEAN',
    ]);
  });

  test('get other names where DuckDB would confuse them', () => {
    const names = ['Name', 'name', 'NAME_2', '_key', '_Row', '_extra', '', 'a\0b'];
    const schema = itemsSchema(Object.fromEntries(names.map((name) => [name, { type: 'string' }])));
    expect(recordColumns(layout({ schema })).map(({ property, name }) => [property, name])).toEqual(
      [
        ['Name', 'Name'],
        ['name', 'name_2'],
        ['NAME_2', 'NAME_2_2'],
        ['_key', '_key_2'],
        ['_Row', '_Row_2'],
        ['_extra', '_extra_2'],
        ['', 'column'],
        ['a\0b', 'a_b'],
      ],
    );
  });
});

describe('a value', () => {
  const fitted = (property: JsonObject, value: unknown): unknown => {
    const columns = recordColumns(layout({ schema: itemsSchema({ p: property }) }));
    const { cells, extra, misfits } = recordFitter(columns)({ p: value as never });
    return extra === undefined ? cells[0] : { cell: cells[0], extra, misfits };
  };
  const DAY = { type: 'string', format: 'date' };
  const MOMENT = { type: 'string', format: 'date-time' };

  test('that fits is in its column', () => {
    expect(fitted(DAY, '2024-02-29')).toBe('2024-02-29');
    expect(fitted(MOMENT, '2026-01-01T00:30:00+01:00')).toBe('2025-12-31T23:30:00Z');
    expect(fitted(MOMENT, '2026-01-01t00:30:00.1234560z')).toBe('2026-01-01T00:30:00.123456Z');
    expect(fitted({ type: 'integer' }, -9_007_199_254_740_991)).toBe(-9_007_199_254_740_991);
    expect(fitted({ type: 'number', multipleOf: 0.000001 }, 1e-6)).toBe('0.000001');
    expect(fitted({}, 'text')).toBe('"text"');
  });

  test.each<[JsonObject, unknown]>([
    [DAY, '2026-13-01'],
    [DAY, '2026-02-29'],
    [DAY, '1900-02-29'],
    [DAY, '0000-01-01'],
    [MOMENT, '2026-06-30T23:59:60Z'],
    [MOMENT, '2026-01-01T00:00:00.1234567Z'],
    [MOMENT, '2026-01-01T00:00:00'],
    [MOMENT, '0001-01-01T00:00:00+05:00'],
    [MOMENT, '9999-12-31T23:00:00-05:00'],
    [{ type: 'integer' }, 1.5],
    [{ type: 'integer' }, 2 ** 53],
    [{ type: 'integer' }, '12'],
    [{ type: 'number', multipleOf: 0.01 }, 0.125],
    [{ type: 'number', multipleOf: 0.01 }, 1e16],
    [{ type: 'string' }, 'half a \ud83d pair'],
    [{ type: 'boolean' }, 'true'],
    [{ type: 'object', properties: { a: { type: 'string' } } }, 'text'],
    [{ type: 'array', items: { type: 'string' } }, {}],
  ])('that does not fit %j is kept beside the columns: %j', (schema, value) => {
    const { type = '' } = columnTypes(layout({ schema: itemsSchema({ p: schema }) }))[0] ?? {};
    expect(fitted(schema, value)).toEqual({
      cell: null,
      extra: { p: value },
      misfits: [`p: ${JSON.stringify(value)} does not fit ${type}`],
    });
  });

  test('that fits in part is kept whole beside the part that fits', () => {
    const people = {
      type: 'array',
      items: { type: 'object', properties: { name: { type: 'string' }, age: { type: 'integer' } } },
    };
    const value = [{ name: 'Ada', age: 'old' }, { name: 'Bob', pet: 'cat' }, null];
    expect(fitted(people, value)).toEqual({
      cell: [{ name: 'Ada', age: null }, { name: 'Bob' }, null],
      extra: { p: value },
      misfits: ['p: "old" does not fit STRUCT("name" VARCHAR, "age" BIGINT)[]'],
    });
  });

  test('without a column is kept; a name that every object inherits is no value', () => {
    const columns = recordColumns(
      layout({ schema: itemsSchema({ constructor: { type: 'string' } }) }),
    );
    expect(recordFitter(columns)({ other: 1, nothing: null })).toEqual({
      cells: [null],
      extra: { other: 1 },
      misfits: [],
    });
  });
});
