import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { AgentApiServer, type AgentApiServerOptions } from '../rig/agent-api-server.ts';
import { dyingAt } from '../rig/die-at.ts';
import { DyingWire } from '../rig/dying-wire.ts';
import { CliProject } from './cli-project.ts';
import { start, type Process } from './processes.ts';
import { FIRMS, profileOf } from './projects.ts';

vi.setConfig({ testTimeout: 120_000 });

/** Waits for something that a process or a server does. */
const until = (check: () => boolean | Promise<boolean>): Promise<unknown> =>
  vi.waitUntil(check, { timeout: 60_000, interval: 10 });

interface World {
  readonly project: CliProject;
  readonly server: AgentApiServer;
  readonly wire: DyingWire;
  run(env?: Readonly<Record<string, string>>, ...argv: readonly string[]): Promise<Process>;
}

/** The project of four firms, run by real processes over a wire on which they can die. */
async function world(options: AgentApiServerOptions = {}): Promise<World> {
  const project = await CliProject.open({
    ...FIRMS,
    'fieldwork.yaml': 'version: 1\nagents: { exa: { kind: exa, settle: 1s } }\n',
  });
  const server = await AgentApiServer.start({ answer: profileOf, ...options });
  const wire = new DyingWire(() => new URL(server.baseUrl), { keepsAlive: false });
  await wire.open();
  onTestFinished(async () => {
    await wire.close();
    await server.close();
  });
  const keys = { EXA_API_KEY: 'key-of-a-test', EXA_BASE_URL: wire.url };
  return {
    project,
    server,
    wire,
    run: (env = {}, ...argv) => start(project, ['run', 'firms', ...argv], { ...keys, ...env }),
  };
}

const PARQUET = [
  'profiles',
  'summary',
  '_agent_runs',
  '_citations',
  '_costs',
  '_failures',
  '_rejected',
];

/** Each table's file as it is. */
const tables = ({ project }: World): Promise<readonly string[]> =>
  Promise.all(
    PARQUET.map((name) => readFile(join(project.root, `out/firms/${name}.parquet`), 'latin1')),
  );

const listed = async ({ project }: World, folder: string): Promise<readonly string[]> =>
  (await readdir(join(project.root, folder)).catch((): string[] => [])).sort();

/** Once run, then edited so that every table becomes another. */
async function edited(): Promise<World> {
  const it = await world();
  const whole = await it.run();
  expect(await whole.ended).toBe(0);
  await it.project.edit('pipelines/firms.yaml', 'What does', 'What on earth does');
  return it;
}

