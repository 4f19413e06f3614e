import { followPointer } from '../agent/schema-keywords.ts';
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import type { ColumnType } from '../execution/ports.ts';
import type { RecordsAt } from '../pipeline/pipeline.ts';
import type { StepLayout } from '../store/store.ts';
import { areFieldNames, cellOfType, duckdbType, type CellType } from './output-cell-type.ts';

/** Columns that every step's table has beside those of its records. */
export const META_COLUMNS: readonly ColumnType[] = [
  { name: '_key', type: 'VARCHAR' },
  { name: '_parent_key', type: 'VARCHAR' },
  { name: '_agent_run_id', type: 'VARCHAR' },
  { name: '_answered_at', type: 'TIMESTAMP WITH TIME ZONE' },
  { name: '_confidence', type: 'VARCHAR' },
];

/**
 * Holds what the typed columns cannot: a JSON object from property to whole value, as text. A
 * table has it only when one of its records needs it.
 */
export const EXTRA_COLUMN: ColumnType = { name: '_extra', type: 'VARCHAR' };

/** The number of a row, counted from 1, where a reader asks for it; it is not stored. */
export const ROW_NUMBER = '_row';

/** A column of a table and the property of a record that fills it. */
export interface RecordColumn extends ColumnType {
  readonly property: string;
  readonly cell: CellType;
}

/** The columns of a step's records with their DuckDB types, in the order of the schema. */
export const columnTypes = (layout: StepLayout): readonly ColumnType[] =>
  recordColumns(layout).map(({ name, type }) => ({ name, type }));

/**
 * The columns of a step's records. A function of the layout alone, so that a table keeps its types
 * from run to run, whatever the records are.
 *
 * - text → `VARCHAR`, also times without a date; `format: date` → `DATE`; `date-time` →
 *   `TIMESTAMP WITH TIME ZONE`; `integer` → `BIGINT`; `number` → `DOUBLE`, or `DECIMAL(18,n)`
 *   where `multipleOf` is 0.1, 0.01, … ; objects → `STRUCT`; arrays → lists;
 * - what has no one type (unions, objects without properties) → its JSON text in a `VARCHAR`.
 *
 * A value that its column cannot hold makes the cell null; it is kept in {@link EXTRA_COLUMN}.
 * Names that DuckDB would confuse, also with the columns every table has, get a number at the end;
 * but a query that selects such a column passes it on: see {@link passesOn}.
 */
export function recordColumns(layout: StepLayout): readonly RecordColumn[] {
  const properties =
    layout.columns
      ?.filter((column) => !passesOn(column))
      .map(({ name, type }) => [name, cellOfType(type)] as const) ?? propertiesOf(layout);
  const taken = new Set([...META_COLUMNS, EXTRA_COLUMN].map((column) => column.name));
  taken.add(ROW_NUMBER);
  return properties.map(([property, cell]) => ({
    name: freeName(property, taken),
    type: duckdbType(cell),
    property,
    cell,
  }));
}

/**
 * True for a column of a query that is one every table has, as in `select * from companies`: the
 * row then keeps the agent run, time and confidence of the row it was made from.
 */
export const passesOn = (column: ColumnType): boolean =>
  META_COLUMNS.some(({ name, type }) => name === column.name && type === column.type);

function freeName(property: string, taken: Set<string>): string {
  const wanted = property.replace(/[\0\p{Surrogate}]/gu, '_') || 'column';
  let name = wanted;
  for (let i = 2; taken.has(name.toLowerCase()); i++) name = `${wanted}_${i}`;
  taken.add(name.toLowerCase());
  return name;
}

type Property = readonly [name: string, cell: CellType];

function propertiesOf(layout: StepLayout): readonly Property[] {
  const at = recordsAtOf(layout);
  if (layout.schema === null || at.kind === 'text') return [['text', { kind: 'text' }]];
  const reader = new SchemaReader(layout.schema);
  const record = reader.recordSchema(at);
  if (record === undefined) return [];
  // Records that are no objects travel as `{ value }`.
  return reader.isObject(record) ? reader.properties(record) : [['value', reader.cell(record)]];
}

