import { open } from 'node:fs/promises';
import type { Json, JsonObject } from '../../../base/json.ts';
import { fail, ok, type Result } from '../../../base/result.ts';
import type { Database } from '../../../duckdb/database.ts';
import type { SqlFailure } from '../../../duckdb/failure.ts';
import { quoteIdentifier, quoteLiteral } from '../../../duckdb/quote.ts';
import type { RecordFile, RecordFormat } from './corpus-folder.ts';
import { stampOf } from './file-stamp.ts';

/** The columns of a file as they came, before anything is known of their values. */
export interface RawTable {
  readonly rows: number;
  readonly names: readonly string[];
}

/** Why a file cannot be used. */
export interface FileProblem {
  readonly message: string;
  /** It may be gone when the same file is read again. */
  readonly passes: boolean;
}

/**
 * Reads a file into the table `raw<index>` whose columns `t0`, `t1`, … are the source's text, cell
 * by cell, and `k0`, `k1`, … the kind of JSON value it had there (`VARCHAR` for CSV). Nothing is
 * guessed: a file with a ragged line, a broken quote or a bad document is refused whole.
 *
 * Rows are numbered by `row`, from 1, in file order.
 */
export async function loadTable(
  database: Database,
  file: RecordFile,
  index: number,
): Promise<Result<RawTable, FileProblem>> {
  if (await hasChanged(file)) return fail(CHANGED);
  const loaded = await load(database, file, index);
  // What was read may be half the old and half the new content.
  const changed = await hasChanged(file);
  if (loaded.ok && !changed) return loaded;
  // The next file gets the same number.
  await database.run(`drop table if exists raw${index}`);
  return changed ? fail(CHANGED) : loaded;
}

const CHANGED: FileProblem = { message: 'it changed since the corpus was opened', passes: true };

const hasChanged = async (file: RecordFile): Promise<boolean> =>
  (await stampOf(file.location).catch(() => undefined))?.stamp !== file.stamp;

async function load(
  database: Database,
  file: RecordFile,
  index: number,
): Promise<Result<RawTable, FileProblem>> {
  const source = await sourceOf(file);
  const columns = await columnsOf(database, source, file.format);
  if (!columns.ok) return columns;
  const cells = columns.value.map(({ name, type }, at) => cellSql(quoteIdentifier(name), type, at));
  const created = await database.run(
    `create table raw${index} as select ${cells.join(', ')} from ${source}`,
  );
  if (!created.ok) return fail(problemOf(created.error));
  const counted = await database.rows(`select count(*) as n from raw${index}`);
  const rows = counted.ok ? Number(counted.value[0]?.['n'] ?? 0) : 0;
  if (rows === 0) return fail(unfit('it has no records'));
  return ok({ rows, names: columns.value.map(({ name }) => name) });
}

async function columnsOf(
  database: Database,
  source: string,
  format: RecordFormat,
): Promise<Result<readonly { readonly name: string; readonly type: string }[], FileProblem>> {
  const described = await database.rows(`describe select * from ${source}`);
  if (!described.ok) {
    const list = !described.error.message.startsWith('json_read expected records');
    return fail(list ? problemOf(described.error) : NO_LIST);
  }
  const columns = described.value.map((row) => ({
    name: textOf(row, 'column_name'),
    type: textOf(row, 'column_type'),
  }));
  const [first] = columns;
  return (format === 'json' || format === 'ndjson') &&
    columns.length === 1 &&
    first?.name === 'json'
    ? fail(NO_LIST)
    : ok(columns);
}

async function sourceOf(file: RecordFile): Promise<string> {
  const path = quoteLiteral(file.location.replace(/[*?[]/gu, '[$&]'));
  switch (file.format) {
    case 'parquet':
      return `read_parquet(${path})`;
    case 'json':
      return `read_json(${path}, format = 'array', records = true, maximum_depth = 1, sample_size = -1)`;
    case 'ndjson':
      return `read_json(${path}, format = 'newline_delimited', records = true, maximum_depth = 1, sample_size = -1)`;
    case 'csv':
    case 'tsv': {
      const delimiter = quoteLiteral(file.format === 'tsv' ? '\t' : await delimiterOf(file));
      return `read_csv(${path}, all_varchar = true, header = true, skip = 0, delim = ${delimiter}, quote = '"', escape = '"', sample_size = -1, null_padding = false, ignore_errors = false)`;
    }
  }
}

/** The mark that stands most often in the header line, outside quotes; a comma when none does. */
async function delimiterOf(file: RecordFile): Promise<string> {
  const handle = await open(file.location);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(65_536), 0, 65_536, 0);
    const [header = ''] = buffer.toString('utf8', 0, bytesRead).split('\n', 1);
    const bare = header.replace(/"[^"]*"/gu, '');
    const count = (mark: string): number => bare.split(mark).length;
    return [',', ';', '\t', '|'].reduce((best, mark) => (count(mark) > count(best) ? mark : best));
  } finally {
    await handle.close();
  }
}

/** Text of a cell. Blank text, and signs that people write for "nothing", are null. */
function cellSql(column: string, type: string, at: number): string {
  const json = type === 'JSON';
  const nested = /[[(]/u.test(type) && !type.startsWith('DECIMAL');
  const kind = json
    ? `json_type(${column})`
    : nested
      ? `json_type(to_json(${column}))`
      : `'VARCHAR'`;
  const text = json
    ? `json_extract_string(${column}, '$')`
    : nested
      ? `cast(to_json(${column}) as varchar)`
      : type === 'BLOB'
        ? 'null::varchar'
        : `cast(${column} as varchar)`;
  const filled = `case when trim(${text}) in ('', '-', '–', '—', '?', 'n/a', 'N/A', '#N/A', 'null', 'NULL') then null else ${text} end`;
  return `${filled} as t${at}, ${kind} as k${at}`;
}

const unfit = (message: string): FileProblem => ({ message, passes: false });

const NO_LIST: FileProblem = unfit('it is not a list of JSON objects');

/** DuckDB's message without the path of the machine in it. */
function problemOf({ message, kind }: SqlFailure): FileProblem {
  const told = message.replace(/"?\/[^"\s]*\/([^"\s/]*)"?/gu, '$1').slice(0, 200);
  return {
    message: `it cannot be read as its ending says (${told})`,
    passes: kind === 'IO' || kind === 'Out of Memory',
  };
}

export const textOf = (row: JsonObject, column: string): string => {
  const value: Json | undefined = row[column];
  return typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
};
