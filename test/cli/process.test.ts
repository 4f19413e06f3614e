import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { AgentApiServer } from '../rig/agent-api-server.ts';
import { CliProject } from './cli-project.ts';
import { FIRMS, profileOf, TOWNS } from './projects.ts';

vi.setConfig({ testTimeout: 60_000 });

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const PACKAGES = fileURLToPath(new URL('../../node_modules', import.meta.url));

interface Process {
  readonly child: ChildProcess;
  out: string;
  error: string;
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
}

/** The program as a process of its own, in the folder of a project. */
async function start(
  project: CliProject,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Process> {
  // The loader of TypeScript is looked up from the current folder.
  await mkdir(project.root, { recursive: true });
  await symlink(PACKAGES, join(project.root, 'node_modules')).catch(() => undefined);
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, ...argv], {
    cwd: project.root,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
  const started: Process = { child, out: '', error: '', ended };
  child.stdout.on('data', (text: Buffer) => void (started.out += text.toString()));
  child.stderr.on('data', (text: Buffer) => void (started.error += text.toString()));
  return started;
}

async function endless(): Promise<{
  project: CliProject;
  server: AgentApiServer;
  env: Record<string, string>;
  finish(): void;
}> {
  const project = await CliProject.open({
    ...FIRMS,
    'pipelines/data/crm.csv': 'domain,name\nalder.example,Alder Pumps\n',
  });
  const clock = { ahead: 0 };
  const server = await AgentApiServer.start({
    answer: profileOf,
    durationMs: 86_400_000,
    now: () => Date.now() + clock.ahead,
  });
  onTestFinished(() => server.close());
  const env = { EXA_API_KEY: 'key-of-a-test', EXA_BASE_URL: server.baseUrl };
  return { project, server, env, finish: () => void (clock.ahead = 90_000_000) };
}

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)(
  '%s ends a run with %i; the next one waits for the same agent run',
  async (signal, code) => {
    const { project, server, env, finish } = await endless();
    const first = await start(project, ['run', 'firms'], env);
    await vi.waitUntil(() => server.counts.get > 0, { timeout: 30_000, interval: 20 });
    first.child.kill(signal);
    expect(await first.ended).toBe(code);
    expect(first.error).toContain('Stopping: nothing new starts');
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

test('a killed run is called crashed, and the next one waits for the same agent run', async () => {
  const { project, server, env, finish } = await endless();
  const first = await start(project, ['run', 'firms'], env);
  await vi.waitUntil(() => server.counts.get > 0, { timeout: 30_000, interval: 20 });
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
  await vi.waitUntil(() => server.counts.get > 0, { timeout: 30_000, interval: 20 });
  const second = await start(project, ['run', 'firms'], env);
  expect(await second.ended).toBe(6);
  expect(second.error).toContain(`by process ${first.child.pid}`);
  first.child.kill('SIGINT');
  expect(await first.ended).toBe(130);
});

test('a reader that has seen enough ends a command quietly', async () => {
  const project = await CliProject.open(TOWNS);
  await project.quietly('run', 'towns');
  const shown = await start(project, ['show', 'towns', '_citations', '--json']);
  shown.child.stdout?.destroy();
  expect(await shown.ended).toBe(0);
  expect(shown.error).toBe('');
});

test('a broken file never shows a stack trace', async () => {
  const project = await CliProject.open({
    'pipelines/torn.yaml': 'version: 1\nname: [torn\nsteps:\n\t- {{x}}\n',
  });
  for (const command of ['validate', 'plan', 'run', 'graph']) {
    const told = await start(project, [command, 'pipelines/torn.yaml']);
    expect(await told.ended).toBe(2);
    expect(told.error).toMatch(/^error\[E-/u);
    expect(`${told.out}${told.error}`).not.toMatch(/^ {4}at /mu);
  }
});
