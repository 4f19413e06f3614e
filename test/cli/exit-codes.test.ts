import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { open as openEnvironment } from 'lmdb';
import { expect, test } from 'vitest';
import { microdollars } from '../../src/base/money.ts';
import type { RunId } from '../../src/base/ids.ts';
import { LmdbStore } from '../../src/store/lmdb-store.ts';
import type { StopRequest } from '../../src/cli/io.ts';
import { takePipelineLock } from '../../src/cli/pipeline-lock.ts';
import { CliProject, golden, jsonLinesOf } from './cli-project.ts';
import { hosted } from './hosted.ts';
import { FIRMS, profileOf, TOWNS } from './projects.ts';

test('exit 0: done, and nothing to do', async () => {
  const { project, server } = await hosted();
  expect((await project.call('run', 'firms')).exit).toBe(0);
  expect(server.counts.create).toBe(4);
  expect((await project.call('run', 'firms')).exit).toBe(0);
  expect(server.counts.create).toBe(4);
});

test('exit 1: a record failed, the others are written, and only it is asked again, when told to', async () => {
  const { project, server } = await hosted((request) =>
    request.query.includes('birch')
      ? { status: 'failed', dollars: 0.02, error: { message: 'It gave up.' } }
      : profileOf(request),
  );
  expect((await project.call('run', 'firms')).exit).toBe(1);
  expect((await project.call('plan', 'firms', '--exit-code')).exit).toBe(1);
  await project.call('show', 'firms', '_failures');
  await expect(project.takeTranscript()).toMatchFileSnapshot(golden('exit-1'));
  // It was paid for, so it is not bought again by itself.
  expect((await project.call('run', 'firms')).exit).toBe(1);
  expect(server.counts.create).toBe(4);
  expect((await project.call('run', 'firms', '--retry-failed')).exit).toBe(1);
  expect(server.counts.create).toBe(5);
});

test('exit 1: a record whose query cannot be rendered costs nothing', async () => {
  const { project, server } = await hosted();
  await project.edit('pipelines/data/crm.csv', 'Birch Looms', '');
  expect((await project.call('plan', 'firms')).exit).toBe(0);
  expect((await project.call('run', 'firms')).exit).toBe(1);
  expect((await project.call('plan', 'firms', '--exit-code')).exit).toBe(1);
  // Nothing that a run could do is left.
  expect((await project.call('run', 'firms')).exit).toBe(1);
  await expect(project.takeTranscript()).toMatchFileSnapshot(golden('exit-1-template'));
  expect(server.counts.create).toBe(3);
});

test('exit 2: a mistake in a file, and nothing was spent', async () => {
  const { project, server } = await hosted();
  await project.edit('pipelines/firms.yaml', 'row.name', 'row.nam');
  expect((await project.call('run', 'firms')).exit).toBe(2);
  await expect(project.takeTranscript()).toMatchFileSnapshot(golden('exit-2'));
  expect(server.requests).toBe(0);
});

test('exit 2: an address that is none, by the variable or the key that it comes from', async () => {
  const { project, server } = await hosted();
  project.env['EXA_BASE_URL'] = 'nonsense';
  expect((await project.call('plan', 'firms')).exit).toBe(2);
  await expect(project.takeTranscript()).toMatchFileSnapshot(golden('exit-2-address'));
  expect(server.requests).toBe(0);
});

test('exit 3: the budget is used up; what was answered stays', async () => {
  const { project, server } = await hosted();
  expect((await project.call('run', 'firms', '--max-cost', '0.06')).exit).toBe(3);
  expect(server.counts.create).toBe(2);
  await project.call('status');
  expect((await project.call('run', 'firms')).exit).toBe(0);
  expect(server.counts.create).toBe(4);
  await expect(project.takeTranscript()).toMatchFileSnapshot(golden('exit-3'));
});

test('exit 4: no key; the variable is named before anything is written or asked', async () => {
  const { project, server } = await hosted();
  const files = await project.files();
  delete project.env['EXA_API_KEY'];
  expect((await project.call('run', 'firms')).exit).toBe(4);
  expect((await project.call('run', 'firms', '--json')).exit).toBe(4);
  project.env['EXA_API_KEY'] = 'two words';
  expect((await project.call('run', 'firms')).exit).toBe(4);
  expect(server.requests).toBe(0);
  expect(await project.files()).toEqual(files);
  await expect(project.takeTranscript()).toMatchFileSnapshot(golden('exit-4-no-key'));
});

