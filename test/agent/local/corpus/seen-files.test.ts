import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  readCorpusFolder,
  type CorpusFolder,
} from '../../../../src/agent/local/corpus/corpus-folder.ts';
import { SeenFiles } from '../../../../src/agent/local/corpus/seen-files.ts';
import { seededRandom } from '../../../rig/seeded-random.ts';
import { folderWith } from '../local-rig.ts';

interface Rig {
  readonly folder: string;
  readonly indexFolder: string;
  /** Where it is written what files were. */
  readonly kept: string;
  /** Looks the folder over at a time. */
  look(nowMs: number): Promise<CorpusFolder>;
}

async function rig(): Promise<Rig> {
  const folder = await folderWith({
    'towns.csv': 'name\nAford\n',
    'page.md': '# Aford\n\nA town.\n',
    'empty.csv': '',
  });
  const indexFolder = await folderWith({});
  const random = seededRandom();
  return {
    folder,
    indexFolder,
    kept: join(indexFolder, 'facts.files.json'),
    async look(nowMs) {
      const clock = { now: () => nowMs, sleep: () => Promise.resolve() };
      const place = { path: join(indexFolder, 'facts.duckdb'), clock, random };
      const read = await readCorpusFolder(folder, await SeenFiles.open(place));
      if (!read.ok) throw new Error(read.error.message);
      return read.value;
    },
  };
}

/** A day after a file was written: its stamp is settled. */
async function later({ folder }: Rig): Promise<number> {
  const { ctimeMs } = await stat(join(folder, 'towns.csv'));
  return Math.floor(ctimeMs) + 86_400_000;
}

/** What only shows when a file is not read. */
async function plant({ kept }: Rig): Promise<void> {
  const text = await readFile(kept, 'utf8');
  await writeFile(kept, text.replace('"it is empty"', '"it was seen before"'));
}

const SEEN = ['empty.csv is not used: it was seen before.'];
const READ = ['empty.csv is not used: it is empty.'];

test('a file that has not changed is not read again, and the corpus is the same', async () => {
  const corpus = await rig();
  const nowMs = await later(corpus);
  const first = await corpus.look(nowMs);
  await plant(corpus);
  const second = await corpus.look(nowMs);
  expect(second.skipped).toEqual(SEEN);
  expect({ ...second, skipped: READ }).toEqual(first);
  expect(await readdir(corpus.indexFolder)).toEqual(['facts.files.json']);
});

test('a file that was written again is read, even with the same bytes', async () => {
  const corpus = await rig();
  const nowMs = await later(corpus);
  await corpus.look(nowMs);
  await plant(corpus);
  await writeFile(join(corpus.folder, 'empty.csv'), '');
  expect((await corpus.look(nowMs)).skipped).toEqual(READ);
});

test('a file that changed a moment ago may change again unseen, and is read each time', async () => {
  const corpus = await rig();
  const nowMs = (await later(corpus)) - 86_400_000 + 1_000;
  await corpus.look(nowMs);
  expect(await readdir(corpus.indexFolder)).toEqual([]);
  expect((await corpus.look(nowMs)).skipped).toEqual(READ);
});

test('a list of another version or a damaged one is no reason to trust it', async () => {
  const corpus = await rig();
  const nowMs = await later(corpus);
  const { digest } = await corpus.look(nowMs);
  const whole = await readFile(corpus.kept, 'utf8');
  const planted = whole.replace('"it is empty"', '"it was seen before"');
  const harms = [
    '',
    'null',
    '[]',
    planted.slice(0, -2),
    planted.replace('"version":1', '"version":0'),
    whole.replaceAll(/"hash":"[0-9a-f]{64}"/gu, '"hash":7'),
    whole.replaceAll(/\{"stamp"[^}]*\}/gu, '"x"'),
  ];
  for (const harm of harms) {
    await writeFile(corpus.kept, harm);
    const read = await corpus.look(nowMs);
    expect([harm, read.skipped, read.digest]).toEqual([harm, READ, digest]);
  }
});
