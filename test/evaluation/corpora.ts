import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentRequest, AgentRun } from '../../src/agent/agent.ts';
import { openLocalAgent, type LocalAgent } from '../../src/agent/local/local-agent.ts';
import { seededRandom } from '../rig/seeded-random.ts';
import type { Records } from './data-sets.ts';

/** The day of all runs, so that `last year` means the same in all of them. */
export const NOW: number = Date.parse('2026-11-22T09:00:00Z');

/** Runs `work` over a corpus folder with one JSON file a data set, which is gone afterwards. */
export async function withCorpus<T>(
  sets: Readonly<Record<string, Records>>,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const root = await mkdtemp(join(tmpdir(), 'fieldwork-evaluation-'));
  const folder = join(root, 'corpus');
  await mkdir(folder);
  try {
    for (const [name, records] of Object.entries(sets)) {
      await writeFile(join(folder, `${name}.json`), JSON.stringify(records));
    }
    return await work(folder);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** Runs `work` with an agent over such a folder. */
export function withAgent<T>(
  sets: Readonly<Record<string, Records>>,
  work: (agent: LocalAgent, folder: string) => Promise<T>,
): Promise<T> {
  return withCorpus(sets, async (folder) => {
    const opened = await openLocalAgent({
      name: 'local',
      corpusFolder: folder,
      clock: { now: () => NOW, sleep: () => Promise.resolve() },
      random: seededRandom(),
    });
    if (!opened.ok) throw new Error(opened.error.message);
    try {
      return await work(opened.value, folder);
    } finally {
      await opened.value.close();
    }
  });
}

const never = new AbortController().signal;

export async function ask(agent: LocalAgent, request: AgentRequest): Promise<AgentRun> {
  const created = await agent.create(request, never);
  if (!created.ok) throw new Error(created.error.message);
  const ended = await agent.wait(created.value.id, never);
  if (!ended.ok) throw new Error(ended.error.message);
  return ended.value;
}
