import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { parseCassette, type Interaction } from '../../src/agent/cassette.ts';
import type { JsonObject } from '../../src/base/json.ts';
import { CASSETTES, column, eventsOf, ExampleProject } from './example-project.ts';
import { WEEKS } from './scenarios/weekly-finds.ts';
import { textIn } from './scripted-replies.ts';

// Each of these opens databases and writes tables several times.
vi.setConfig({ testTimeout: 60_000 });

/** A line a row of every table, the ones about the run last. */
async function tablesOf(project: ExampleProject, pipeline: string): Promise<string> {
  const names = (await project.tables(pipeline)).filter((name) => name !== '_costs');
  const lines: string[] = [];
  for (const name of names.filter((it) => it !== '_agent_runs')) {
    const rows = await project.table(pipeline, name);
    lines.push(...rows.map((row) => JSON.stringify({ table: name, ...row })));
  }
  // Attempts have ids of their own, and end in any order.
  const agentRuns = (await project.table(pipeline, '_agent_runs')).map((row) => {
    const { step, task, status, stop_reason, agent_run_id: id } = row;
    return JSON.stringify({ table: '_agent_runs', step, task, status, stop_reason, id });
  });
  return `${[...lines, ...agentRuns.sort()].join('\n')}\n`;
}

const golden = (pipeline: string): string =>
  join(import.meta.dirname, 'golden', `${pipeline}.ndjson`);

async function recorded(pipeline: string): Promise<readonly Interaction[]> {
  const file = `${pipeline}.scenario.ndjson`;
  const cassette = parseCassette(file, await readFile(join(CASSETTES, file), 'utf8'));
  if (!cassette.ok) throw new Error(cassette.error.message);
  return cassette.value;
}

const why = (rejected: readonly JsonObject[]): readonly string[] =>
  rejected.map(({ step, reason, key, detail }) =>
    [step, reason, key, detail].map((part) => (typeof part === 'string' ? part : '–')).join(' | '),
  );