/** The store keeps it as plain JSON; it was a `RecordsAt` when it went in. */
export const recordsAtOf = (layout: StepLayout): RecordsAt =>
  layout.records as unknown as RecordsAt;

/** Schemas may be nested this deep; what refers back to itself ends here too. */
const DEPTH = 32;

/** Reads the types of values out of a JSON Schema. */
class SchemaReader {
  readonly #root: JsonObject;

  constructor(root: JsonObject) {
    this.#root = root;
  }

  /** The schema of one record, or undefined where the schema does not describe it. */
  recordSchema(at: RecordsAt): JsonObject | undefined {
    let schema: JsonObject | undefined = this.#resolve(this.#root);
    if (at.kind === 'object') return schema;
    for (const segment of at.kind === 'array' ? at.property.split('.') : []) {
      schema = schema && this.#member(schema, segment);
    }
    const items = schema?.['items'];
    return isJsonObject(items) ? this.#resolve(items) : undefined;
  }

  isObject(schema: JsonObject): boolean {
    const types = typesOf(schema);
    return types === undefined ? this.#parts(schema).some(hasProperties) : types[0] === 'object';
  }

  /** The properties of an object, those of its alternatives included. */
  properties(schema: JsonObject, depth = 0): readonly Property[] {
    const cells = new Map<string, CellType>();
    for (const part of this.#parts(schema)) {
      const properties = part['properties'];
      if (!isJsonObject(properties)) continue;
      for (const [name, property] of Object.entries(properties)) {
        const cell: CellType = isJsonObject(property)
          ? this.cell(property, depth + 1)
          : { kind: 'json' };
        const known = cells.get(name);
        const same = known === undefined || duckdbType(known) === duckdbType(cell);
        cells.set(name, same ? cell : { kind: 'json' });
      }
    }
    return [...cells];
  }

  cell(schema: JsonObject, depth = 0): CellType {
    if (depth > DEPTH) return { kind: 'json' };
    const resolved = this.#single(this.#resolve(schema));
    const types = typesOf(resolved) ?? impliedTypes(resolved);
    const [type] = types;
    if (type === undefined) return this.#unionCell(resolved, depth);
    if (types.length === 1) return this.#cellOf(type, resolved, depth);
    return types.every((t) => t === 'integer' || t === 'number')
      ? { kind: 'double' }
      : { kind: 'json' };
  }

