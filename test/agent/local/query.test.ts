import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import type { LocalAgent } from '../../../src/agent/local/local-agent.ts';
import { openDatabase, type Database } from '../../../src/duckdb/database.ts';
import { ask, column, COMPANIES, items, listOf, openAgent, QUICKSTART } from './local-rig.ts';

// Gold by SQL over the files themselves, written by hand and without the agent's own compiler.

const COUNTRIES: readonly (readonly [string, string])[] = [
  ['countries in Africa', `continent = 'Africa'`],
  ['African countries', `continent = 'Africa'`],
  ['all countries of western Europe', `region = 'Western Europe'`],
  ['countries in North Africa', `region = 'Northern Africa'`],
  ['the Caribbean countries', `region = 'Caribbean'`],
  ['countries in the region Polynesia', `region = 'Polynesia'`],
  ['countries in Asia or Oceania', `continent in ('Asia', 'Oceania')`],
  ['countries of Asia, Europe and Oceania', `continent in ('Asia', 'Europe', 'Oceania')`],
  ['countries not in Europe', `continent <> 'Europe'`],
  ['countries outside Europe and Asia', `continent not in ('Europe', 'Asia')`],
  ['non-European countries', `continent <> 'Europe'`],
  [
    'countries in the Caribbean except Cuba and Haiti',
    `region = 'Caribbean' and name not in ('Cuba', 'Haiti')`,
  ],
  ['landlocked countries', `landlocked`],
  ['countries that are not landlocked', `not landlocked`],
  ['non-landlocked countries in South America', `not landlocked and continent = 'South America'`],
  ['landlocked countries in Europe', `landlocked and continent = 'Europe'`],
  ['countries with a population over 50 million', `population > 50000000`],
  ['countries with more than 50 million people', `population > 50000000`],
  ['countries with a population of 1bn or more', `population >= 1000000000`],
  ['countries with at least 100 million inhabitants', `population >= 100000000`],
  ['countries with 100m people or more', `population >= 100000000`],
  ['countries with no more than 10,000 inhabitants', `population <= 10000`],
  ['countries whose population is below 20k', `population < 20000`],
  [
    'countries with a population between 10 and 20 million',
    `population between 10000000 and 20000000`,
  ],
  ['countries with 5 to 10 million people', `population between 5000000 and 10000000`],
  [
    'countries with over 5 million but under 10 million people',
    `population > 5000000 and population < 10000000`,
  ],
  ['countries with more than 1,000,000 km2', `area_km2 > 1000000`],
  [
    'countries in Africa with more than 1,000,000 km2',
    `area_km2 > 1000000 and continent = 'Africa'`,
  ],
  ['countries with an area under 1000 square kilometres', `area_km2 < 1000`],
  ['countries with between 1000 and 2000 km²', `area_km2 between 1000 and 2000`],
  ['countries larger than two million km2', `area_km2 > 2000000`],
  [
    'European countries with less than 1 million people and an area over 1000 km2',
    `continent = 'Europe' and population < 1000000 and area_km2 > 1000`,
  ],
  ['countries independent since 1990', `independence_year >= 1990`],
  ['countries that became independent after 1990', `independence_year > 1990`],
  ['countries that gained independence before 1900', `independence_year < 1900`],
  ['countries independent between 1900 and 1950', `independence_year between 1900 and 1950`],
  ['countries that became independent in 1960', `independence_year = 1960`],
  [
    'African countries that became independent in the 1960s',
    `continent = 'Africa' and independence_year between 1960 and 1969`,
  ],
  ['countries with an independence year of at least 2000', `independence_year >= 2000`],
  ['countries independent until 1800', `independence_year <= 1800`],
  [
    'constitutional monarchies in Asia',
    `government = 'Constitutional Monarchy' and continent = 'Asia'`,
  ],
  ['federal republics', `government = 'Federal Republic'`],
  ['countries without an independence year', `independence_year is null`],
  ['Which countries have no region?', `region is null`],
];

