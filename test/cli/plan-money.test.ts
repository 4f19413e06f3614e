import { join } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { expect, test } from 'vitest';
import { CliProject, golden } from './cli-project.ts';
import { hosted } from './hosted.ts';
import { profileOf } from './projects.ts';

/** A list of at most five, for each up to two people with addresses, and for each of them a check. */
const LEADS = `version: 1
name: leads
agent: exa
budget: 20
concurrency: 1
steps:
  companies:
    query: Find makers of looms.
    effort: low
    schema:
      type: object
      required: [companies]
      properties:
        companies:
          type: array
          maxItems: 5
          items:
            type: object
            required: [name]
            properties: { name: { type: string } }
    key: name
  people:
    input: companies
    query: Who runs {{row.name}}?
    effort: medium
    schema:
      $ref: '#/definitions/answer'
      definitions:
        answer:
          type: object
          required: [people]
          properties:
            people:
              type: array
              maxItems: 2
              items:
                type: object
                required: [name]
                properties:
                  name: { type: string }
                  mail: { type: string, format: email }
                  phone: { type: string, format: phone }
    records: people
    key: name
  checks:
    input: { from: people, columns: [name], limit: 6, batch: 4 }
    query: Does each of these people still work there?
    effort: auto
    max_cost: 1
    schema:
      type: object
      required: [checks]
      properties:
        checks: { type: array, items: { type: object, required: [name], properties: { name: { type: string } } } }
    key: name
`;

test('a plan of steps that wait for others says how much can follow at most', async () => {
  const project = await CliProject.open({ 'pipelines/leads.yaml': LEADS });
  await project.call('plan', 'leads');
  await project.call('plan', 'leads', '--limit', '2');
  await expect(project.takeTranscript()).toMatchFileSnapshot(golden('plan-bounds'));
});

test('nothing is said of what nothing bounds', async () => {
  const project = await CliProject.open({ 'pipelines/leads.yaml': LEADS });
  await project.edit('pipelines/leads.yaml', '          maxItems: 5\n', '');
  const { out } = await project.call('plan', 'leads', '--json');
  const { total, steps } = JSON.parse(out) as {
    readonly total: object;
    readonly steps: readonly { readonly step: string; readonly atMost?: unknown }[];
  };
  expect(total).not.toHaveProperty('atMost');
  // The last one has a limit of its own.
  expect(steps.map(({ atMost }) => atMost)).toEqual([
    undefined,
    undefined,
    { tasks: 6, agentRuns: 2, ceiling: 2_000_000 },
  ]);
});

test('efforts by use are expected to cost what they did before', async () => {
  const dollars = [0.9, 0.3, 0.4, 0.2];
  const { project } = await hosted((request) => ({
    ...profileOf(request),
    dollars: dollars.shift() ?? 0.35,
  }));
  await project.edit('pipelines/firms.yaml', 'effort: low', 'effort: auto');
  await project.edit('pipelines/firms.yaml', 'budget: 5', 'budget: 30');
  await project.call('plan', 'firms');
  await project.quietly('run', 'firms');
  await project.edit('pipelines/firms.yaml', 'query: What does', 'query: Say what');
  await project.call('plan', 'firms');
  await project.edit('pipelines/firms.yaml', 'query: Say what', 'query: What does');
  await project.edit(
    'pipelines/data/crm.csv',
    'dogwood',
    'elm.example,Elm Oars\nfir.example,Fir Masts\ndogwood',
  );
  await project.call('plan', 'firms', '--max-cost', '6');
  await expect(project.takeTranscript()).toMatchFileSnapshot(golden('plan-observed'));
});

test('contact values that are bounded are priced and shown apart', async () => {
  const { project } = await hosted();
  await project.edit(
    'pipelines/firms.yaml',
    'makes: { type: string }',
    'makes: { type: string }\n        mails: { type: array, maxItems: 3, items: { type: string, format: email } }',
  );
  await project.call('plan', 'firms');
  await expect(project.takeTranscript()).toMatchFileSnapshot(golden('plan-contacts'));
});

test('the biggest lever is the one change that saves most', async () => {
  const { project } = await hosted();
  const leverOf = async (): Promise<unknown> => {
    const { out } = await project.call('plan', 'firms', '--json');
    return (JSON.parse(out) as { readonly lever?: unknown }).lever;
  };
  expect(await leverOf()).toEqual({ step: 'profiles', change: 'effort: minimal', saves: 52_000 });
  await project.edit('pipelines/firms.yaml', 'effort: low', 'effort: minimal');
  // Nothing is cheaper, there is one task for each record by its query, and there are only four.
  expect(await leverOf()).toBeUndefined();
  const rows = Array.from({ length: 20 }, (_, at) => `x${at}.example,X ${at}`).join('\n');
  await project.write({ 'pipelines/data/crm.csv': `domain,name\n${rows}\n` });
  expect(await leverOf()).toEqual({ step: 'profiles', change: '--limit 10', saves: 120_000 });
});

test('a longer ttl is the lever where answers are only old', async () => {
  const { project } = await hosted();
  await project.edit('pipelines/firms.yaml', 'effort: low', 'effort: minimal');
  await project.edit(
    'pipelines/firms.yaml',
    'key: domain\n    retry',
    'key: domain\n    ttl: 30d\n    retry',
  );
  await project.quietly('run', 'firms');
  project.nowMs += 40.5 * 24 * 60 * 60 * 1_000;
  const { out } = await project.call('plan', 'firms');
  expect(out).toContain('stale 4');
  expect(out).toContain('Biggest lever: ttl: 41d in profiles would save about $0.048.');
  await project.edit('pipelines/firms.yaml', 'ttl: 30d', 'ttl: 41d');
  expect((await project.call('plan', 'firms')).out).toContain('nothing to run, 4 reused');
});

test('prices of your own hold for ceilings, efforts and plans, and are named with their date', async () => {
  const { project } = await hosted();
  await project.write({
    'fieldwork.yaml': 'version: 1\nprices: prices/contract.yaml\n',
    'prices/contract.yaml': `version: 1
name: contract-2026-12
date: 2026-12-01
based_on: exa-2026-11
efforts: { low: 0.02, deep: { up_to: 2 } }
email: 0.01
`,
  });
  await project.call('plan', 'firms');
  await project.edit('pipelines/firms.yaml', 'effort: low', 'effort: deep');
  await project.call('plan', 'firms', '--limit', '1');
  await expect(project.takeTranscript()).toMatchFileSnapshot(golden('plan-own-prices'));
});

test('what the cost command adds up is what the costs table adds up to', async () => {
  const dollars = [0.025, null, 0.012_345, null];
  const { project } = await hosted((request) => ({
    ...profileOf(request),
    dollars: dollars.shift() ?? null,
  }));
  await project.quietly('run', 'firms');
  await project.quietly('run', 'firms', '--refresh', 'profiles', '--limit', '2');
  const path = join(project.root, 'out', 'firms', '_costs.parquet');
  const rows = await parquetReadObjects({ file: await asyncBufferFromFile(path) });
  const sum = (column: string): number =>
    rows.reduce((total, row) => total + Number(row[column] ?? 0), 0);
  const { total } = JSON.parse((await project.call('cost', '--json')).out) as {
    readonly total: unknown;
  };
  expect(rows).toHaveLength(6);
  expect(total).toEqual({
    reported: sum('reported_microdollars'),
    reserved: sum('reserved_microdollars'),
    unknown: sum('unknown_microdollars'),
  });
  expect(total).toEqual({ reported: 37_345, reserved: 0, unknown: 100_000 });
});
