import { stat } from 'node:fs/promises';
import type { Source } from '../pipeline/pipeline.ts';
import { headOf, kindOfBytes } from './source-bytes.ts';
import { inspectCsv } from './source-csv-check.ts';
import { inspectJson } from './source-json-check.ts';
import type { Inspection, SourceLimits } from './source-inspection.ts';
import { EMPTY_HELP, type SourceReport } from './source-report.ts';
import { inspectTable } from './source-table.ts';

/**
 * Reads a source once and puts into the report all that is wrong with it. Undefined when so much is
 * wrong that its columns are not known.
 */
export async function inspectSource(
  source: Source,
  limits: SourceLimits,
  report: SourceReport,
): Promise<Inspection | undefined> {
  if (!(await looksRight(source, limits, report))) return undefined;
  switch (source.format) {
    case 'csv':
    case 'tsv':
      return inspectCsv(source, limits, report);
    case 'json':
    case 'ndjson':
      return inspectJson(source, source.format, limits, report);
    case 'parquet':
    case 'duckdb':
      return inspectTable(source, limits, report);
  }
}

/** Existence, size and first bytes. */
async function looksRight(
  source: Source,
  limits: SourceLimits,
  report: SourceReport,
): Promise<boolean> {
  const found = await stat(source.path).catch(() => undefined);
  if (found === undefined)
    report.error('E-R88', 'there is no such file', {}, 'put it back, or name another in "file"');
  else if (!found.isFile()) report.error('E-R88', 'this is not a file', {}, 'name a file in it');
  else if (found.size === 0) report.error('E-R88', 'the file is empty', {}, EMPTY_HELP);
  else if (found.size > limits.bytes) {
    const size = `${megabytes(found.size)} MB; a source has at most ${megabytes(limits.bytes)} MB`;
    report.error('E-R89', `the file has ${size}`, {}, 'leave out the columns that are not needed');
  } else return isKind(source, limits, await headOf(source.path, 64), report);
  return false;
}

const megabytes = (bytes: number): string => Math.ceil(bytes / 1024 / 1024).toLocaleString('en-US');

const FORMAT_NAMES: Readonly<Record<Source['format'], string>> = {
  csv: 'CSV',
  tsv: 'TSV',
  json: 'JSON',
  ndjson: 'NDJSON',
  parquet: 'a Parquet file',
  duckdb: 'a DuckDB file',
};

const UNPACK = 'unpack it, and name the file that was in it';
const EXPORT = 'export the sheet as "CSV UTF-8"';

/** Kinds that first bytes tell, with what to do when one is found in place of a source. */
const OTHER_KINDS: Readonly<Record<string, readonly [name: string, help: string]>> = {
  zip: ['a zip archive', UNPACK],
  gzip: ['compressed with gzip', UNPACK],
  bzip2: ['compressed with bzip2', UNPACK],
  zstd: ['compressed with zstd', UNPACK],
  xz: ['compressed with xz', UNPACK],
  '7z': ['a 7z archive', UNPACK],
  xlsx: ['an Excel workbook', EXPORT],
  xls: ['an old Excel workbook', EXPORT],
  pdf: ['a PDF', 'a table has to be in a file of its own'],
  sqlite: ['an SQLite database', 'export its table as CSV'],
  parquet: ['a Parquet file', 'let its name end with .parquet'],
  duckdb: ['a DuckDB file', 'let its name end with .duckdb, and say which "table"'],
};

function isKind(source: Source, limits: SourceLimits, head: Buffer, report: SourceReport): boolean {
  const kind = kindOfBytes(head);
  const binary = source.format === 'parquet' || source.format === 'duckdb';
  if (kind === 'utf-16') {
    report.error('E-R96', 'the file is UTF-16', {}, 'save it as UTF-8');
    return false;
  }
  if (kind === (binary ? source.format : undefined)) {
    if (!binary || limits.binary) return true;
    const message = `${FORMAT_NAMES[source.format]} is only read when it comes from somebody trusted`;
    report.error('E-R91', message, {}, 'use CSV or NDJSON, whose content can be looked over');
    return false;
  }
  const [name, help] = OTHER_KINDS[kind ?? ''] ?? [
    'something else',
    `write it again as ${FORMAT_NAMES[source.format]}, or set "format" to what it is`,
  ];
  report.error('E-R90', `this is ${name}, not ${FORMAT_NAMES[source.format]}`, {}, help);
  return false;
}
