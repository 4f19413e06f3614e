import { createHash } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { fail, ok, type Result } from '../../../base/result.ts';
import type { DocumentFormat } from './document.ts';
import { lookOver, NOT_UTF_8, type LookedOver } from './look-over.ts';
import type { SeenFiles } from './seen-files.ts';

export type RecordFormat = 'csv' | 'tsv' | 'json' | 'ndjson' | 'parquet';

/** A file of the corpus, looked over but not parsed. */
interface CorpusFile {
  /** Relative to the corpus folder, with `/`. */
  readonly path: string;
  /** Absolute. */
  readonly location: string;
  readonly bytes: number;
  /** What the file system knew of it when its content was looked over. */
  readonly stamp: string;
  /** SHA-256 of its content, in hex. */
  readonly hash: string;
}

/** A file that holds a table. */
export interface RecordFile extends CorpusFile {
  readonly format: RecordFormat;
}

/** A file that people read: a page, a note. */
export interface DocumentFile extends CorpusFile {
  readonly format: DocumentFormat;
}

/** A corpus as it lies on the disk. */
export interface CorpusFolder {
  /** The folder's own name; citations carry it instead of a path. */
  readonly name: string;
  /** Files of records, sorted by path: the order in which sources are preferred. */
  readonly files: readonly RecordFile[];
  /** Sorted by path. */
  readonly documents: readonly DocumentFile[];
  /** Files that are not used, and why: one sentence each. */
  readonly skipped: readonly string[];
  /** SHA-256 over paths and contents of all files, in hex. */
  readonly digest: string;
}

/** Why there is no corpus, as a sentence for a person. */
export interface CorpusFolderProblem {
  readonly kind: 'missing' | 'no-records' | 'too-large';
  readonly message: string;
}

const RECORDS: Readonly<Record<string, RecordFormat>> = {
  '.csv': 'csv',
  '.tsv': 'tsv',
  '.json': 'json',
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
  '.parquet': 'parquet',
};
const DOCUMENTS: Readonly<Record<string, DocumentFormat>> = {
  '.html': 'html',
  '.htm': 'html',
  '.xhtml': 'html',
  '.md': 'markdown',
  '.markdown': 'markdown',
  '.txt': 'text',
};
/** At the top of a corpus such files speak of the corpus; they are no part of it. */
const ABOUT = /^(?:readme|notice|licen[sc]e|copying|changelog|contributing|authors|sources)\b/iu;

const MAX_FILES = 50_000;
const MAX_FOLDERS_DEEP = 8;
const MAX_RECORD_BYTES = 512 * 1024 * 1024;
const MAX_DOCUMENT_BYTES = 8 * 1024 * 1024;
/** Files that are read at the same time. */
const AT_ONCE = 16;

/**
 * Finds the files of a folder that the agent can read, and takes their digests. Nothing is parsed,
 * so this costs one reading of the files. Hidden files, files of other kinds, and notices at the
 * top are no part of a corpus. Files that `seen` knows are not read again. Links are not followed: whoever may write into the folder could
 * name any file of the machine.
 */
export async function readCorpusFolder(
  folder: string,
  seen?: SeenFiles,
): Promise<Result<CorpusFolder, CorpusFolderProblem>> {
  const found: Found = { paths: [], problems: new Map() };
  let root: string;
  try {
    root = await realpath(folder);
    await collect(root, '', await readdir(root, { withFileTypes: true }), found);
  } catch {
    return fail({
      kind: 'missing',
      message: `The corpus folder ${folder} does not exist or cannot be read. Make it and put tables or documents into it, or name another one as "corpus" of a local agent in fieldwork.yaml.`,
    });
  }
  if (isTooLarge(found)) {
    return fail({
      kind: 'too-large',
      message: `The corpus folder ${folder} has more than ${MAX_FILES} files.`,
    });
  }
  const looked = await lookOverAll(root, found.paths.toSorted(), seen);
  await seen?.keep(looked);
  return corpusOf(folder, root, found, looked);
}

