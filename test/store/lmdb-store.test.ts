import { spawnSync } from 'node:child_process';
import { mkdir, open as openFile, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { open as openEnvironment } from 'lmdb';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { digestOf, type Fingerprint } from '../../src/base/fingerprint.ts';
import { microdollars } from '../../src/base/money.ts';
import { checkDataFile } from '../../src/store/data-file.ts';
import { LmdbStore } from '../../src/store/lmdb-store.ts';
import { StoreError, storeProblemOf } from '../../src/store/store-problem.ts';
import type { AnswerId } from '../../src/store/store.ts';
import {
  answer,
  attemptId,
  ended,
  fingerprint,
  intended,
  member,
  output,
  stepState,
  time,
} from './samples.ts';
import { openLmdb } from './stores.ts';
import { temporaryFolder } from './temporary-folder.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let state: string;
let file: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  state = join(folder.path, 'project', 'state');
  file = join(state, 'data.mdb');
});
afterEach(() => folder.dispose());

/** A store with enough in it that its tables have several pages. */
async function fill(): Promise<void> {
  const store = await openLmdb(state);
  const names = Array.from({ length: 500 }, (_, i) => `task-${i}`);
  await Promise.all(names.map((name) => store.settle(ended(name), [answer(name)])));
  // Larger than a page, so that it has pages of its own.
  const large = answer('large', { output: output('x'.repeat(100_000)) });
  await store.settle(ended('large'), [large]);
  await store.addMembers('v1', 0, [member('a')]);
  await store.publish(stepState('people', 'v1'));
  await store.close();
}

async function problemOf(readOnly = false): Promise<{ kind: string; message: string }> {
  const opened = await LmdbStore.open(state, { readOnly });
  if (opened.ok) {
    await opened.value.close();
    return { kind: 'none', message: '' };
  }
  return { kind: opened.error.kind, message: opened.error.message };
}

