import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Corpus } from '../../../../src/agent/local/corpus/corpus.ts';
import {
  readCorpusFolder,
  type CorpusFolder,
} from '../../../../src/agent/local/corpus/corpus-folder.ts';
import { loadTable } from '../../../../src/agent/local/corpus/load-table.ts';
import { openDatabase, type Database } from '../../../../src/duckdb/database.ts';
import { folderWith } from '../local-rig.ts';

const GOOD = { 'good.csv': 'name,people\nAford,3\n' };

async function readFolder(folder: string): Promise<CorpusFolder> {
  const read = await readCorpusFolder(folder);
  if (!read.ok) throw new Error(read.error.message);
  return read.value;
}

/** Opens a corpus, which is closed after the test. */
async function load(folder: string): Promise<Corpus> {
  const loaded = await Corpus.load(await readFolder(folder));
  if (!loaded.ok) throw new Error(loaded.error);
  onTestFinished(() => loaded.value.close());
  return loaded.value;
}

test('files that were not written to their end are named, and nothing of them is read', async () => {
  const json = JSON.stringify([{ name: 'Aford' }, { name: 'Bford' }]);
  const corpus = await load(
    await folderWith({
      ...GOOD,
      'character.csv': Buffer.from('name\nBéton').subarray(0, 7),
      'list.json': json.slice(0, -3),
      'lines.ndjson': '{"name":"Aford"}\n{"name":"Bf',
      'quote.csv': 'name,note\nAford,"it goes on\nand on',
      'row.csv': 'name,people\nAford,3\nBford',
      'page.html': '<html><body><h1>Aford</h1><p>Its mayor is',
      'table.parquet': 'PAR1 but no end',
    }),
  );
  expect(corpus.tables.map(({ path }) => path)).toEqual(['good.csv']);
  expect(corpus.documents).toBe(0);
  const told = corpus.skipped.map((line) => line.replace(/ \(.*/u, ''));
  expect(told).toEqual([
    'character.csv is not used: it is not UTF-8 text.',
    'table.parquet is not used: it is cut off.',
    'lines.ndjson is not used: it cannot be read as its ending says',
    'list.json is not used: it cannot be read as its ending says',
    'quote.csv is not used: it cannot be read as its ending says',
    'row.csv is not used: it cannot be read as its ending says',
    'page.html is not used: it ends before its closing </html>.',
  ]);
});

test('files that are empty or hold something else than they say are named', async () => {
  const corpus = await load(
    await folderWith({
      ...GOOD,
      'nothing.csv': '',
      'blank.md': ' \n\t\n',
      'header.csv': 'name,people\n',
      'no-list.json': '[]',
      'binary.txt': Uint8Array.from([77, 90, 0, 1]),
      'latin.html': Uint8Array.from([60, 112, 62, 0xe9, 60, 47, 112, 62]),
      'utf-16.csv': Buffer.from('\uFEFFname\nAford\n', 'utf16le'),
      'plain.parquet': 'name\nAford\n',
      'spaced.html': '<html><body> </body></html>',
    }),
  );
  expect(corpus.tables.map(({ path }) => path)).toEqual(['good.csv']);
  const told = corpus.skipped.map((line) => line.replace(/ \(.*/u, ''));
  expect(told).toEqual([
    'binary.txt is not used: it is binary, not text.',
    'blank.md is not used: it is empty.',
    'latin.html is not used: it is not UTF-8 text.',
    'nothing.csv is not used: it is empty.',
    'plain.parquet is not used: it is not a Parquet file.',
    'utf-16.csv is not used: it is binary, not text.',
    'header.csv is not used: it has no records.',
    'no-list.json is not used: it is not a list of JSON objects.',
    'spaced.html is not used: it has no text.',
  ]);
});

test('huge files are named and not read', async () => {
  const folder = await folderWith({ ...GOOD, 'huge.csv': 'name\n', 'huge.md': '# A\n' });
  await truncate(join(folder, 'huge.csv'), 512 * 1024 * 1024 + 1);
  await truncate(join(folder, 'huge.md'), 8 * 1024 * 1024 + 1);
  const { skipped, files, documents } = await readFolder(folder);
  expect([files.length, documents.length]).toEqual([1, 0]);
  expect(skipped).toEqual([
    'huge.csv is not used: it is larger than 512 MB.',
    'huge.md is not used: it is larger than 8 MB.',
  ]);
});

test('links, loops of links, pipes and folders too deep are named and not followed', async () => {
  const outside = await folderWith({ 'secret.csv': 'name\nhidden\n' });
  const folder = await folderWith({ ...GOOD, 'a/b/c/d/e/f/g/h/deep.csv': 'x\n1\n' });
  await mkdir(join(folder, 'a/b/c/d/e/f/g/h/i'));
  await writeFile(join(folder, 'a/b/c/d/e/f/g/h/i/too-deep.csv'), 'x\n1\n');
  await symlink(folder, join(folder, 'loop'));
  await symlink('../a', join(folder, 'a/again'));
  await symlink(join(outside, 'secret.csv'), join(folder, 'link.csv'));
  await symlink('nowhere.csv', join(folder, 'dangling.csv'));
  await symlink('itself.csv', join(folder, 'itself.csv'));
  await symlink('nowhere', join(folder, 'of-no-interest'));
  execFileSync('mkfifo', [join(folder, 'pipe.csv')]);
  const { skipped, files } = await readFolder(folder);
  expect(files.map(({ path }) => path)).toEqual(['a/b/c/d/e/f/g/h/deep.csv', 'good.csv']);
  expect(skipped).toEqual([
    'a/again is not used: it is a link.',
    'a/b/c/d/e/f/g/h/i is not used: it lies more than 8 folders deep.',
    'dangling.csv is not used: it is a link.',
    'itself.csv is not used: it is a link.',
    'link.csv is not used: it is a link.',
    'loop is not used: it is a link.',
    'pipe.csv is not used: it is no plain file.',
  ]);
});

test('names that are not UTF-8 are named as well as they can be', async () => {
  const folder = await folderWith({ ...GOOD, 'Bétön 日本.csv': 'name\nBford\n' });
  const named = (...bytes: number[]): Buffer =>
    Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(bytes)]);
  writeFileSync(named(0xe9, 0x2e, 0x63, 0x73, 0x76), 'name\nx\n');
  mkdirSync(named(0xff));
  const { skipped, files } = await readFolder(folder);
  expect(files.map(({ path }) => path)).toEqual(['Bétön 日本.csv', 'good.csv']);
  expect(skipped).toEqual([
    '\uFFFD is not used: its name is not UTF-8.',
    '\uFFFD.csv is not used: its name is not UTF-8.',
  ]);
});

