import { execFileSync } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const STEP = 'steps:\n  find:\n    query: Find companies.\n';
const HEAD = 'version: 1\nname: demo\n';

/** Inputs that cannot be kept as readable text files, by the name of their fixture. */
export const GENERATED: Readonly<Record<string, (root: string) => Promise<void>>> = {
  'E-Y03-too-large': (root) => input(root, `${HEAD}${STEP}# ${'x'.repeat(256 * 1024)}\n`),
  'E-Y04-not-utf8': (root) =>
    input(
      root,
      Buffer.concat([Buffer.from(HEAD), Buffer.from('description: caf\xe9\n', 'latin1')]),
    ),
  'E-Y05-utf16': (root) => input(root, Buffer.from(`\ufeff${HEAD}${STEP}`, 'utf16le')),
  'E-Y07-control-characters': (root) =>
    input(root, `${HEAD}description: "a\u0000b"\nx-note: "\u001b[31mred"\n${STEP}`),
  'E-Y06-byte-order-mark': (root) => input(root, `\ufeff${HEAD}${STEP}`),
  'E-Y19-nested-lists': (root) => input(root, `${HEAD}x-deep: ${'['.repeat(100_000)}\n`),
  'E-Y20-many-keys': (root) =>
    input(root, `${HEAD}${STEP}x-keys:\n${lines(2_100, (i) => `  k${i}: v`)}`),
  'E-Y20-many-entries': (root) =>
    input(root, `${HEAD}${STEP}x-list:\n${lines(10_100, () => '  - a')}`),
  'E-Y00-many-brackets': (root) => input(root, `x: ${']'.repeat(100_000)}\n`),
  'E-Y40-many-steps': (root) =>
    input(root, `${HEAD}steps:\n${lines(101, (i) => `  s${i}: { query: Ask. }`)}`),
  'E-Y44-links-and-pipes': linksAndPipes,
  'E-T63-too-long': (root) =>
    writeFile(join(root, 'firms.csv'), `name,says\nAlder,${'a'.repeat(33 * 1024)}\nBirch,b\n`),
  'E-S70-large-schema-file': async (root) => {
    await input(root, `${HEAD}${STEP}    schema: large.schema.json\n`);
    const schema = { type: 'object', description: 'x'.repeat(64 * 1024) };
    await writeFile(join(root, 'large.schema.json'), JSON.stringify(schema));
  },
};

const input = (root: string, content: string | Uint8Array): Promise<void> =>
  writeFile(join(root, 'input.yaml'), content);

const lines = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => `${line(i)}\n`).join('');

async function linksAndPipes(root: string): Promise<void> {
  await mkdir(join(root, 'data'));
  await symlink('/etc/passwd', join(root, 'data', 'outside.csv'));
  await symlink('loop.csv', join(root, 'data', 'loop.csv'));
  await writeFile(join(root, 'data', 'real.csv'), 'name\nAcme\n');
  await symlink('real.csv', join(root, 'data', 'inside.csv'));
  execFileSync('mkfifo', [join(root, 'data', 'pipe.csv')]);
  const names = ['outside', 'loop', 'inside', 'pipe'];
  const sources = names.map((name) => `  ${name}_: { file: data/${name}.csv }\n`).join('');
  const exclude = `    exclude: [${names.map((name) => `${name}_`).join(', ')}]\n`;
  await input(root, `${HEAD}sources:\n${sources}${STEP}${exclude}`);
}