describe('a replayed example', () => {
  test.each([
    'cutest-animals',
    'engineering-leaders',
    'funding-rounds',
    'multi-hop',
    'narrow-list',
  ])('%s gives the same tables each time, and asks nothing again', async (pipeline) => {
    const project = await ExampleProject.open();
    const first = await project.replay(pipeline);
    expect(first.exit).toBe(0);
    expect(eventsOf(first.events, 'task-answered')).toHaveLength((await recorded(pipeline)).length);
    await expect(await tablesOf(project, pipeline)).toMatchFileSnapshot(golden(pipeline));
    const written = await project.digestOf(pipeline);

    const second = await project.replay(pipeline);
    expect(second.exit).toBe(0);
    expect(eventsOf(second.events, 'task-started')).toEqual([]);
    expect(await project.digestOf(pipeline)).toBe(written);
  });

  test('leaves out an animal that was excluded, but not its namesake', async () => {
    const project = await ExampleProject.open();
    await project.replay('cutest-animals');
    const animals = column(await project.table('cutest-animals', 'animals'), 'animal');
    expect(animals).toHaveLength(8);
    expect(animals).toContain('Red panda');
    expect(why(await project.table('cutest-animals', '_rejected'))).toEqual([
      'animals | excluded | panda | animal "Panda"',
      'animals | duplicate | sea otter | another record has the key sea otter',
    ]);
  });

  test('keeps a null where the schema wants a value, and lists what breaks it', async () => {
    const project = await ExampleProject.open();
    await project.replay('funding-rounds');
    const rounds = await project.table('funding-rounds', 'rounds');
    expect(rounds.find(({ company }) => company === 'Pebblecache')?.['amount_usd']).toBeNull();
    expect(why(await project.table('funding-rounds', '_rejected'))).toEqual([
      'rounds | schema | ["fathom grid","seed"] | announced_on should be a date such as 2026-11-22, is "last spring"',
      'rounds | duplicate | ["quillstone","series b"] | another record has the key ["quillstone","series b"]',
    ]);
  });

  test('cites the page of every value that was found', async () => {
    const project = await ExampleProject.open();
    await project.replay('funding-rounds');
    const argv = ['show', 'funding-rounds', 'rounds', '--json', '--citations'];
    const { out } = await project.call(...argv);
    for (const row of JSON.parse(out) as readonly JsonObject[]) {
      const cited = new Set((row['_citations'] as readonly JsonObject[]).map(({ field }) => field));
      const found = Object.entries(row).filter(
        ([name, value]) => !name.startsWith('_') && value !== null,
      );
      expect(cited).toEqual(new Set(found.map(([name]) => name)));
    }
  });

  test('takes what an agent run had when it reached its ceiling', async () => {
    const project = await ExampleProject.open();
    await project.replay('multi-hop');
    const runs = await project.table('multi-hop', '_agent_runs');
    expect(runs.filter(({ stop_reason: reason }) => reason === 'budget_reached')).toMatchObject([
      { step: 'people', task: 'sunquarry.example', status: 'completed' },
    ]);
    const contacts = await project.table('multi-hop', 'contacts');
    expect(contacts.map(({ company, person }) => [company, person])).toEqual([
      ['Mosswatt', 'Henrike Solbakken'],
      ['Mosswatt', 'Piet Nordahl'],
      ['Sunquarry', 'Amaru Delacroix'],
      ['Heatloop', 'Sefa Lindqvist'],
      ['Aerofallow', null],
      ['Tidalcraft', 'Noor Achterberg'],
    ]);
    const budgets = (await recorded('multi-hop')).map(({ request }) => request.budget);
    // Only metered efforts take a ceiling.
    expect(budgets).toEqual([
      undefined,
      ...Array.from({ length: 5 }, () => ({ maxCostDollars: 1 })),
    ]);
  });

  test('fails the row whose agent run failed, and the one a batch forgot, and asks those again', async () => {
    const project = await ExampleProject.open();
    const first = await project.replay('research-briefs');
    expect(first.exit).toBe(1);
    expect(await project.table('research-briefs', '_failures')).toMatchObject([
      { step: 'briefs', task: 'elmstead.example', kind: 'agent-failed' },
      { step: 'figures', task: 'cobaltkin.example', kind: 'no-record' },
    ]);
    await expect(await tablesOf(project, 'research-briefs')).toMatchFileSnapshot(
      golden('research-briefs'),
    );

    const second = await project.replay('research-briefs');
    const started = eventsOf(second.events, 'task-started').map(
      ({ step, task, records, reason }) => `${step} ${task} ${records} ${reason.kind}`,
    );
    expect(started.sort()).toEqual([
      'briefs elmstead.example 1 failed-before',
      'figures cobaltkin.example 1 failed-before',
    ]);
    expect(await project.table('research-briefs', '_failures')).toHaveLength(1);
    const report = await project.table('research-briefs', 'report');
    expect(report.map(({ name, founded, overview }) => [name, founded, overview === null])).toEqual(
      [
        ['Alder Robotics', 2011, false],
        ['Birchway', 2004, false],
        ['Cobalt & Kin', 1954, false],
        ['Dünenwind', 1998, false],
        ['Elmstead', 1987, true],
        ['Fernhollow Foods', 1961, false],
        ['Greywater Labs', 2016, false],
      ],
    );
  });
});

