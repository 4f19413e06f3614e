import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LocalAgent } from '../../../src/agent/local/local-agent.ts';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { ask, openAgent } from './local-rig.ts';

// What the text of an answer says was applied; each line is a way to say something.

const STARTUPS = `name,country,region,kind,founded_year,employees,funding_usd,stage,funding_date
Ada,Poland,CEE,Privately Held,2018,40,5000000,Seed,2024-03-01
Bex,United States,North America,Public Company,2004,900,250000000,Series C,2019-07-01
Cor,Israel,Middle East,Privately Held,2021,15,12000000,Series A,2023-05-09
Dun,Germany,DACH,Government Agency,1998,300,,,
Eph,Singapore,APAC,Privately Held,2012,75,30000000,Series B,2022-10-10
`;

const FILMS = `title,director,rating,released,length_min,weight
Alien,Ridley Scott,R,Jun 22 1979,117,9
Known,Ana Silva,PG,"March 3, 1999",90,5
Score,Jo Kim,PG,12 May 2004,101,7
`;

let root: string;
const agents = new Map<string, LocalAgent>();

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'fieldwork-words-'));
  for (const [name, text] of Object.entries({ companies: STARTUPS, films: FILMS })) {
    await mkdir(join(root, name));
    await writeFile(join(root, name, `${name}.csv`), text);
    agents.set(name, await openAgent(join(root, name)));
  }
});

afterAll(async () => {
  for (const agent of agents.values()) await agent.close();
  await rm(root, { recursive: true });
});

async function applied(table: string, query: string): Promise<string> {
  const agent = agents.get(table);
  if (agent === undefined) throw new Error('no such table');
  const run = await ask(agent, { query });
  return /Applied: (.*?)\.(?: |$|\n)/u.exec(run.output.text)?.[1] ?? 'nothing';
}

const COMPANIES: readonly (readonly [string, string])[] = [
  ['Polish companies', 'country = Poland'],
  ['companies in the US', 'country = United States'],
  ['tell us about companies', 'nothing'],
  ['companies in Warsaw', 'country = Poland'],
  ['companies in the Nordics', 'nothing'],
  ['companies in Southeast Asia', 'country = Singapore'],
  ['Austrian companies', 'region = DACH'],
  ['non-US companies', 'country ≠ United States'],
  ['companies that expanded to Germany', 'nothing'],
  ['a competitor for non-US founders', 'nothing'],
  ['companies that raised from US investors', 'nothing'],
  ['the Israel-Poland agreement', 'nothing'],
  ['private companies', 'kind = Privately Held'],
  ['publicly traded companies', 'kind = Public Company'],
  ['government agencies in Germany', 'kind = Government Agency; country = Germany'],
  ['2018 companies', 'founded_year 2018-01-01…2018-12-31'],
  ['companies from 2020+', 'founded_year from 2020-01-01'],
  ['2012-era companies', 'founded_year 2012-01-01…2012-12-31'],
  ['post-2010 companies', 'founded_year from 2011-01-01'],
  ['companies founded in the early 2000s', 'founded_year 2000-01-01…2004-12-31'],
  ['companies founded in the crypto era (2010-2018)', 'founded_year 2010-01-01…2018-12-31'],
  ['companies founded in 2020 or 2021', 'founded_year 2020-01-01…2021-12-31'],
  ['companies founded in 2004 or 2021', 'nothing'],
  ['companies that raised in 2023', 'funding_date 2023-01-01…2023-12-31'],
  ['tiny teams, 5-20', 'employees ≥ 5; employees ≤ 20'],
  ['company with 50+ people', 'employees ≥ 50'],
  ['sub-50 employee companies', 'employees < 50'],
  ['a company that grew from 20 to 100+ employees', 'employees ≥ 100'],
  ['robotics $10M-$40M', 'funding_usd ≥ 10000000; funding_usd ≤ 40000000'],
  [
    'companies with $20M+ in funding and 30-90 employees',
    'funding_usd ≥ 20000000; employees ≥ 30; employees ≤ 90',
  ],
  ['companies valued at $1B+', 'nothing'],
];

const MOVIES: readonly (readonly [string, string])[] = [
  ['films released before June 1999', 'released until 1999-05-31'],
  ['films that came out in 2004', 'released 2004-01-01…2004-12-31'],
  ['films not directed by Jo Kim', 'director ≠ Jo Kim'],
  ['the film Alien', 'title = Alien'],
  ['films heavier than 6', 'weight > 6'],
  ['films longer than Alien', 'nothing'],
  ['films over 100 minutes', 'length_min > 100'],
  ['films with a length of 100 or better', 'length_min ≥ 100'],
];

describe('words of company queries', () => {
  test.each(COMPANIES)('%s', async (query, expected) => {
    expect(await applied('companies', query)).toBe(expected);
  });
});

describe('words of film queries', () => {
  test.each(MOVIES)('%s', async (query, expected) => {
    expect(await applied('films', query)).toBe(expected);
  });
});

test('a place that is smaller than what stands for it is told', async () => {
  const agent = agents.get('companies');
  if (agent === undefined) throw new Error('no such table');
  const run = await ask(agent, { query: 'companies in Tel Aviv' });
  expect(run.output.text).toContain('“Tel Aviv” (only as country Israel)');
});

test('a query without an end is read up to a point, and that is said', async () => {
  const agent = agents.get('companies');
  if (agent === undefined) throw new Error('no such table');
  const run = await ask(agent, { query: `companies in Poland ${'and so on '.repeat(2_000)}` });
  expect(run.output.text).toContain('the query is too long');
});
