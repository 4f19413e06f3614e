import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { AgentRequest, AgentRun } from '../../src/agent/agent.ts';
import { openLocalAgent, type LocalAgent } from '../../src/agent/local/local-agent.ts';
import { seededRandom } from '../rig/seeded-random.ts';
import type { Records } from './data-sets.ts';

/** The day of all runs, so that `last year` means the same in all of them. */
export const NOW: number = Date.parse('2026-11-22T09:00:00Z');

/** Runs `work` over a corpus folder with these files, which is gone afterwards. */
export async function withFiles<T>(
  files: Readonly<Record<string, string>>,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const root = await mkdtemp(join(tmpdir(), 'fieldwork-evaluation-'));
  const folder = join(root, 'corpus');
  try {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), content);
    }
    return await work(folder);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** Runs `work` over such a folder with one JSON file a data set. */
export const withCorpus = <T>(
  sets: Readonly<Record<string, Records>>,
  work: (folder: string) => Promise<T>,
): Promise<T> =>
  withFiles(
    Object.fromEntries(
      Object.entries(sets).map(([name, records]) => [`${name}.json`, JSON.stringify(records)]),
    ),
    work,
  );

export async function openAgent(folder: string): Promise<LocalAgent> {
  const opened = await openLocalAgent({
    name: 'local',
    corpusFolder: folder,
    clock: { now: () => NOW, sleep: () => Promise.resolve() },
    random: seededRandom(),
  });
  if (!opened.ok) throw new Error(opened.error.message);
  return opened.value;
}

/** Runs `work` with an agent over such a folder. */
export function withAgent<T>(
  sets: Readonly<Record<string, Records>>,
  work: (agent: LocalAgent, folder: string) => Promise<T>,
): Promise<T> {
  return withCorpus(sets, async (folder) => {
    const agent = await openAgent(folder);
    try {
      return await work(agent, folder);
    } finally {
      await agent.close();
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
