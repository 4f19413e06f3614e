import { readFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { readDocument } from '../extract/read-document.ts';
import type { DocumentFile } from './corpus-folder.ts';
import type { ReadDocument } from './document.ts';
import type { CorpusDocument } from './gather.ts';

/** What was read of documents before, by the hash of their content and their path. */
export interface DocumentCache {
  get(file: DocumentFile): Promise<ReadDocument | undefined>;
  /** Called once at the end, with all documents that are in the corpus now. */
  keep(documents: ReadonlyMap<DocumentFile, ReadDocument>): Promise<void>;
}

export const NO_CACHE: DocumentCache = {
  get: () => Promise.resolve(undefined),
  keep: () => Promise.resolve(),
};

/** Files that are read at the same time. */
const AT_ONCE = 16;

/** Reads all documents; those that cannot be read whole are named. Other work goes on between. */
export async function readDocuments(
  files: readonly DocumentFile[],
  cache: DocumentCache,
): Promise<{ readonly documents: readonly CorpusDocument[]; readonly skipped: readonly string[] }> {
  const read = new Map<DocumentFile, ReadDocument>();
  const skipped: string[] = [];
  for (let at = 0; at < files.length; at += AT_ONCE) {
    const portion = files.slice(at, at + AT_ONCE);
    const results = await Promise.all(portion.map((file) => readOne(file, cache)));
    for (const [i, file] of portion.entries()) {
      const result = results[i];
      if (typeof result === 'string') skipped.push(`${file.path} is not used: ${result}.`);
      else if (result !== undefined) read.set(file, result);
    }
  }
  await cache.keep(read);
  const documents = [...read].map(([{ path }, document]) => ({ path, document }));
  return { documents, skipped };
}

async function readOne(file: DocumentFile, cache: DocumentCache): Promise<ReadDocument | string> {
  const known = await cache.get(file);
  if (known !== undefined) return known;
  const bytes = await readFile(file.location).catch(() => undefined);
  if (bytes === undefined || createHash('sha256').update(bytes).digest('hex') !== file.hash) {
    return 'it changed since the corpus was opened';
  }
  const read = readDocument(file.path, file.format, new TextDecoder().decode(bytes));
  return read.ok ? read.value : read.error;
}
