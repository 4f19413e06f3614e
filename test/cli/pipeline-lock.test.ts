import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Result } from '../../src/base/result.ts';
import { elsewhere } from '../../src/cli/lock-place.ts';
import {
  lockRefusal,
  type LockClaim,
  type LockHolder,
  type PipelineLock,
} from '../../src/cli/lock-holder.ts';
import { pipelineHolder, takePipelineLock } from '../../src/cli/pipeline-lock.ts';

const SINCE = '2026-11-22T09:00:00.000Z';
const claim = (pid: number): LockClaim => ({ pid, since: SINCE, work: `run ${pid}` });

async function newFolder(...below: readonly string[]): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'fw-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  return join(root, ...below);
}

function lockOf(taken: Result<PipelineLock, LockHolder>): PipelineLock {
  if (!taken.ok) throw new Error(`Held by ${taken.error.pid}`);
  return taken.value;
}

describe('one process at a time', () => {
  test.each([
    ['a short path', ['locks']],
    ['a path longer than sockets may have', Array.from({ length: 12 }, () => 'a-rather-deep-one')],
  ])('has the pipeline, in a folder with %s', async (_what, below) => {
    const folder = await newFolder(...below);
    expect(await pipelineHolder(folder)).toBeUndefined();
    const first = lockOf(await takePipelineLock(folder, claim(1)));
    const second = await takePipelineLock(folder, claim(2));
    const holder = { ...claim(1), host: expect.any(String) as string };
    expect(second).toEqual({ ok: false, error: holder });
    expect(await pipelineHolder(folder)).toEqual(holder);
    await first.release();
    expect(await pipelineHolder(folder)).toBeUndefined();
    const third = lockOf(await takePipelineLock(folder, claim(3)));
    await third.release();
    expect(await readdir(folder)).toEqual([]);
  });

  test('of many that start at once, again and again', async () => {
    const folder = await newFolder('locks');
    for (let round = 0; round < 40; round++) {
      const all = await Promise.all(
        Array.from({ length: 2 + (round % 7) }, (_, i) => takePipelineLock(folder, claim(i))),
      );
      const winners = all.flatMap((each, pid) => (each.ok ? [pid] : []));
      const named = all.flatMap((each) => (each.ok ? [] : [each.error.pid]));
      expect(winners).toHaveLength(1);
      expect(new Set([...named, ...winners]).size).toBe(1);
      for (const each of all) if (each.ok) await each.value.release();
    }
  });

  test('of twenty processes that start at once', { timeout: 180_000 }, async () => {
    const folder = await newFolder('locks');
    const processes = await Promise.all(Array.from({ length: 20 }, () => contender(folder)));
    for (const { child } of processes) child.stdin?.write('go\n');
    await vi.waitUntil(() => processes.every(({ said }) => said.length === 2), {
      timeout: 120_000,
      interval: 20,
    });
    const winners = processes.filter(({ said }) => said[1] === 'won');
    expect(winners).toHaveLength(1);
    const words = processes.filter((each) => each !== winners[0]).map(({ said }) => said[1]);
    expect(new Set(words)).toEqual(new Set([`lost to ${winners[0]?.child.pid}`]));
  });
});

describe('a holder that is no more', () => {
  test('holds nothing once it is killed', async () => {
    const folder = await newFolder('locks');
    const { child, said } = await contender(folder);
    child.stdin?.write('go\n');
    await vi.waitUntil(() => said[1] === 'won', { timeout: 30_000, interval: 5 });
    expect(await takePipelineLock(folder, claim(2))).toMatchObject({
      error: { pid: child.pid, since: SINCE, work: 'test' },
    });
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await readdir(folder)).toHaveLength(1);
    const next = lockOf(await takePipelineLock(folder, claim(3)));
    // What it left is swept out.
    expect(await readdir(folder)).toHaveLength(1);
    await next.release();
  });

  test('is named by its file while it is stopped and cannot answer', async () => {
    const folder = await newFolder('locks');
    await socketOf(folder, '0123456789ab.77..host-of-it', 'silent');
    const refused = await takePipelineLock(folder, claim(2), 20);
    expect(refused).toMatchObject({
      error: { pid: 77, host: 'host-of-it', work: 'it does not answer' },
    });
  });

  test('counts as alive where it is of another machine, until its file is removed', async () => {
    const folder = await newFolder('locks');
    const file = '0123456789ab.77.deadbeef.host-of-it';
    await socketOf(folder, file, 'dead');
    const refused = await takePipelineLock(folder, claim(2));
    if (refused.ok || process.platform !== 'linux') return;
    expect(lockRefusal('Pipeline firms', refused.error)).toBe(
      `Pipeline firms is in use by process 77 on host-of-it since ${refused.error.since} (it does not answer). It is another machine, so its life cannot be seen from here; once it is over, remove ${join(folder, file)}.`,
    );
    await rm(join(folder, file));
    expect((await takePipelineLock(folder, claim(3))).ok).toBe(true);
  });
});

test('files that are no sockets of contenders are left alone', async () => {
  const folder = await newFolder('locks');
  await mkdir(folder);
  await writeFile(join(folder, 'notes.txt'), 'mine');
  await lockOf(await takePipelineLock(folder, claim(1))).release();
  expect(await readdir(folder)).toEqual(['notes.txt']);
});

test.runIf(process.platform === 'linux')(
  'a file system without sockets: they go to the temporary folder',
  async () => {
    // Nobody can make files of any kind there.
    const folder = '/sys/kernel';
    const place = await elsewhere(folder);
    onTestFinished(() => rm(place, { recursive: true, force: true }));
    const first = lockOf(await takePipelineLock(folder, claim(1)));
    expect(await readdir(place)).toHaveLength(1);
    expect(await takePipelineLock(folder, claim(2))).toMatchObject({ error: { pid: 1 } });
    expect(await pipelineHolder(folder)).toMatchObject({ pid: 1 });
    await first.release();
  },
);

interface Contender {
  readonly child: ChildProcess;
  /** Lines. */
  readonly said: string[];
}

/** A process that is ready to contend. */
async function contender(folder: string): Promise<Contender> {
  const script = fileURLToPath(new URL('lock-contender.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, folder, SINCE], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let text = '';
  const said: string[] = [];
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    said.splice(0, said.length, ...text.split('\n').slice(0, -1));
  });
  await vi.waitUntil(() => said[0] === 'ready', { timeout: 120_000, interval: 20 });
  return { child, said };
}

/** A contender's socket that answers nothing, or nobody listens to any more. */
async function socketOf(folder: string, file: string, state: 'silent' | 'dead'): Promise<void> {
  await mkdir(folder, { recursive: true });
  const server = createServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(join(folder, 'x'), resolve));
  await rename(join(folder, 'x'), join(folder, file));
  if (state === 'dead') await new Promise((resolve) => server.close(resolve));
  else onTestFinished(() => void server.close());
}
