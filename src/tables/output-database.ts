import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { openDatabase } from '../duckdb/database.ts';
import { quoteIdentifier, quoteLiteral } from '../duckdb/quote.ts';
import { publishFile, sizeOf, syncFolder, unfinished } from './output-files.ts';
import { OutputProblem, problemMessage } from './output-problem.ts';
import { TableFile, type RowSize } from './writing-database.ts';

/** What became of the `.duckdb` file. The Parquet files are there in any case. */
export type OutputDatabase =
  | { readonly status: 'written'; readonly path: string; readonly bytes: number }
  /** Another program has it open; it keeps its old content. `message` names the program if known. */
  | { readonly status: 'held'; readonly path: string; readonly message: string }
  | { readonly status: 'failed'; readonly path: string; readonly message: string };

export interface DatabaseTable extends RowSize {
  readonly name: string;
  /** Of its Parquet file. */
  readonly path: string;
  readonly comment: string | null;
}

/** Makes `<pipeline>.duckdb` from the Parquet files: built beside, then put in its place. */
export async function writeDatabase(
  outFolder: string,
  pipeline: string,
  tables: readonly DatabaseTable[],
  spillFolder: string,
): Promise<OutputDatabase> {
  const name = `${pipeline}.duckdb`;
  const path = join(outFolder, name);
  try {
    const holder = await holderOf(path);
    if (holder !== undefined) return { status: 'held', path, message: holder };
    await clear(outFolder, name);
    await build(unfinished(outFolder, name), join(outFolder, pipeline), tables, spillFolder);
    // The log of the file that goes would be taken for one of the file that comes.
    await rm(`${path}.wal`, { force: true });
    await publishFile(outFolder, name);
    await syncFolder(outFolder);
    return { status: 'written', path, bytes: await sizeOf(path) };
  } catch (error) {
    await clear(outFolder, name).catch(() => undefined);
    const message = problemMessage(error);
    if (message === undefined) throw error;
    return { status: 'failed', path, message };
  }
}

/** What a crash, or a failure now, left of a database that was being built. */
async function clear(folder: string, name: string): Promise<void> {
  const path = unfinished(folder, name);
  for (const file of [path, `${path}.wal`]) await rm(file, { force: true });
}

/** What DuckDB says when another process has the file open; undefined where none has. */
async function holderOf(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true) return undefined;
  const opened = await openDatabase({ path });
  if (opened.ok) {
    await opened.value.close();
    return undefined;
  }
  return /\block\b|being used by another process/iu.test(opened.error.message)
    ? opened.error.message
    : undefined;
}

async function build(
  path: string,
  folder: string,
  tables: readonly DatabaseTable[],
  spillFolder: string,
): Promise<void> {
  const file = new TableFile({ path, as: OUT }, [folder, spillFolder], spillFolder);
  try {
    for (const table of tables) await load(file, table);
    await file.save();
  } finally {
    await file.close();
  }
}

/** What the file is called while it is made. */
const OUT = 'made';

async function load(
  file: TableFile,
  { name, path, comment, ...size }: DatabaseTable,
): Promise<void> {
  const table = `${OUT}.${quoteIdentifier(name)}`;
  const comments =
    comment === null ? '' : `; COMMENT ON TABLE ${table} IS ${quoteLiteral(comment)}`;
  const rows = `SELECT * FROM read_parquet(${quoteLiteral(path)})`;
  const written = await file.write(size, (database) =>
    database.run(`CREATE OR REPLACE TABLE ${table} AS ${rows}${comments}`),
  );
  if (!written.ok) throw new OutputProblem(`${name}: ${written.error.message}`);
}
