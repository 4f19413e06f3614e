import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { openDatabase, type Database } from '../../../duckdb/database.ts';
import { EXTRACTOR_VERSION } from '../extract/read-document.ts';
import type { DocumentFile } from './corpus-folder.ts';
import type { ReadDocument } from './document.ts';
import type { DocumentCache } from './read-documents.ts';

/** What an index had to do for the corpus as it is now. */
export interface IndexWork {
  /** Documents whose content was known. */
  readonly known: number;
  readonly read: number;
  /** Why the index could not be written; the corpus is as good without it, only slower. */
  readonly problem: string | undefined;
}

const PORTION = 500;

/**
 * Keeps what was read of documents in a DuckDB file, by the hash of their content, so that only
 * new and changed ones are read again. The file is only ever replaced whole, by rename: a crash
 * leaves the old one, and any number of processes may read it meanwhile.
 */
export class IndexFile implements DocumentCache {
  readonly #path: string;
  readonly #mark: () => string;
  readonly #known: ReadonlyMap<string, string>;
  #used = 0;
  #work: IndexWork = { known: 0, read: 0, problem: undefined };

  private constructor(path: string, mark: () => string, known: ReadonlyMap<string, string>) {
    this.#path = path;
    this.#mark = mark;
    this.#known = known;
  }

  /** `mark` tells the files of processes apart that build the same index at the same time. */
  static async open(path: string, mark: () => string): Promise<IndexFile> {
    const known = new Map<string, string>();
    const opened = await openDatabase({ path, readOnly: true });
    if (opened.ok) {
      await readAll(opened.value, known);
      await opened.value.close();
    }
    return new IndexFile(path, mark, known);
  }

  get work(): IndexWork {
    return this.#work;
  }

  get(file: DocumentFile): Promise<ReadDocument | undefined> {
    const text = this.#known.get(keyOf(file));
    if (text === undefined) return Promise.resolve(undefined);
    this.#used++;
    return Promise.resolve(JSON.parse(text) as ReadDocument);
  }

  async keep(documents: ReadonlyMap<DocumentFile, ReadDocument>): Promise<void> {
    const known = this.#used;
    const read = documents.size - known;
    const same = read === 0 && this.#known.size === known;
    const problem = same ? undefined : await this.#write(documents);
    this.#work = { known, read, problem };
  }

  async #write(documents: ReadonlyMap<DocumentFile, ReadDocument>): Promise<string | undefined> {
    const building = `${this.#path}.${this.#mark()}`;
    try {
      await mkdir(dirname(this.#path), { recursive: true });
      const opened = await openDatabase({ path: building });
      if (!opened.ok) return opened.error.message;
      const problem = await writeAll(opened.value, documents);
      await opened.value.close();
      if (problem === undefined) await rename(building, this.#path);
      return problem;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    } finally {
      await rm(building, { force: true });
      await rm(`${building}.wal`, { force: true });
    }
  }
}

const keyOf = ({ path, hash }: DocumentFile): string => `${hash} ${path}`;

/** An index of another version, or a file that is none, is as good as no index. */
async function readAll(database: Database, known: Map<string, string>): Promise<void> {
  const rows = await database.rows('select key, document from documents where version = $1', [
    EXTRACTOR_VERSION,
  ]);
  if (!rows.ok) return;
  for (const { key, document } of rows.value) {
    if (typeof key === 'string' && typeof document === 'string') known.set(key, document);
  }
}

async function writeAll(
  database: Database,
  documents: ReadonlyMap<DocumentFile, ReadDocument>,
): Promise<string | undefined> {
  const made = await database.run(
    'create table documents (version integer, key varchar, document varchar)',
  );
  if (!made.ok) return made.error.message;
  const all = [...documents];
  for (let from = 0; from < all.length; from += PORTION) {
    const rows = all
      .slice(from, from + PORTION)
      .map(([file, document]) => ({ key: keyOf(file), document: JSON.stringify(document) }));
    const put = await database.run(
      `insert into documents select $1, j.key, j.document from (select unnest(from_json(cast($2 as json), '[{"key":"VARCHAR","document":"VARCHAR"}]')) as j)`,
      [EXTRACTOR_VERSION, JSON.stringify(rows)],
    );
    if (!put.ok) return put.error.message;
  }
  return undefined;
}
