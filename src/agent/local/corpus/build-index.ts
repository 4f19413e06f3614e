import type { JsonObject } from '../../../base/json.ts';
import type { Database } from '../../../duckdb/database.ts';
import { addDocuments } from './build-documents.ts';
import { addGathered } from './build-gathered.ts';
import { addTable, copyTable, dropTable, indexWords } from './build-tables.ts';
import type { CorpusFolder, DocumentFile, RecordFile } from './corpus-folder.ts';
import { CREATE_INDEX, INDEX_VERSION } from './index-tables.ts';
import { IndexError, IndexWriter } from './index-writer.ts';
import { loadTable, textOf } from './load-table.ts';

/** What there was to do for the files of a corpus, usable or not. */
export interface BuildWork {
  /** Files whose content was known. */
  readonly known: number;
  readonly read: number;
}

/** What was made of some of the files. */
interface Added {
  readonly known: number;
  /** A file was not read as it is, for a reason that passes. */
  readonly passing: boolean;
}

/**
 * Makes the index of a corpus in an empty database that may read its files. With `earlier` a
 * database of that name is attached, an index of this version: what it has of files that did not
 * change is taken over. Throws an {@link IndexError}.
 */
export async function buildIndex(
  database: Database,
  folder: CorpusFolder,
  earlier: boolean,
): Promise<BuildWork> {
  const writer = new IndexWriter(database);
  await writer.run(CREATE_INDEX);
  const files = await addFiles(writer, database, folder.files, earlier);
  const documents = await addAllDocuments(writer, folder.documents, files.tables, earlier);
  const digest = files.passing || documents.passing ? '' : folder.digest;
  await writer.run(`insert into index_of select ${INDEX_VERSION}, $1`, [digest]);
  const known = files.known + documents.known;
  return { known, read: folder.files.length + folder.documents.length - known };
}

/** What became of a file of records. */
interface Outcome {
  /** Empty where the file is to be looked at again. */
  readonly hash: string;
  /** Why it has no table. */
  readonly problem: string | null;
  readonly known: boolean;
}

/** Tables of files, in their order. */
async function addFiles(
  writer: IndexWriter,
  database: Database,
  files: readonly RecordFile[],
  earlier: boolean,
): Promise<Added & { readonly tables: number }> {
  const rows = earlier
    ? await writer.rows('select path, hash, problem, t from earlier.main.record_files')
    : [];
  const byPath = new Map(rows.map((row) => [textOf(row, 'path'), row]));
  let [tables, known, passing] = [0, 0, false];
  for (const file of files) {
    const outcome =
      (await keepFile(writer, file, byPath.get(file.path), tables)) ??
      (await addFile(writer, database, file, tables));
    const table = outcome.problem === null ? tables++ : null;
    await writer.run('insert into record_files values ($1, $2, $3, $4)', [
      file.path,
      outcome.hash,
      outcome.problem,
      table,
    ]);
    if (outcome.known) known++;
    passing ||= outcome.hash === '';
  }
  return { tables, known, passing };
}

/** Takes over what the index `earlier` has of a file, when it has the file as it is now. */
async function keepFile(
  writer: IndexWriter,
  { hash }: RecordFile,
  row: JsonObject | undefined,
  index: number,
): Promise<Outcome | undefined> {
  if (row?.['hash'] !== hash) return undefined;
  const { problem = null, t } = row;
  if (typeof t === 'number') await copyTable(writer, t, index);
  return { hash, problem: typeof problem === 'string' ? problem : null, known: true };
}

async function addFile(
  writer: IndexWriter,
  database: Database,
  file: RecordFile,
  index: number,
): Promise<Outcome> {
  const raw = await loadTable(database, file, index);
  if (!raw.ok) {
    const { message: problem, passes } = raw.error;
    return { hash: passes ? '' : file.hash, problem, known: false };
  }
  try {
    await indexWords(writer, await addTable(writer, index, file.path, raw.value));
    return { hash: file.hash, problem: null, known: false };
  } catch (error) {
    if (!(error instanceof IndexError)) throw error;
    await dropTable(writer, index);
    return { hash: '', problem: error.message, known: false };
  }
}

/** Documents and what is gathered from them; all as before when none of them changed. */
async function addAllDocuments(
  writer: IndexWriter,
  files: readonly DocumentFile[],
  tables: number,
  earlier: boolean,
): Promise<Added> {
  if (earlier && (await areSame(writer, files))) {
    await keepAll(writer, tables);
    return { known: files.length, passing: false };
  }
  const added = await addDocuments(writer, files, earlier);
  await addGathered(writer, added, tables);
  return { known: added.known, passing: added.changed };
}

async function areSame(writer: IndexWriter, files: readonly DocumentFile[]): Promise<boolean> {
  const rows = await writer.rows(
    'select path, hash from earlier.main.document_files order by rowid',
  );
  return (
    rows.length === files.length &&
    files.every(({ path, hash }, at) => rows[at]?.['path'] === path && rows[at]['hash'] === hash)
  );
}

async function keepAll(writer: IndexWriter, first: number): Promise<void> {
  const tables = ['document_files', 'documents', 'sentences', 'sentence_words', 'sentence_sizes'];
  for (const table of tables) {
    await writer.run(`insert into ${table} from earlier.main.${table} order by rowid`);
  }
  const gathered = await writer.rows(
    `select t from earlier.main.tables where t not in (select t from earlier.main.record_files where t is not null) order by t`,
  );
  for (const [at, { t }] of gathered.entries()) await copyTable(writer, Number(t), first + at);
}