const RANKED: readonly (readonly [string, string, string, number])[] = [
  ['the ten largest countries by population', 'true', 'population desc', 10],
  ['top 5 countries by area', 'true', 'area_km2 desc', 5],
  ['the 3 most populous countries in Europe', `continent = 'Europe'`, 'population desc', 3],
  [
    'Find five landlocked African countries with the largest area',
    `landlocked and continent = 'Africa'`,
    'area_km2 desc',
    5,
  ],
  ['the smallest country by area', 'true', 'area_km2', 1],
  ['the least populated country in Asia', `continent = 'Asia'`, 'population', 1],
  [
    'Which country in South America has the largest population?',
    `continent = 'South America'`,
    'population desc',
    1,
  ],
  ['the four oldest countries', 'true', 'independence_year', 4],
  ['the newest country', 'true', 'independence_year desc', 1],
  ['the twenty-five countries with the highest population', 'true', 'population desc', 25],
  [
    'countries in Western Europe sorted by population, largest first',
    `region = 'Western Europe'`,
    'population desc',
    1000,
  ],
  ['countries in Western Europe ordered by name', `region = 'Western Europe'`, 'lower(name)', 1000],
];

const FIRMS: readonly (readonly [string, string])[] = [
  ['companies in San Francisco', `city = 'San Francisco'`],
  ['companies in Berlin or Paris', `city in ('Berlin', 'Paris')`],
  ['companies in Germany', `country = 'Germany'`],
  ['companies in Norway with fewer than 100 employees', `country = 'Norway' and employees < 100`],
  ['companies with 60 to 300 staff', `employees between 60 and 300`],
  [
    'AI infrastructure companies founded since 2018',
    `industry = 'AI infrastructure' and founded >= 2018`,
  ],
  ['companies founded before 2000', `founded < 2000`],
  ['companies with a last round of Series A or B', `last_round in ('Series A', 'Series B')`],
  ['companies with a round date in the last 6 months', `round_date >= date '2026-05-22'`],
  ['companies with a round date since March 2025', `round_date >= date '2025-03-01'`],
  ['companies with a round date before 2025', `round_date < date '2025-01-01'`],
  [
    'companies with a round date in Q4 2025',
    `round_date between date '2025-10-01' and date '2025-12-31'`,
  ],
  ['companies with more than $50M revenue', `revenue_usd > 50000000`],
  ['companies with revenue over 1 billion dollars', `revenue_usd > 1000000000`],
  ['companies with growth of at least 20 %', `growth >= 20`],
  ['companies with growth under 5%', `growth < 5`],
  ['public companies', `public`],
  ['companies that are not public, in France', `not public and country = 'France'`],
  ['companies not in the United States', `country <> 'United States'`],
];

let folder: string;
let database: Database;
let quickstart: LocalAgent;
let firms: LocalAgent;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fieldwork-gold-'));
  await writeFile(join(folder, 'companies.csv'), COMPANIES);
  const countries = join(QUICKSTART, 'countries.csv');
  const companies = join(folder, 'companies.csv');
  const opened = await openDatabase({ files: [countries, companies], threads: 1 });
  if (!opened.ok) throw new Error(opened.error.message);
  database = opened.value;
  const made = await database.run(`
    create table countries as select row_number() over () as line, * from read_csv('${countries}');
    create table companies as select * replace (try_cast(replace(growth, '%', '') as double) as growth)
    from read_csv('${companies}', types = {'growth': 'varchar'})`);
  if (!made.ok) throw new Error(made.error.message);
  quickstart = await openAgent();
  firms = await openAgent(folder);
});

afterAll(async () => {
  await Promise.all([quickstart.close(), firms.close(), database.close()]);
  await rm(folder, { recursive: true });
});

async function gold(sql: string): Promise<readonly unknown[]> {
  const rows = await database.rows(sql);
  if (!rows.ok) throw new Error(rows.error.message);
  expect(rows.value.length).toBeGreaterThan(0);
  return rows.value.map((row) => row['name']);
}

const schema = listOf('records', { name: 'string' });

describe('conditions over the quick start countries', () => {
  test.each(COUNTRIES)('%s', async (query, where) => {
    const run = await ask(quickstart, { query, outputSchema: schema });
    const names = column(items(run, 'records'), 'name');
    expect(names).toEqual(await gold(`select name from countries where ${where} order by line`));
    expect(run.output.text).not.toMatch(/Not (?:used|applied)/);
  });
});

