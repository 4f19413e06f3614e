import { join } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { AgentRequest } from '../../src/agent/agent.ts';
import { writeOutputs } from '../../src/tables/write-outputs.ts';
import type { Write } from '../rig/crashing-store.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';
import { completed, failedRun, Story } from './crash-rig.ts';
import { inline, TOWN } from './pipelines.ts';

vi.setConfig({ testTimeout: 240_000 });

/** Two steps; of four towns one is paid for and fails, and one comes twice. */
const YAML = `
effort: low
concurrency: 2
steps:
  towns:
    input: ${inline([{ id: 'r0' }, { id: 'r1' }, { id: 'r2' }, { id: 'r3' }])}
    query: Where is {{row.id}}?${TOWN}
    key: town
  near:
    input: towns
    query: What is near {{row.town}}?${TOWN}`;

const STEPS = ['towns', 'near'] as const;

function answer({ query }: AgentRequest): ReturnType<typeof completed> {
  if (query.includes('r1')) return failedRun(0.004);
  const town = query.replace(/^.* (\S+)\?$/, 'T-$1').replace('r3', 'r2');
  const citations = [{ url: `https://towns.example/${town}`, title: town }];
  const grounding = [{ field: 'town', citations, confidence: 'high' as const }];
  return completed({ town }, { output: { text: '', structured: { town }, grounding } });
}

function begin(): Story {
  const story = new Story(YAML);
  story.remote.answer = answer;
  return story;
}

type Row = Readonly<Record<string, unknown>>;

/** Times, ids that are drawn anew, and counts of attempts: what a crash may change. */
const MAY_DIFFER: ReadonlySet<string> = new Set(
  '_agent_run_id _answered_at agent_run_id attempt attempts run at created_at ended_at duration_ms'.split(
    ' ',
  ),
);

const shown = (row: Row): string =>
  JSON.stringify(
    Object.entries(row).filter(([name]) => !MAY_DIFFER.has(name)),
    (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value),
  );

/** Every file of the outputs, row by row. Attempts that created nothing are not compared. */
async function filesOf(story: Story): Promise<Readonly<Record<string, readonly string[]>>> {
  const folder = await temporaryFolder();
  onTestFinished(() => folder.dispose());
  const { tables, problems } = await writeOutputs({
    store: await story.store(),
    pipeline: 'test',
    outFolder: join(folder.path, 'out'),
    scratchFolder: join(folder.path, 'scratch'),
    now: story.clock.now(),
  });
  expect(problems).toEqual([]);
  const files: Record<string, readonly string[]> = {};
  for (const { name, path } of tables) {
    const rows: Row[] = await parquetReadObjects({ file: await asyncBufferFromFile(path) });
    const lines = rows.filter((row) => row['agent_run_id'] !== null).map(shown);
    // By attempt, in the order in which they were begun.
    files[name] = ['_costs', '_agent_runs'].includes(name) ? lines.sort() : lines;
  }
  return files;
}

/** What the ledger says of each agent run, in no order; of the rest, that it cost nothing. */
async function ledgerOf(story: Story): Promise<readonly string[]> {
  const asked = new Map<string, string>();
  const lines: string[] = [];
  for (const entry of await story.ledger()) {
    if (entry.type === 'attempt-intended') {
      asked.set(
        entry.attempt,
        `${entry.step} ${entry.task} ${entry.effort ?? ''} ${entry.reserved}`,
      );
    }
    if (entry.type !== 'attempt-ended') continue;
    const { outcome, failure, reported, stopReason } = entry;
    if (entry.agentRunId === null) expect(reported).toBe(0);
    else
      lines.push(
        `${asked.get(entry.attempt) ?? '?'} ${outcome} ${failure} ${stopReason} ${reported}`,
      );
  }
  return lines.sort();
}

interface Came {
  readonly exit: number;
  readonly rows: readonly unknown[];
  readonly ledger: readonly string[];
  readonly spent: unknown;
  readonly bought: readonly string[];
  readonly open: number;
}

async function cameOf(story: Story, exit: number): Promise<Came> {
  const { day, month } = await (await story.store()).spending('2026-11-22T23:00:00.000Z');
  return {
    exit,
    rows: [await story.table('towns'), await story.table('near')],
    ledger: await ledgerOf(story),
    spent: { day, month },
    bought: story.remote.runs.map(({ request }) => request?.query ?? '').sort(),
    open: (await story.open()).length,
  };
}

/** As nobody dies. */
async function uncrashed(): Promise<Story & { came?: Came }> {
  const story = begin();
  const { exit } = await story.run();
  expect(exit).toBe(1);
  return Object.assign(story, { came: await cameOf(story, exit) });
}

const dying = (nth: number, moment: 'before' | 'unsynced' | 'unheard' | 'heard') => ({
  dies: (_: Write, at: number) => (at === nth ? moment : undefined),
});

describe('a run that died at a durable write and was begun again', () => {
  test.each(['before', 'unsynced', 'unheard', 'heard'] as const)(
    'whichever, %s, has the rows, the ledger and the money of one that did not',
    async (moment) => {
      const whole = await uncrashed();
      expect(whole.came?.bought).toHaveLength(6);
      let deaths = 0;
      for (let nth = 1; ; nth++) {
        const story = begin();
        if ((await story.live(dying(nth, moment))) !== 'died') break;
        deaths++;
        const { exit } = await story.run();
        expect(await cameOf(story, exit), `after death at write ${nth}`).toEqual(whole.came);
      }
      expect(deaths).toBeGreaterThan(20);
    },
  );

  test('twice, at any two of them, likewise', async () => {
    const whole = await uncrashed();
    for (let nth = 2; ; nth += 5) {
      const story = begin();
      if ((await story.live(dying(nth, 'unheard'))) !== 'died') break;
      for (let second = 1; second < 12; second += 4) {
        if ((await story.live(dying(second, 'unsynced'))) !== 'died') break;
      }
      const { exit } = await story.run();
      expect(await cameOf(story, exit), `after death at write ${nth}`).toEqual(whole.came);
    }
  });

  test('has the same tables, citations, failures and costs in its files', async () => {
    const whole = await filesOf(await uncrashed());
    expect(Object.keys(whole)).toEqual(expect.arrayContaining([...STEPS, '_costs', '_citations']));
    expect(whole['_costs']).toHaveLength(6);
    expect(whole['_citations']).toHaveLength(4);
    expect(whole['_failures']).toHaveLength(1);
    expect(whole['_rejected']).toHaveLength(1);
    const moments = ['before', 'unsynced', 'unheard', 'heard'] as const;
    for (let nth = 1; ; nth++) {
      const story = begin();
      const moment = moments[nth % moments.length] ?? 'unheard';
      if ((await story.live(dying(nth, moment))) !== 'died') break;
      await story.run();
      expect(await filesOf(story), `after death at write ${nth}`).toEqual(whole);
    }
  });
});
