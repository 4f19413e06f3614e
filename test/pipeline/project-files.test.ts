import { mkdtemp, mkdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NodeProjectFiles } from '../../src/cli/node-project-files.ts';
import { checkWrittenPath } from '../../src/pipeline/project-files.ts';

describe('a path that is written in a file', () => {
  test.each(['data/crm.csv', './data/crm.csv', 'a..b/c.csv', 'ä/ö.csv', '.hidden', 'console.csv'])(
    '%s can be used',
    (path) => {
      expect(checkWrittenPath(path)).toBeUndefined();
    },
  );

  const leaving = String.raw`/etc/passwd .. ../a a/../b a\..\b ~/a ~root/a C:\a c:/a \\host\share
    file:///etc/passwd https://a.example/b s3://bucket/a`;
  test.each([...leaving.split(/\s+/u), 'a\0b'])('%s leaves the project', (path) => {
    expect(checkWrittenPath(path)?.code).toBe('E-Y44');
  });

  test.each(['CON', 'nul.txt', 'a/com1', 'LPT9.csv', 'a.', 'a ', 'a:b', 'a|b', 'a\\b'])(
    '%s is no name on Windows',
    (path) => {
      expect(checkWrittenPath(path)?.code).toBe('E-Y46');
    },
  );
});

test.each(['data/*.csv', 'a?.csv', '**/a.csv'])('%s is a pattern, and no file', (path) => {
  expect(checkWrittenPath(path)?.code).toBe('E-Y01');
});

describe('files on disk', () => {
  let root = '';
  let outside = '';
  beforeEach(async () => {
    outside = await realpath(await mkdtemp(join(tmpdir(), 'fieldwork-files-')));
    root = join(outside, 'project');
    await mkdir(join(root, 'data'), { recursive: true });
    await writeFile(join(root, 'data', 'a.txt'), 'inside');
    await writeFile(join(outside, 'secret.txt'), 'outside');
  });
  afterEach(() => rm(outside, { recursive: true }));

  const read = async (path: string, from?: string): Promise<string> => {
    const files = await NodeProjectFiles.open(root, join(root, 'data'));
    const options = { maxBytes: 10, ...(from === undefined ? {} : { from: join(root, from) }) };
    const file = await files.read(path, options);
    return file.ok ? Buffer.from(file.value.bytes).toString() : file.error.code;
  };

  test('are found from the working directory, or from the file that names them', async () => {
    expect(await read('a.txt')).toBe('inside');
    expect(await read('../data/a.txt')).toBe('inside');
    expect(await read(join(root, 'data', 'a.txt'))).toBe('inside');
    expect(await read('a.txt', 'data/p.yaml')).toBe('inside');
    expect(await read('data/a.txt', 'deep/er/p.yaml')).toBe('inside');
    expect(await read('b.txt', 'data/p.yaml')).toBe('E-Y01');
  });

  test('outside the root are refused, however they are reached', async () => {
    await symlink(join(outside, 'secret.txt'), join(root, 'link.txt'));
    await symlink(outside, join(root, 'up'));
    expect(await read('../../secret.txt')).toBe('E-Y44');
    expect(await read(join(outside, 'secret.txt'))).toBe('E-Y44');
    expect(await read('link.txt', 'p.yaml')).toBe('E-Y44');
    expect(await read('up/secret.txt', 'p.yaml')).toBe('E-Y44');
    expect(await read('../secret.txt', 'p.yaml')).toBe('E-Y44');
  });

  test('a folder beside the root whose name starts the same is outside', async () => {
    await mkdir(`${root}-other`);
    await writeFile(join(`${root}-other`, 'a.txt'), 'x');
    expect(await read(join(`${root}-other`, 'a.txt'))).toBe('E-Y44');
  });

  test('are read up to the limit and no further', async () => {
    await writeFile(join(root, 'ten.txt'), '0123456789');
    await writeFile(join(root, 'eleven.txt'), '0123456789a');
    expect(await read('ten.txt', 'p.yaml')).toBe('0123456789');
    expect(await read('eleven.txt', 'p.yaml')).toBe('E-Y03');
    expect(await read('/dev/zero')).toBe('E-Y44');
  });

  test('folders are located where one is asked for', async () => {
    const files = await NodeProjectFiles.open(root, root);
    const from = join(root, 'fieldwork.yaml');
    expect(await files.locate('data', { from, kind: 'folder' })).toEqual({
      ok: true,
      value: { path: join(root, 'data'), shownPath: 'data' },
    });
    expect(await files.locate('data', { from })).toMatchObject({ error: { code: 'E-Y02' } });
  });
});
