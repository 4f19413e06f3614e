import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { attemptId, collect, fingerprint } from './samples.ts';
import { openLmdb } from './stores.ts';
import { temporaryFolder } from './temporary-folder.ts';

const WRITER = fileURLToPath(new URL('./fixtures/writer.ts', import.meta.url));
const NODE = [process.execPath, '--import', 'tsx', WRITER] as const;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let state: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  state = join(folder.path, 'state');
});
afterEach(() => folder.dispose());

type Writer = ChildProcessByStdio<null, Readable, null>;

const startWriter = (prefix: string, count: number): Writer => {
  const [node, ...rest] = NODE;
  return spawn(node, [...rest, state, prefix, String(count)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
};

const linesOf = (writer: Writer): AsyncIterable<string> =>
  createInterface({ input: writer.stdout });

async function allLines(writer: Writer): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of linesOf(writer)) lines.push(line);
  return lines;
}

/** Checks that everything a writer was told is durable is there. */
async function expectAcknowledged(lines: readonly string[]): Promise<void> {
  const store = await openLmdb(state);
  const open = new Map((await store.openAttempts()).map((one) => [one.attempt, one]));
  for (const line of lines) {
    const [event, name = '', id] = line.split(' ');
    const [known] = await store.look([fingerprint(name)]);
    const attempt = open.get(attemptId(name));
    if (event === 'settled') expect(known?.answer?.id).toBe(Number(id));
    // A write may be on disk though its writer was killed before it was told so.
    if (known?.answer !== undefined) {
      const [answer] = await store.answers([known.answer.id]);
      expect(answer?.output.text).toBe(name);
      expect(attempt).toBeUndefined();
      continue;
    }
    expect(attempt?.fingerprints).toEqual([fingerprint(name)]);
    if (event === 'created') expect(attempt?.agentRunId).toBe(`run-of-${name}`);
  }
  expect((await collect(store.ledger())).length).toBeGreaterThanOrEqual(lines.length);
  await store.close();
}

describe('a process that is killed', () => {
  test.each([1, 2, 3, 40, 101])(
    'after %i acknowledged writes has lost none of them',
    async (acknowledged) => {
      const writer = startWriter('w', 100_000);
      const exit = once(writer, 'exit');
      const lines: string[] = [];
      for await (const line of linesOf(writer)) {
        lines.push(line);
        // What it says between the signal and its end was acknowledged too.
        if (lines.length === acknowledged) writer.kill('SIGKILL');
      }
      expect((await exit)[1]).toBe('SIGKILL');
      expect(lines.length).toBeGreaterThanOrEqual(acknowledged);
      await expectAcknowledged(lines);
    },
    30_000,
  );
});

describe('two processes', () => {
  test('one reads what the other writes, as soon as that one is told so', async () => {
    const writer = startWriter('w', 30);
    let reader: Awaited<ReturnType<typeof openLmdb>> | undefined;
    let seen = 0;
    for await (const line of linesOf(writer)) {
      reader ??= await openLmdb(state, { readOnly: true });
      const [event, name = '', id] = line.split(' ');
      if (event !== 'settled') continue;
      const [known] = await reader.look([fingerprint(name)]);
      expect(known?.answer?.id).toBe(Number(id));
      seen++;
    }
    expect(seen).toBe(30);
    expect(await collect(reader?.ledger() ?? none())).toHaveLength(90);
    await reader?.close();
  }, 30_000);

  test('write at the same time without losing or mixing answers', async () => {
    const written = await Promise.all(
      ['a', 'b', 'c'].map((prefix) => allLines(startWriter(prefix, 60))),
    );
    const lines = written.flat();
    expect(lines.filter((line) => line === 'closed')).toHaveLength(3);
    const ids = lines.flatMap((line) => (line.startsWith('settled') ? [line.split(' ')[2]] : []));
    expect(new Set(ids).size).toBe(180);
    await expectAcknowledged(lines.filter((line) => line !== 'closed'));
  }, 60_000);
});

// The shell's limit on the size of files stands in for a disk that is full.
describe.skipIf(process.platform === 'win32')('a disk that fills up', () => {
  test('fails the write and all later ones, and keeps what was acknowledged', async () => {
    const script = `trap '' XFSZ; ulimit -f 400; exec "$@"`;
    const command = ['-c', script, 'sh', ...NODE, state, 'w', '100000'];
    const writer = spawn('bash', command, { stdio: ['ignore', 'pipe', 'ignore'] });
    const lines = await allLines(writer);
    expect(lines.slice(-3)).toEqual([
      'failed: failed',
      'a further write is refused likewise',
      'closed',
    ]);
    expect(lines.length).toBeGreaterThan(10);
    await expectAcknowledged(lines.slice(0, -3));
  }, 60_000);

  test('before there is a store says so and leaves nothing', async () => {
    const script = `trap '' XFSZ; ulimit -f 100; exec "$@"`;
    const command = ['-c', script, 'sh', ...NODE, state, 'w', '1'];
    const writer = spawn('bash', command, { stdio: ['ignore', 'pipe', 'ignore'] });
    expect(await allLines(writer)).toEqual(['not opened: no-space']);
  }, 30_000);
});

async function* none(): AsyncGenerator<readonly never[]> {
  yield [];
}
