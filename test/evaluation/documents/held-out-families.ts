import type { ProseFamily } from './prose-families.ts';

/** Families that were written by another hand, after the agent; they are scored and not shown. */
export const HELD_OUT_FAMILIES: readonly ProseFamily[] = [
  {
    name: 'D',
    opening: {
      companies: 'This profile is about {name}, a privately run business.',
      countries: 'Visitors know {name} for its landscapes and its food.',
      movies: 'Twenty years on, {name} still finds an audience.',
    },
    pronoun: { companies: 'The firm', countries: 'The nation', movies: 'The movie' },
    sentences: {
      companies: {
        founded: 'It all began in {v}, when {name} was started in a garage.',
        headquarters: '{it} is based in {v} and ships worldwide.',
        employees: 'Today {it} has a staff of {v}.',
        revenue_usd: 'Its annual revenue stands at {v}.',
        ceo: '{v} serves as chief executive officer.',
      },
      countries: {
        capital: 'The seat of government is the capital, {v}.',
        area_km2: 'Its territory spans {v} in total.',
        region: 'Geographically it belongs to {v}.',
        currency: 'People pay with the {v}, the official currency.',
      },
      movies: {
        director: '{v} directed it after a long pause.',
        release_date: 'It reached theaters on {v}.',
        worldwide_gross_usd: 'Worldwide it took in {v} at the box office.',
        running_time_min: 'Its running time is {v}.',
        distributor: '{v} distributed the picture.',
      },
    },
    aside: {
      companies: {
        headquarters: 'A supplier of theirs, {other}, is based in {v}.',
        revenue_usd: '{other} reported annual revenue of {v}.',
      },
      countries: {
        currency: 'In {other} the official currency is the {v}.',
        capital: '{v}, the capital of {other}, is a popular stop on the way.',
      },
      movies: {
        distributor: '{other} was distributed by {v}.',
        running_time_min: '{other} has a running time of {v}.',
      },
    },
  },
  {
    name: 'E',
    opening: {
      companies: '{name} – company portrait.',
      countries: '{name} at a glance.',
      movies: 'Review: {name}.',
    },
    pronoun: { companies: '{name}', countries: '{name}', movies: '{name}' },
    sentences: {
      companies: {
        founded: 'Founded in {v}, {name} is no newcomer.',
        headquarters: 'From its head office in {v} the company serves clients everywhere.',
        employees: 'The payroll counts {v} employees.',
        revenue_usd: 'Turnover reached {v} in the last fiscal year.',
        ceo: 'Chief executive {v} took over some years ago.',
      },
      countries: {
        capital: '{v} is both its capital and its cultural centre.',
        area_km2: 'The land area is {v}.',
        region: '{name} lies in {v}.',
        currency: 'Its currency is called {v}.',
      },
      movies: {
        director: 'Director {v} shows a sure hand.',
        release_date: 'Released {v}, it found mixed reviews.',
        worldwide_gross_usd: 'It earned {v} around the world.',
        running_time_min: 'At {v}, it never drags.',
        distributor: 'Distribution was handled by {v}.',
      },
    },
    aside: {
      companies: {
        employees: 'Compare that with {other}, which has {v} employees.',
        founded: '{other} followed in {v}.',
      },
      countries: { area_km2: 'For comparison: {other} covers {v}.' },
      movies: {
        release_date: '{other} was released on {v}.',
        director: 'Fans of {other} will know the style of its director, {v}.',
      },
    },
  },
  {
    name: 'F',
    opening: {
      companies: 'Last week our reporters paid a visit to {name}.',
      countries: 'Where does {name} stand today?',
      movies: 'Among the releases of its season {name} stood out.',
    },
    pronoun: { companies: 'the group', countries: 'the state', movies: 'the production' },
    sentences: {
      companies: {
        founded: 'Since {v}, the year of its founding, {name} has changed a lot.',
        headquarters: 'Headquartered in {v}, {it} also has offices abroad.',
        employees: 'Some {v} people work for {name}.',
        revenue_usd: 'Sales brought in {v}; that is revenue of the whole group.',
        ceo: '“We are just getting started,” says {v}, CEO of {name}.',
      },
      countries: {
        capital: 'The capital city is {v}.',
        area_km2: '{name} has an area of {v}.',
        region: 'It is part of {v}.',
        currency: 'The national currency, the {v}, has been stable.',
      },
      movies: {
        director: 'Behind the camera stood {v}, who directed.',
        release_date: 'The premiere was on {v}, its release date.',
        worldwide_gross_usd: 'Its global box office came to {v}.',
        running_time_min: 'The film is {v} long.',
        distributor: 'The film was brought to cinemas by its distributor, {v}.',
      },
    },
    aside: {
      companies: { ceo: '{v}, who runs {other}, declined to comment.' },
      countries: {
        region: '{other}, by contrast, is part of {v}.',
        capital: 'Trains to {v}, the capital of {other}, leave daily.',
      },
      movies: { worldwide_gross_usd: '{other} made {v} worldwide.' },
    },
  },
];
