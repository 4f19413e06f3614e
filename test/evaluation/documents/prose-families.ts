import type { Chance } from '../chance.ts';
import { pathOf, statedBy, type Page } from './render-pages.ts';
import type { Kind, Subject } from './subjects.ts';
import { written } from './write-values.ts';

/** A way to write about things of a kind: for each property sentences with `{it}` and `{v}`. */
export interface ProseFamily {
  readonly name: string;
  readonly opening: Readonly<Record<Kind, string>>;
  readonly sentences: Readonly<Record<Kind, Readonly<Record<string, string>>>>;
  /** `{it}` in the first sentence, and in those after it. */
  readonly pronoun: Readonly<Record<Kind, string>>;
  /** A sentence about another thing; `{other}` is its name. */
  readonly aside: Readonly<Record<Kind, Readonly<Record<string, string>>>>;
}

/** Families used while the agent was made. */
export const DEVELOPMENT_FAMILIES: readonly ProseFamily[] = [
  {
    name: 'A',
    opening: {
      companies: '{name} is a company.',
      countries: '{name} is a country.',
      movies: '{name} is a film.',
    },
    pronoun: { companies: 'It', countries: 'It', movies: 'It' },
    sentences: {
      companies: {
        founded: '{it} was founded in {v}.',
        headquarters: '{it} is headquartered in {v}.',
        employees: '{it} employs {v} people.',
        revenue_usd: '{it} had revenue of {v} last year.',
        ceo: '{it} is led by {v}.',
      },
      countries: {
        capital: 'Its capital is {v}.',
        area_km2: '{it} covers {v}.',
        region: '{it} is located in {v}.',
        currency: 'The currency is the {v}.',
      },
      movies: {
        director: '{it} was directed by {v}.',
        release_date: '{it} was released on {v}.',
        worldwide_gross_usd: 'It grossed {v} worldwide.',
        running_time_min: '{it} runs for {v}.',
        distributor: '{it} was distributed by {v}.',
      },
    },
    aside: {
      companies: {
        founded: 'Its rival {other} was founded in {v}.',
        employees: '{other} employs {v} people.',
        ceo: '{other} is led by {v}.',
      },
      countries: { capital: 'The capital of {other} is {v}.', area_km2: '{other} covers {v}.' },
      movies: {
        director: '{other} was directed by {v}.',
        release_date: '{other} was released on {v}.',
      },
    },
  },
  {
    name: 'B',
    opening: {
      companies: 'Set up by engineers, {name} sells to large customers.',
      countries: 'Few countries are as varied as {name}.',
      movies: 'Critics were divided about {name}.',
    },
    pronoun: { companies: 'The company', countries: 'The country', movies: 'The film' },
    sentences: {
      companies: {
        founded: 'Established in {v}, {name} has grown since.',
        headquarters: '{it} has its headquarters in {v}.',
        employees: 'With {v} employees, {it} is one of the larger firms of its kind.',
        revenue_usd: '{it} generated {v} in revenue.',
        ceo: 'The CEO of {name} is {v}.',
      },
      countries: {
        capital: '{v} is the capital of {name}.',
        area_km2: 'With an area of {v}, {it} is neither large nor small.',
        region: '{it} lies in {v}.',
        currency: 'People pay in {v}, which is the official currency of {name}.',
      },
      movies: {
        director: 'Director {v} worked on it for years.',
        release_date: '{it} premiered on {v}.',
        worldwide_gross_usd: '{it} earned {v} at the worldwide box office.',
        running_time_min: 'Its running time is {v}.',
        distributor: '{v} distributed {name}.',
      },
    },
    aside: {
      companies: {
        headquarters: 'Unlike {other}, which is based in {v}, it never moved.',
        revenue_usd: '{other} generated {v} in revenue.',
      },
      countries: {
        capital: '{v} is the capital of {other}.',
        currency: 'In {other} the currency is the {v}.',
      },
      movies: {
        distributor: '{v} distributed {other}.',
        running_time_min: '{other} has a running time of {v}.',
      },
    },
  },
  {
    name: 'C',
    opening: {
      companies: '{name} makes things that other firms need.',
      countries: '{name} has a long coast and a longer history.',
      movies: '{name} tells a story that has been told before.',
    },
    pronoun: { companies: '{name}', countries: '{name}', movies: '{name}' },
    sentences: {
      companies: {
        founded: '{name} has been in business since {v}.',
        headquarters: 'Its head office is in {v}.',
        employees: 'Some {v} people work for {name}.',
        revenue_usd: 'Annual revenue stands at {v}.',
        ceo: '{v} serves as chief executive of {name}.',
      },
      countries: {
        capital: 'Its capital, {v}, is its largest city.',
        area_km2: 'The total area is {v}.',
        region: '{name} is situated in {v}.',
        currency: 'Its currency is the {v}.',
      },
      movies: {
        director: 'The film, directed by {v}, found its public.',
        release_date: '{name} opened in cinemas on {v}.',
        worldwide_gross_usd: 'The worldwide gross was {v}.',
        running_time_min: '{name} lasts {v}.',
        distributor: 'The distributor was {v}.',
      },
    },
    aside: {
      companies: {
        founded: '{other}, its oldest competitor, was founded in {v}.',
        employees: 'At {other}, {v} people are employed.',
      },
      countries: {
        area_km2: 'Its neighbour {other} has an area of {v}.',
        capital: 'The capital of {other} is {v}.',
      },
      movies: {
        worldwide_gross_usd: 'By comparison, {other} grossed {v} worldwide.',
        director: '{other}, directed by {v}, came out in the same year.',
      },
    },
  },
];

/** A page in prose: an opening, a sentence for each property, and one about another thing. */
export function renderProse(
  family: ProseFamily,
  subject: Subject,
  other: Subject,
  number: number,
  chance: Chance,
): Page {
  const { kind, name } = subject;
  const fill = (template: string, value: string): string =>
    template
      .replaceAll('{it}', () => family.pronoun[kind])
      .replaceAll('{name}', () => name)
      .replaceAll('{other}', () => other.name)
      .replaceAll('{v}', () => value);
  const own = statedBy(subject).flatMap(([property, value]) => {
    const template = family.sentences[kind][property.name];
    return template === undefined ? [] : [fill(template, written(property, value, chance))];
  });
  const asides = statedBy(other).flatMap(([property, value]) => {
    const template = family.aside[kind][property.name];
    return template === undefined ? [] : [fill(template, written(property, value, chance))];
  });
  const half = Math.ceil(own.length / 2);
  const first = [fill(family.opening[kind], ''), ...own.slice(0, half)].join(' ');
  const second = [...own.slice(half), ...asides]
    .map((it) => it.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase()))
    .join(' ');
  const html = chance.next() < 0.5;
  const sentence = (text: string): string =>
    text.replace(
      /(^|[.] )(\p{Ll})/gu,
      (_, before: string, letter: string) => before + letter.toUpperCase(),
    );
  return html
    ? {
        path: pathOf(subject, 'html', number),
        content: `<html><head><title>${name.replaceAll('&', '&amp;')}</title></head><body><h1>${name.replaceAll('&', '&amp;')}</h1><p>${sentence(first).replaceAll('&', '&amp;')}</p><p>${second.replaceAll('&', '&amp;')}</p></body></html>\n`,
      }
    : {
        path: pathOf(subject, 'md', number),
        content: `# ${name}\n\n${sentence(first)}\n\n${second}\n`,
      };
}