test('a run that has nothing to ask needs no key', async () => {
  const { project, server } = await hosted();
  await project.quietly('run', 'firms');
  delete project.env['EXA_API_KEY'];
  const { requests } = server;
  expect((await project.quietly('run', 'firms')).exit).toBe(0);
  // Nor does one that makes its tables anew.
  await rm(join(project.root, 'out'), { recursive: true });
  expect((await project.quietly('run', 'firms')).exit).toBe(0);
  expect((await project.quietly('run', 'firms', '--refresh', 'profiles')).exit).toBe(4);
  expect(server.requests).toBe(requests);
});

test('exit 4: the key is refused, and it is told nowhere', async () => {
  const { project, server } = await hosted(profileOf, { key: 'another-key' });
  expect((await project.call('run', 'firms')).exit).toBe(4);
  expect(server.size).toBe(0);
  await expect(project.takeTranscript()).toMatchFileSnapshot(golden('exit-4-refused'));
});

test('exit 4: the credit is used up', async () => {
  const { project, server } = await hosted();
  server.fault('create', 2, {
    type: 'status',
    status: 402,
    body: { error: { type: 'x', code: 'NO_MORE_CREDITS', message: 'No credit is left.' } },
  });
  expect((await project.call('run', 'firms')).exit).toBe(4);
  // The next task is not sent while the refusal is written down.
  expect(server.counts.create).toBe(2);
  await expect(project.takeTranscript()).toMatchFileSnapshot(golden('exit-4-credit'));
});

test('exit 5: nobody answers; attempts wait for each other, and the next run does the rest', async () => {
  const { project, server } = await hosted();
  const address = server.baseUrl;
  await server.close();
  expect((await project.call('run', 'firms')).exit).toBe(5);
  expect(project.sleeps.length).toBeGreaterThan(0);
  await expect(project.takeTranscript()).toMatchFileSnapshot(golden('exit-5'));
  expect(project.env['EXA_BASE_URL']).toBe(address);
  const again = await hosted();
  project.env['EXA_BASE_URL'] = again.server.baseUrl;
  expect((await project.call('run', 'firms')).exit).toBe(0);
  expect(again.server.counts.create).toBe(4);
});

test('exit 6: another run of the pipeline is on; it is named', async () => {
  const project = await CliProject.open(TOWNS);
  const opened = await LmdbStore.open(join(project.root, '.fieldwork/state'));
  if (!opened.ok) throw new Error(opened.error.message);
  await opened.value.putRun({
    run: '20261122-0855-abcdef' as RunId,
    pipeline: 'towns',
    file: 'pipelines/towns.yaml',
    startedAt: '2026-11-22T08:55:00.000Z',
    finishedAt: null,
    pid: 99,
    status: 'running',
    exit: null,
    started: 0,
    reused: 0,
    failed: 0,
    reported: microdollars(0),
  });
  await opened.value.close();
  const lock = await takePipelineLock(join(project.root, '.fieldwork/locks/towns'), {
    pid: 99,
    since: '2026-11-22T08:55:00.000Z',
    work: 'run 20261122-0855-abcdef',
  });
  expect((await project.call('run', 'towns')).exit).toBe(6);
  expect((await project.call('run', 'towns', '--json')).exit).toBe(6);
  expect((await project.call('status')).exit).toBe(0);
  if (lock.ok) await lock.value.release();
  await project.call('status');
  await expect(project.takeTranscript()).toMatchFileSnapshot(golden('exit-6-other-run'));
  expect((await project.call('run', 'towns')).exit).toBe(0);
});

test('exit 6: the state is damaged; every command that needs it says so and leaves it', async () => {
  const project = await CliProject.open(TOWNS);
  await project.quietly('run', 'towns');
  await writeFile(join(project.root, '.fieldwork/state/data.mdb'), 'x'.repeat(50_000));
  for (const command of ['run', 'plan', 'status', 'cost', 'rebuild']) {
    expect((await project.call(command, 'towns')).exit).toBe(6);
  }
  expect((await project.call('status', '--json')).exit).toBe(6);
  expect((await project.call('validate')).exit).toBe(0);
  await expect(project.takeTranscript()).toMatchFileSnapshot(golden('exit-6-damaged'));
});

