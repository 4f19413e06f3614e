import type { Json, JsonObject } from '../base/json.ts';
import { quoteIdentifier, quoteLiteral } from '../duckdb/quote.ts';
import type { Source } from '../pipeline/pipeline.ts';
import { delimiterOf } from './source-csv-check.ts';
import type { Inspection } from './source-inspection.ts';
import { binaryTable, pathLiteral } from './source-table.ts';

/** A source as SQL: with types to compute with, and with its rows as the file has them. */
export interface TypedSource {
  /** A SELECT of all columns, typed, in file order. */
  readonly select: string;
  /** A FROM item of the typed columns that a condition is about, and of hidden ones. */
  readonly from: string;
  /** SELECT list that brings the rows; {@link toRow} reads what it gives. */
  readonly list: (columns: readonly string[] | undefined) => string;
  readonly toRow: (row: JsonObject, columns: readonly string[] | undefined) => JsonObject;
}

/**
 * How SQL sees a source: numbers, booleans and dates of a CSV file have a type where that loses
 * nothing. Rows themselves are text all the same: else one cell `n/a` that is added to a column
 * would change the type of all others in it, and so every fingerprint.
 */
export function typedSource(
  source: Source,
  inspection: Inspection,
  attachedAs?: string,
): TypedSource {
  switch (source.format) {
    case 'csv':
    case 'tsv':
      return typedCsv(source, inspection);
    case 'json':
    case 'ndjson':
      return typedJson(source, inspection);
    case 'parquet':
    case 'duckdb': {
      const from = binaryTable(source, attachedAs);
      return {
        select: `SELECT * FROM ${from}`,
        from,
        list: (columns) => columns?.map(quoteIdentifier).join(', ') ?? '*',
        toRow: (row) => row,
      };
    }
  }
}

function typedCsv(source: Source, { columns: found, sqlTypes }: Inspection): TypedSource {
  const names = found.map((column) => column.name);
  const texts = names.map((name) => `${quoteLiteral(name)}: 'VARCHAR'`).join(', ');
  const delimiter = quoteLiteral(delimiterOf(source));
  // Nothing is left to guess: the file is read as our own reader reads it.
  const file = `read_csv(${pathLiteral(source.path)}, auto_detect = false, header = true, delim = ${delimiter}, quote = '"', escape = '"', comment = '', nullstr = '', strict_mode = true, null_padding = false, max_line_size = 2097152, columns = {${texts}})`;
  const typed = names.map((name, i) => {
    const column = quoteIdentifier(name);
    const type = sqlTypes[i] ?? 'VARCHAR';
    return type === 'VARCHAR' ? column : `CAST(${column} AS ${type}) AS ${column}`;
  });
  const prefix = freePrefix(names);
  const hidden = names.map((name, i) => `${quoteIdentifier(name)} AS ${prefix}${i}`);
  return {
    select: `SELECT ${typed.join(', ')} FROM ${file}`,
    from: `(SELECT ${[...typed, ...hidden].join(', ')} FROM ${file})`,
    list: (columns = names) =>
      columns
        .map((name) => `${prefix}${names.indexOf(name)} AS ${quoteIdentifier(name)}`)
        .join(', '),
    toRow: (row) => row,
  };
}

function typedJson(source: Source, inspection: Inspection): TypedSource {
  const format = source.format === 'json' ? 'array' : 'newline_delimited';
  const names = inspection.columns.map((column) => column.name);
  const record = freePrefix(names);
  const structure = quoteLiteral(JSON.stringify(inspection.structure));
  const file = `read_json_objects(${pathLiteral(source.path)}, format = '${format}')`;
  const parsed = `(SELECT json AS ${record}, json_transform(json, ${structure}) AS ${record}_fields FROM ${file})`;
  const typed = names.map((name) => {
    const column = quoteIdentifier(name);
    return `${record}_fields.${column} AS ${column}`;
  });
  return {
    select: `SELECT ${typed.join(', ')} FROM ${parsed}`,
    from: `(SELECT ${[...typed, record].join(', ')} FROM ${parsed})`,
    list: () => `CAST(${record} AS VARCHAR) AS record`,
    toRow: (row, columns) =>
      pickColumns(JSON.parse(row['record'] as string) as JsonObject, columns),
  };
}

/** A record's values of the columns asked for, null where it has none; else all it has. */
export function pickColumns(
  record: JsonObject,
  columns: readonly string[] | undefined,
): JsonObject {
  if (columns === undefined) return record;
  const picked: Record<string, Json> = {};
  for (const name of columns) {
    picked[name] = Object.hasOwn(record, name) ? (record[name] ?? null) : null;
  }
  return picked;
}

/** The beginning of names that no column has. */
function freePrefix(names: readonly string[]): string {
  let prefix = 'hidden_';
  while (names.some((name) => name.toLowerCase().startsWith(prefix))) prefix += '_';
  return prefix;
}

/** What DuckDB says of a condition, with the columns it can be about in place of its own guess. */
export function conditionMessage(message: string, columns: readonly string[]): string {
  const shown = columns.slice(0, 12).join(', ') + (columns.length > 12 ? ', …' : '');
  return `${message.replace(/!? Candidate bindings: .*$/u, '')} (columns: ${shown})`;
}
