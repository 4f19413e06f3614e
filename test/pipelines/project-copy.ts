import { cp, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Random } from '../../src/base/random.ts';
import type { Io } from '../../src/cli/io.ts';
import { seededRandom } from '../rig/seeded-random.ts';

const PIPELINES = fileURLToPath(new URL('../../pipelines', import.meta.url));
const FIXTURES = fileURLToPath(new URL('fixtures', import.meta.url));

/** A copy of the example pipelines in a folder of its own, with invented rows in its sources. */
export async function copyProject(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'fieldwork-examples-'));
  await cp(PIPELINES, join(root, 'pipelines'), { recursive: true });
  await cp(FIXTURES, join(root, 'pipelines', 'data'), { recursive: true });
  await writeFile(join(root, 'fieldwork.yaml'), 'version: 1\n');
  return root;
}

/** What the commands of a test share: the time, where the test puts it, and the dice. */
export interface World {
  nowMs: number;
  readonly random: Random;
}

export const worldAt = (time: string): World => ({
  nowMs: Date.parse(time),
  random: seededRandom(11),
});

/** A command in a test; every sleep is over at once. */
export function ioOf(cwd: string, world: World, told: { out: string; error: string }): Io {
  return {
    cwd,
    env: {},
    clock: { now: () => world.nowMs, sleep: () => Promise.resolve() },
    random: world.random,
    pid: 1,
    signal: new AbortController().signal,
    onStopRequest: () => () => undefined,
    out: (text) => void (told.out += text),
    error: (text) => void (told.error += text),
    colour: false,
  };
}
