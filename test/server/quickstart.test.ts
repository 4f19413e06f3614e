import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/base/json.ts';
import { LocalEngine } from '../../src/server/local-engine.ts';
import { openAgent, QUICKSTART as CORPUS } from '../agent/local/local-rig.ts';
import { CliProject } from '../cli/cli-project.ts';
import { startServer } from './start-server.ts';

const PIPELINES = fileURLToPath(new URL('../../pipelines', import.meta.url));
const TABLES = ['largest', 'money', 'landlocked', 'overview', '_citations'];

async function quickstart(agents = ''): Promise<CliProject> {
  const project = await CliProject.open();
  for (const part of ['quickstart.yaml', 'schemas', 'corpus']) {
    await cp(join(PIPELINES, part), join(project.root, 'pipelines', part), { recursive: true });
  }
  const file = join(project.root, 'fieldwork.yaml');
  await writeFile(file, (await readFile(file, 'utf8')) + agents);
  return project;
}

/** Rows without what differs from one agent run to the next. */
async function rowsOf(project: CliProject, table: string): Promise<readonly JsonObject[]> {
  const told = await project.call('show', 'quickstart', table, '--json', '--limit', '1000');
  expect(told).toMatchObject({ exit: 0, error: '' });
  const rows = JSON.parse(told.out) as readonly JsonObject[];
  const differs = ['agent_run_id', '_agent_run_id', '_answered_at', 'answered_at'];
  return rows.map((row) =>
    Object.fromEntries(Object.entries(row).filter(([name]) => !differs.includes(name))),
  );
}

test('the quick start gives the same tables in the process and through the server', async () => {
  const here = await quickstart();
  expect((await here.call('run', 'quickstart')).exit).toBe(0);

  const server = await startServer({ engine: new LocalEngine(await openAgent(CORPUS)) });
  const there = await quickstart(
    `agents:\n  served: { kind: exa, base_url: '${server.url}/', key_env: SERVED_KEY }\n`,
  );
  there.env['SERVED_KEY'] = server.token;
  const run = await there.call('run', 'quickstart', '--agent', 'served', '--max-cost', '100');
  expect(run).toMatchObject({ exit: 0 });

  for (const table of TABLES) {
    const rows = await rowsOf(here, table);
    expect(rows.length).toBeGreaterThan(0);
    expect(await rowsOf(there, table)).toEqual(rows);
  }
  // Every task was one agent run of the server, and none was asked twice.
  const { data } = await server.call('GET', '/agent/runs?limit=100');
  expect(data).toHaveLength(server.engine.tasks.length);
  expect(data.every(({ status }) => status === 'completed')).toBe(true);
  const spent = data.reduce((sum, { costDollars }) => sum + (costDollars['total'] ?? 0), 0);
  const told = await there.call('cost', 'quickstart', '--json');
  const { total } = JSON.parse(told.out) as { readonly total: { readonly reported: number } };
  expect(total.reported).toBe(Math.round(spent * 1e6));

  const again = await there.call('run', 'quickstart', '--agent', 'served', '--max-cost', '100');
  expect(again.exit).toBe(0);
  expect(server.engine.tasks).toHaveLength(data.length);
});
