import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LocalAgent } from '../../../../src/agent/local/local-agent.ts';
import { ask, openAgent } from '../local-rig.ts';

// What the text of an answer says was applied; each line is a way to say something.

const FIRMS = `name,country,kind,founded_year,employees,funding_usd,funding_date,area_km2,playing_time_min,app_version
Ada,Poland,Privately Held,2018,40,5000000,2024-03-01,12,90,2.9
Bex,United States,Public Company,2004,900,250000000,2019-07-01,700,125,2.10
Cor,Israel,Nonprofit,2021,15,12000000,2023-05-09,40,61,18.17.1
Dun,Germany,Government Agency,1998,300,,,5200,200,v3
Eph,Singapore,Privately Held,2012,75,30000000,2022-10-10,9,45,beta
`;

let root: string;
let agent: LocalAgent;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'fieldwork-free-words-'));
  await mkdir(join(root, 'corpus'));
  await writeFile(join(root, 'corpus', 'companies.csv'), FIRMS);
  agent = await openAgent(join(root, 'corpus'));
});

afterAll(async () => {
  await agent.close();
  await rm(root, { recursive: true });
});

async function applied(query: string): Promise<string> {
  const { output } = await ask(agent, { query });
  return /Applied: (.*?)\.(?: |$|\n)/u.exec(output.text)?.[1] ?? 'nothing';
}

const SAID: readonly (readonly [string, string])[] = [
  ['companies with a maximum of 40 employees', 'employees ≤ 40'],
  ['companies with a minimum headcount of 120', 'employees ≥ 120'],
  ['companies with upwards of 300 employees', 'employees > 300'],
  ["companies that don't exceed 60 employees", 'employees ≤ 60'],
  ['companies with two dozen or fewer employees', 'employees ≤ 24'],
  ['companies with 100 employees at most', 'employees ≤ 100'],
  ['companies that raised at least US$5m', 'funding_usd ≥ 5000000'],
  ['companies that raised over USD 20 million', 'funding_usd > 20000000'],
  ['companies with $3M up to $9M in funding', 'funding_usd ≥ 3000000; funding_usd ≤ 9000000'],
  [
    'companies with between two and five million dollars in funding',
    'funding_usd ≥ 2000000; funding_usd ≤ 5000000',
  ],
  ['companies with seven-figure plans', 'nothing'],
  ['companies valued at over $1B', 'nothing'],
  ['companies covering fewer than 500 square miles', 'area_km2 < 1295'],
  ['companies with a playing time under an hour and a half', 'playing_time_min < 90'],
  ['companies with a playing time of more than 2 hours', 'playing_time_min > 120'],
  ['companies founded in the nineties', 'founded_year 1990-01-01…1999-12-31'],
  ['companies founded no earlier than 2015', 'founded_year from 2015-01-01'],
  ['companies founded on or before 1999', 'founded_year until 1999-12-31'],
  ['companies founded after the year 2000', 'founded_year from 2001-01-01'],
  ['companies founded in 2020 or later', 'founded_year from 2020-01-01'],
  ['companies founded from 2012 through 2016', 'founded_year 2012-01-01…2016-12-31'],
  ['companies founded in 2014 or 2013', 'founded_year 2013-01-01…2014-12-31'],
  ['companies founded this decade', 'founded_year 2020-01-01…2029-12-31'],
  ['companies founded more than 20 years ago', 'founded_year until 2006-11-21'],
  ['companies founded two years ago', 'founded_year 2024-01-01…2024-12-31'],
  ['companies less than ten years old', 'founded_year from 2016-11-22'],
  ['companies older than 25 years', 'founded_year until 2001-11-21'],
  ['companies funded in the first half of 2022', 'funding_date 2022-01-01…2022-06-30'],
  ['companies funded in H2 2021', 'funding_date 2021-07-01…2021-12-31'],
  ['companies funded since the beginning of 2024', 'funding_date from 2024-01-01'],
  ['companies funded by the end of 2016', 'funding_date until 2016-12-31'],
  ['companies funded before 3/15/2018', 'funding_date until 2018-03-14'],
  ['companies funded before 3/4/2018', 'nothing'],
  ['companies funded from January to March 2019', 'funding_date 2019-01-01…2019-03-31'],
  ['non-profit organizations', 'kind = Nonprofit'],
  ['companies that are not public', 'kind ≠ Public Company'],
  ['companies neither in Poland nor in Israel', 'country not in {Poland, Israel}'],
  ['companies everywhere but Germany', 'country ≠ Germany'],
  ['the most recently founded company', 'ordered by founded_year, newest first'],
  ['the best funded five startups', 'ordered by funding_usd, largest first'],
  ['oldest 4 companies', 'ordered by founded_year, oldest first'],
  ['companies sorted by founding year, newest first', 'ordered by founded_year, newest first'],
  ['companies in descending order of headcount', 'ordered by employees, largest first'],
  ['rank the companies by headcount', 'ordered by employees, largest first'],
  ['companies with an app version of at least 2.10', 'app_version ≥ 2.10'],
];

test.each(SAID)('%s', async (query, expected) => {
  expect(await applied(query)).toBe(expected);
});

test('versions are compared part by part, and what is no version is unknown', async () => {
  const { output } = await ask(agent, { query: 'companies with an app version of at least 2.10' });
  const names = ['Ada', 'Bex', 'Cor', 'Dun', 'Eph'].filter((name) => output.text.includes(name));
  expect(names).toEqual(['Bex', 'Cor', 'Dun']);
});
