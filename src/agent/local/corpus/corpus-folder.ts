import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { fail, ok, type Result } from '../../../base/result.ts';

export type RecordFormat = 'csv' | 'tsv' | 'json' | 'ndjson' | 'parquet';

/** A file of records, looked over but not parsed. */
export interface RecordFile {
  /** Relative to the corpus folder, with `/`. */
  readonly path: string;
  /** Absolute. */
  readonly location: string;
  readonly format: RecordFormat;
  readonly bytes: number;
  readonly modifiedMs: number;
}

/** A corpus as it lies on the disk. */
export interface CorpusFolder {
  /** The folder's own name; citations carry it instead of a path. */
  readonly name: string;
  /** Sorted by path: the order in which sources are preferred. */
  readonly files: readonly RecordFile[];
  /** Files that are not used, and why: one sentence each. */
  readonly skipped: readonly string[];
  /** SHA-256 over paths and contents of all record files, in hex. */
  readonly digest: string;
}

/** Why there is no corpus, as a sentence for a person. */
export interface CorpusFolderProblem {
  readonly kind: 'missing' | 'no-records' | 'too-large';
  readonly message: string;
}

const FORMATS: Readonly<Record<string, RecordFormat>> = {
  '.csv': 'csv',
  '.tsv': 'tsv',
  '.json': 'json',
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
  '.parquet': 'parquet',
};

const MAX_FILES = 1_000;
const MAX_FOLDERS_DEEP = 8;
const MAX_BYTES = 512 * 1024 * 1024;

/**
 * Finds the record files of a folder and takes their digest. Nothing is parsed, so this costs one
 * reading of the files. Other files, such as notices and licences, hidden ones, and symbolic links
 * are no part of a corpus.
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
      message: `The corpus folder ${folder} has more than ${MAX_FILES} record files.`,
    });
  }
  const files: RecordFile[] = [];
  const skipped: string[] = [];
  const digest = createHash('sha256');
  for (const path of paths.toSorted()) {
    const { file, problem } = await lookOver(root, path, digest);
    if (problem === undefined) files.push(file);
    else skipped.push(`${path} is not used: ${problem}.`);
  }
  if (files.length === 0) {
    return fail({
      kind: 'no-records',
      message:
        `The corpus folder ${folder} has no usable CSV, TSV, JSON, NDJSON or Parquet file.` +
        skipped.map((line) => ` ${line}`).join(''),
    });
  }
  return ok({ name: basename(root), files, skipped, digest: digest.digest('hex') });
}

async function collect(root: string, below: string, deep: number, paths: string[]): Promise<void> {
  const entries = await readdir(join(root, below), { withFileTypes: true });
  for (const entry of entries) {
    if (entry.name.startsWith('.') || paths.length > MAX_FILES) continue;
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory() && deep < MAX_FOLDERS_DEEP) await collect(root, path, deep + 1, paths);
    else if (entry.isFile() && formatOf(path) !== undefined) paths.push(path);
  }
}

const formatOf = (path: string): RecordFormat | undefined => FORMATS[extname(path).toLowerCase()];

/** Reads a file once for the digest of the corpus and for what would make it unusable. */
async function lookOver(
  root: string,
  path: string,
  digest: Hash,
): Promise<{ readonly file: RecordFile; readonly problem: string | undefined }> {
  const location = join(root, path);
  const format = formatOf(path) ?? 'csv';
  const { size: bytes, mtimeMs: modifiedMs } = await stat(location);
  const file = { path, location, format, bytes, modifiedMs };
  digest.update(`${path}\0${bytes}\0`);
  if (bytes > MAX_BYTES) return { file, problem: 'it is larger than 512 MB' };
  try {
    return { file, problem: await problemOfContent(file, digest) };
  } catch {
    return { file, problem: 'it cannot be read' };
  }
}

async function problemOfContent(file: RecordFile, digest: Hash): Promise<string | undefined> {
  if (file.format === 'parquet') return problemOfParquet(file, digest);
  const text = new TextDecoder('utf-8', { fatal: true });
  let problem: string | undefined;
  let blank = true;
  for await (const part of createReadStream(file.location) as AsyncIterable<Buffer>) {
    digest.update(part);
    if (problem !== undefined) continue;
    if (part.includes(0)) problem = 'it is binary, not text';
    try {
      if (/\S/u.test(text.decode(part, { stream: true }))) blank = false;
    } catch {
      problem ??= 'it is not UTF-8 text';
    }
  }
  return problem ?? (blank ? 'it is empty' : undefined);
}

async function problemOfParquet(file: RecordFile, digest: Hash): Promise<string | undefined> {
  let head = Buffer.alloc(0);
  for await (const part of createReadStream(file.location) as AsyncIterable<Buffer>) {
    digest.update(part);
    if (head.length < 4) head = Buffer.concat([head, part.subarray(0, 4)]);
  }
  return head.toString('latin1', 0, 4) === 'PAR1' ? undefined : 'it is not a Parquet file';
}