describe('opening', () => {
  test('creates a missing folder with a store that is whole', async () => {
    const store = await openLmdb(state);
    await store.close();
    expect((await readdir(state)).sort()).toEqual(['data.mdb', 'lock.mdb']);
    expect(await checkDataFile(file, { deep: true })).toEqual({ ok: true, value: undefined });
  });

  test('gives one store to many that create it at once', async () => {
    const stores = await Promise.all(Array.from({ length: 8 }, () => openLmdb(state)));
    await Promise.all(stores.map((store, i) => store.settle(ended(`s${i}`), [answer(`s${i}`)])));
    for (const store of stores) {
      const known = await store.look(stores.map((_, i) => fingerprint(`s${i}`)));
      expect(new Set(known.map((one) => one.answer?.id)).size).toBe(8);
    }
    await Promise.all(stores.map((store) => store.close()));
    expect((await readdir(state)).sort()).toEqual(['data.mdb', 'lock.mdb']);
  });

  test('for reading creates nothing', async () => {
    expect(await problemOf(true)).toEqual({
      kind: 'missing',
      message: `There is no state in ${state}`,
    });
    await expect(stat(join(folder.path, 'project'))).rejects.toThrow('ENOENT');
  });

  test('for reading refuses writes as a bug', async () => {
    await (await openLmdb(state)).close();
    const store = await openLmdb(state, { readOnly: true });
    await expect(store.intend(intended('a'))).rejects.toThrow('opened for reading only');
    await expect(store.settle(ended('a'), [])).rejects.not.toBeInstanceOf(StoreError);
    expect(await store.openAttempts()).toEqual([]);
    await store.close();
  });

  test('refuses a store of a newer version and changes nothing', async () => {
    await fill();
    const root = openEnvironment({ path: state, overlappingSync: false, encoding: 'binary' });
    const about = root.openDB<Buffer, Buffer>({
      name: 'about',
      encoding: 'binary',
      keyEncoding: 'binary',
    });
    await about.put(Buffer.from('format'), Buffer.from('7'));
    await root.close();
    const before = digestOf((await readFile(file)).toString('latin1'));
    for (const readOnly of [true, false]) {
      expect(await problemOf(readOnly)).toEqual({
        kind: 'newer-format',
        message: `${state} was written by a newer version of Fieldwork (state format 7; this version knows 1)`,
      });
    }
    expect(digestOf((await readFile(file)).toString('latin1'))).toBe(before);
  });

  test('does not begin anew where its file was lost and the lock is still there', async () => {
    const store = await LmdbStore.open(state);
    if (!store.ok) throw new Error(store.error.message);
    await store.value.close();
    await rm(file);
    for (const readOnly of [true, false]) {
      expect(await problemOf(readOnly)).toEqual({
        kind: 'damaged',
        message: `${state} has lost its data.mdb, and the answers in it; put the file back, or remove the folder to ask for all of them again`,
      });
    }
    expect(await readdir(state)).toEqual(['lock.mdb']);
  });

  test('refuses a database that is not a store and changes nothing', async () => {
    await mkdir(state, { recursive: true });
    const root = openEnvironment({ path: state, overlappingSync: false, noSubdir: false });
    await root.put('theirs', 1);
    await root.close();
    const before = await readFile(file);
    expect(await problemOf()).toEqual({
      kind: 'damaged',
      message: `${state} is damaged: it does not say which format it has`,
    });
    expect((await readFile(file)).equals(before)).toBe(true);
  });

  test.each([
    ['of another kind', async () => writeFile(file, 'x'.repeat(50_000)), 'it is not a store'],
    ['of a few bytes', async () => writeFile(file, 'x'), 'it is too short to be a store'],
    ['that is empty', async () => writeFile(file, ''), 'it is too short to be a store'],
    ['of another LMDB version', async () => poke(24 + 4, [9]), 'its LMDB format is 9 and not 2'],
    ['with an impossible page size', async () => poke(24 + 24, [1, 2]), 'its page size is 513'],
    ['cut short', async () => truncate(0.5), /page \d+ is missing/],
    ['cut within its first pages', async () => truncate(0.01), /too short|page \d+ is missing/],
  ])('tells of a file %s', async (_, damage, message) => {
    await fill();
    await damage();
    const size = (await stat(file)).size;
    for (const readOnly of [true, false]) {
      const problem = await problemOf(readOnly);
      expect(problem.kind).toBe('damaged');
      expect(problem.message).toMatch(message);
      expect(problem.message).toContain(file);
    }
    expect((await stat(file)).size).toBe(size);
  });

  test('tells of a folder that is a file, and of files that are folders', async () => {
    await writeFile(join(folder.path, 'project'), '');
    expect(await problemOf()).toMatchObject({ kind: 'failed' });
    await rm(join(folder.path, 'project'));
    await mkdir(file, { recursive: true });
    expect(await problemOf()).toMatchObject({ kind: 'failed' });
    await rm(file, { recursive: true });
    await (await openLmdb(state)).close();
    await rm(join(state, 'lock.mdb'));
    await mkdir(join(state, 'lock.mdb'));
    expect(await problemOf()).toMatchObject({ kind: 'failed' });
  });

  test('works when the lock file is gone', async () => {
    await fill();
    await rm(join(state, 'lock.mdb'));
    expect((await problemOf()).kind).toBe('none');
  });
});

describe('every page of the file', () => {
  test('is checked on demand', async () => {
    await fill();
    expect((await checkDataFile(file, { deep: true })).ok).toBe(true);
    const pages = (await stat(file)).size / 8_192;
    let found = 0;
    // Free pages may hold anything; pages in use may not.
    for (let page = 2; page < pages; page++) {
      const before = await peek(page * 8_192, 8);
      await poke(page * 8_192, [0xff, 0xff, 0xff]);
      if (!(await checkDataFile(file, { deep: true })).ok) found++;
      await poke(page * 8_192, [...before]);
    }
    expect(found).toBeGreaterThan(pages / 3);
    expect((await checkDataFile(file, { deep: true })).ok).toBe(true);
  });
});

