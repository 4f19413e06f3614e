import { COUNTRY_NAMES, REGION_NAMES } from './country-names.ts';
import { wordsOf } from './words.ts';

/** A country, or a part of the world. */
export interface Place {
  /** Ways to write it; the first one is how this program calls it. */
  readonly names: readonly string[];
  /** The country's own code, or those of all countries in it. */
  readonly countries: ReadonlySet<string>;
  readonly region: boolean;
}

/** What words say about a place. */
export interface Meant {
  readonly place: Place;
  /** By its name, as an adjective, or by a city or state in it. */
  readonly by: 'name' | 'adjective' | 'part';
}

const listOf = (text: string, separator: string): readonly string[] =>
  text
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '');

const linesOf = (table: string): readonly (readonly string[])[] =>
  listOf(table, '\n').map((line) => line.split('|'));

const keyOf = (name: string): string => wordsOf(name).join(' ');

const meant = new Map<string, Meant>();

function learn(names: readonly string[], by: Meant['by'], place: Place): void {
  for (const name of names) {
    const key = keyOf(name);
    if (key !== '' && !meant.has(key)) meant.set(key, { place, by });
  }
}

function readCountries(): readonly Place[] {
  const lines = linesOf(COUNTRY_NAMES).map(
    ([code = '', names = '', adjectives = '', parts = '']) => {
      const place = { names: listOf(names, ';'), countries: new Set([code]), region: false };
      return { place, adjectives: listOf(adjectives, ','), parts: listOf(parts, ',') };
    },
  );
  for (const { place } of lines) learn(place.names, 'name', place);
  for (const { place, adjectives } of lines) learn(adjectives, 'adjective', place);
  for (const { place, parts } of lines) learn(parts, 'part', place);
  return lines.map(({ place }) => place);
}

function readRegions(): readonly Place[] {
  return linesOf(REGION_NAMES).map(([names = '', adjectives = '', members = '']) => {
    const codes = listOf(members, ';').flatMap((part) => {
      const region = meant.get(keyOf(part))?.place;
      return region === undefined ? listOf(part, ' ') : [...region.countries];
    });
    const place = { names: listOf(names, ';'), countries: new Set(codes), region: true };
    learn(place.names, 'name', place);
    learn(listOf(adjectives, ','), 'adjective', place);
    return place;
  });
}

const countries = readCountries();

/** Countries, then parts of the world, smaller ones before those that they are in. */
export const PLACES: readonly Place[] = [...countries, ...readRegions()];

/** What the words mean as a place, singular and folded; undefined when nothing. */
export const placeOf = (words: readonly string[]): Meant | undefined => meant.get(words.join(' '));

/** The country that a name is one of the names of; not by its adjective, and not by a city. */
export function countryNamed(name: string): Place | undefined {
  const found = placeOf(wordsOf(name));
  return found?.by === 'name' && !found.place.region ? found.place : undefined;
}

/** All of the one lies in the other. */
export const isWithin = (inner: Place, outer: Place): boolean =>
  inner !== outer &&
  outer.countries.size > inner.countries.size &&
  [...inner.countries].every((code) => outer.countries.has(code));