describe('a whole pipeline, where its process dies', () => {
  test.each([
    ['its project', 'open 1 fieldwork.yaml'],
    ['its pipeline', 'open 1 firms.yaml'],
    ['its rows', 'stat 1 crm.csv'],
  ])('1 while it reads %s, has written and bought nothing', async (_, at) => {
    const it = await world();
    const killed = await it.run(dyingAt(at));
    expect(await killed.ended).toBe('SIGKILL');
    expect(await listed(it, '.fieldwork')).toEqual([]);
    expect(await listed(it, 'out')).toEqual([]);
    expect(it.server.requests).toBe(0);
  });

  test('2 after its plan was shown, has written and bought nothing', async () => {
    const it = await world();
    const before = await it.project.files();
    const planned = await it.project.call('plan', 'firms');
    expect(planned.exit).toBe(0);
    expect(planned.out).toContain('4');
    expect(await it.project.files()).toEqual(before);
    expect(it.server.requests).toBe(0);
  });

  test('6 inside its SQL, has the work file dropped and the table made anew', async () => {
    const it = await world();
    const sql = 'select count(*) as firms from profiles';
    const endless = `${sql} cross join range(10000000000) a cross join range(100) b`;
    await it.project.edit('pipelines/firms.yaml', sql, endless);
    const first = await it.run();
    await until(() => first.error.includes('step   profiles  finished'));
    await until(async () => (await listed(it, '.fieldwork/scratch')).length > 0);
    first.child.kill('SIGKILL');
    expect(await first.ended).toBe('SIGKILL');
    expect(await listed(it, '.fieldwork/scratch')).toHaveLength(1);
    expect(await listed(it, 'out')).toEqual([]);
    await it.project.edit('pipelines/firms.yaml', endless, sql);
    const second = await it.run();
    expect(await second.ended).toBe(0);
    expect(it.server.counts.create).toBe(4);
    expect(await listed(it, '.fieldwork/scratch')).toEqual([]);
    const shown = await it.project.call('show', 'firms', 'summary', '--json');
    expect(JSON.parse(shown.out)).toMatchObject([{ firms: 4 }]);
  });

  test('7 while its files are written, leaves the old ones as they were', async () => {
    const it = await edited();
    const before = await tables(it);
    const killed = await it.run(dyingAt('rename 1 .parquet.unfinished'));
    expect(await killed.ended).toBe('SIGKILL');
    expect(await tables(it)).toEqual(before);
    const left = await listed(it, 'out/firms');
    // All but the count of firms, which is what it was.
    expect(left.filter((name) => name.endsWith('.unfinished'))).toEqual(
      PARQUET.filter((name) => name !== 'summary')
        .map((name) => `.${name}.parquet.unfinished`)
        .sort(),
    );
    const next = await it.run();
    expect(await next.ended).toBe(0);
    expect(it.server.counts.create).toBe(8);
    expect(await listed(it, 'out/firms')).toEqual(PARQUET.map((name) => `${name}.parquet`).sort());
    expect(await tables(it)).not.toEqual(before);
  });

  test('8 with some of its files in place, is told apart by who reads, and made whole', async () => {
    const it = await edited();
    const before = await tables(it);
    const database = await stat(join(it.project.root, 'out/firms.duckdb'));
    const killed = await it.run(dyingAt('rename 2 .parquet.unfinished'));
    expect(await killed.ended).toBe('SIGKILL');
    const [profiles, ...others] = await tables(it);
    expect(profiles).not.toBe(before[0]);
    expect(others).toEqual(before.slice(1));
    // All tables in one file: the old ones, together.
    expect((await stat(join(it.project.root, 'out/firms.duckdb'))).mtimeMs).toBe(database.mtimeMs);
    const shown = await it.project.call('show', 'firms', 'profiles', '--citations');
    expect(shown.error).toContain('are not of one state');
    const next = await it.run();
    expect(await next.ended).toBe(0);
    // It had bought all it needed.
    expect(it.server.counts.create).toBe(8);
    const whole = await it.project.call('show', 'firms', 'profiles', '--citations');
    expect(whole).toMatchObject({ exit: 0, error: '' });
  });

  test('14 by SIGKILL while agent runs are under way, goes on with them', async () => {
    const clock = { ahead: 0 };
    const it = await world({
      durationMs: () => (clock.ahead > 0 ? 0 : 86_400_000),
      now: () => Date.now() + clock.ahead,
    });
    const first = await it.run();
    await until(() => it.server.counts.get > 0);
    first.child.kill('SIGKILL');
    expect(await first.ended).toBe('SIGKILL');
    clock.ahead = 90_000_000;
    const second = await it.run();
    expect(await second.ended).toBe(0);
    expect(it.server.counts).toMatchObject({ create: 4, cancel: 0 });
    expect(second.error).toContain('resume profiles  alder.example');
  });

  test('15 stopped for a while: the lock stays held, and what was on its way is found', async () => {
    const it = await world();
    const first = await new Promise<Process>((resolve, reject) => {
      // Stopped as its create has reached the server, whose answer then meets a dead connection.
      let process: Process | undefined;
      const kill = async (): Promise<void> => {
        await until(() => process !== undefined);
        process?.child.kill('SIGSTOP');
      };
      it.wire.set({ cut: 'unheard', nth: 1, kill });
      it.run().then((started) => (process = started), reject);
      void until(() => it.server.counts.create === 1).then(() => {
        if (process !== undefined) resolve(process);
      }, reject);
    });
    const refused = await it.run();
    expect(await refused.ended).toBe(6);
    expect(refused.error).toContain(`process ${first.child.pid ?? 0}`);
    expect(it.server.counts.create).toBe(1);
    await it.wire.close();
    await it.wire.open();
    first.child.kill('SIGCONT');
    expect(await first.ended).toBe(0);
    expect(it.server.counts.create).toBe(4);
    expect(it.server.size).toBe(4);
    expect(first.error).toContain('doubt');
  });

  test('19 again and again without getting anything done, buys nothing for a while', async () => {
    const it = await world();
    for (let nth = 1; nth <= 3; nth++) {
      const run = await it.run();
      const kill = async (): Promise<void> => void run.child.kill('SIGKILL');
      // The first connection asks whether the server speaks the Agent API, or lists what is in doubt.
      it.wire.set({ cut: 'connecting', nth: 1, kill });
      expect(await run.ended).toBe('SIGKILL');
    }
    it.wire.set(undefined);
    const stopped = await it.run();
    expect(await stopped.ended).toBe(3);
    expect(stopped.out + stopped.error).toContain(
      'the last 3 runs of this pipeline died without getting anything done',
    );
    // It may look for what was in doubt, and buys nothing.
    expect(it.server.counts.create).toBe(0);
  });
});
