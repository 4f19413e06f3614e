import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const OXLINT = fileURLToPath(new URL('../../node_modules/.bin/oxlint', import.meta.url));
const RULES = fileURLToPath(new URL('real-world.json', import.meta.url));

/** One use of the machine a line, and one line that is fine. */
const PLANTED = `import { setTimeout as sleep } from 'node:timers/promises';
import { hash, randomBytes } from 'node:crypto';
import { request } from 'node:http';
export const time = Date.now();
export const date = new Date();
export const text = Date();
export const fine = new Date(5);
export const chance = Math.random();
export const key = process.env['KEY'];
export const mark = performance.now();
export const late = AbortSignal.timeout(5);
export const page = () => fetch('https://example.com');
export const timer = () => setTimeout(() => undefined, 5);
export const hidden = () => globalThis.setTimeout(() => undefined, 5);
export const used = [sleep, randomBytes, hash, request];
`;
const FINE_LINES = [7, 15];

/** Lines of the file at `path` that the rules find fault with. */
async function faultyLines(path: string): Promise<readonly number[]> {
  const folder = await mkdtemp(join(tmpdir(), 'fieldwork-lint-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, path, '..'), { recursive: true });
  await writeFile(join(folder, '.oxlintrc.json'), JSON.stringify({ extends: [RULES] }));
  await writeFile(join(folder, path), PLANTED);
  const out = await new Promise<string>((resolve) => {
    execFile(OXLINT, ['--format', 'unix', '.'], { cwd: folder }, (_, stdout) => resolve(stdout));
  });
  const lines = [...out.matchAll(/planted\.ts:(\d+):\d+: .*\[Error\/(?:eslint|real-world)/g)];
  return [...new Set(lines.map(([, line]) => Number(line)))].sort((a, b) => a - b);
}

test('clock, random, timers, network and environment of the machine are forbidden below cli/', async () => {
  const all = PLANTED.trimEnd()
    .split('\n')
    .map((_, at) => at + 1);
  expect(await faultyLines('execution/planted.ts')).toEqual(
    all.filter((line) => !FINE_LINES.includes(line)),
  );
});

test('cli/ may use them', async () => {
  expect(await faultyLines('cli/planted.ts')).toEqual([]);
});
