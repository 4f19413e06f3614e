import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { pipelineHolder } from '../../src/cli/pipeline-lock.ts';
import { endless, MAIN, start, type Endless, type Process } from './processes.ts';

vi.setConfig({ testTimeout: 90_000 });

/** Waits for something that a process or a server does. */
const until = (check: () => boolean | Promise<boolean>): Promise<unknown> =>
  vi.waitUntil(check, { timeout: 60_000, interval: 10 });

/** A run that waits for its first agent run. */
async function waiting(firms?: readonly string[]): Promise<Endless & { readonly first: Process }> {
  const world = await endless(firms);
  const first = await start(world.project, ['run', 'firms'], world.env);
  await until(() => world.server.counts.get > 0);
  return { ...world, first };
}

/** What is printed about stopping, from the process's stderr. */
const stages = ({ error }: Process): readonly string[] =>
  error.split('\n').filter((line) => /^(?:Stopping|Cancelling|Ending|Asked|What)/u.test(line));

test('one Ctrl-C: nothing new starts, and what runs is waited for', async () => {
  const { project, server, env, finish, first } = await waiting(['alder', 'birch']);
  first.child.kill('SIGINT');
  await until(() => stages(first).length > 0);
  finish();
  expect(await first.ended).toBe(130);
  expect(stages(first)).toEqual([
    'Stopping. Nothing new starts; 1 agent run is finishing (up to 20 s). Ctrl-C again cancels it.',
  ]);
  expect(first.error).toContain('ok     profiles · alder.example');
  expect(first.out).toContain('interrupted after');
  expect(server.counts).toMatchObject({ create: 1, cancel: 0 });
  const second = await start(project, ['run', 'firms'], env);
  expect(await second.ended).toBe(0);
  expect(server.counts.create).toBe(2);
});

test('two: what runs is cancelled at the agent; it was paid for, so it is not bought again unasked', async () => {
  const { project, server, env, finish, first } = await waiting();
  first.child.kill('SIGINT');
  await until(() => stages(first).length > 0);
  first.child.kill('SIGINT');
  expect(await first.ended).toBe(130);
  expect(stages(first)).toEqual([
    'Stopping. Nothing new starts; 1 agent run is finishing (up to 20 s). Ctrl-C again cancels it.',
    'Cancelling 1 agent run. Ctrl-C again leaves at once; the next run then sees how it ended.',
  ]);
  expect(first.out).toContain('interrupted after');
  expect(server.counts).toMatchObject({ create: 1, cancel: 1 });
  finish();
  const second = await start(project, ['run', 'firms'], env);
  expect(await second.ended).toBe(1);
  expect(server.counts.create).toBe(1);
});

test('three: it leaves although the agent does not answer, and the next run sees how it ended', async () => {
  const { project, server, env, finish, first } = await waiting();
  server.fault('cancel', 1, { type: 'stall', at: 'headers' });
  first.child.kill('SIGINT');
  await until(() => stages(first).length > 0);
  first.child.kill('SIGINT');
  await until(() => server.counts.cancel > 0);
  first.child.kill('SIGINT');
  expect(await first.ended).toBe(130);
  finish();
  const second = await start(project, ['run', 'firms'], env);
  expect(await second.ended).toBe(1);
  expect(second.error).toContain('resume profiles  alder.example');
  expect(second.error).toContain('agent-cancelled');
  expect(server.counts.create).toBe(1);
});

test.each(['SIGTERM', 'SIGHUP'] as const)(
  '%s: it leaves at once, and the next run waits for the same agent run',
  async (signal) => {
    const { project, server, env, finish, first } = await waiting();
    first.child.kill(signal);
    expect(await first.ended).toBe(143);
    expect(stages(first)).toEqual([
      'Asked to end: leaving now. 1 agent run is not waited for; the next run takes up what is left.',
    ]);
    expect(first.out).toContain('interrupted after');
    expect(server.counts).toMatchObject({ create: 1, cancel: 0 });
    const status = await project.call('status');
    expect(status.out).toContain('interrupted, 1 open');
    finish();
    const second = await start(project, ['run', 'firms'], env);
    expect(await second.ended).toBe(0);
    expect(second.error).toContain('resume profiles  alder.example');
    expect(server.counts.create).toBe(1);
  },
);

test('SIGTERM while a create is on its way: it leaves in time, and the create is not forgotten', async () => {
  const { project, server, env } = await endless();
  server.fault('create', 1, { type: 'stall', at: 'headers' });
  const first = await start(project, ['run', 'firms'], env);
  await until(() => server.counts.create > 0);
  first.child.kill('SIGTERM');
  expect(await first.ended).toBe(143);
  const status = await project.call('status');
  expect(status.out).toContain('crashed, 1 open');
});

test('npm is ended by a machine: the run that it started leaves as well', async () => {
  const { project, server, env, finish } = await endless();
  const command = `node --import tsx ${MAIN} run firms`;
  await project.write({ 'package.json': JSON.stringify({ scripts: { firms: command } }) });
  // Makes the packages reachable from the project.
  expect(await (await start(project, ['validate'], env)).ended).toBe(0);
  const npm = spawn('npm', ['run', '--silent', 'firms'], {
    cwd: project.root,
    env: { PATH: process.env['PATH'], HOME: project.root, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  onTestFinished(() => void npm.kill('SIGKILL'));
  let said = '';
  npm.stderr.on('data', (text: Buffer) => void (said += text.toString()));
  await until(() => server.counts.get > 0);
  npm.kill('SIGTERM');
  await until(async () => (await pipelineHolder(locks(project.root))) === undefined);
  expect(said).toContain('What started this is gone: leaving now. 1 agent run is not waited for;');
  expect(server.counts).toMatchObject({ create: 1, cancel: 0 });
  finish();
  const second = await start(project, ['run', 'firms'], env);
  expect(await second.ended).toBe(0);
  expect(server.counts.create).toBe(1);
});

const locks = (root: string): string => join(root, '.fieldwork/locks/firms');

test('a killed run is called crashed, and the next one waits for the same agent run', async () => {
  const { project, server, env, finish } = await endless();
  const first = await start(project, ['run', 'firms'], env);
  await until(() => server.counts.get > 0);
  first.child.kill('SIGKILL');
  expect(await first.ended).toBe('SIGKILL');
  const status = await project.call('status');
  expect(status.out).toContain('crashed, 1 open; run it again');
  finish();
  const second = await start(project, ['run', 'firms'], env);
  expect(await second.ended).toBe(0);
  expect(server.counts.create).toBe(1);
});

test('a run names the process that runs the same pipeline already', async () => {
  const { project, server, env } = await endless();
  const first = await start(project, ['run', 'firms'], env);
  await until(() => server.counts.get > 0);
  const second = await start(project, ['run', 'firms'], env);
  expect(await second.ended).toBe(6);
  expect(second.error).toContain(`by process ${first.child.pid}`);
  first.child.kill('SIGINT');
  expect(await first.ended).toBe(130);
});
