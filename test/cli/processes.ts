import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { AgentApiServer } from '../rig/agent-api-server.ts';
import { CliProject } from './cli-project.ts';
import { FIRMS, profileOf } from './projects.ts';

export const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const PACKAGES = fileURLToPath(new URL('../../node_modules', import.meta.url));

export interface Process {
  readonly child: ChildProcess;
  out: string;
  error: string;
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
}

/** The program as a process of its own, in the folder of a project. */
export async function start(
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

export interface Endless {
  readonly project: CliProject;
  readonly server: AgentApiServer;
  readonly env: Record<string, string>;
  /** Lets all agent runs be over. */
  finish(): void;
}

/** A project whose agent runs never end by themselves, for the firms given. */
export async function endless(firms: readonly string[] = ['alder']): Promise<Endless> {
  const project = await CliProject.open({
    ...FIRMS,
    'pipelines/data/crm.csv': `domain,name\n${firms.map((firm) => `${firm}.example,${firm}\n`).join('')}`,
  });
  const clock = { ahead: 0 };
  const server = await AgentApiServer.start({
    answer: profileOf,
    durationMs: () => (clock.ahead > 0 ? 0 : 86_400_000),
    now: () => Date.now() + clock.ahead,
  });
  onTestFinished(() => server.close());
  const env = { EXA_API_KEY: 'key-of-a-test', EXA_BASE_URL: server.baseUrl };
  return { project, server, env, finish: () => void (clock.ahead = 90_000_000) };
}
