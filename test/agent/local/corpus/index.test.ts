import { mkdir, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { AgentRequest } from '../../../../src/agent/agent.ts';
import { indexPath, openCorpus } from '../../../../src/agent/local/open-corpus.ts';
import type { OpenedCorpus } from '../../../../src/agent/local/open-corpus.ts';
import { openLocalAgent, type LocalAgent } from '../../../../src/agent/local/local-agent.ts';
import { openDatabase, type Database } from '../../../../src/duckdb/database.ts';
import { seededRandom } from '../../../rig/seeded-random.ts';
import { ask, COMPANIES, folderWith, listOf, NOW } from '../local-rig.ts';

const FILES = {
  'companies.csv': COMPANIES,
  'towns.ndjson': '{"town":"Aford","people":3,"known_for":"salt and boats"}\n',
  'ragged.csv': 'a,b\n1\n2,3,4\n',
  'pages/aford.md': '# Aford\n\n- Mayor: Jo Kim\n- Founded: 1850\n\nAford has a salt museum.\n',
  'pages/bford.md': '# Bford\n\n- Mayor: Ada Ray\n- Founded: 1910\n\nBoats are built in Bford.\n',
  'pages/cut.html': '<html><body><h1>Cford</h1><p>Its may',
};

const REQUESTS: readonly AgentRequest[] = [
  {
    query: 'companies in Germany founded before 2015',
    outputSchema: listOf('companies', { name: 'string', founded: 'integer', city: 'string' }),
  },
  {
    query: 'towns known for salt',
    outputSchema: listOf('towns', { town: 'string', people: 'integer' }),
  },
  {
    query: 'Who is the mayor?',
    outputSchema: listOf('places', { name: 'string', mayor: 'string' }),
  },
  { query: 'Where are boats built?' },
  { query: 'salt' },
];

const clock = { now: () => NOW, sleep: () => Promise.resolve() };

/** Opens the index of a folder; it is closed after the test. */
async function open(folder: string, indexFolder: string): Promise<OpenedCorpus> {
  const opened = await openCorpus({ folder, indexFolder, clock, random: seededRandom() });
  if (!opened.ok) throw new Error(opened.error);
  onTestFinished(() => opened.value.corpus.close());
  return opened.value;
}

/** Files read, files known, and whether the index was kept. */
async function work(folder: string, indexFolder: string): Promise<readonly unknown[]> {
  const { work: done } = await open(folder, indexFolder);
  return [done.read, done.known, done.problem];
}

async function agentWith(folder: string, indexFolder: string | undefined): Promise<LocalAgent> {
  const place = indexFolder === undefined ? {} : { indexFolder };
  const random = seededRandom();
  const opened = await openLocalAgent({ name: 'a', corpusFolder: folder, clock, random, ...place });
  if (!opened.ok) throw new Error(opened.error.message);
  onTestFinished(() => opened.value.close());
  return opened.value;
}

/** All answers over a folder, by an index in the folder or by one in memory. */
async function answers(folder: string, indexFolder?: string): Promise<readonly unknown[]> {
  const agent = await agentWith(folder, indexFolder);
  const runs: unknown[] = [];
  for (const request of REQUESTS) {
    const { output, status, usage } = await ask(agent, request);
    runs.push({ output, status, usage });
  }
  return runs;
}

/** Indexes in a folder, finished or not, beside the lists of files that were seen. */
const indexes = async (indexFolder: string): Promise<readonly string[]> =>
  (await readdir(indexFolder))
    .filter((name) => !name.endsWith('.files.json'))
    .map((name) => join(indexFolder, name))
    .toSorted();

/** Runs a statement on an index as something outside would. */
async function tamper(path: string, sql: string): Promise<void> {
  const database: Database = await opened(path);
  const done = await database.run(sql);
  await database.close();
  if (!done.ok) throw new Error(done.error.message);
}

async function opened(path: string): Promise<Database> {
  const database = await openDatabase({ path });
  if (!database.ok) throw new Error(database.error.message);
  return database.value;
}

test('answers from an index are those without one, whatever it was made from', async () => {
  const folder = await folderWith(FILES);
  const indexFolder = await folderWith({});
  const path = indexPath(indexFolder, folder);
  const edit = (path: string, text: string): Promise<void> => writeFile(join(folder, path), text);
  const steps: readonly (() => readonly Promise<unknown>[])[] = [
    () => [],
    () => [
      edit('pages/aford.md', FILES['pages/aford.md'].replace('Jo', 'Al')),
      edit('pages/a.txt', 'Zford\n\nMayor: Bo Lee\n\nZford sells salt.\n'),
    ],
    () => [
      edit('a-first.csv', 'town,people\nDford,12\nEford,4\n'),
      rm(join(folder, 'companies.csv')),
      rename(join(folder, 'towns.ndjson'), join(folder, 'places.ndjson')),
    ],
    () => [
      rm(join(folder, 'pages/bford.md')),
      edit('companies.csv', COMPANIES.replaceAll('Germany', 'Chile')),
    ],
    () => [rm(path)],
  ];
  for (const [at, step] of steps.entries()) {
    await Promise.all(step());
    const fresh = await answers(folder);
    expect([at, await answers(folder, indexFolder)]).toEqual([at, fresh]);
  }
});

test('only files that are new or changed are read, and what is gone is gone', async () => {
  const folder = await folderWith(FILES);
  const indexFolder = await folderWith({});
  expect(await work(folder, indexFolder)).toEqual([6, 0, undefined]);
  expect(await work(folder, indexFolder)).toEqual([0, 6, undefined]);
  await writeFile(join(folder, 'pages/bford.md'), '# Bford\n\n- Mayor: Bo\n');
  await writeFile(join(folder, 'more.csv'), 'x\n1\n');
  await rm(join(folder, 'towns.ndjson'));
  expect(await work(folder, indexFolder)).toEqual([2, 4, undefined]);
  const { corpus } = await open(folder, indexFolder);
  const paths = corpus.tables.map(({ path, rows }) => [path, rows]);
  expect(paths).toEqual([
    ['companies.csv', 12],
    ['more.csv', 1],
    ['pages/', 2],
  ]);
  const left = await corpus.select(`select count(*) as n from record_words where word = 'boats'`);
  expect(left).toEqual([{ n: 0 }]);
  const sentences = await corpus.select('select text from sentences order by doc, nth');
  expect(JSON.stringify(sentences)).not.toContain('Boats are built');
});

test('an index of another version, of another kind, damaged or cut off is made anew', async () => {
  const folder = await folderWith(FILES);
  const indexFolder = await folderWith({});
  const path = indexPath(indexFolder, folder);
  await work(folder, indexFolder);
  const whole = await readFile(path);
  const cut = whole.subarray(0, Math.floor(whole.length / 2));
  const flipped = Uint8Array.from(whole);
  for (let at = 0; at < 2_048; at++) flipped[12_288 + at] = 0xa5;
  const harms: readonly (() => Promise<unknown>)[] = [
    () => tamper(path, `update index_of set version = '999'`),
    () => tamper(path, 'drop table index_of'),
    () => tamper(path, 'drop table tables'),
    () => tamper(path, 'delete from index_of'),
    () => writeFile(path, ''),
    () => writeFile(path, 'no index'),
    () => writeFile(path, cut),
    () => writeFile(path, flipped),
  ];
  for (const [at, harm] of harms.entries()) {
    await harm();
    expect([at, await work(folder, indexFolder)]).toEqual([at, [6, 0, undefined]]);
    expect(await work(folder, indexFolder)).toEqual([0, 6, undefined]);
  }
});

test('a damaged index is no source for the next one', async () => {
  const folder = await folderWith(FILES);
  const indexFolder = await folderWith({});
  const path = indexPath(indexFolder, folder);
  await work(folder, indexFolder);
  await tamper(path, 'drop table record_words');
  await writeFile(join(folder, 'more.csv'), 'town,people\nDford,12\n');
  expect(await work(folder, indexFolder)).toEqual([7, 0, undefined]);
  expect(await answers(folder, indexFolder)).toEqual(await answers(folder));
});

test('damage that shows in the middle of an answer fails it once, and never again', async () => {
  const folder = await folderWith(FILES);
  const indexFolder = await folderWith({});
  const path = indexPath(indexFolder, folder);
  await work(folder, indexFolder);
  await tamper(path, 'drop table sentence_words');
  const request = { query: 'Where are boats built?' };
  const first = await ask(await agentWith(folder, indexFolder), request);
  expect(first).toMatchObject({ status: 'failed', error: { code: 'SERVER_ERROR' } });
  const second = await ask(await agentWith(folder, indexFolder), request);
  expect(second.output.text).toContain('Boats are built in Bford.');
});

test('several that open a corpus at once all have it, and one index stays', async () => {
  const folder = await folderWith(FILES);
  const indexFolder = await folderWith({});
  const random = seededRandom();
  const all = await Promise.all(
    Array.from({ length: 4 }, () => openCorpus({ folder, indexFolder, clock, random })),
  );
  for (const one of all) {
    if (!one.ok) throw new Error(one.error);
    const { corpus } = one.value;
    expect(await corpus.select('select count(*) as n from sentences')).toEqual([{ n: 6 }]);
    expect(corpus.work.problem).toBeUndefined();
    await corpus.close();
  }
  expect(await indexes(indexFolder)).toHaveLength(1);
  expect(await work(folder, indexFolder)).toEqual([0, 6, undefined]);
});

test('a corpus that is open is not disturbed by a newer index in its place', async () => {
  const folder = await folderWith(FILES);
  const indexFolder = await folderWith({});
  const old = await open(folder, indexFolder);
  await writeFile(join(folder, 'companies.csv'), 'name\nOnly Ltd\n');
  const young = await open(folder, indexFolder);
  expect(old.corpus.tables[0]?.rows).toBe(12);
  expect(await old.corpus.select('select count(*) as n from c0')).toEqual([{ n: 12 }]);
  expect(await young.corpus.select('select count(*) as n from c0')).toEqual([{ n: 1 }]);
});

test('what a killed process left beside an index goes once it is old', async () => {
  const folder = await folderWith(FILES);
  const indexFolder = await folderWith({});
  const path = indexPath(indexFolder, folder);
  const [left, fresh] = [`${path}.01old`, `${path}.01young`];
  await writeFile(left, 'half an index');
  await writeFile(`${left}.wal`, 'half a log');
  await writeFile(fresh, 'another process is at it');
  const old = new Date(NOW - 7_200_000);
  await utimes(left, old, old);
  await utimes(`${left}.wal`, old, old);
  await utimes(fresh, new Date(NOW), new Date(NOW));
  expect(await work(folder, indexFolder)).toEqual([6, 0, undefined]);
  expect(await indexes(indexFolder)).toEqual([path, fresh]);
});

test('where no index can be written the answers are the same, and the work says why', async () => {
  const folder = await folderWith(FILES);
  const blocked = join(await folderWith({ file: 'not a folder' }), 'file');
  const { work: done, corpus } = await open(folder, blocked);
  expect(done).toMatchObject({ read: 6, known: 0 });
  expect(done.problem).toMatch(/EEXIST|ENOTDIR/u);
  expect(corpus.tables).toHaveLength(3);
  // A folder stands where the index should be: nothing can be put in its place.
  const indexFolder = await folderWith({});
  await mkdir(join(indexPath(indexFolder, folder), 'below'), { recursive: true });
  const { work: other } = await open(folder, indexFolder);
  expect(other.problem).toMatch(/EISDIR|ENOTEMPTY|EEXIST/u);
  expect(await answers(folder, indexFolder)).toEqual(await answers(folder));
  expect(await indexes(indexFolder)).toHaveLength(1);
});

test('a file that changed after it was looked over is looked at again the next time', async () => {
  const folder = await folderWith(FILES);
  const indexFolder = await folderWith({});
  const agent = await agentWith(folder, indexFolder);
  const [before, now] = [FILES['pages/aford.md'], '# Aford\n\n- Mayor: Al Ray\n'];
  await writeFile(join(folder, 'pages/aford.md'), now);
  await writeFile(join(folder, 'companies.csv'), 'name\nOnly Ltd\n');
  const { output } = await ask(agent, { query: 'Where are boats built?' });
  for (const path of ['pages/aford.md', 'companies.csv']) {
    expect(output.text).toContain(`${path} is not used: it changed since the corpus was opened.`);
  }
  await agent.close();
  // The old content again: the index must not take itself for complete.
  await writeFile(join(folder, 'pages/aford.md'), before);
  await writeFile(join(folder, 'companies.csv'), COMPANIES);
  expect(await work(folder, indexFolder)).toEqual([2, 4, undefined]);
  expect(await answers(folder, indexFolder)).toEqual(await answers(folder));
});