test('exit 6: the state was written by a newer version', async () => {
  const project = await CliProject.open(TOWNS);
  await project.quietly('run', 'towns');
  const path = join(project.root, '.fieldwork/state');
  const root = openEnvironment({ path, overlappingSync: false, encoding: 'binary' });
  const options = { name: 'about', encoding: 'binary', keyEncoding: 'binary' } as const;
  await root.openDB<Buffer, Buffer>(options).put(Buffer.from('format'), Buffer.from('7'));
  await root.close();
  expect((await project.call('run', 'towns')).exit).toBe(6);
  await expect(project.takeTranscript()).toMatchFileSnapshot(golden('exit-6-newer'));
});

test('exit 10: plan --exit-code has something to run', async () => {
  const project = await CliProject.open(FIRMS);
  expect((await project.call('plan', 'firms', '--exit-code')).exit).toBe(10);
  expect((await project.call('plan', 'firms')).exit).toBe(0);
});

test('exit 70: a bug in a step stops the run and keeps what is there', async () => {
  const { project, server } = await hosted();
  await project.quietly('run', 'firms', '--limit', '1');
  const { random } = project;
  project.random = {
    bytes: (count) => {
      if (count === 16) throw new Error('no more dice');
      return random.bytes(count);
    },
  };
  const { exit } = await project.call('run', 'firms');
  expect(exit).toBe(70);
  expect(server.counts.create).toBe(1);
  await expect(project.takeTranscript()).toMatchFileSnapshot(golden('exit-70'));
  const json = await project.call('run', 'firms', '--json');
  expect(json.exit).toBe(70);
  expect(jsonLinesOf(json.out).at(-1)).toMatchObject({ exit: 70 });
  project.random = random;
  expect((await project.call('run', 'firms')).exit).toBe(0);
});

test('exit 70: a bug outside a step is told with what to report', async () => {
  const project = await CliProject.open(TOWNS);
  project.random = {
    bytes: () => {
      throw new Error('no dice');
    },
  };
  for (const command of ['plan', 'run']) {
    const { exit, out, error } = await project.call(command, 'towns');
    expect({ exit, out }).toEqual({ exit: 70, out: '' });
    expect(error).toMatch(
      /^This is a mistake in fieldwork, not in your files\..*report.*\nError: no dice\n/u,
    );
  }
});

/** A run of which the second agent run never ends, and what happens while it is waited for. */
async function stopped(request: StopRequest): Promise<Awaited<ReturnType<typeof hosted>>> {
  const { project, server } = await hosted(
    (asked) => {
      if (asked.query.includes('birch') && server.counts.create === 2) {
        const { get } = server.counts;
        const onceSeen = (): void => {
          if (server.counts.get > get) project.interrupt(request);
          else setImmediate(onceSeen);
        };
        setImmediate(onceSeen);
      }
      return profileOf(asked);
    },
    { durationMs: ({ query }) => (query.includes('birch') ? 86_400_000 : 0) },
  );
  return { project, server };
}

test('exit 130: past its time to finish an agent run is cancelled; paid for, it is not asked again unasked', async () => {
  const { project, server } = await stopped('ctrl-c');
  expect((await project.call('run', 'firms')).exit).toBe(130);
  expect(server.counts).toMatchObject({ create: 2, cancel: 1 });
  await project.call('plan', 'firms');
  await project.call('run', 'firms');
  await expect(project.takeTranscript()).toMatchFileSnapshot(golden('exit-130'));
  expect(server.counts.create).toBe(4);
});

test.each(['terminate', 'parent-gone'] as const)(
  'exit 143: a run that a machine ends (%s) leaves its agent run, and the next one waits for it',
  async (request) => {
    const { project, server } = await stopped(request);
    expect((await project.call('run', 'firms')).exit).toBe(143);
    expect(server.counts).toMatchObject({ create: 2, cancel: 0 });
    project.nowMs = Date.parse('2026-11-24T09:00:00Z');
    await project.call('status');
    await project.call('cost');
    await project.call('plan', 'firms');
    const { exit } = await project.call('run', 'firms');
    await expect(project.takeTranscript()).toMatchFileSnapshot(golden(`exit-143-${request}`));
    expect({ exit, created: server.counts.create }).toEqual({ exit: 0, created: 4 });
  },
);

test('an interrupted run with --json ends with its exit code too', async () => {
  const project = await CliProject.open(TOWNS);
  project.onOut = (text) => {
    if (text.includes('"task-answered"')) project.interrupt();
  };
  const { exit, out } = await project.call('run', 'towns', '--json');
  expect(exit).toBe(130);
  expect(jsonLinesOf(out).at(-1)).toMatchObject({ exit: 130 });
  await rm(join(project.root, 'out'), { recursive: true });
  expect((await project.call('run', 'towns')).exit).toBe(0);
});