  #cellOf(type: string, schema: JsonObject, depth: number): CellType {
    switch (type) {
      case 'string':
        return textCell(schema['format']);
      case 'boolean':
        return { kind: 'boolean' };
      case 'integer':
        return { kind: 'integer' };
      case 'number':
        return numberCell(schema['multipleOf']);
      case 'array': {
        const { items } = schema;
        if (!isJsonObject(items) || 'prefixItems' in schema) return { kind: 'json' };
        return { kind: 'list', item: this.cell(items, depth + 1) };
      }
      case 'object':
        return this.#structCell(schema, depth);
      default:
        return { kind: 'json' };
    }
  }

  /** Alternatives that all fit one kind of cell are that cell. */
  #unionCell(schema: JsonObject, depth: number): CellType {
    const branches = [...listOf(schema['anyOf']), ...listOf(schema['oneOf'])]
      .map((branch) => this.#resolve(branch))
      .filter((branch) => typesOf(branch)?.length !== 0);
    const [first, ...others] = branches.map((branch) => this.cell(branch, depth + 1));
    const same = others.every((cell) => JSON.stringify(cell) === JSON.stringify(first));
    return first !== undefined && same ? first : { kind: 'json' };
  }

  #structCell(schema: JsonObject, depth: number): CellType {
    const fields = this.properties(schema, depth).map(([name, cell]) => ({ name, cell }));
    return areFieldNames(fields.map((field) => field.name))
      ? { kind: 'struct', fields }
      : { kind: 'json' };
  }

  #member(schema: JsonObject, name: string): JsonObject | undefined {
    for (const part of this.#parts(schema)) {
      const { properties } = part;
      const member = isJsonObject(properties) ? properties[name] : undefined;
      if (isJsonObject(member)) return this.#single(this.#resolve(member));
    }
    return undefined;
  }

  /** The schema and all that it is combined from. */
  #parts(schema: JsonObject, depth = 0): readonly JsonObject[] {
    const resolved = this.#resolve(schema);
    if (depth > DEPTH) return [];
    const branches = ['allOf', 'anyOf', 'oneOf'].flatMap((word) => listOf(resolved[word]));
    for (const word of ['then', 'else']) branches.push(...listOf([resolved[word] ?? null]));
    return [resolved, ...branches.flatMap((branch) => this.#parts(branch, depth + 1))];
  }

  /** `anyOf: [{…}, {type: null}]` and `allOf: [{…}]` are their one branch that says something. */
  #single(schema: JsonObject): JsonObject {
    for (const word of ['anyOf', 'oneOf', 'allOf']) {
      const branches = listOf(schema[word]).map((branch) => this.#resolve(branch));
      const telling = branches.filter((branch) => typesOf(branch)?.length !== 0);
      const [only] = telling;
      if (only === undefined || telling.length !== 1) continue;
      const { [word]: _, ...rest } = schema;
      return this.#single({ ...rest, ...only });
    }
    return schema;
  }

  /** Follows `$ref` into the same schema; words beside it count too. */
  #resolve(schema: JsonObject, depth = 0): JsonObject {
    const { $ref: reference, ...rest } = schema;
    if (typeof reference !== 'string') return schema;
    const target = depth > DEPTH ? undefined : followPointer(this.#root, reference);
    return isJsonObject(target) ? { ...this.#resolve(target, depth + 1), ...rest } : rest;
  }
}

const listOf = (value: Json | undefined): JsonObject[] =>
  Array.isArray(value) ? (value as readonly Json[]).filter(isJsonObject) : [];

const hasProperties = (schema: JsonObject): boolean => isJsonObject(schema['properties']);

/** The types a schema names, null left out; undefined where it names none. */
function typesOf(schema: JsonObject): readonly string[] | undefined {
  const { type } = schema;
  if (typeof type === 'string') return type === 'null' ? [] : [type];
  if (!Array.isArray(type)) return undefined;
  return (type as readonly Json[]).filter((t) => typeof t === 'string' && t !== 'null') as string[];
}

/** The types of a schema that does not say `type`: those of its constants, or of its keywords. */
function impliedTypes(schema: JsonObject): readonly string[] {
  const constants = Array.isArray(schema['enum'])
    ? (schema['enum'] as readonly Json[])
    : 'const' in schema
      ? [schema['const'] ?? null]
      : undefined;
  if (constants !== undefined) {
    return [...new Set(constants.filter((value) => value !== null).map(typeOfConstant))];
  }
  if (hasProperties(schema)) return ['object'];
  return isJsonObject(schema['items']) ? ['array'] : [];
}

function typeOfConstant(value: Json): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

/** A time of day stays text: with its offset it fits no type of DuckDB without loss. */
function textCell(format: Json | undefined): CellType {
  if (format === 'date') return { kind: 'date' };
  return format === 'date-time' ? { kind: 'instant' } : { kind: 'text' };
}

function numberCell(multipleOf: Json | undefined): CellType {
  const scale = /^0\.(0{0,5}1)$/u.exec(JSON.stringify(multipleOf ?? null))?.[1]?.length;
  // JSON.stringify writes 0.000001 in full, and smaller ones with an exponent.
  return scale === undefined ? { kind: 'double' } : { kind: 'decimal', precision: 18, scale };
}