function corpusOf(
  folder: string,
  root: string,
  { problems }: Found,
  looked: ReadonlyMap<string, LookedOver>,
): Result<CorpusFolder, CorpusFolderProblem> {
  const files: RecordFile[] = [];
  const documents: DocumentFile[] = [];
  const digest = createHash('sha256');
  for (const [path, { bytes, stamp, hash, problem }] of looked) {
    digest.update(`${path}\0${hash}\0`);
    if (problem !== undefined) problems.set(path, problem);
    else {
      const ending = endingOf(path);
      const [records, document] = [RECORDS[ending], DOCUMENTS[ending]];
      const file = { path, location: join(root, path), bytes, stamp, hash };
      if (records !== undefined) files.push({ ...file, format: records });
      else if (document !== undefined) documents.push({ ...file, format: document });
    }
  }
  const sorted = [...problems].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const skipped = sorted.map(([path, problem]) => {
    if (!looked.has(path)) digest.update(`${path}\0${problem}\0`);
    return `${path} is not used: ${problem}.`;
  });
  if (files.length + documents.length === 0) {
    return fail({
      kind: 'no-records',
      message:
        `The corpus folder ${folder} has no usable CSV, TSV, JSON, NDJSON, Parquet, Markdown, HTML or text file.` +
        skipped.map((line) => ` ${line}`).join(''),
    });
  }
  return ok({ name: basename(root), files, documents, skipped, digest: digest.digest('hex') });
}

/** Files by their paths in the folder, and what cannot be looked over, with why. */
interface Found {
  readonly paths: string[];
  readonly problems: Map<string, string>;
}

const isTooLarge = ({ paths, problems }: Found): boolean =>
  paths.length + problems.size > MAX_FILES;

async function collect(
  root: string,
  below: string,
  entries: readonly Dirent[],
  found: Found,
): Promise<void> {
  for (const entry of entries) {
    if (entry.name.startsWith('.') || isTooLarge(found)) continue;
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) await collectBelow(root, path, found);
    else if (entry.isFile()) {
      if (isWanted(path)) found.paths.push(path);
    } else if (isWanted(path) || (await isFolder(join(root, path)))) {
      const problem = entry.isSymbolicLink() ? 'it is a link' : 'it is no plain file';
      found.problems.set(path, problem);
    }
  }
}

async function collectBelow(root: string, path: string, found: Found): Promise<void> {
  if (path.split('/').length > MAX_FOLDERS_DEEP) {
    found.problems.set(path, `it lies more than ${MAX_FOLDERS_DEEP} folders deep`);
    return;
  }
  const entries = await readdir(join(root, path), { withFileTypes: true }).catch(() => undefined);
  if (entries !== undefined) await collect(root, path, entries, found);
  else found.problems.set(path, path.includes('\uFFFD') ? NOT_UTF_8 : 'it cannot be read');
}

const isFolder = (location: string): Promise<boolean> =>
  stat(location).then(
    (it) => it.isDirectory(),
    () => false,
  );

const endingOf = (path: string): string => extname(path).toLowerCase();

const isWanted = (path: string): boolean => {
  const ending = endingOf(path);
  if (RECORDS[ending] !== undefined) return true;
  return DOCUMENTS[ending] !== undefined && (path.includes('/') || !ABOUT.test(path));
};

/** In the order of `paths`; several at once, for most files are small. */
async function lookOverAll(
  root: string,
  paths: readonly string[],
  seen: SeenFiles | undefined,
): Promise<ReadonlyMap<string, LookedOver>> {
  const looked = new Map<string, LookedOver>();
  for (let at = 0; at < paths.length; at += AT_ONCE) {
    const portion = paths.slice(at, at + AT_ONCE).map(async (path) => {
      const ending = endingOf(path);
      const mostBytes = RECORDS[ending] === undefined ? MAX_DOCUMENT_BYTES : MAX_RECORD_BYTES;
      const parquet = RECORDS[ending] === 'parquet';
      const known = (stamp: string): ReturnType<SeenFiles['get']> => seen?.get(path, stamp);
      const look = { parquet, mostBytes, seen: known };
      return [path, await lookOver(join(root, path), look)] as const;
    });
    for (const [path, it] of await Promise.all(portion)) looked.set(path, it);
  }
  return looked;
}
