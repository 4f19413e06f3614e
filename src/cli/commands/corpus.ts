import { join, relative, resolve } from 'node:path';
import type { OpenedCorpus } from '../../agent/local/open-corpus.ts';
import type { Table } from '../../agent/local/corpus/table.ts';
import { EXIT, type ExitCode, type Io } from '../io.ts';
import { openProject } from '../open-pipeline.ts';
import { tellDiagnostics, tellProblem } from '../tell.ts';
import { textTable } from '../text-table.ts';

export interface CorpusOptions {
  readonly json?: true;
}

/** More columns of a table than that are only counted. */
const SHOWN_COLUMNS = 12;

/**
 * `corpus build` reads a folder of tables and documents and brings its index up to date; `corpus
 * info` also says what is in it: tables, columns and what is left out, and why.
 */
export async function corpus(
  action: 'build' | 'info',
  named: string | undefined,
  options: CorpusOptions,
  io: Io,
): Promise<ExitCode> {
  const json = options.json === true;
  const project = await openProject(io);
  if (!project.ok) {
    tellDiagnostics(project.error, json, io);
    return EXIT.usage;
  }
  const { root, project: settings } = project.value;
  const local = [...settings.agents.values()].find(({ kind }) => kind === 'local');
  const own = local?.kind === 'local' ? local.corpus : undefined;
  const folder =
    named === undefined ? (own ?? join(root, 'pipelines', 'corpus')) : resolve(io.cwd, named);
  const { openCorpus } = await import('../../agent/local/open-corpus.ts');
  const { clock, random } = io;
  const indexFolder = join(root, '.fieldwork', 'corpus');
  const opened = await openCorpus({ folder, indexFolder, clock, random });
  if (!opened.ok) return tellProblem(opened.error, EXIT.usage, json, io);
  try {
    if (json) io.out(`${JSON.stringify(asJson(opened.value), null, 2)}\n`);
    else io.out(`${asText(opened.value, action, relative(root, opened.value.index)).join('\n')}\n`);
    for (const line of json ? [] : opened.value.corpus.skipped) io.error(`${line}\n`);
    return EXIT.done;
  } finally {
    await opened.value.corpus.close();
  }
}

function asJson({ corpus: open, folder, work }: OpenedCorpus): object {
  return {
    name: open.name,
    digest: folder.digest,
    records: open.records,
    documents: open.documents,
    filesKnown: work.known,
    filesRead: work.read,
    indexProblem: work.problem ?? null,
    skipped: open.skipped,
    tables: open.tables.map(({ name, path, rows, columns, gathered }) => ({
      name,
      path,
      rows,
      fromDocuments: gathered,
      columns: columns.map((column) => ({
        name: column.name,
        kind: column.kind,
        unit: column.unit ?? null,
        filled: column.filled,
        distinct: column.distinct,
      })),
    })),
  };
}

function asText(
  { corpus: open, work }: OpenedCorpus,
  action: 'build' | 'info',
  index: string,
): readonly string[] {
  const count = (n: number, one: string): string =>
    `${n.toLocaleString('en-US')} ${one}${n === 1 ? '' : 's'}`;
  const head = `Corpus ${open.name}: ${count(open.records, 'record')} in ${count(open.tables.length, 'table')}, ${count(open.documents, 'document')}.`;
  const read = `Files read: ${work.read}, known from before: ${work.known}. Index: ${index}`;
  const kept =
    work.problem === undefined ? [read] : [`The index could not be written: ${work.problem}.`];
  const lines = [head, ...kept];
  if (action === 'build') return lines;
  const rows = open.tables.map((table) => [
    table.path,
    table.rows.toLocaleString('en-US'),
    columnsOf(table),
  ]);
  return [
    ...lines,
    '',
    ...textTable(
      [{ title: 'table' }, { title: 'records', align: 'right' }, { title: 'columns' }],
      rows,
    ),
  ];
}

function columnsOf({ columns }: Table): string {
  const shown = columns
    .slice(0, SHOWN_COLUMNS)
    .map(({ name, kind }) => (kind === 'text' ? name : `${name} (${kind})`));
  const more = columns.length - shown.length;
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '');
}
