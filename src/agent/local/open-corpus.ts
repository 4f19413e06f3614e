import { basename, join } from 'node:path';
import { digestOf } from '../../base/fingerprint.ts';
import { ulid } from '../../base/ids.ts';
import type { Random } from '../../base/random.ts';
import { fail, ok, type Result } from '../../base/result.ts';
import type { Clock } from '../../base/clock.ts';
import { Corpus } from './corpus/corpus.ts';
import { readCorpusFolder, type CorpusFolder } from './corpus/corpus-folder.ts';
import { IndexFile, type IndexWork } from './corpus/index-file.ts';

export interface OpenCorpusOptions {
  /** Absolute. */
  readonly folder: string;
  /** Absolute folder of the indexes of all corpora. */
  readonly indexFolder: string;
  readonly clock: Clock;
  readonly random: Random;
}

/** A corpus in memory; whoever opened it closes it. */
export interface OpenedCorpus {
  readonly corpus: Corpus;
  readonly folder: CorpusFolder;
  readonly work: IndexWork;
  /** Where its index is. */
  readonly index: string;
}

/** Where the index of a corpus folder is kept: named for people, and for its whole path. */
export const indexPath = (indexFolder: string, folder: string): string =>
  join(indexFolder, `${basename(folder)}-${digestOf(folder).slice(0, 12)}.duckdb`);

/** Opens a corpus by itself, without an agent, and brings its index up to date. */
export async function openCorpus(
  options: OpenCorpusOptions,
): Promise<Result<OpenedCorpus, string>> {
  const found = await readCorpusFolder(options.folder);
  if (!found.ok) return fail(found.error.message);
  const path = indexPath(options.indexFolder, options.folder);
  const index = await IndexFile.open(path, () => ulid(options.clock.now(), options.random));
  const corpus = await Corpus.load(found.value, index);
  if (!corpus.ok) return corpus;
  return ok({ corpus: corpus.value, folder: found.value, work: index.work, index: path });
}
