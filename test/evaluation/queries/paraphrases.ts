import { staff, usd, type Paraphrase } from './paraphrase.ts';
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

const founded = (first: number, last: number = first): readonly string[] =>
  during('founded_year', first, last);

/**
 * Queries as strangers may write them, all written before the agent was run on any of them. They
 * go through the ways of saying a condition rather than through subjects.
 */
export const PARAPHRASES: readonly Paraphrase[] = [
  // Numbers and their bounds.
  ['companies', 'companies with at least fifty employees', [staff('>=', 50)]],
  ['companies', 'firms employing no fewer than two hundred people', [staff('>=', 200)]],
  ['companies', 'companies that have no more than 25 employees', [staff('<=', 25)]],
  ['companies', 'startups with fewer than a hundred people', [staff('<', 100)]],
  ['companies', 'companies with a headcount of 1,000 or more', [staff('>=', 1000)]],
  ['companies', 'companies with a team of 10 to 20', [staff('>=', 10), staff('<=', 20)]],
  ['companies', 'companies with between 50 and 200 staff', [staff('>=', 50), staff('<=', 200)]],
  [
    'companies',
    'companies with anywhere from 5 to 15 employees',
    [staff('>=', 5), staff('<=', 15)],
  ],
  ['companies', 'companies whose headcount exceeds 500', [staff('>', 500)]],
  ['companies', 'companies with 5k+ employees', [staff('>=', 5000)]],
  ['companies', 'companies with upwards of 300 employees', [staff('>', 300)]],
  ['companies', 'companies with a maximum of 40 employees', [staff('<=', 40)]],
  ['companies', 'companies with a minimum of 75 employees', [staff('>=', 75)]],
  ['companies', 'companies not exceeding 60 employees', [staff('<=', 60)]],
  ['companies', 'sub-50-person startups', [staff('<', 50)]],
  ['companies', 'companies with exactly 12 employees', [staff('=', 12)]],
  ['companies', 'companies with two dozen or fewer employees', [staff('<=', 24)]],
  ['companies', 'companies, 50 employees max', [staff('<=', 50)]],
  ['companies', 'companies with 100 employees or less', [staff('<=', 100)]],
  [
    'companies',
    '>250 employees, private',
    [staff('>', 250), oneOf('company_type', 'Privately Held')],
  ],
  ['companies', 'companies with employees: 20-80', [staff('>=', 20), staff('<=', 80)]],
  ['companies', 'companies with well over 1,000 employees', [staff('>', 1000)]],
  [
    'companies',
    'companies that employ more than one thousand five hundred people',
    [staff('>', 1500)],
  ],
  // Money.
  ['companies', 'companies that raised over 20 million dollars', [usd('>', 20e6)]],
  ['companies', 'companies that have raised at least US$5m', [usd('>=', 5e6)]],
  [
    'companies',
    'companies with total funding between $10M and $50M',
    [usd('>=', 10e6), usd('<=', 50e6)],
  ],
  ['companies', 'companies with funding of $1.5B or more', [usd('>=', 1.5e9)]],
  ['companies', 'startups with 10 to 25 million in funding', [usd('>=', 10e6), usd('<=', 25e6)]],
  ['companies', 'companies with less than half a million dollars in funding', [usd('<', 5e5)]],
  ['companies', 'companies that raised no less than 100 million USD', [usd('>=', 100e6)]],
  ['companies', 'companies funded with $2-5 million', [usd('>=', 2e6), usd('<=', 5e6)]],
  ['companies', 'companies with $250K to $2M raised', [usd('>=', 250e3), usd('<=', 2e6)]],
  ['companies', 'companies with funding below 750k USD', [usd('<', 750e3)]],
  ['companies', 'companies that raised a billion dollars or more', [usd('>=', 1e9)]],
  [
    'companies',
    'companies that raised more than twenty million dollars and have under 40 staff',
    [usd('>', 20e6), staff('<', 40)],
  ],
  // Founding years.
  ['companies', 'companies founded in the 2010s', founded(2010, 2019)],
  ['companies', 'companies founded in the nineties', founded(1990, 1999)],
  ['companies', 'companies started since 2019', [from('founded_year', '2019-01-01')]],
  ['companies', 'companies established before 1980', [before('founded_year', '1980-01-01')]],
  ['companies', 'companies founded no earlier than 2015', [from('founded_year', '2015-01-01')]],
  ['companies', 'companies founded no later than 2005', [before('founded_year', '2006-01-01')]],
  ['companies', 'companies founded after the year 2000', [from('founded_year', '2001-01-01')]],
  ['companies', 'companies founded from 2012 through 2016', founded(2012, 2016)],
  ['companies', 'companies launched between 2001 and 2003', founded(2001, 2003)],
  ['companies', 'companies set up in 2008', founded(2008)],
  ['companies', 'companies created in or after 2018', [from('founded_year', '2018-01-01')]],
  [
    'companies',
    'companies that were founded in 2020 or later',
    [from('founded_year', '2020-01-01')],
  ],
  ['companies', 'companies founded on or before 1999', [before('founded_year', '2000-01-01')]],
  ['companies', 'companies whose founding year is 2011', [compare('founded_year', '=', 2011)]],
  ['companies', 'companies founded pre-2000', [before('founded_year', '2000-01-01')]],
  ['companies', 'companies founded in the early 2000s', founded(2000, 2004)],
  ['companies', 'companies founded in either 2013 or 2014', founded(2013, 2014)],
  ['companies', 'companies founded this decade', founded(2020, 2029)],
  ['companies', 'companies founded more than 30 years ago', [before('founded_year', '1996-11-22')]],
  [
    'companies',
    'companies founded in the past five years',
    [from('founded_year', '2021-11-22'), before('founded_year', '2026-11-23')],
  ],
  [
    'companies',
    'companies not founded in 2015',
    ['not founded_year from 2015-01-01', 'not founded_year before 2016-01-01'],
  ],
  // Dates.
  [
    'companies',
    'companies whose last funding date is since June 2023',
    [from('funding_date', '2023-06-01')],
  ],
  [
    'companies',
    'companies funded in the first half of 2022',
    [from('funding_date', '2022-01-01'), before('funding_date', '2022-07-01')],
  ],
  [
    'companies',
    'companies with a funding date in H2 2021',
    [from('funding_date', '2021-07-01'), before('funding_date', '2022-01-01')],
  ],
  [
    'companies',
    'companies with a funding date in the third quarter of 2020',
    [from('funding_date', '2020-07-01'), before('funding_date', '2020-10-01')],
  ],
  [
    'companies',
    'companies with a funding date within the last eighteen months',
    [from('funding_date', '2025-05-22'), before('funding_date', '2026-11-23')],
  ],
  ['companies', 'companies with a funding date this year', during('funding_date', 2026)],
  [
    'companies',
    'companies with a funding date between January 2019 and March 2019',
    [from('funding_date', '2019-01-01'), before('funding_date', '2019-04-01')],
  ],
  [
    'companies',
    'companies with a funding date between 1 May 2019 and 15 August 2019',
    [from('funding_date', '2019-05-01'), before('funding_date', '2019-08-16')],
  ],
  [
    'companies',
    'companies with a funding date before 3/15/2018',
    [before('funding_date', '2018-03-15')],
  ],
  [
    'companies',
    'companies with a funding date since the beginning of 2024',
    [from('funding_date', '2024-01-01')],
  ],
  [
    'companies',
    'companies with a funding date by the end of 2016',
    [before('funding_date', '2017-01-01')],
  ],
  // Places.
  ['companies', 'companies headquartered in the UK', [oneOf('country', 'United Kingdom')]],
  ['companies', 'U.S. companies', [oneOf('country', 'United States')]],
  [
    'companies',
    'companies with HQ in the United States of America',
    [oneOf('country', 'United States')],
  ],
  ['companies', 'Korean companies', [oneOf('country', 'South Korea')]],
  ['companies', 'companies based out of Berlin', [oneOf('country', 'Germany')]],
  ['companies', 'Bay Area companies', [oneOf('country', 'United States')]],
  ['companies', 'companies in either France or Spain', [oneOf('country', 'France', 'Spain')]],
  [
    'companies',
    'companies from Norway, Sweden, or Denmark',
    [oneOf('country', 'Denmark', 'Norway', 'Sweden')],
  ],
  ['companies', 'companies outside the US', [noneOf('country', 'United States')]],
  ['companies', 'companies not in Germany or Austria', [noneOf('country', 'Austria', 'Germany')]],
  ['companies', 'companies in the Middle East', [oneOf('region', 'Middle East')]],
  ['companies', 'Latin American companies', [oneOf('region', 'LATAM')]],
  ['companies', 'companies in Eastern Europe', [oneOf('region', 'Eastern Europe')]],
  [
    'companies',
    'companies anywhere in Africa except Nigeria',
    [oneOf('region', 'Africa'), noneOf('country', 'Nigeria')],
  ],
  ['companies', 'Dutch or Belgian startups', [oneOf('country', 'Belgium', 'Netherlands')]],
  ['companies', 'companies excluding those in China', [noneOf('country', 'China')]],
  ['companies', 'non-European companies', [noneOf('region', 'Europe')]],
  ['companies', 'companies incorporated in Estonia', [oneOf('country', 'Estonia')]],
  // Kinds and stages.
  [
    'companies',
    'publicly listed companies in Japan',
    [oneOf('company_type', 'Public Company'), oneOf('country', 'Japan')],
  ],
  [
    'companies',
    'non-profit organizations in Kenya',
    [oneOf('company_type', 'Nonprofit'), oneOf('country', 'Kenya')],
  ],
  ['companies', 'companies at the seed stage', [oneOf('funding_stage', 'Seed')]],
  [
    'companies',
    'Series A and Series B companies',
    [oneOf('funding_stage', 'Series A', 'Series B')],
  ],
  [
    'companies',
    'Series B, C or D startups',
    [oneOf('funding_stage', 'Series B', 'Series C', 'Series D')],
  ],
  [
    'companies',
    'pre-seed startups in India',
    [oneOf('funding_stage', 'Pre-Seed'), oneOf('country', 'India')],
  ],
  ['companies', 'companies that are not public', [noneOf('company_type', 'Public Company')]],
  [
    'companies',
    'series-a companies with 20+ people',
    [oneOf('funding_stage', 'Series A'), staff('>=', 20)],
  ],
  [
    'companies',
    'government agencies with over 10,000 staff',
    [oneOf('company_type', 'Government Agency'), staff('>', 10000)],
  ],
  // Counts and rankings.
  [
    'companies',
    'the three largest companies by headcount in Brazil',
    [oneOf('country', 'Brazil'), ordered('employees', 'desc'), atMost(3)],
  ],
  ['companies', 'list a dozen companies in Canada', [oneOf('country', 'Canada'), atMost(12)]],
  [
    'companies',
    'the most recently founded company in Italy',
    [oneOf('country', 'Italy'), ordered('founded_year', 'desc'), atMost(1)],
  ],
  [
    'companies',
    'the best funded five startups in Israel',
    [oneOf('country', 'Israel'), ordered('funding_usd', 'desc'), atMost(5)],
  ],
  [
    'companies',
    'oldest 4 companies in Portugal',
    [oneOf('country', 'Portugal'), ordered('founded_year', 'asc'), atMost(4)],
  ],
  [
    'companies',
    'top ten companies in Poland by total funding',
    [oneOf('country', 'Poland'), ordered('funding_usd', 'desc'), atMost(10)],
  ],
  [
    'companies',
    'the 6 companies with the fewest employees',
    [ordered('employees', 'asc'), atMost(6)],
  ],
  [
    'companies',
    'which five companies have the most employees?',
    [ordered('employees', 'desc'), atMost(5)],
  ],
  [
    'companies',
    'companies in Chile sorted by founding year, newest first',
    [oneOf('country', 'Chile'), ordered('founded_year', 'desc')],
  ],
  [
    'companies',
    'companies in Peru in descending order of headcount',
    [oneOf('country', 'Peru'), ordered('employees', 'desc')],
  ],
  // Other tables.
  [
    'countries',
    'landlocked countries in Africa larger than half a million km2',
    [flag('landlocked', true), oneOf('region', 'Africa'), compare('area_km2', '>', 5e5)],
  ],
  [
    'countries',
    'island nations aside: countries of Oceania smaller than one thousand square kilometres',
    [oneOf('region', 'Oceania'), compare('area_km2', '<', 1000)],
  ],
  [
    'countries',
    'countries where they speak French but not English',
    [oneOf('languages', 'French'), noneOf('languages', 'English')],
  ],
  [
    'countries',
    'countries in Asia without access to the sea that are landlocked',
    [oneOf('region', 'Asia'), flag('landlocked', true)],
  ],
  [
    'countries',
    'countries using the euro outside Europe',
    [oneOf('currencies', 'Euro'), noneOf('region', 'Europe')],
  ],
  [
    'countries',
    'countries with an area of 100k to 200k km2 in Europe',
    [compare('area_km2', '>=', 1e5), compare('area_km2', '<=', 2e5), oneOf('region', 'Europe')],
  ],
  ['countries', 'countries neither in Europe nor in Asia', [noneOf('region', 'Asia', 'Europe')]],
  [
    'countries',
    'the half dozen largest countries in South America',
    [oneOf('subregion', 'South America'), ordered('area_km2', 'desc'), atMost(6)],
  ],
  [
    'movies',
    'comedies or dramas released in the eighties',
    [oneOf('Major Genre', 'Comedy', 'Drama'), ...during('Release Date', 1980, 1989)],
  ],
  [
    'movies',
    'R-rated horror movies from before 1990',
    [
      oneOf('MPAA Rating', 'R'),
      oneOf('Major Genre', 'Horror'),
      before('Release Date', '1990-01-01'),
    ],
  ],
  [
    'movies',
    'movies with an IMDB rating of at least eight and a half',
    [compare('IMDB Rating', '>=', 8.5)],
  ],
  [
    'movies',
    'movies that grossed more than a billion dollars worldwide',
    [compare('Worldwide Gross', '>', 1e9)],
  ],
  [
    'movies',
    'movies by Woody Allen with an IMDB rating of 7.5 or better',
    [oneOf('Director', 'Woody Allen'), compare('IMDB Rating', '>=', 7.5)],
  ],
  ['movies', 'movies shorter than an hour and a half', [compare('Running Time min', '<', 90)]],
  ['movies', 'movies longer than 3 hours', [compare('Running Time min', '>', 180)]],
  ['movies', 'movies lacking a director', [known('Director', false)]],
  [
    'movies',
    'movies made by anyone but Steven Spielberg with a production budget north of $200 million',
    [noneOf('Director', 'Steven Spielberg'), compare('Production Budget', '>', 200e6)],
  ],
  [
    'movies',
    'the two longest movies distributed by Miramax',
    [oneOf('Distributor', 'Miramax'), ordered('Running Time min', 'desc'), atMost(2)],
  ],
  [
    'cars',
    'Japanese or European cars with six cylinders',
    [oneOf('Origin', 'Europe', 'Japan'), compare('Cylinders', '=', 6)],
  ],
  ['cars', 'cars doing 30 mpg or better', [compare('Miles_per_Gallon', '>=', 30)]],
  [
    'cars',
    'American cars under 3,000 lbs',
    [oneOf('Origin', 'USA'), compare('Weight_in_lbs', '<', 3000)],
  ],
  ['cars', 'cars with more than a hundred and fifty horsepower', [compare('Horsepower', '>', 150)]],
  [
    'cars',
    'cars not made in the USA with eight cylinders',
    [noneOf('Origin', 'USA'), compare('Cylinders', '=', 8)],
  ],
  [
    'airports',
    'airports in Peru above ten thousand feet altitude',
    [oneOf('country', 'Peru'), compare('altitude', '>', 10000)],
  ],
  [
    'airports',
    'airports in Norway or Sweden lying below 50 feet altitude',
    [oneOf('country', 'Norway', 'Sweden'), compare('altitude', '<', 50)],
  ],
  [
    'airports',
    'the single highest airport by altitude in Bolivia',
    [oneOf('country', 'Bolivia'), ordered('altitude', 'desc'), atMost(1)],
  ],
  [
    'airports',
    'airports in Iceland that lack an IATA code',
    [oneOf('country', 'Iceland'), known('iata', false)],
  ],
];
