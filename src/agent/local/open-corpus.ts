import { basename, join } from 'node:path';
import { digestOf } from '../../base/fingerprint.ts';
import type { Random } from '../../base/random.ts';
import { fail, ok, type Result } from '../../base/result.ts';
import type { Clock } from '../../base/clock.ts';
import { Corpus } from './corpus/corpus.ts';
import { readCorpusFolder, type CorpusFolder } from './corpus/corpus-folder.ts';
import type { IndexWork } from './corpus/index-file.ts';
import type { IndexPlace } from './corpus/index-place.ts';
import { SeenFiles } from './corpus/seen-files.ts';

export interface OpenCorpusOptions {
  /** Absolute. */
  readonly folder: string;
  /** Absolute folder of the indexes of all corpora. */
  readonly indexFolder: string;
  readonly clock: Clock;
  readonly random: Random;
}

/** A corpus with its index open; whoever opened it closes it. */
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

/** The place of the index of a corpus folder. */
export const placeOf = ({ folder, indexFolder, clock, random }: OpenCorpusOptions): IndexPlace => ({
  path: indexPath(indexFolder, folder),
  clock,
  random,
});

/** Opens a corpus by itself, without an agent, and brings its index up to date. */
export async function openCorpus(
  options: OpenCorpusOptions,
): Promise<Result<OpenedCorpus, string>> {
  const place = placeOf(options);
  const found = await readCorpusFolder(options.folder, await SeenFiles.open(place));
  if (!found.ok) return fail(found.error.message);
  const loaded = await Corpus.load(found.value, place);
  if (!loaded.ok) return loaded;
  const corpus = loaded.value;
  return ok({ corpus, folder: found.value, work: corpus.work, index: place.path });
}
