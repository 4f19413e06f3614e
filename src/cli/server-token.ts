import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Random } from '../base/random.ts';

const BYTES = 32;

/**
 * The token of a project's server: made at random once, and kept in a file that only its owner can
 * read. A new one at each start would hide the agent runs of the start before.
 */
export async function serverToken(path: string, random: Random): Promise<string> {
  const known = await readToken(path);
  if (known !== undefined) return known;
  const token = Buffer.from(random.bytes(BYTES)).toString('base64url');
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${token}\n`, { mode: 0o600, flag: 'w' });
  return token;
}

/** Undefined where there is none, or something that is no token. */
async function readToken(path: string): Promise<string | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const token = text.trim();
  return /^[\w-]{43}$/u.test(token) ? token : undefined;
}
