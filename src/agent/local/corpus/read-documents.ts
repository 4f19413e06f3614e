import { readFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { fail } from '../../../base/result.ts';
import { runWithin } from '../../../base/run-within.ts';
import { readDocument } from '../extract/read-document.ts';
import type { DocumentFile } from './corpus-folder.ts';
import type { ReadDocument } from './document.ts';

/** What came of a document; `changed` when it is no longer what was looked over. */
export type DocumentRead =
  | { readonly file: DocumentFile; readonly document: ReadDocument }
  | { readonly file: DocumentFile; readonly problem: string; readonly changed: boolean };

/** Files that are read at the same time. */
const AT_ONCE = 16;

/**
 * Time for one document. The largest that is read at all takes about a second; one that is made to
 * take for ever must not hold up the others.
 */
const DEADLINE_MS = 30_000;

/** Reads documents in their order, a portion at a time; other work goes on between. */
export async function* readDocuments(
  files: readonly DocumentFile[],
): AsyncGenerator<readonly DocumentRead[], void, undefined> {
  for (let at = 0; at < files.length; at += AT_ONCE) {
    yield await Promise.all(files.slice(at, at + AT_ONCE).map(readOne));
  }
}

async function readOne(file: DocumentFile): Promise<DocumentRead> {
  const bytes = await readFile(file.location).catch(() => undefined);
  if (bytes === undefined || createHash('sha256').update(bytes).digest('hex') !== file.hash) {
    return { file, problem: 'it changed since the corpus was opened', changed: true };
  }
  const text = new TextDecoder().decode(bytes);
  const ended = runWithin(DEADLINE_MS, () => readDocument(file.path, file.format, text));
  const read = ended.ok ? ended.value : fail(`reading it takes more than ${DEADLINE_MS / 1_000} s`);
  return read.ok ? { file, document: read.value } : { file, problem: read.error, changed: false };
}
