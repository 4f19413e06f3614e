import { expect, test } from 'vitest';
import type { AgentRequest } from '../../../../src/agent/agent.ts';
import type { LocalAgent } from '../../../../src/agent/local/local-agent.ts';
import { agentOver, ask, column, items, listOf } from '../local-rig.ts';

// Tables as people bring them: units in names, small words as values, names that are filler.

const FILES = {
  'lighthouses.csv': `name,country,height_m,first_lit,range_nm,funding_m
Fastnet,Ireland,54,1904,27,3
Hook Head,Ireland,35,1245,18,60
Bell Rock,Scotland,35.3,1811,18,7
Muckle Flugga,Scotland,20,1858,22,
Bishop Rock,England,49,1858,20,90
Cordouan,France,82.5,1611,22,12
`,
};

const WIDGETS = {
  'widgets.csv': `sku,colour,weight_kg,price
W-1,red,0.05,$40.00
W-2,red,3,$400.00
W-3,green,0.5,$30.00
W-4,green,4,$500.00
`,
};

const LIST = listOf('found', { name: 'string', height_m: 'number', first_lit: 'integer' });

async function found(
  agent: LocalAgent,
  query: string,
  more: Partial<AgentRequest> = {},
): Promise<readonly unknown[]> {
  const run = await ask(agent, { query, outputSchema: LIST, ...more });
  return column(items(run, 'found'), 'name');
}

test.each([
  ['Lighthouses with a height of more than 50 metres', ['Fastnet', 'Cordouan']],
  ['Lighthouses whose height is greater than 50', ['Fastnet', 'Cordouan']],
  ['Lighthouses taller than 50m', ['Fastnet', 'Cordouan']],
  ['Lighthouses with height_m > 50', ['Fastnet', 'Cordouan']],
  ['Lighthouses with a height of at least 0.05 km', ['Fastnet', 'Cordouan']],
  ['Lighthouses with funding over 50', ['Hook Head', 'Bishop Rock']],
  ['Lighthouses with funding over 50 million', ['Hook Head', 'Bishop Rock']],
  ['Lighthouses first lit before 1850', ['Hook Head', 'Bell Rock', 'Cordouan']],
  ['Lighthouses with first_lit before 1850', ['Hook Head', 'Bell Rock', 'Cordouan']],
  ['Lighthouses first lit in 1858', ['Muckle Flugga', 'Bishop Rock']],
  ['Lighthouses with a range of at least 22', ['Fastnet', 'Muckle Flugga', 'Cordouan']],
  ['The two lighthouses with the smallest first_lit', ['Hook Head', 'Cordouan']],
  ['The oldest lighthouse by first_lit', ['Hook Head']],
  ['The tallest lighthouse', ['Cordouan']],
  ['Find 2 more lighthouses taller than 50 metres', ['Fastnet', 'Cordouan']],
  ['2 further lighthouses with a height of more than 50', ['Fastnet', 'Cordouan']],
  ['The lighthouse with the highest height_m', ['Cordouan']],
  ['Find the lighthouse with the smallest first_lit', ['Hook Head']],
  ['Which lighthouse has the most funding?', ['Bishop Rock']],
  ['Give me the lighthouse in Ireland with the highest height_m', ['Fastnet']],
  ['Which Irish lighthouse has the most funding?', ['Hook Head']],
  [
    'The lighthouses with the highest funding_m',
    ['Bishop Rock', 'Hook Head', 'Cordouan', 'Bell Rock', 'Fastnet'],
  ],
  ['The two lighthouses with the highest height_m', ['Cordouan', 'Fastnet']],
])('%s', async (query, names) => {
  const agent = await agentOver(FILES);
  expect(await found(agent, query)).toEqual(names);
});

test('a height in metres is filled as it is written', async () => {
  const agent = await agentOver(FILES);
  const run = await ask(agent, { query: 'The tallest lighthouse', outputSchema: LIST });
  expect(items(run, 'found')).toEqual([{ name: 'Cordouan', height_m: 82.5, first_lit: 1611 }]);
});

test.each([
  ['Red widgets cheaper than $50', ['W-1']],
  ['Green widgets cheaper than $50', ['W-3']],
  ['Widgets with a weight below 100 grams', ['W-1']],
])('%s', async (query, skus) => {
  const agent = await agentOver(WIDGETS);
  const outputSchema = listOf('found', { sku: 'string', colour: 'string' });
  const run = await ask(agent, { query, outputSchema });
  expect(column(items(run, 'found'), 'sku')).toEqual(skus);
});

test('a ranking that no column speaks of is refused', async () => {
  const agent = await agentOver(FILES);
  const run = await ask(agent, { query: 'The three best lighthouses', outputSchema: LIST });
  expect(run).toMatchObject({ status: 'failed', error: { code: 'CANNOT_RANK' } });
});

test.each([
  ['Lighthouses in Norway', 'low'],
  ['Find lighthouses in Atlantis', 'low'],
  ['Lighthouses with more than 100 steps', 'low'],
  ['Please list all the lighthouses', 'high'],
  ['Lighthouses in Ireland', 'high'],
  ['Find 2 more lighthouses in Ireland', 'high'],
])('%s: records are sure only where nothing was left out (%s)', async (query, confidence) => {
  const agent = await agentOver(FILES);
  for (const outputSchema of [LIST, undefined]) {
    const run = await ask(agent, { query, ...(outputSchema && { outputSchema }) });
    if (run.status !== 'completed') throw new Error(run.error?.message);
    const said = new Set(run.output.grounding.map((each) => each.confidence));
    expect([...said]).toEqual([confidence]);
  }
});

test('a row that names no known record brings none, and not the whole table', async () => {
  const agent = await agentOver(FILES);
  const asked = (name: string): Promise<readonly unknown[]> =>
    found(agent, `Give me the height of ${name}.`, { input: { data: [{ lighthouse: name }] } });
  expect(await asked('Bishop Rock')).toEqual(['Bishop Rock']);
  expect(await asked('Bishop Rock2')).toEqual([null]);
});
