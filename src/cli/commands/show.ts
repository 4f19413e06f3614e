import type { Json, JsonObject } from '../../base/json.ts';
import { normalizeKeyPart } from '../../base/record-key.ts';
import {
  readCitations,
  readTable,
  tableNames,
  type Citation,
  type TablePlace,
} from '../../tables/read-table.ts';
import { didYouMean } from '../../diagnostics/suggest.ts';
import { cleanText } from '../clean-text.ts';
import { EXIT, type ExitCode, type Io } from '../io.ts';
import { knownPipelines } from '../known-pipelines.ts';
import { layoutOf } from '../layout.ts';
import { openProject } from '../open-pipeline.ts';
import type { ShowOptions } from '../options.ts';
import { oldTablesIn, oldTableText, type OldTable } from '../old-tables.ts';
import { tellDiagnostics, tellProblem } from '../tell.ts';
import { textTable } from '../text-table.ts';
import { pipelineName } from '../with-state.ts';

/** Columns that a person only sees with `--json` or by naming the table's file. */
const QUIET_COLUMNS = ['_key', '_parent_key', '_agent_run_id', '_answered_at', '_extra'];

/** Shows the rows of one table, or which tables there are. Rows come from the Parquet files; the state says which tables are old. */
export async function show(
  pipelineOrPath: string,
  table: string | undefined,
  options: ShowOptions,
  io: Io,
): Promise<ExitCode> {
  const project = await openProject(io);
  if (!project.ok) {
    tellDiagnostics(project.error, options.json === true, io);
    return EXIT.usage;
  }
  const pipeline = pipelineName(pipelineOrPath);
  const { root } = project.value;
  const { out: outFolder, outShown } = layoutOf(root);
  const names = await tableNames(outFolder, pipeline);
  if (names.length === 0) {
    const problem = await noTables(root, pipeline, outShown);
    return tellProblem(problem, EXIT.usage, options.json === true, io);
  }
  const old = await oldTablesIn(root, pipeline);
  if (table === undefined) return listTables(outFolder, pipeline, names, old, options, io);
  const place = { outFolder, pipeline, table };
  const read = await readTable({
    ...place,
    ...(options.where === undefined ? {} : { where: options.where }),
    limit: options.limit,
    numbered: true,
  });
  if (!read.ok) {
    return tellProblem(read.error, EXIT.usage, options.json === true, io);
  }
  const rows: JsonObject[] = [];
  for await (const portion of read.value.rows) rows.push(...portion);
  if (options.json === true) {
    await showJson(place, rows, options, io);
  } else {
    await showText(place, rows, read.value.total, options, io);
  }
  for (const it of old) if (it.table === table) io.error(`${oldTableText(it)}\n`);
  return EXIT.done;
}

async function noTables(root: string, pipeline: string, outShown: string): Promise<string> {
  const known = await knownPipelines(root);
  if (known.includes(pipeline)) {
    return `There are no tables of "${pipeline}" in ${outShown}/; run it, or rebuild them.`;
  }
  const hint = didYouMean(pipeline, known, 'pipelines', 'pipelines/ has none');
  return `There is no pipeline "${pipeline}"; ${hint}`;
}

async function listTables(
  outFolder: string,
  pipeline: string,
  names: readonly string[],
  old: readonly OldTable[],
  options: ShowOptions,
  io: Io,
): Promise<ExitCode> {
  const tables: { name: string; rows: number; old?: OldTable }[] = [];
  for (const name of names) {
    const read = await readTable({ outFolder, pipeline, table: name, limit: 0 });
    if (!read.ok) continue;
    const stayed = old.find((it) => it.table === name);
    tables.push({ name, rows: read.value.total, ...(stayed && { old: stayed }) });
    await read.value.close();
  }
  if (options.json === true) {
    io.out(`${JSON.stringify({ pipeline, tables }, null, 2)}\n`);
  } else {
    const columns = [{ title: 'table' }, { title: 'rows', align: 'right' }] as const;
    const rows = tables.map(({ name, rows: count }) => [name, String(count)]);
    io.out(
      `${textTable(columns, rows).join('\n')}\n\n  fieldwork show ${pipeline} ${names[0] ?? ''}\n`,
    );
    for (const it of old) io.error(`${oldTableText(it)}\n`);
  }
  return EXIT.done;
}

async function showJson(
  place: TablePlace,
  rows: readonly JsonObject[],
  options: ShowOptions,
  io: Io,
): Promise<void> {
  const citations = await citationsOf(place, rows, options, io);
  const shown = rows.map(({ _row: row, ...rest }) =>
    options.citations === true ? { ...rest, _citations: citations.get(row) ?? [] } : rest,
  );
  io.out(`${JSON.stringify(shown, null, 2)}\n`);
}

async function showText(
  place: TablePlace,
  rows: readonly JsonObject[],
  total: number,
  options: ShowOptions,
  io: Io,
): Promise<void> {
  const own = Object.keys(rows[0] ?? {}).filter(
    (name) => name !== '_row' && !QUIET_COLUMNS.includes(name),
  );
  const names = tellsItsParent(rows, own) ? own : ['_parent_key', ...own];
  const columns = names.map(
    (title) =>
      ({
        title,
        align: rows.every((row) => typeof (row[title] ?? 0) === 'number') ? 'right' : 'left',
      }) as const,
  );
  const cells = rows.map((row) => names.map((name) => cellText(row[name] ?? null)));
  if (rows.length > 0) io.out(`${textTable(columns, cells).join('\n')}\n`);
  const citations = await citationsOf(place, rows, options, io);
  for (const row of options.citations === true ? rows : []) {
    io.out(`\n  ${cleanText(rowName(row), 80)}\n`);
    const cited = (citations.get(row['_row']) ?? []).map(
      ({ field, url, cited_text: text, confidence }) => [
        cleanText(field ?? '', 60),
        cleanText(url ?? (text === null ? 'no source' : `${text} (no link)`)),
        confidence ?? '–',
      ],
    );
    const titles = [{ title: 'field' }, { title: 'source' }, { title: 'confidence' }] as const;
    io.out(`${textTable(titles, cited).join('\n')}\n`);
  }
  const more = total > rows.length ? `, ${rows.length} shown (--limit)` : '';
  io.out(`\n  ${total} ${total === 1 ? 'row' : 'rows'}${more}\n`);
}

/** Whether a column says of which record of its input each row is, where it is of one at all. */
function tellsItsParent(rows: readonly JsonObject[], columns: readonly string[]): boolean {
  const parents = rows.map(({ _parent_key: parent }) => normalizeKeyPart(parent));
  if (parents.every((parent) => parent === '')) return true;
  return columns.some((column) =>
    rows.every((row, at) => normalizeKeyPart(row[column]) === parents[at]),
  );
}

async function citationsOf(
  place: TablePlace,
  rows: readonly JsonObject[],
  options: ShowOptions,
  io: Io,
): Promise<ReadonlyMap<Json | undefined, readonly Citation[]>> {
  if (options.citations !== true) return new Map();
  const numbers = rows.flatMap(({ _row: row }) => (typeof row === 'number' ? [row] : []));
  const read = await readCitations({ ...place, rows: numbers });
  if (read.ok) return read.value;
  io.error(`There are no citations to show: ${read.error}.\n`);
  return new Map();
}

const rowName = ({ _key: key, _row: row }: JsonObject): string =>
  typeof key === 'string' ? key : `row ${JSON.stringify(row)}`;

function cellText(value: Json): string {
  if (value === null) return '–';
  return cleanText(typeof value === 'string' ? value : JSON.stringify(value), 60);
}
