import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { AgentRequest, AgentRun } from '../../../src/agent/agent.ts';
import { openLocalAgent, type LocalAgent } from '../../../src/agent/local/local-agent.ts';
import type { Json, JsonObject } from '../../../src/base/json.ts';
import { seededRandom } from '../../rig/seeded-random.ts';
import { value } from '../backend.cases.ts';

export const NOW = Date.parse('2026-11-22T09:00:00Z');
export const QUICKSTART = join(import.meta.dirname, '../../../pipelines/corpus');
export const never: AbortSignal = new AbortController().signal;

/** A folder that is gone after the test. */
export async function folderWith(
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'fieldwork-corpus-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const folder = join(root, 'facts');
  await mkdir(folder);
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return folder;
}

/** Opened anew; whoever calls closes it. */
export async function openAgent(
  corpusFolder: string | undefined = QUICKSTART,
): Promise<LocalAgent> {
  const opened = await openLocalAgent({
    name: 'local',
    corpusFolder,
    clock: { now: () => NOW, sleep: () => Promise.resolve() },
    random: seededRandom(),
  });
  if (!opened.ok) throw new Error(opened.error.message);
  return opened.value;
}

/** An agent over these files for one test. */
export async function agentOver(
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<LocalAgent> {
  const agent = await openAgent(await folderWith(files));
  onTestFinished(() => agent.close());
  return agent;
}

export async function ask(agent: LocalAgent, request: AgentRequest): Promise<AgentRun> {
  const { id } = value(await agent.create(request, never));
  return value(await agent.wait(id, never));
}

/** A schema for a list of records under `property`; types are JSON Schema's, null allowed. */
export const listOf = (
  property: string,
  properties: Readonly<Record<string, string>>,
  more: JsonObject = {},
): JsonObject => ({
  type: 'object',
  properties: {
    [property]: {
      type: 'array',
      ...more,
      items: {
        type: 'object',
        properties: Object.fromEntries(
          Object.entries(properties).map(([name, type]) => [
            name,
            type === 'array'
              ? { type: 'array', items: { type: 'string' } }
              : { type: [type, 'null'] },
          ]),
        ),
      },
    },
  },
});

/** The records of a run's list. */
export function items(run: AgentRun, property: string): readonly JsonObject[] {
  if (run.status !== 'completed') throw new Error(run.error?.message ?? run.status);
  const list = (run.output.structured as JsonObject)[property];
  return list as readonly JsonObject[];
}

export const column = (rows: readonly JsonObject[], name: string): readonly (Json | undefined)[] =>
  rows.map((row) => row[name]);

/** Made up; every kind of column, with gaps. */
export const COMPANIES = `name,domain,city,country,industry,founded,employees,revenue_usd,growth,public,last_round,round_date,website
Acme Robotics,acme.com,Berlin,Germany,Robotics,2015,250,12500000,12%,false,Series A,2026-09-14,https://acme.com
Bolt Data,boltdata.io,San Francisco,United States,AI infrastructure,2018,80,4000000,45%,false,Series B,2026-07-01,https://boltdata.io
Cedar Health,cedar.health,London,United Kingdom,Healthcare,2009,1200,210000000,4%,true,,,https://cedar.health
Delta Grid,deltagrid.de,Munich,Germany,Energy,2012,430,55000000,9%,false,Series C,2024-03-20,https://deltagrid.de
Echo Labs,echolabs.ai,San Francisco,United States,AI infrastructure,2021,35,900000,,false,Series A,2026-06-05,https://echolabs.ai
Fjord Bank,fjord.no,Oslo,Norway,Finance,1998,3100,890000000,2.5%,true,,,https://fjord.no
"Gamma, Inc.",gamma.com,New York,United States,Finance,2003,,75000000,-3%,true,,,https://gamma.com
Helio,helio.fr,Paris,France,Energy,2019,60,,30%,false,Seed,2023-11-30,https://helio.fr
Iris Vision,iris.vision,Paris,France,AI infrastructure,2020,95,6100000,22%,false,Series B,2025-12-02,https://iris.vision
Juno Foods,juno.it,Milan,Italy,Food,1987,5400,1300000000,1%,true,,,https://juno.it
Kite Mobility,kite.eu,Berlin,Germany,Mobility,2016,140,18000000,15%,false,Series B,2025-04-18,https://kite.eu
Lumen Air,lumen.air,Oslo,Norway,Mobility,,22,300000,80%,false,Seed,2026-11-02,https://lumen.air
`;
