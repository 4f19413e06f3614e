import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { RunEvent } from '../../src/execution/events.ts';
import { EventLog } from '../../src/cli/event-log.ts';

const CLOCK = { now: (): number => 0, sleep: (): Promise<void> => Promise.resolve() };

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'fieldwork-log-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

const begun = { type: 'step-started', step: 'firms' } as const;

test('Events are written with their time, after a line on their form', async () => {
  const path = await folder();
  const log = await EventLog.open(path, CLOCK, () => undefined);
  log.emit(begun);
  await log.close();
  const lines = (await readFile(join(path, 'events.ndjson'), 'utf8')).trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
    { type: 'version', format: '1.0' },
    { at: '1970-01-01T00:00:00.000Z', ...begun },
  ]);
});

test.runIf(process.platform === 'linux')(
  'A disk that is full ends no run: events are shown on, and the end tells it',
  async () => {
    const path = await folder();
    await symlink('/dev/full', join(path, 'events.ndjson'));
    const shown: RunEvent[] = [];
    const log = await EventLog.open(path, CLOCK, (event) => shown.push(event));
    log.emit(begun);
    await new Promise(setImmediate);
    log.emit(begun);
    await expect(log.close()).rejects.toThrow('ENOSPC');
    expect(shown).toHaveLength(2);
  },
);

test('Where it cannot be written at all, nothing begins', async () => {
  const path = await folder();
  await mkdir(join(path, 'events.ndjson'));
  await expect(EventLog.open(path, CLOCK, () => undefined)).rejects.toThrow('EISDIR');
});
