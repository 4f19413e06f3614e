// Makes pipelines/corpus/ from two npm packages. Not shipped, not run by the tests:
//
//   npm pack countries-list@3.4.1 country-json@2.3.0    (unpack each one)
//   npx tsx test/agent/local/build-corpus.ts <countries-list folder> <country-json folder>

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

const [listFolder = '', jsonFolder = ''] = process.argv.slice(2);
const target = join(import.meta.dirname, '../../../pipelines/corpus');

type Value = string | number | boolean | undefined;

/** A country of countries-list. */
interface Listed {
  readonly name: string;
  readonly native: string;
  readonly alias?: readonly string[];
  readonly capital: string;
  readonly currency: readonly string[];
  readonly languages: readonly string[];
  readonly phone: readonly number[];
  /** The code of the country that it is a part of. */
  readonly partOf?: string;
}

type Names = Readonly<Record<string, { readonly name: string }>>;

/** Countries that are no more, parts of another one, or without any fact in the package. */
const LEFT_OUT = new Set([
  'Northern Ireland',
  'Netherlands Antilles',
  'Timor-Leste',
  'Guernsey',
  'Jersey',
  'Isle of Man',
]);

/** Codes that are not (or no longer) ISO 3166-1 alpha-2. */
const CODES: Readonly<Record<string, string>> = { UK: 'GB', TP: 'TL' };

const COLUMNS = [
  ['continent', 'continent', 'continent'],
  ['region', 'region-in-world', 'location'],
  ['population', 'population', 'population'],
  ['area_km2', 'surface-area', 'area'],
  ['landlocked', 'landlocked', 'landlocked'],
  ['independence_year', 'independence-date', 'independence'],
  ['government', 'government-type', 'government'],
] as const;

const read = <T>(path: string): T => JSON.parse(readFileSync(path, 'utf8')) as T;

/** A property by country, from one of the files of country-json. */
function column(file: string, property: string): ReadonlyMap<string, Value> {
  type Row = Readonly<Record<string, Value | null>>;
  const rows = read<readonly Row[]>(join(jsonFolder, 'src', `country-by-${file}.json`));
  return new Map(rows.map((row) => [String(row['country']), row[property] ?? undefined]));
}

function clean(name: string, value: Value): Value {
  if (name === 'landlocked') return value === undefined ? undefined : value === '1';
  const occupied = typeof value === 'string' && value.startsWith('Occupied');
  return name === 'government' && occupied ? undefined : value;
}

function countries(): readonly (readonly Value[])[] {
  const columns = COLUMNS.map(([name, file, property]) => [name, column(file, property)] as const);
  return [...column('abbreviation', 'abbreviation')].flatMap(([name, code]) =>
    LEFT_OUT.has(name)
      ? []
      : [
          [
            name,
            CODES[String(code)] ?? code,
            ...columns.map(([key, values]) => clean(key, values.get(name))),
          ],
        ],
  );
}

function currenciesAndLanguages(): readonly object[] {
  const listed = read<Readonly<Record<string, Listed>>>(join(listFolder, 'countries.min.json'));
  const currencies = read<Names>(join(listFolder, 'currencies.all.min.json'));
  const languages = read<Names>(join(listFolder, 'languages.all.min.json'));
  return Object.entries(listed)
    .filter(([, { partOf }]) => partOf === undefined || partOf === 'FI')
    .map(([code, country]) => ({
      country: country.name,
      code,
      aliases: country.alias,
      native_name: country.native,
      capital: country.capital === '' ? undefined : country.capital,
      currencies: country.currency.map((it) => currencies[it]?.name ?? it),
      currency_codes: country.currency,
      languages: country.languages.map((it) => languages[it]?.name ?? it),
      calling_code: country.phone.length === 1 ? `+${country.phone.join()}` : undefined,
    }));
}

const field = (value: Value): string => {
  const text = value === undefined ? '' : String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

const header = ['name', 'code', ...COLUMNS.map(([name]) => name)];
writeFileSync(
  join(target, 'countries.csv'),
  [header, ...countries()].map((line) => `${line.map(field).join(',')}\n`).join(''),
);
writeFileSync(
  join(target, 'currencies-and-languages.ndjson'),
  currenciesAndLanguages()
    .map((row) => `${JSON.stringify(row)}\n`)
    .join(''),
);
