import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { checkResponse, type ContractId } from '../server/contract/check-response.ts';
import { CliProject, golden } from './cli-project.ts';

vi.setConfig({ testTimeout: 60_000 });

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const PACKAGES = fileURLToPath(new URL('../../node_modules', import.meta.url));

interface Serving {
  readonly child: ChildProcess;
  readonly lines: readonly string[];
  readonly url: string;
  readonly errors: () => string;
  readonly ended: Promise<number | string>;
}

/** The program as a process of its own, once it has said where it listens. */
async function serve(
  project: CliProject,
  argv: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Serving> {
  // The loader of TypeScript is looked up from the current folder.
  await symlink(PACKAGES, join(project.root, 'node_modules')).catch(() => undefined);
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', MAIN, 'serve', '--port', '0', ...argv],
    {
      cwd: project.root,
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
  let out = '';
  let error = '';
  child.stdout.on('data', (text: Buffer) => void (out += text.toString()));
  child.stderr.on('data', (text: Buffer) => void (error += text.toString()));
  await vi.waitUntil(
    () => /Reference: .*\n/u.test(error) || /"url".*\n/u.test(out) || child.exitCode !== null,
    {
      timeout: 40_000,
      interval: 20,
    },
  );
  const url = /http:\/\/[^\s"]+/u.exec(out)?.[0] ?? '';
  return { child, lines: out.trimEnd().split('\n'), url, errors: () => error, ended };
}

const CORPUS = {
  'pipelines/corpus/towns.csv':
    'town,country,people\nOslo,Norway,709000\nBergen,Norway,291000\nParis,France,2103000\n',
};

async function ask(
  { url }: Serving,
  token: string,
  path = '',
  body?: object,
): Promise<Record<string, unknown>> {
  const headers = { 'x-api-key': token, 'content-type': 'application/json' };
  const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const response = await send(`${url}/agent/runs${path}`, { headers, ...init });
  return JSON.parse(response.body) as Record<string, unknown>;
}

/** What a server answers, which must be as documented. */
async function send(
  url: string,
  init: RequestInit = {},
  contract: ContractId = '2026-11',
): Promise<{ readonly status: number; readonly body: string }> {
  const response = await fetch(url, init);
  const seen = {
    method: init.method ?? 'GET',
    path: new URL(url).pathname,
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: await response.text(),
    complete: true,
  };
  expect(checkResponse(seen, contract)).toEqual([]);
  return seen;
}

/** A run once it has ended. */
async function end(serving: Serving, token: string, id: unknown): Promise<Record<string, unknown>> {
  return vi.waitUntil(
    async () => {
      const run = await ask(serving, token, `/${String(id)}`);
      return run['completedAt'] === null ? undefined : run;
    },
    { timeout: 40_000, interval: 20 },
  );
}

test('serve says where it listens and answers from the corpus of the project', async () => {
  const project = await CliProject.open(CORPUS);
  const serving = await serve(project);
  expect(serving.lines[0]).toMatch(/^listening on http:\/\/127\.0\.0\.1:\d+$/);
  const token = /^token ([\w-]{43})$/u.exec(serving.lines[1] ?? '')?.[1] ?? '';
  const { id } = await ask(serving, token, '', { query: 'The largest towns in Norway by people.' });
  const run = await end(serving, token, id);
  expect(run).toMatchObject({ status: 'completed', stopReason: 'schema_satisfied' });
  expect((run['output'] as { text: string }).text).toContain('Oslo');
  expect((await send(`${serving.url}/agent/runs`)).status).toBe(401);

  const file = join(project.root, '.fieldwork', 'server-token');
  expect(await readFile(file, 'utf8')).toBe(`${token}\n`);
  expect((await stat(file)).mode & 0o777).toBe(0o600);

  serving.child.kill('SIGTERM');
  expect(await serving.ended).toBe(0);
  expect(serving.errors()).toContain('Stopping:');

  // The token and the runs are still there, and a run can be continued.
  const next = await serve(project, ['--json']);
  expect(next.lines).toHaveLength(1);
  expect(JSON.parse(next.lines[0] ?? '')).toEqual({
    url: next.url,
    token,
    contract: '2026-11',
    priceBook: 'exa-2026-11',
  });
  expect(await ask(next, token, `/${String(id)}`)).toEqual(run);
  const more = await ask(next, token, '', { query: '1 more', previousRunId: id });
  expect(await end(next, token, more['id'])).toMatchObject({ status: 'completed' });
});

test('a process that is killed leaves nothing running for ever', async () => {
  const project = await CliProject.open(CORPUS);
  const env = { FIELDWORK_TOKEN: 'token-from-the-environment' };
  const first = await serve(project, [], env);
  expect(first.lines).toHaveLength(1);
  const created = await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      ask(first, env.FIELDWORK_TOKEN, '', { query: `${n + 1} towns by people` }),
    ),
  );
  first.child.kill('SIGKILL');
  expect(await first.ended).toBe('SIGKILL');
  const next = await serve(project, [], env);
  for (const { id } of created) {
    expect(await end(next, env.FIELDWORK_TOKEN, id)).toMatchObject({ status: 'completed' });
    const { data } = await ask(next, env.FIELDWORK_TOKEN, `/${String(id)}/events`);
    const names = (data as { event: string }[]).map(({ event }) => event.replace('agent_run.', ''));
    expect(names).toEqual(['created', 'started', 'completed']);
  }
});

test('runs are priced by the book of the operator', async () => {
  const project = await CliProject.open(CORPUS);
  await project.write({
    'prices.yaml': `version: 1
name: ours-2026-11
date: 2026-11-01
default_effort: low
efforts: { low: 0.5 }
email: 0
phone_number: 0
search: 0
agent_compute_unit: 0
`,
  });
  const serving = await serve(project, ['--token', 'a-token', '--prices', 'prices.yaml', '--json']);
  expect(JSON.parse(serving.lines[0] ?? '')).toMatchObject({ priceBook: 'ours-2026-11' });
  const { id } = await ask(serving, 'a-token', '', { query: 'Towns in France.' });
  expect(await end(serving, 'a-token', id)).toMatchObject({ costDollars: { total: 0.5 } });
});

test('one process serves the agent runs of a project', async () => {
  const project = await CliProject.open(CORPUS);
  const first = await serve(project);
  const second = await serve(project);
  expect(await second.ended).toBe(6);
  expect(second.errors()).toContain(
    `The server's store is in use by process ${first.child.pid ?? 0} on `,
  );
});

test('without keys, with another corpus, in the beta', async () => {
  const project = await CliProject.open({
    'other/towns.csv': CORPUS['pipelines/corpus/towns.csv'],
  });
  const argv = ['--no-auth', '--corpus', 'other', '--contract', '2026-05-07', '--json'];
  const serving = await serve(project, argv);
  expect(JSON.parse(serving.lines[0] ?? '')).toMatchObject({
    token: null,
    priceBook: 'exa-2026-05',
  });
  const headers = { 'content-type': 'application/json', 'exa-beta': 'agent-2026-05-07' };
  const body = JSON.stringify({ query: 'Towns in France.' });
  const init = { method: 'POST', headers: { ...headers, accept: 'text/event-stream' }, body };
  const runs = `${serving.url}/agent/runs`;
  expect((await send(runs, init, '2026-05-07')).body).toContain('Paris');
  expect((await send(runs, {}, '2026-05-07')).status).toBe(400);
});

describe('serve refuses', () => {
  test.each([
    ['a port that is none', ['--port', '70000']],
    ['a contract that is none', ['--contract', '2026-01-01']],
    ['a price book that is none', ['--prices', 'exa-2020']],
    ['a price book that cannot be read', ['--prices', 'none.yaml']],
    ['a price book with a mistake', ['--prices', 'prices.yaml']],
    ['no keys beyond this machine', ['--no-auth', '--host', '0.0.0.0']],
    ['no keys and a key', ['--no-auth', '--token', 'a']],
    ['a token with a blank', ['--token', 'a b']],
    ['a short token beyond this machine', ['--host', '0.0.0.0', '--token', 'short']],
    ['a corpus that is not there', ['--corpus', 'nowhere']],
    [
      'a host that is none',
      ['--host', 'no.such.host.invalid', '--token', 'long-enough-for-others'],
    ],
  ])('%s', async (name, argv) => {
    const project = await CliProject.open(CORPUS);
    await project.write({ 'prices.yaml': 'version: 1\nname: ours\nprice: 1\n' });
    const told = await project.call('serve', ...argv);
    expect(told).toMatchObject({ exit: 2, out: '' });
    await expect(project.takeTranscript()).toMatchFileSnapshot(
      golden(`serve-${name.replaceAll(' ', '-')}`),
    );
  });

  test('a port that is taken', async () => {
    const project = await CliProject.open(CORPUS);
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void other.close());
    const { port } = other.address() as AddressInfo;
    const told = await project.call('serve', '--port', String(port));
    expect(told).toEqual({
      exit: 2,
      out: '',
      error: `Cannot listen on 127.0.0.1:${port}: something else listens there.\n`,
    });
    // Nothing is left behind that would keep the next one from starting.
    expect((await project.files()).filter((file) => file.endsWith('.pid'))).toEqual([]);
  });

  test('agent runs that are damaged', async () => {
    const project = await CliProject.open(CORPUS);
    const folder = join(project.root, '.fieldwork', 'state', 'agent-runs');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'data.mdb'), 'no store');
    const told = await project.call('serve', '--port', '0');
    expect(told.exit).toBe(6);
    expect(told.error).toContain('The agent runs cannot be opened: ');
  });
});
