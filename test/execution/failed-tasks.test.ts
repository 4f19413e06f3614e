import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { JsonObject } from '../../src/base/json.ts';
import { CURRENT_PRICE_BOOK } from '../../src/cost/price-book.ts';
import { readTable } from '../../src/tables/read-table.ts';
import { writeOutputs } from '../../src/tables/write-outputs.ts';
import { Rig } from '../rig/rig.ts';
import { ScriptedAgent } from '../rig/scripted-agent.ts';
import { FOUND, inline } from './pipelines.ts';

const YAML = `
effort: low
steps:
  firms:
    input: { from: ${inline([{ name: 'Alder' }, { name: 'Birch' }])}, batch: 2 }
    query: Which firms are these?${FOUND}
    key: name`;

/** Rows of a table, written anew from what the run has left in the store. */
async function tableOf({ store, nowMs }: Rig, table: string): Promise<readonly JsonObject[]> {
  const folder = await mkdtemp(join(tmpdir(), 'fieldwork-failed-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const outFolder = join(folder, 'out');
  const scratchFolder = join(folder, 'scratch');
  await writeOutputs({ store, pipeline: 'test', outFolder, scratchFolder, now: nowMs });
  const read = await readTable({ outFolder, pipeline: 'test', table });
  if (!read.ok) throw new Error(read.error);
  const rows: JsonObject[] = [];
  for await (const portion of read.value.rows) rows.push(...portion);
  return rows;
}

test('A task that failed and was paid for is told with the time of its attempt, and with what came of it', async () => {
  const agent = new ScriptedAgent();
  const rig = new Rig({ agent, prices: CURRENT_PRICE_BOOK });
  const done = rig.run(YAML);
  (await agent.nextCall()).complete({ found: [{ name: 'Cedar' }] }, { dollars: 0.025 });
  expect((await done).exit).toBe(1);
  const failed = { step: 'firms', at: '2026-11-22T09:00:00Z' };
  const kept = {
    step: 'firms',
    record: '{"text":"","structured":{"found":[{"name":"Cedar"}]}}',
    agent_run_id: 'run-1',
  };
  const failures = ['#1', '#2'].map((task) => ({ ...failed, task, kind: 'no-record' }));
  const rejected = ['#1', '#2'].map((task) => ({ ...kept, task, reason: 'no-record' }));
  expect(await tableOf(rig, '_failures')).toMatchObject(failures);
  expect(await tableOf(rig, '_rejected')).toMatchObject(rejected);
  // In later runs nobody asks again, and it stays told.
  rig.nowMs += 60_000;
  expect((await rig.run(YAML)).exit).toBe(1);
  expect(agent.created).toHaveLength(1);
  expect(await tableOf(rig, '_failures')).toMatchObject(failures);
  expect(await tableOf(rig, '_rejected')).toMatchObject(rejected);
});
