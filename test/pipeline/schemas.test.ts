import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/duckdb/database.ts';
import { isReservedWord } from '../../src/pipeline/names.ts';

interface SchemaNode {
  readonly $ref?: string;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly [key: string]: unknown;
}

const load = (name: string): SchemaNode =>
  JSON.parse(
    readFileSync(new URL(`../../schemas/${name}.schema.json`, import.meta.url), 'utf8'),
  ) as SchemaNode;

/** Every `properties` of a schema with the path to it. */
function* properties(node: unknown, path: string): Generator<[string, SchemaNode]> {
  if (typeof node !== 'object' || node === null) return;
  for (const [key, value] of Object.entries(node)) {
    if (key === 'examples') continue;
    if (key === 'properties') {
      for (const [name, property] of Object.entries(value as Record<string, SchemaNode>)) {
        yield [`${path}/${key}/${name}`, property];
      }
    }
    yield* properties(value, `${path}/${key}`);
  }
}

describe.each(['pipeline', 'project', 'plan', 'prices'])('the %s schema', (name) => {
  const schema = load(name);
  const definitions = schema['definitions'] as Readonly<Record<string, SchemaNode>> | undefined;
  const target = ({ $ref }: SchemaNode): SchemaNode =>
    $ref === undefined ? {} : (definitions?.[$ref.split('/').at(-1) ?? ''] ?? {});
  const ajv = new Ajv({ strict: true, strictRequired: false, allowUnionTypes: true });
  ajv.addKeyword('x-expected');
  ajv.addSchema(schema, 'schema');
  const all = [...properties(schema, '#')];

  test('is a valid draft-07 schema', () => {
    expect(ajv.validateSchema(schema)).toBe(true);
    expect(all.length).toBeGreaterThan(10);
  });

  test.each(all)('says what %s is for, with examples that fit', (pointer, property) => {
    const { description = target(property).description, examples = target(property).examples } =
      property;
    expect(description).toMatch(/\.$/u);
    expect(examples?.length).toBeGreaterThan(0);
    const validate = ajv.getSchema(`schema${pointer}`);
    for (const example of examples ?? []) {
      expect([example, validate?.(example), validate?.errors]).toEqual([example, true, null]);
    }
  });
});

test('the reserved words are those of DuckDB', async () => {
  const database = await openDatabase({});
  if (!database.ok) throw new Error(database.error.message);
  try {
    const rows = await database.value.rows(
      "select keyword_name as word from duckdb_keywords() where keyword_category in ('reserved', 'type_function')",
    );
    const words = (rows.ok ? rows.value : []).map((row) => row['word'] as string);
    expect(words.length).toBeGreaterThan(90);
    expect(words.filter((word) => !isReservedWord(word))).toEqual([]);
  } finally {
    await database.value.close();
  }
  expect(['companies', 'people', 'name'].some(isReservedWord)).toBe(false);
});
