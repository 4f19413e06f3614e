import { open, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { diskFault } from '../../src/base/disk-fault.ts';

const thrown = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

const systemError = (fields: object): Error => Object.assign(new Error('it said so'), fields);

test('A folder in the place of a file is the disk, by name', async () => {
  const error = await thrown(readFile(tmpdir()));
  expect(diskFault(error)).toContain('EISDIR');
});

test.runIf(process.platform === 'linux')('So is a full disk, which names no file', async () => {
  const file = await open('/dev/full', 'w');
  const error = await thrown(file.write(Buffer.from('x')));
  await file.close();
  expect(error).not.toHaveProperty('path');
  expect(diskFault(error)).toContain('no space left');
});

test('What was kept from being done by it says both', () => {
  const cause = systemError({ code: 'ENOSPC', syscall: 'write' });
  const error = new Error('The cassette could not be written.', { cause });
  expect(diskFault(error)).toBe('The cassette could not be written: it said so');
});

test.each([
  ['a mistake of ours', new TypeError('x is not a function')],
  ['a network that refuses', systemError({ code: 'EACCES', syscall: 'connect' })],
  ['a file that is not there', systemError({ code: 'ENOENT', syscall: 'open', path: '/a' })],
  ['a text', 'ENOSPC'],
])('Everything else is not: %s', (_, error) => {
  expect(diskFault(error)).toBeUndefined();
});
