import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { JsonObject } from '../base/json.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import { openDatabase, type Database } from '../duckdb/database.ts';
import { quoteIdentifier, quoteLiteral } from '../duckdb/quote.ts';
import type { ColumnType } from '../execution/ports.ts';
import { ROW_NUMBER } from './column-types.ts';
import { readStamps } from './output-stamp.ts';

/** A table among the outputs of a pipeline. */
export interface TablePlace {
  readonly outFolder: string;
  readonly pipeline: string;
  readonly table: string;
}

export interface TableQuery extends TablePlace {
  /** All of them when left out. */
  readonly columns?: readonly string[];
  /** A DuckDB condition over the columns. */
  readonly where?: string;
  readonly limit?: number;
  /** Adds the column `_row`: the row's number in the table, as in `_citations`. */
  readonly numbered?: boolean;
}

export interface TableRead {
  readonly columns: readonly ColumnType[];
  /** Rows that meet the condition, whatever the limit. */
  readonly total: number;
  /** In portions. Reading to the end closes the table. */
  readonly rows: AsyncIterable<readonly JsonObject[]>;
  /** For who stops earlier. Again is harmless. */
  close(): Promise<void>;
}

/** Rows of a table from its Parquet file. The error is for a person: what is wrong, and the way on. */
export async function readTable(query: TableQuery): Promise<Result<TableRead, string>> {
  const opened = await openTable(query);
  if (!opened.ok) return opened;
  const { database, path } = opened.value;
  const read = await startReading(database, path, query);
  if (!read.ok) await database.close();
  return read;
}

async function startReading(
  database: Database,
  path: string,
  { table, columns, where, limit, numbered = false }: TableQuery,
): Promise<Result<TableRead, string>> {
  const number = quoteIdentifier(ROW_NUMBER);
  const condition = where === undefined ? '' : `WHERE (${where}\n)`;
  const from = `FROM (SELECT row_number() OVER () AS ${number}, * FROM read_parquet(${quoteLiteral(path)}))
    AS ${quoteIdentifier(table)} ${condition}`;
  const chosen = columns?.map(quoteIdentifier).join(', ') ?? `* EXCLUDE (${number})`;
  const list = numbered ? `${number}, ${chosen}` : chosen;
  const counted = await database.rows(`SELECT count(*) AS n ${from}`);
  if (!counted.ok) return fail(counted.error.message);
  const stream = await database.stream(
    `SELECT ${list} ${from}${limit === undefined ? '' : ` LIMIT ${Math.max(0, Math.floor(limit))}`}`,
  );
  if (!stream.ok) return fail(stream.error.message);
  return ok({
    columns: stream.value.columns,
    total: Number(counted.value[0]?.['n'] ?? 0),
    rows: closing(stream.value.rows, database),
    close: () => database.close(),
  });
}

async function* closing(
  rows: AsyncIterable<readonly JsonObject[]>,
  database: Database,
): AsyncGenerator<readonly JsonObject[]> {
  try {
    yield* rows;
  } finally {
    await database.close();
  }
}

/** What `_citations` says of one row, in the order of the answer. */
export interface Citation {
  readonly field: string | null;
  /** Safe to follow; null for a confidence that names no source, or none that may be followed. */
  readonly url: string | null;
  readonly host: string | null;
  /** What the agent gave where that is not `url` as it stands. */
  readonly cited_text: string | null;
  readonly title: string | null;
  readonly confidence: string | null;
}

/**
 * The citations of some rows of a step's table, by row number; rows without any are left out.
 * Refused where the two files were not made from the same state: numbers would name other rows.
 */
export async function readCitations(
  place: TablePlace & { readonly rows: readonly number[] },
): Promise<Result<ReadonlyMap<number, readonly Citation[]>, string>> {
  const step = tablePath(place.outFolder, place.pipeline, place.table);
  const opened = await openTable({ ...place, table: '_citations' }, [step]);
  if (!opened.ok) return opened;
  const { database, path } = opened.value;
  const [own, cited] = [await readStamps(database, step), await readStamps(database, path)];
  if (own?.[place.table] !== cited?.[place.table]) {
    await database.close();
    return fail(
      `the tables of pipeline "${place.pipeline}" are not of one state: whoever wrote them did not finish; run it, or rebuild them`,
    );
  }
  const numbers = place.rows.map((row) => Math.floor(row)).join(', ');
  const found = await database.rows(
    `SELECT "row", field, url, host, cited_text, title, confidence FROM read_parquet(${quoteLiteral(path)})
      WHERE step = $1 AND list_contains([${numbers}]::BIGINT[], "row")`,
    [place.table],
  );
  await database.close();
  if (!found.ok) return fail(found.error.message);
  const byRow = new Map<number, Citation[]>();
  for (const { row, ...citation } of found.value) {
    const of = byRow.get(row as number);
    if (of === undefined) byRow.set(row as number, [citation as unknown as Citation]);
    else of.push(citation as unknown as Citation);
  }
  return ok(byRow);
}

async function openTable(
  place: TablePlace,
  besides: readonly string[] = [],
): Promise<Result<{ readonly database: Database; readonly path: string }, string>> {
  const { pipeline, table } = place;
  const names = await tableNames(place.outFolder, pipeline);
  if (names.length === 0) {
    return fail(`pipeline "${pipeline}" has no tables yet: run it, or rebuild them`);
  }
  if (!names.includes(table)) {
    const help = didYouMean(table, names, 'tables');
    return fail(`pipeline "${pipeline}" has no table "${table}"; ${help}`);
  }
  const path = tablePath(place.outFolder, pipeline, table);
  const database = await openDatabase({ files: [path, ...besides] });
  return database.ok ? ok({ database: database.value, path }) : fail(database.error.message);
}

export const tablePath = (outFolder: string, pipeline: string, table: string): string =>
  join(resolve(outFolder), pipeline, `${table}.parquet`);

/** Tables there are, those of steps first. */
export async function tableNames(outFolder: string, pipeline: string): Promise<readonly string[]> {
  let files: readonly string[];
  try {
    files = await readdir(join(resolve(outFolder), pipeline));
  } catch {
    return [];
  }
  const names = files
    .filter((file) => file.endsWith('.parquet') && !file.startsWith('.'))
    .map((file) => file.slice(0, -'.parquet'.length))
    .sort();
  const isAboutPipeline = (name: string): boolean => name.startsWith('_');
  return [...names.filter((name) => !isAboutPipeline(name)), ...names.filter(isAboutPipeline)];
}