test('a table that changes while it is read is not used half old and half new', async () => {
  const folder = await folderWith(GOOD);
  const [file] = (await readFolder(folder)).files;
  const opened = await openDatabase({ folders: [folder] });
  if (!opened.ok || file === undefined) throw new Error('The rig is broken.');
  const database = opened.value;
  onTestFinished(() => database.close());
  const meddling: Database = {
    rows: (...call) => database.rows(...call),
    stream: (...call) => database.stream(...call),
    close: () => database.close(),
    runUntil: (...call) => database.runUntil(...call),
    run: async (...call) => {
      const done = await database.run(...call);
      // Another process writes as many bytes over the file as it had.
      if (call[0].startsWith('create table raw0')) {
        await writeFile(file.location, 'name,people\nBford,4\n');
      }
      return done;
    },
  };
  const loaded = await loadTable(meddling, file, 0);
  const problem = { message: 'it changed since the corpus was opened', passes: true };
  expect(loaded).toEqual({ ok: false, error: problem });
  expect((await database.rows('from raw0')).ok).toBe(false);
});

test('a table without records leaves its place to the next', async () => {
  const folder = await folderWith({ 'a.csv': 'name,stars\n', 'b.csv': 'name,stars\nBford,3\n' });
  const loaded = await Corpus.load(await readFolder(folder));
  if (!loaded.ok) throw new Error(loaded.error);
  onTestFinished(() => loaded.value.close());
  expect(loaded.value.tables.map(({ path }) => path)).toEqual(['b.csv']);
  expect(loaded.value.skipped).toEqual(['a.csv is not used: it has no records.']);
});

test('a file that is gone when it is read is named', async () => {
  const folder = await folderWith({ ...GOOD, 'page.md': '# Aford\n\nIt is a town.\n' });
  const read = await readFolder(folder);
  execFileSync('rm', [join(folder, 'page.md')]);
  const loaded = await Corpus.load(read);
  if (!loaded.ok) throw new Error(loaded.error);
  onTestFinished(() => loaded.value.close());
  expect(loaded.value.skipped).toEqual([
    'page.md is not used: it changed since the corpus was opened.',
  ]);
});

test('a folder with more files than can be a corpus is refused, however many they are', async () => {
  const folder = await folderWith(GOOD);
  execFileSync('sh', ['-c', 'seq -f %.0f.md 50000 | xargs touch'], { cwd: folder });
  expect(await readCorpusFolder(folder)).toMatchObject({
    ok: false,
    error: { kind: 'too-large', message: expect.stringContaining('more than 50000 files') },
  });
});
