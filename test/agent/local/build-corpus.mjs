// Makes pipelines/corpus/ from two npm packages. Not shipped, not run by the tests:
//
//   npm pack countries-list@3.4.1 country-json@2.3.0    (unpack each one)
//   node test/agent/local/build-corpus.mjs <countries-list folder> <country-json folder>

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [listFolder, jsonFolder] = process.argv.slice(2);
const target = join(import.meta.dirname, '../../../pipelines/corpus');

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
const CODES = { UK: 'GB', TP: 'TL' };

const read = (path) => JSON.parse(readFileSync(path, 'utf8'));

function column(file, property) {
  const rows = read(join(jsonFolder, 'src', `country-by-${file}.json`));
  return new Map(rows.map((row) => [row.country, row[property]]));
}

function countries() {
  const columns = {
    continent: column('continent', 'continent'),
    region: column('region-in-world', 'location'),
    population: column('population', 'population'),
    area_km2: column('surface-area', 'area'),
    landlocked: column('landlocked', 'landlocked'),
    independence_year: column('independence-date', 'independence'),
    government: column('government-type', 'government'),
  };
  const clean = {
    landlocked: (value) => ({ 0: false, 1: true })[value],
    government: (value) => (value?.startsWith('Occupied') ? undefined : value),
  };
  const rows = [];
  for (const [name, code] of column('abbreviation', 'abbreviation')) {
    if (LEFT_OUT.has(name)) continue;
    const row = { name, code: CODES[code] ?? code };
    for (const [key, values] of Object.entries(columns)) {
      const value = values.get(name) ?? undefined;
      row[key] = clean[key] === undefined ? value : clean[key](value);
    }
    rows.push(row);
  }
  return rows;
}

function currenciesAndLanguages() {
  const countryOf = read(join(listFolder, 'countries.min.json'));
  const currencyOf = read(join(listFolder, 'currencies.all.min.json'));
  const languageOf = read(join(listFolder, 'languages.all.min.json'));
  return Object.entries(countryOf)
    .filter(([, country]) => country.partOf === undefined || country.partOf === 'FI')
    .map(([code, country]) => ({
      country: country.name,
      code,
      aliases: country.alias,
      native_name: country.native,
      capital: country.capital === '' ? undefined : country.capital,
      currencies: country.currency.map((it) => currencyOf[it]?.name ?? it),
      currency_codes: country.currency,
      languages: country.languages.map((it) => languageOf[it]?.name ?? it),
      calling_code: country.phone.length === 1 ? `+${country.phone[0]}` : undefined,
    }));
}

const field = (value) => {
  const text = value === undefined ? '' : String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

const rows = countries();
const header = Object.keys(rows[0]);
const lines = [header, ...rows.map((row) => header.map((key) => row[key]))];
writeFileSync(
  join(target, 'countries.csv'),
  lines.map((line) => `${line.map(field).join(',')}\n`).join(''),
);
writeFileSync(
  join(target, 'currencies-and-languages.ndjson'),
  currenciesAndLanguages()
    .map((row) => `${JSON.stringify(row)}\n`)
    .join(''),
);
