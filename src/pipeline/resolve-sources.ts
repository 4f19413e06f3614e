import type { JsonObject } from '../base/json.ts';
import type { Span } from '../base/source-file.ts';
import type { Path } from './parsed-document.ts';
import type { Source, SourceFormat } from './pipeline.ts';
import type { Resolution } from './resolution.ts';
import type { SourceSpec } from './spec.ts';

const FORMATS: Readonly<Record<string, SourceFormat>> = {
  csv: 'csv',
  tsv: 'tsv',
  json: 'json',
  ndjson: 'ndjson',
  jsonl: 'ndjson',
  parquet: 'parquet',
  duckdb: 'duckdb',
  db: 'duckdb',
};

/** Finds the files of `sources:`; their rows are looked at later. */
export async function resolveSources(at: Resolution): Promise<void> {
  for (const [name, spec] of Object.entries(at.spec.sources ?? {})) {
    const path = ['sources', name];
    const parts = ['file', 'format', 'table'].map((key) => [...path, key]);
    if ([path, ...parts].some((part) => at.isBroken(...part))) continue;
    const source = await resolveSource(at, name, spec, [...path, 'file'], path);
    if (source !== undefined) at.sources.set(name, source);
  }
}

/** A file that a step's `input` names directly becomes a source of that step. */
export async function resolveFileInput(
  at: Resolution,
  step: string,
  file: string,
  path: Path,
): Promise<Source | undefined> {
  let name = `${step}_input`;
  while (at.tableNames().includes(name)) name += '_';
  const source = await resolveSource(at, name, { file }, path, undefined);
  if (source !== undefined) {
    at.sources.set(name, source);
    at.used.add(`source ${name}`);
  }
  return source;
}

async function resolveSource(
  at: Resolution,
  name: string,
  spec: SourceSpec,
  filePath: Path,
  sourcePath: Path | undefined,
): Promise<Source | undefined> {
  const span = at.document.locate(filePath);
  const format =
    spec.format ?? FORMATS[/\.([a-z0-9]+)$/iu.exec(spec.file)?.[1]?.toLowerCase() ?? ''];
  // Reported as a template where none can be.
  if (spec.file.includes('{{')) return undefined;
  if (!checkNotOutput(at, spec.file, span)) return undefined;
  const isRight = checkFormat(at, spec, format, span, sourcePath);
  const located = await at.files.locate(spec.file, { from: at.from });
  if (!located.ok) {
    const { code, message, help } = located.error;
    at.errorAt(code, span, message, help);
    return undefined;
  }
  if (!isRight || format === undefined) return undefined;
  return {
    name,
    path: located.value.path,
    shownPath: spec.file,
    format,
    table: spec.table,
    key: spec.key === undefined ? undefined : [spec.key].flat(),
    span,
  };
}

function checkFormat(
  at: Resolution,
  spec: SourceSpec,
  format: SourceFormat | undefined,
  span: Span,
  path: Path | undefined,
): boolean {
  if (format === undefined) {
    at.errorAt(
      'E-P12',
      span,
      `the ending of "${spec.file}" does not tell what kind of file it is`,
      'known endings: .csv .tsv .json .ndjson .jsonl .parquet .duckdb .db; or set "format"',
    );
    return false;
  }
  if (format === 'duckdb' && spec.table === undefined) {
    at.errorAt('E-P12', span, 'a DuckDB file needs the name of a table', 'add "table: <name>"');
    return false;
  }
  if (format !== 'duckdb' && spec.table !== undefined && path !== undefined) {
    at.errorAt(
      'E-P13',
      at.document.locateKey([...path, 'table']),
      `"table" has no meaning for a file of kind ${format}`,
      'remove it: only a DuckDB file has several tables',
    );
    return false;
  }
  return true;
}

/** A pipeline that read what it writes would never come to rest. */
function checkNotOutput(at: Resolution, file: string, span: Span): boolean {
  const path = file.replace(/^(?:\.\/)+/u, '');
  const { name } = at.spec;
  const isOutput =
    path.startsWith('.fieldwork/') ||
    path.startsWith(`out/${name}/`) ||
    path === `out/${name}.duckdb`;
  if (isOutput) {
    at.errorAt('E-Y45', span, `"${file}" is written by this pipeline`, 'read the step by its name');
  }
  return !isOutput;
}

/** The names of all properties of some records, in the order of their appearance. */
export const columnsOfRecords = (records: readonly JsonObject[]): readonly string[] => [
  ...new Set(records.flatMap((record) => Object.keys(record))),
];