describe('rankings over the quick start countries', () => {
  test.each(RANKED)('%s', async (query, where, order, limit) => {
    const run = await ask(quickstart, { query, outputSchema: schema });
    const names = column(items(run, 'records'), 'name');
    const known = limit === 1000 ? '' : `and ${order.replace(' desc', '')} is not null`;
    const sql = `select name from countries where ${where} ${known} order by ${order}, name limit ${limit}`;
    expect(names).toEqual(await gold(sql));
    expect(run.output.text).not.toMatch(/Not (?:used|applied)/);
  });
});

describe('conditions over companies', () => {
  test.each(FIRMS)('%s', async (query, where) => {
    const run = await ask(firms, { query, outputSchema: schema });
    const names = column(items(run, 'records'), 'name');
    expect(names).toEqual(await gold(`select name from companies where ${where}`));
    expect(run.output.text).not.toMatch(/Not (?:used|applied)/);
  });
});

describe('conditions over the second source', () => {
  const second = listOf('countries', { country: 'string', languages: 'array' });

  test.each([
    ['countries that speak Portuguese', 9],
    ['countries that use the euro and speak French', 13],
    ['countries whose capital is Paris', 1],
    ['countries with the currency Swiss Franc', 2],
  ])('%s', async (query, count) => {
    const run = await ask(quickstart, { query, outputSchema: second });
    expect(items(run, 'countries')).toHaveLength(count);
    expect(run.output.text).toContain('in currencies-and-languages.ndjson');
  });

  test('the length of a list can be compared', async () => {
    const query = 'countries with more than 9 languages';
    const run = await ask(quickstart, { query, outputSchema: second });
    const found = items(run, 'countries');
    expect(found.length).toBeGreaterThan(0);
    for (const { languages } of found) expect((languages as string[]).length).toBeGreaterThan(9);
  });
});

describe('what is not understood is said and not guessed', () => {
  test.each([
    ['best countries for surfing in Oceania', 'Not used: “best”, “surfing”.'],
    [
      'countries with around 5 million people',
      'Not applied: “around 5 million” (it is not exact).',
    ],
    [
      'countries with more than 50 million',
      'Not applied: “more than 50 million” (it could be about population or area_km2).',
    ],
    [
      'countries in Asia with more than 5 airports',
      'Not applied: “more than 5 airports” (no column for it).',
    ],
    ['countries discovered since 1900', 'Not applied: “since 1900” (no column for it).'],
  ])('%s', async (query, note) => {
    const run = await ask(quickstart, { query, outputSchema: schema });
    expect(run.output.text).toContain(note);
  });

  test.each([
    ['the ten largest countries', 'could be by population or by area_km2'],
    ['top 10 countries', 'cannot be ranked'],
    ['the five largest countries by gdp', '“by gdp” cannot be ranked'],
    ['the richest countries in Europe', 'cannot be ranked'],
  ])('%s: a ranking that would be made up is no answer', async (query, why) => {
    const run = await ask(quickstart, { query, outputSchema: schema });
    expect(run).toMatchObject({ status: 'failed', error: { code: 'CANNOT_RANK' } });
    expect(run.error?.message).toContain(why);
    expect(run.error?.message).toContain('population, area_km2, independence_year');
  });

  test('a ranking is settled by what the schema asks for', async () => {
    const outputSchema = listOf('countries', { name: 'string', population: 'integer' });
    const run = await ask(quickstart, { query: 'the two largest countries', outputSchema });
    expect(column(items(run, 'countries'), 'name')).toEqual(['China', 'India']);
  });

  test('records that do not say are left out and counted', async () => {
    const query = 'companies with fewer than 50 employees and revenue under 1 million dollars';
    const run = await ask(firms, { query, outputSchema: schema });
    expect(column(items(run, 'records'), 'name')).toEqual(['Echo Labs', 'Lumen Air']);
    const big = await ask(firms, {
      query: 'companies with more than 1000 employees',
      outputSchema: schema,
    });
    expect(big.output.text).toBe(
      'Found 3 records in companies.csv (12 in all). Applied: employees > 1000. 1 record has no employees and was left out.',
    );
  });
});
