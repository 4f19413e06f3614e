import type { Paraphrase } from './paraphrases.ts';
import {
  atMost,
  before,
  compare,
  during,
  flag,
  from,
  known,
  noneOf,
  oneOf,
  ordered,
} from './template.ts';

const staff = (operator: '<' | '<=' | '>' | '>=' | '=', value: number): string =>
  compare('employees', operator, value);
const usd = (operator: '<' | '<=' | '>' | '>=', value: number): string =>
  compare('funding_usd', operator, value);

/**
 * A second set, written once the agent had been changed on account of the first one. Its frozen
 * half is scored only.
 */
export const LATER_PARAPHRASES: readonly Paraphrase[] = [
  ['companies', 'Give me businesses employing over three hundred people', [staff('>', 300)]],
  ['companies', 'companies whose workforce is at most eighty', [staff('<=', 80)]],
  ['companies', 'companies having a staff count of 15 or fewer', [staff('<=', 15)]],
  ['companies', 'companies where headcount is greater than or equal to 90', [staff('>=', 90)]],
  ['companies', 'startups of 5 to 12 people', [staff('>=', 5), staff('<=', 12)]],
  ['companies', 'companies with less than two hundred and fifty employees', [staff('<', 250)]],
  ['companies', 'companies with 1k-5k employees', [staff('>=', 1000), staff('<=', 5000)]],
  ['companies', 'companies with not more than 33 workers', [staff('<=', 33)]],
  [
    'companies',
    'companies (100 to 500 employees) in Mexico',
    [staff('>=', 100), staff('<=', 500), oneOf('country', 'Mexico')],
  ],
  [
    'companies',
    'Find companies: headcount under 45, HQ Sweden',
    [staff('<', 45), oneOf('country', 'Sweden')],
  ],
  ['companies', 'companies with a minimum headcount of 120', [staff('>=', 120)]],
  ['companies', 'firms that have more employees than 700', [staff('>', 700)]],
  ['companies', 'companies that raised $15M or less', [usd('<=', 15e6)]],
  [
    'companies',
    'companies which have secured at least 40 million dollars in funding',
    [usd('>=', 40e6)],
  ],
  ['companies', 'companies with over $1 billion raised to date', [usd('>', 1e9)]],
  ['companies', 'companies with funding from $3M up to $9M', [usd('>=', 3e6), usd('<=', 9e6)]],
  ['companies', 'companies with more than half a billion in total funding', [usd('>', 5e8)]],
  [
    'companies',
    'companies that have raised between two and five million dollars',
    [usd('>=', 2e6), usd('<=', 5e6)],
  ],
  [
    'companies',
    'companies with seven-figure... no, just over $1,200,000 in funding',
    [usd('>', 1.2e6)],
  ],
  ['companies', 'firms founded before the turn of 1990', [before('founded_year', '1990-01-01')]],
  [
    'companies',
    'companies founded at some point between 1995 and 2005',
    during('founded_year', 1995, 2005),
  ],
  ['companies', 'companies dating from the 1970s', during('founded_year', 1970, 1979)],
  ['companies', 'companies that started up in 2021 or after', [from('founded_year', '2021-01-01')]],
  ['companies', 'companies founded earlier than 1965', [before('founded_year', '1965-01-01')]],
  ['companies', 'companies founded during the sixties', during('founded_year', 1960, 1969)],
  ['companies', 'companies founded in 2009, 2010 or 2011', during('founded_year', 2009, 2011)],
  ['companies', 'companies less than ten years old', [from('founded_year', '2016-11-22')]],
  ['companies', 'companies founded at least 50 years ago', [before('founded_year', '1976-11-22')]],
  [
    'companies',
    'post-2010 companies in Vietnam',
    [from('founded_year', '2011-01-01'), oneOf('country', 'Vietnam')],
  ],
  ['companies', 'companies that came into being in 1988', during('founded_year', 1988)],
  [
    'companies',
    'companies last funded in the past two years',
    [from('funding_date', '2024-11-22'), before('funding_date', '2026-11-23')],
  ],
  [
    'companies',
    'companies with a funding date in Q1 of 2019',
    [from('funding_date', '2019-01-01'), before('funding_date', '2019-04-01')],
  ],
  [
    'companies',
    'companies with a funding date later than 31 December 2020',
    [from('funding_date', '2021-01-01')],
  ],
  [
    'companies',
    'companies with a funding date in May or June 2017',
    [from('funding_date', '2017-05-01'), before('funding_date', '2017-07-01')],
  ],
  [
    'companies',
    'companies with a funding date from 2015-02-01 to 2015-09-30',
    [from('funding_date', '2015-02-01'), before('funding_date', '2015-10-01')],
  ],
  ['companies', 'British companies', [oneOf('country', 'United Kingdom')]],
  ['companies', 'companies from the Emirates', [oneOf('country', 'United Arab Emirates')]],
  ['companies', 'Swiss and Italian companies', [oneOf('country', 'Italy', 'Switzerland')]],
  ['companies', 'companies located in Paris, France', [oneOf('country', 'France')]],
  ['companies', 'companies with headquarters in the EMEA region', [oneOf('region', 'EMEA')]],
  ['companies', 'companies everywhere but the United States', [noneOf('country', 'United States')]],
  [
    'companies',
    'companies that are neither American nor Canadian',
    [noneOf('country', 'Canada', 'United States')],
  ],
  [
    'companies',
    'companies in Japan or South Korea but not public ones',
    [oneOf('country', 'Japan', 'South Korea'), noneOf('company_type', 'Public Company')],
  ],
  ['companies', 'privately owned companies', [oneOf('company_type', 'Privately Held')]],
  [
    'companies',
    'partnerships in Ireland',
    [oneOf('company_type', 'Partnership'), oneOf('country', 'Ireland')],
  ],
  ['companies', 'companies that are at Series C', [oneOf('funding_stage', 'Series C')]],
  [
    'companies',
    'series d and series e companies in Singapore',
    [oneOf('funding_stage', 'Series D', 'Series E'), oneOf('country', 'Singapore')],
  ],
  ['companies', 'companies at any stage other than seed', [noneOf('funding_stage', 'Seed')]],
  [
    'companies',
    'three youngest companies in Greece',
    [oneOf('country', 'Greece'), ordered('founded_year', 'desc'), atMost(3)],
  ],
  [
    'companies',
    'the 8 biggest employers in Kenya by number of employees',
    [oneOf('country', 'Kenya'), ordered('employees', 'desc'), atMost(8)],
  ],
  [
    'companies',
    'the company with the highest funding in Norway',
    [oneOf('country', 'Norway'), ordered('funding_usd', 'desc'), atMost(1)],
  ],
  [
    'companies',
    'rank companies in Finland by headcount',
    [oneOf('country', 'Finland'), ordered('employees', 'desc')],
  ],
  ['companies', 'name twenty companies from Turkey', [oneOf('country', 'Turkey'), atMost(20)]],
  [
    'countries',
    'countries covering fewer than 5,000 square kilometers',
    [compare('area_km2', '<', 5000)],
  ],
  ['countries', 'countries bigger than 400,000 square miles', [compare('area_km2', '>', 1036000)]],
  [
    'countries',
    'Spanish or Portuguese speaking countries in the Americas',
    [oneOf('languages', 'Portuguese', 'Spanish'), oneOf('region', 'Americas')],
  ],
  [
    'countries',
    'countries in Africa that are not landlocked',
    [oneOf('region', 'Africa'), flag('landlocked', false)],
  ],
  [
    'countries',
    'five smallest countries in Europe by area',
    [oneOf('region', 'Europe'), ordered('area_km2', 'asc'), atMost(5)],
  ],
  [
    'movies',
    'PG-13 movies with a running time of two hours or less',
    [oneOf('MPAA Rating', 'PG-13'), compare('Running Time min', '<=', 120)],
  ],
  [
    'movies',
    'movies from the nineties directed by Ridley Scott',
    [oneOf('Director', 'Ridley Scott'), ...during('Release Date', 1990, 1999)],
  ],
  [
    'movies',
    'movies whose worldwide gross surpassed half a billion dollars',
    [compare('Worldwide Gross', '>', 5e8)],
  ],
  ['movies', 'movies with no known distributor', [known('Distributor', false)]],
  [
    'movies',
    'anything but comedies from Universal',
    [noneOf('Major Genre', 'Comedy'), oneOf('Distributor', 'Universal')],
  ],
  [
    'movies',
    'the seven highest-grossing dramas by worldwide gross',
    [oneOf('Major Genre', 'Drama'), ordered('Worldwide Gross', 'desc'), atMost(7)],
  ],
  ['cars', 'cars weighing at least two tons of 4,000 lbs', [compare('Weight_in_lbs', '>=', 4000)]],
  [
    'cars',
    'cars of European origin with under 70 horsepower',
    [oneOf('Origin', 'Europe'), compare('Horsepower', '<', 70)],
  ],
  [
    'cars',
    'four- or six-cylinder cars from Japan',
    [oneOf('Origin', 'Japan'), compare('Cylinders', '>=', 4), compare('Cylinders', '<=', 6)],
  ],
  [
    'airports',
    'airports in Chile whose altitude is between five and six thousand feet',
    [oneOf('country', 'Chile'), compare('altitude', '>=', 5000), compare('altitude', '<=', 6000)],
  ],
  ['airports', 'airports located in Nepal or Bhutan', [oneOf('country', 'Bhutan', 'Nepal')]],
  [
    'airports',
    'airports in Greenland, lowest altitude first',
    [oneOf('country', 'Greenland'), ordered('altitude', 'asc')],
  ],
];