describe('a follow-up', () => {
  test('names the agent run that it continues', async () => {
    const [list, narrowed, ...more] = await recorded('narrow-list');
    expect(narrowed?.request).toMatchObject({
      query: 'Narrow that list to companies hiring in San Francisco.',
      previousRunId: list?.run.id,
    });
    // "Find 10 more": the first follows the list, each other one the one before it.
    expect(more.map(({ request }) => request.previousRunId)).toEqual(
      [list, more[0], more[1]].map((it) => it?.run.id),
    );
  });

  test('is asked for more where the run before it had to stop', async () => {
    const project = await ExampleProject.open();
    // One agent run a step: "more" stops after its first.
    await project.replay('narrow-list', '--limit', '1');
    expect(column(await project.table('narrow-list', 'more'), 'name')).toHaveLength(2);
    const { events } = await project.replay('narrow-list');
    expect(eventsOf(events, 'task-started').map(({ step }) => step)).toEqual(['more', 'more']);
    const more = await project.table('narrow-list', 'more');
    expect(column(more, 'name')).toEqual(['Plinth DB', 'Cinderlog', 'Hollyhock Data']);
  });

  test('is replayed as the answer to that agent run', async () => {
    const project = await ExampleProject.open();
    await project.replay('narrow-list');
    const hiring = await project.table('narrow-list', 'hiring_in_sf');
    expect(hiring.map(({ name, open_roles: roles }) => [name, roles])).toEqual([
      ['Shalebase', 4],
      ['Marrowstore', 7],
    ]);
    const more = await project.table('narrow-list', 'more');
    expect(column(more, 'name')).toEqual(['Plinth DB', 'Cinderlog', 'Hollyhock Data']);
  });
});

describe('weekly finds', () => {
  test('grow every week, never by what is there already, and cost nothing in between', async () => {
    const project = await ExampleProject.open();
    const grown: string[][] = [];
    for (const week of WEEKS) {
      project.now = week;
      const { exit, events } = await project.replay('weekly-finds');
      expect(exit).toBe(0);
      expect(eventsOf(events, 'task-started')).toHaveLength(1);
      project.now = new Date(Date.parse(week) + 3 * 86_400_000).toISOString();
      const between = await project.replay('weekly-finds');
      expect(eventsOf(between.events, 'task-started')).toEqual([]);
      const finds = await project.table('weekly-finds', 'finds');
      const keys = finds.map((row) => textIn(row, '_key'));
      expect(new Set(keys).size).toBe(keys.length);
      grown.push(keys);
    }
    const [first = [], second = [], third = []] = grown;
    expect(grown.map(({ length }) => length)).toEqual([5, 8, 10]);
    // Weeks add rows behind those that are there.
    expect(second.slice(0, first.length)).toEqual(first);
    expect(third.slice(0, second.length)).toEqual(second);
    await expect(await tablesOf(project, 'weekly-finds')).toMatchFileSnapshot(
      golden('weekly-finds'),
    );
  });

  test('send what was known and what was found as exclusions', async () => {
    const sent = (await recorded('weekly-finds')).map(
      ({ request }) => request.input?.exclusion?.map(({ website }) => website) ?? [],
    );
    const known = ['https://probelab.example', 'https://www.gradeline.example/'];
    expect(sent[0]).toEqual(known);
    expect(sent[1]).toHaveLength(7);
    expect(sent[2]).toHaveLength(10);
    for (const websites of sent) expect(websites).toEqual(expect.arrayContaining(known));
  });

  test('fail their test when the table is not as it must be', async () => {
    const project = await ExampleProject.open();
    await project.edit('pipelines/weekly-finds.yaml', 'row_count: { min: 5', 'row_count: { min: 6');
    const { exit, told } = await project.replay('weekly-finds');
    expect(exit).toBe(1);
    expect(told.out).toContain('finds: 5 rows, expected between 6 and 1000');
  });
});

test('an edited query has no recording; the message names the nearest one and the difference', async () => {
  const project = await ExampleProject.open();
  await project.edit('pipelines/cutest-animals.yaml', 'top 10 cutest', 'top 10 fluffiest');
  const { exit, events } = await project.replay('cutest-animals');
  expect(exit).toBe(1);
  const [failed, ...others] = eventsOf(events, 'task-failed');
  expect(others).toEqual([]);
  expect(failed).toMatchObject({
    step: 'animals',
    failure: 'no-recording',
    message:
      'No recording for this request. The nearest one (cutest-animals.scenario.ndjson, line 2) ' +
      'has another query (recorded: "cutest", asked: "fluffiest").',
  });
});