describe('a store in LMDB', () => {
  test('says that it is closed', async () => {
    const store = await openLmdb(state);
    await store.close();
    await expect(store.look([fingerprint('a')])).rejects.toThrow('The store is closed');
    await expect(store.intend(intended('a'))).rejects.toThrow('The store is closed');
  });

  test('finishes what was begun before it closes', async () => {
    const store = await openLmdb(state);
    const writes = Array.from({ length: 50 }, (_, i) =>
      store.settle(ended(`s${i}`), [answer(`s${i}`)]),
    );
    await store.close();
    expect((await Promise.all(writes)).flat()).toHaveLength(50);
    const again = await openLmdb(state);
    expect((await again.look([fingerprint('s49')]))[0]?.answer).toBeDefined();
    await again.close();
  });

  test('refuses what is not a fingerprint', async () => {
    const store = await openLmdb(state);
    const wrong = 'abc' as Fingerprint;
    await expect(store.look([wrong])).rejects.toThrow('Not a fingerprint: "abc"');
    await expect(store.intend(intended('a', { fingerprints: [wrong] }))).rejects.toThrow('Not a');
    await expect(store.settle(ended('a'), [answer('a', { fingerprint: wrong })])).rejects.toThrow(
      'Not a fingerprint',
    );
    // A bug of one caller does not stop the others.
    await store.intend(intended('b'));
    expect(await store.openAttempts()).toHaveLength(1);
    await store.close();
  });

  test('tells of an answer that cannot be read', async () => {
    const store = await openLmdb(state);
    await store.settle(ended('a'), [answer('a')]);
    await store.close();
    const root = openEnvironment({ path: state, overlappingSync: false, encoding: 'binary' });
    const answers = root.openDB<Buffer, number>({
      name: 'answers',
      encoding: 'binary',
      keyEncoding: 'uint32',
    });
    await answers.put(1, Buffer.from('{"half'));
    await root.close();
    const again = await openLmdb(state);
    const reading = again.answers([1 as AnswerId]);
    await expect(reading).rejects.toBeInstanceOf(StoreError);
    await expect(reading).rejects.toMatchObject({ problem: { kind: 'damaged', path: state } });
    await again.close();
  });

  // Who may do everything is never refused, so this needs another user.
  test.skipIf(process.getuid?.() !== 0)('names a folder that may not be written', async () => {
    await (await openLmdb(state)).close();
    const script = `
      import { LmdbStore } from '${new URL('../../src/store/lmdb-store.ts', import.meta.url).href}';
      process.setuid(65534);
      for (const folder of ['${state}', '${join(folder.path, 'other')}']) {
        const opened = await LmdbStore.open(folder);
        console.log(opened.ok ? 'open' : opened.error.kind);
      }`;
    const done = spawnSync(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', script],
      { encoding: 'utf8' },
    );
    expect(done.stdout).toBe('no-access\nno-access\n');
  });
});

describe('a problem', () => {
  test.each([
    ['ENOSPC', 'no-space'],
    ['EACCES', 'no-access'],
    ['EROFS', 'no-access'],
    [28, 'no-space'],
    [13, 'no-access'],
    [-30_796, 'damaged'],
    ['EMFILE', 'failed'],
    [undefined, 'failed'],
  ])('with code %s is of kind %s', (code, kind) => {
    const error = Object.assign(new Error('why'), { code });
    expect(storeProblemOf('/state', error)).toMatchObject({ kind, path: '/state' });
    expect(storeProblemOf('/state', error).message).toMatch(/^\/state: .+ \(why\)$/);
  });
});

async function poke(offset: number, bytes: readonly number[]): Promise<void> {
  const handle = await openFile(file, 'r+');
  await handle.write(Buffer.from(bytes), 0, bytes.length, offset);
  await handle.close();
}

async function peek(offset: number, length: number): Promise<Buffer> {
  const handle = await openFile(file, 'r');
  const { buffer } = await handle.read(Buffer.alloc(length), 0, length, offset);
  await handle.close();
  return buffer;
}

async function truncate(share: number): Promise<void> {
  const handle = await openFile(file, 'r+');
  await handle.truncate(Math.floor((await handle.stat()).size * share));
  await handle.close();
}

describe('open attempts', () => {
  test('are found whoever left them open, and counted in what is held', async () => {
    const before = await openLmdb(state);
    await before.intend(intended('left', { reserved: microdollars(5) }));
    await before.intend(intended('taken up', { reserved: microdollars(7) }));
    await before.close();

    const store = await openLmdb(state);
    await store.intend(intended('own', { reserved: microdollars(11) }));
    await store.intend(intended('own, ended', { reserved: microdollars(13) }));
    await store.settle(ended('own, ended'), []);
    await store.settle(ended('taken up'), []);
    const names = ['left', 'taken up', 'own', 'own, ended', 'never'];
    const known = await store.look(names.map(fingerprint));
    expect(known.map(({ open }) => open?.attempt)).toEqual([
      attemptId('left'),
      undefined,
      attemptId('own'),
      undefined,
      undefined,
    ]);
    expect((await store.spending(time())).day.reserved).toBe(16);
    await store.close();
  });
});
