import { quoteIdentifier } from '../duckdb/quote.ts';

/** What one cell of a table holds, and so how it is checked and which DuckDB type it has. */
export type CellType =
  | { readonly kind: 'text' }
  /** Any JSON value, kept as its JSON text in a `VARCHAR`. */
  | { readonly kind: 'json' }
  | { readonly kind: 'boolean' }
  /** A whole number that a double holds exactly. */
  | { readonly kind: 'integer' }
  | { readonly kind: 'double' }
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  | { readonly kind: 'date' }
  /** A moment, kept in UTC to the microsecond. */
  | { readonly kind: 'instant' }
  | { readonly kind: 'list'; readonly item: CellType }
  | { readonly kind: 'struct'; readonly fields: readonly StructField[] }
  /** A type that only SQL makes; its values travel as the JSON that DuckDB reads back. */
  | { readonly kind: 'native'; readonly type: string };

interface StructField {
  readonly name: string;
  readonly cell: CellType;
}

/** The DuckDB type of a cell, such as `STRUCT("a" BIGINT)[]`. */
export function duckdbType(cell: CellType): string {
  switch (cell.kind) {
    case 'text':
    case 'json':
      return 'VARCHAR';
    case 'boolean':
      return 'BOOLEAN';
    case 'integer':
      return 'BIGINT';
    case 'double':
      return 'DOUBLE';
    case 'decimal':
      return `DECIMAL(${cell.precision},${cell.scale})`;
    case 'date':
      return 'DATE';
    case 'instant':
      return 'TIMESTAMP WITH TIME ZONE';
    case 'list':
      return `${duckdbType(cell.item)}[]`;
    case 'struct':
      return `STRUCT(${cell.fields.map(fieldType).join(', ')})`;
    case 'native':
      return cell.type;
  }
}

const fieldType = ({ name, cell }: StructField): string =>
  `${quoteIdentifier(name)} ${duckdbType(cell)}`;

/**
 * True when DuckDB can tell the names apart and accepts them as fields of a STRUCT: it ignores
 * upper and lower case, and has no empty names.
 */
export function areFieldNames(names: readonly string[]): boolean {
  const distinct = new Set(names.map((name) => name.toLowerCase()));
  return (
    names.length > 0 &&
    distinct.size === names.length &&
    names.every((name) => name !== '' && !/[\0\p{Surrogate}]/u.test(name))
  );
}

/** Types whose JSON form DuckDB reads back as it was. */
const NATIVE: ReadonlySet<string> = new Set([
  'TINYINT',
  'SMALLINT',
  'INTEGER',
  'BIGINT',
  'UTINYINT',
  'USMALLINT',
  'UINTEGER',
  'UBIGINT',
  'FLOAT',
  'DOUBLE',
  'TIME',
  'TIMESTAMP',
  'TIMESTAMP_S',
  'TIMESTAMP_MS',
  'TIMESTAMP_NS',
  'UUID',
]);

/**
 * The cell for a type that DuckDB named, as of a SQL step's column.
 *
 * Parquet has no integers beyond 64 bits (DuckDB would write them as inexact doubles), so those
 * become `DECIMAL(38,0)`. JSON, and types without a JSON form that DuckDB reads back (intervals,
 * bytes as base64, maps, unions, …), are kept as text.
 */
export function cellOfType(type: string): CellType {
  const reader = new TypeReader(type);
  const cell = reader.type();
  return cell !== undefined && reader.atEnd ? cell : { kind: 'json' };
}

const SCALARS: ReadonlyMap<string, CellType> = new Map<string, CellType>([
  ['VARCHAR', { kind: 'text' }],
  ['BOOLEAN', { kind: 'boolean' }],
  ['DATE', { kind: 'date' }],
  ['TIMESTAMP WITH TIME ZONE', { kind: 'instant' }],
  ['TIMESTAMPTZ', { kind: 'instant' }],
  ['JSON', { kind: 'json' }],
  ['HUGEINT', { kind: 'decimal', precision: 38, scale: 0 }],
  ['UHUGEINT', { kind: 'decimal', precision: 38, scale: 0 }],
  // An enumeration of a query is text: its members are not part of the table.
  ['ENUM', { kind: 'text' }],
  ['BLOB', { kind: 'text' }],
  ['INTERVAL', { kind: 'text' }],
  ['BIT', { kind: 'text' }],
  ['TIME WITH TIME ZONE', { kind: 'text' }],
]);

/** Reads the text of a DuckDB type from left to right. */
class TypeReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.#at === this.#text.length;
  }

  /** Undefined where the text is not understood. */
  type(): CellType | undefined {
    const name = this.#match(/[A-Za-z_]\w*(?: WITH TIME ZONE)?/y)?.toUpperCase();
    if (name === undefined) return undefined;
    let cell = this.#named(name);
    while (cell !== undefined && this.#match(/\[\d*\]/y) !== undefined) {
      cell = { kind: 'list', item: cell };
    }
    return cell;
  }

  #named(name: string): CellType | undefined {
    if (name === 'STRUCT') return this.#struct();
    if (name === 'DECIMAL') {
      const [precision, scale] = this.#match(/\(\d+,\s*\d+\)/y)?.match(/\d+/gu) ?? [];
      return { kind: 'decimal', precision: Number(precision ?? 18), scale: Number(scale ?? 3) };
    }
    const scalar = SCALARS.get(name);
    if (name === 'ENUM') this.#match(/\((?:[^')]|'(?:[^']|'')*')*\)/y);
    return scalar ?? (NATIVE.has(name) ? { kind: 'native', type: name } : undefined);
  }

  #struct(): CellType | undefined {
    if (this.#match(/\(/y) === undefined) return undefined;
    const fields: StructField[] = [];
    do {
      const name = this.#match(/\s*(?:"(?:[^"]|"")*"|\w+)/y)?.trim();
      this.#match(/ /y);
      const cell = name === undefined ? undefined : this.type();
      if (name === undefined || cell === undefined) return undefined;
      const bare = name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
      fields.push({ name: bare, cell });
    } while (this.#match(/,/y) !== undefined);
    const closed = this.#match(/\)/y) !== undefined;
    return closed && areFieldNames(fields.map((field) => field.name))
      ? { kind: 'struct', fields }
      : undefined;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#at = pattern.lastIndex;
    return match[0];
  }
}
