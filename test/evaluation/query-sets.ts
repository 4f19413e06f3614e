import {
  airports,
  birdstrikes,
  brands,
  cars,
  countries,
  licenses,
  movies,
  penguins,
  releases,
  type Records,
} from './data-sets.ts';
import { AIRPORTS } from './queries/airports.ts';
import { BIRDSTRIKES } from './queries/birdstrikes.ts';
import { BRANDS, LICENSES } from './queries/brands.ts';
import { CARS } from './queries/cars.ts';
import { COUNTRIES } from './queries/countries.ts';
import { MOVIES } from './queries/movies.ts';
import { PENGUINS } from './queries/penguins.ts';
import { RELEASES } from './queries/releases.ts';
import { casesOf, type QueryCase } from './queries/template.ts';

/** Cases a template; a template with few values yields fewer different ones. */
const EACH = 14;

/** All template queries: the same ones are read (Q) and answered (L). */
export const queryCases = (): readonly QueryCase[] =>
  casesOf(
    [MOVIES, CARS, COUNTRIES, AIRPORTS, PENGUINS, BRANDS, LICENSES, RELEASES, BIRDSTRIKES],
    EACH,
  );

/** The records that they are about; all are in one corpus, as a user's files would be. */
export const queryRecords = (): Readonly<Record<string, Records>> => ({
  movies: movies(),
  cars: cars(),
  countries: countries(),
  airports: airports(),
  penguins: penguins(),
  brands: brands(),
  licenses: licenses(),
  releases: releases(),
  birdstrikes: birdstrikes(),
});
