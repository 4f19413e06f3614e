import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { fail, ok, type Result } from '../../../base/result.ts';
import type { DocumentFormat } from './document.ts';

export type RecordFormat = 'csv' | 'tsv' | 'json' | 'ndjson' | 'parquet';

/** A file of the corpus, looked over but not parsed. */
interface CorpusFile {
  /** Relative to the corpus folder, with `/`. */
  readonly path: string;
  /** Absolute. */
  readonly location: string;
  readonly bytes: number;
  readonly modifiedMs: number;
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
 * so this costs one reading of the files. Hidden files, symbolic links, files of other kinds, and
 * notices at the top are no part of a corpus.
 */
export async function readCorpusFolder(
  folder: string,
): Promise<Result<CorpusFolder, CorpusFolderProblem>> {
  const paths: string[] = [];
  let root: string;
  try {
    root = await realpath(folder);
    await collect(root, '', 0, paths);
  } catch {
    return fail({
      kind: 'missing',
      message: `The corpus folder ${folder} does not exist or cannot be read.`,
    });
  }
  if (paths.length > MAX_FILES) {
    return fail({
      kind: 'too-large',
      message: `The corpus folder ${folder} has more than ${MAX_FILES} files.`,
    });
  }
  const looked = await lookOverAll(root, paths.toSorted());
  const files: RecordFile[] = [];
  const documents: DocumentFile[] = [];
  const digest = createHash('sha256');
  for (const { file, problem } of looked) {
    digest.update(`${file.path}\0${file.hash}\0`);
    if (problem !== undefined) continue;
    if (isRecords(file)) files.push(file);
    else documents.push(file);
  }
  const skipped = looked.flatMap(({ file, problem }) =>
    problem === undefined ? [] : [`${file.path} is not used: ${problem}.`],
  );
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

async function collect(root: string, below: string, deep: number, paths: string[]): Promise<void> {
  const entries = await readdir(join(root, below), { withFileTypes: true });
  for (const entry of entries) {
    if (entry.name.startsWith('.') || paths.length > MAX_FILES) continue;
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory() && deep < MAX_FOLDERS_DEEP) await collect(root, path, deep + 1, paths);
    else if (entry.isFile() && isWanted(path)) paths.push(path);
  }
}

const isWanted = (path: string): boolean => {
  const ending = extname(path).toLowerCase();
  if (RECORDS[ending] !== undefined) return true;
  return DOCUMENTS[ending] !== undefined && (path.includes('/') || !ABOUT.test(path));
};

const isRecords = (file: RecordFile | DocumentFile): file is RecordFile =>
  RECORDS[extname(file.path).toLowerCase()] !== undefined;

interface LookedOver {
  readonly file: RecordFile | DocumentFile;
  readonly problem: string | undefined;
}

/** In the order of `paths`; several at once, for most files are small. */
async function lookOverAll(root: string, paths: readonly string[]): Promise<readonly LookedOver[]> {
  const looked: LookedOver[] = [];
  for (let at = 0; at < paths.length; at += AT_ONCE) {
    const portion = paths.slice(at, at + AT_ONCE).map((path) => lookOver(root, path));
    looked.push(...(await Promise.all(portion)));
  }
  return looked;
}

/** Reads a file once for its digest and for what would make it unusable. */
async function lookOver(root: string, path: string): Promise<LookedOver> {
  const location = join(root, path);
  const ending = extname(path).toLowerCase();
  const format = RECORDS[ending] ?? DOCUMENTS[ending] ?? 'text';
  const { size: bytes, mtimeMs: modifiedMs } = await stat(location);
  const file = { path, location, format, bytes, modifiedMs } as Omit<RecordFile, 'hash'>;
  const most = RECORDS[ending] === undefined ? MAX_DOCUMENT_BYTES : MAX_RECORD_BYTES;
  if (bytes > most) {
    const problem = `it is larger than ${most / 1024 / 1024} MB`;
    return { file: { ...file, hash: `${bytes} bytes` }, problem };
  }
  try {
    const { hash, problem } = await (format === 'parquet' ? lookAtParquet : lookAtText)(location);
    return { file: { ...file, hash }, problem };
  } catch {
    return { file: { ...file, hash: 'unreadable' }, problem: 'it cannot be read' };
  }
}

interface Content {
  readonly hash: string;
  readonly problem: string | undefined;
}

async function lookAtText(location: string): Promise<Content> {
  const digest = createHash('sha256');
  const text = new TextDecoder('utf-8', { fatal: true });
  let problem: string | undefined;
  let blank = true;
  const decode = (part: Buffer | undefined): void => {
    try {
      if (/\S/u.test(text.decode(part, { stream: part !== undefined }))) blank = false;
    } catch {
      problem ??= 'it is not UTF-8 text';
    }
  };
  for await (const part of createReadStream(location) as AsyncIterable<Buffer>) {
    digest.update(part);
    if (problem !== undefined) continue;
    if (part.includes(0)) problem = 'it is binary, not text';
    else decode(part);
  }
  // What the last character lacks would be missing silently.
  if (problem === undefined) decode(undefined);
  return { hash: digest.digest('hex'), problem: problem ?? (blank ? 'it is empty' : undefined) };
}

async function lookAtParquet(location: string): Promise<Content> {
  const digest = createHash('sha256');
  let [head, tail] = [Buffer.alloc(0), Buffer.alloc(0)];
  for await (const part of createReadStream(location) as AsyncIterable<Buffer>) {
    digest.update(part);
    if (head.length < 4) head = Buffer.concat([head, part.subarray(0, 4)]);
    tail = Buffer.concat([tail, part]).subarray(-4);
  }
  const whole = [head.subarray(0, 4), tail].every((mark) => mark.toString('latin1') === 'PAR1');
  const started = head.toString('latin1', 0, 4) === 'PAR1';
  const problem = started ? 'it is cut off' : 'it is not a Parquet file';
  return { hash: digest.digest('hex'), problem: whole ? undefined : problem };
}
