import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/base/json.ts';
import { LocalEngine } from '../../src/server/local-engine.ts';
import { MemoryAgentRunStore } from '../../src/store/memory-agent-run-store.ts';
import { COMPANIES, folderWith, listOf, openAgent } from '../agent/local/local-rig.ts';
import { startServer, type StartedServer } from './start-server.ts';

const SCHEMA = listOf('companies', { name: 'string', country: 'string', employees: 'integer' });

test('follow-ups go on from what is stored, also in the next process', async () => {
  const folder = await folderWith({ 'companies.csv': COMPANIES });
  const store = new MemoryAgentRunStore();
  /** Each question is put to a process of its own. */
  const ask = async (request: object): Promise<{ id: string; names: readonly unknown[] }> => {
    const engine = new LocalEngine(await openAgent(folder));
    const server: StartedServer = await startServer({ store, engine });
    const run = await server.end((await server.create(request)).id);
    await server.close();
    expect(run).toMatchObject({ status: 'completed' });
    const { companies } = run.output.structured as { companies: readonly JsonObject[] };
    return { id: run.id, names: companies.map(({ name }) => name) };
  };
  const first = await ask({
    query: 'The 3 companies with the most employees.',
    outputSchema: SCHEMA,
  });
  expect(first.names).toEqual(['Juno Foods', 'Fjord Bank', 'Cedar Health']);
  const more = await ask({ query: '3 more', previousRunId: first.id });
  expect(more.names).toEqual(['Delta Grid', 'Acme Robotics', 'Kite Mobility']);
  const narrow = await ask({ query: 'Narrow that to Germany.', previousRunId: more.id });
  expect(narrow.names).toEqual(['Delta Grid', 'Acme Robotics', 'Kite Mobility']);
  const sorted = await ask({ query: 'Sort by name.', previousRunId: narrow.id });
  expect(sorted.names).toEqual(['Acme Robotics', 'Delta Grid', 'Kite Mobility']);
  const outputSchema = listOf('companies', { name: 'string', website: 'string' });
  const wider = await ask({
    query: 'Add the website of each.',
    previousRunId: first.id,
    outputSchema,
  });
  expect(wider.names).toEqual(first.names);
});
