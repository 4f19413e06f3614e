import type { Json } from '../../../src/base/json.ts';
import { Chance } from '../chance.ts';
import { countries, movies } from '../data-sets.ts';

/** What kind of thing a document is about; each has properties of its own. */
export type Kind = 'companies' | 'countries' | 'movies';

/** A property of a kind of thing, as a slot of the schema. */
export interface Property {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number';
  readonly format?: 'date';
  /** Words by which pages label it. */
  readonly labels: readonly string[];
  /** Name at schema.org. */
  readonly markup: string;
}

/** A thing with what is true of it; what it has no value for, no document states. */
export interface Subject {
  readonly kind: Kind;
  readonly name: string;
  readonly values: Readonly<Record<string, Json>>;
}

export const PROPERTIES: Readonly<Record<Kind, readonly Property[]>> = {
  companies: [
    {
      name: 'founded',
      type: 'integer',
      labels: ['Founded', 'Established', 'Year founded'],
      markup: 'foundingDate',
    },
    {
      name: 'headquarters',
      type: 'string',
      labels: ['Headquarters', 'HQ', 'Head office'],
      markup: 'location',
    },
    {
      name: 'employees',
      type: 'integer',
      labels: ['Employees', 'Headcount', 'Number of employees'],
      markup: 'numberOfEmployees',
    },
    {
      name: 'revenue_usd',
      type: 'number',
      labels: ['Revenue', 'Annual revenue'],
      markup: 'revenue',
    },
    { name: 'ceo', type: 'string', labels: ['CEO', 'Chief executive'], markup: 'ceo' },
  ],
  countries: [
    { name: 'capital', type: 'string', labels: ['Capital', 'Capital city'], markup: 'capital' },
    { name: 'area_km2', type: 'number', labels: ['Area', 'Total area'], markup: 'area' },
    { name: 'region', type: 'string', labels: ['Region'], markup: 'region' },
    { name: 'currency', type: 'string', labels: ['Currency'], markup: 'currency' },
  ],
  movies: [
    { name: 'director', type: 'string', labels: ['Director', 'Directed by'], markup: 'director' },
    {
      name: 'release_date',
      type: 'string',
      format: 'date',
      labels: ['Release date', 'Released'],
      markup: 'datePublished',
    },
    {
      name: 'worldwide_gross_usd',
      type: 'number',
      labels: ['Worldwide gross', 'Gross worldwide'],
      markup: 'worldwideGross',
    },
    {
      name: 'running_time_min',
      type: 'integer',
      labels: ['Running time', 'Runtime'],
      markup: 'duration',
    },
    {
      name: 'distributor',
      type: 'string',
      labels: ['Distributor', 'Distributed by'],
      markup: 'distributor',
    },
  ],
};

const FIRST =
  'Nor Vel Kar Tam Bri Sol Quen Ard Mel Zan Hel Ost Pry Lum Cad Fen Gal Iv Jor Wex'.split(' ');
const SECOND = 'dane mark tia vex lora nix bel cor dyne tris ria gon phis lux mont reth'.split(' ');
const TRADE = [
  'Robotics',
  'Data',
  'Labs',
  'Systems',
  'Energy',
  'Foods',
  'Health',
  'Mobility',
  'Networks',
  'Optics',
];
const CITIES = [
  'Berlin',
  'Austin',
  'Lyon',
  'Oslo',
  'Porto',
  'Leeds',
  'Turin',
  'Denver',
  'Kyoto',
  'Ghent',
  'Malmö',
  'San Jose',
];
const PEOPLE = [
  'Ana Silva',
  'Jon Berg',
  'Mia Chen',
  'Omar Haddad',
  'Eva Novak',
  'Liam O’Brien',
  'Priya Rao',
  'Tom Hardy',
  'Ida Lund',
  'Marc Petit',
];

function companies(count: number): readonly Subject[] {
  const chance = new Chance('companies of the documents');
  const names = new Set<string>();
  while (names.size < count) {
    names.add(`${chance.pick(FIRST)}${chance.pick(SECOND)} ${chance.pick(TRADE)}`);
  }
  return [...names].map((name) => ({
    kind: 'companies' as const,
    name,
    values: {
      founded: 1950 + chance.below(74),
      headquarters: chance.pick(CITIES),
      employees: 5 + chance.below(9_000),
      revenue_usd: (1 + chance.below(4_000)) * 100_000,
      ceo: chance.pick(PEOPLE),
    },
  }));
}

const listed = (value: Json | undefined): Json =>
  Array.isArray(value) ? ((value as readonly Json[])[0] ?? null) : null;

function realCountries(count: number): readonly Subject[] {
  const chance = new Chance('countries of the documents');
  const usable = countries().filter(
    (it) => it['capital'] !== null && it['subregion'] !== null && (it['area_km2'] as number) > 10,
  );
  return chance.some(usable, count).map((it) => ({
    kind: 'countries' as const,
    name: it['name'] as string,
    values: {
      capital: it['capital'] ?? null,
      area_km2: it['area_km2'] ?? null,
      region: it['subregion'] ?? null,
      currency: listed(it['currencies']),
    },
  }));
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Jun 12 1998` in the data set. */
function isoDay(text: Json | undefined): Json {
  const [, month = '', day = '', year = ''] =
    /^(\w{3}) (\d\d) (\d{4})$/u.exec(text as string) ?? [];
  const at = MONTHS.indexOf(month);
  return at === -1 ? null : `${year}-${String(at + 1).padStart(2, '0')}-${day}`;
}

function realMovies(count: number): readonly Subject[] {
  const chance = new Chance('movies of the documents');
  const seen = new Set<string>();
  const usable = movies().filter((it) => {
    const title = it['Title'] as string;
    const fine =
      typeof it['Title'] === 'string' &&
      it['Director'] !== null &&
      it['Distributor'] !== null &&
      !seen.has(title);
    seen.add(title);
    return fine && isoDay(it['Release Date']) !== null && (it['Worldwide Gross'] as number) > 1_000;
  });
  return chance.some(usable, count).map((it) => ({
    kind: 'movies' as const,
    name: it['Title'] as string,
    values: {
      director: it['Director'] ?? null,
      release_date: isoDay(it['Release Date']),
      worldwide_gross_usd: it['Worldwide Gross'] ?? null,
      running_time_min: it['Running Time min'] ?? null,
      distributor: it['Distributor'] ?? null,
    },
  }));
}

/** Things of all kinds, always the same ones; and others, of which documents only speak beside. */
export function subjects(count: number): {
  readonly own: readonly Subject[];
  readonly others: readonly Subject[];
} {
  const more = count + 20;
  const lists = [companies(more), realCountries(more), realMovies(more)];
  return {
    own: lists.flatMap((list) => list.slice(0, count)),
    others: lists.flatMap((list) => list.slice(count)),
  };
}
