import {
  atMost,
  compare,
  flag,
  noneOf,
  oneOf,
  ordered,
  quoted,
  ranked,
  type QuerySet,
} from './template.ts';

const REGIONS = ['Africa', 'Americas', 'Asia', 'Europe', 'Oceania'];
const SUBREGIONS = [
  'Western Europe',
  'Caribbean',
  'Eastern Africa',
  'Southern Asia',
  'Polynesia',
  'South America',
  'Central America',
];
const LANGUAGES = ['French', 'Spanish', 'Arabic', 'Portuguese', 'English', 'German'];
const CURRENCIES = ['Euro', 'United States dollar', 'Australian dollar', 'Danish krone'];
const AREAS = [
  ['100,000', 100_000],
  ['1 million', 1_000_000],
  ['50 thousand', 50_000],
  ['20k', 20_000],
] as const;
const PEOPLES = [
  ['African', 'Africa'],
  ['Asian', 'Asia'],
  ['European', 'Europe'],
] as const;

/** Countries, with lists of languages and currencies. */
export const COUNTRIES: QuerySet = {
  name: 'countries',
  list: 'countries',
  label: 'name',
  slots: {
    name: { type: 'string', column: 'name' },
    capital: { type: 'string', column: 'capital' },
    subregion: { type: 'string', column: 'subregion' },
    area_km2: { type: 'number', column: 'area_km2' },
    landlocked: { type: 'boolean', column: 'landlocked' },
    languages: { type: 'array', column: 'languages' },
  },
  templates: [
    {
      name: 'region and area',
      ask: (chance) => {
        const [region, [words, area]] = [chance.pick(REGIONS), chance.pick(AREAS)];
        const [more, operator] = chance.pick([
          ['larger than', '>'],
          ['with an area under', '<'],
          ['with at least', '>='],
        ] as const);
        return {
          text: `countries in ${region} ${more} ${words} km2`,
          gold: [oneOf('region', region), compare('area_km2', operator, area)],
          where: `region = ${quoted(region)} and area_km2 ${operator} ${area}`,
        };
      },
    },
    {
      name: 'landlocked',
      ask: (chance) => {
        const [[people, region], value] = [chance.pick(PEOPLES), chance.below(2) === 0];
        return {
          text: value
            ? chance.pick([
                `landlocked ${people} countries`,
                `${people} countries that are landlocked`,
              ])
            : chance.pick([
                `${people} countries that are not landlocked`,
                `non-landlocked countries in ${region}`,
              ]),
          gold: [oneOf('region', region), flag('landlocked', value)],
          where: `region = ${quoted(region)} and landlocked = ${value}`,
        };
      },
    },
    {
      name: 'language',
      ask: (chance) => {
        const [language, region] = [chance.pick(LANGUAGES), chance.pick(REGIONS)];
        return {
          text: chance.pick([
            `countries in ${region} where ${language} is spoken`,
            `${language} speaking countries in ${region}`,
            `countries in ${region} that speak ${language}`,
          ]),
          gold: [oneOf('languages', language), oneOf('region', region)],
          where: `list_contains(languages, ${quoted(language)}) and region = ${quoted(region)}`,
        };
      },
    },
    {
      name: 'currency',
      ask: (chance) => {
        const currency = chance.pick(CURRENCIES);
        return {
          text: chance.pick([
            `countries that use the ${currency}`,
            `countries with the currency ${currency}`,
          ]),
          gold: [oneOf('currencies', currency)],
          where: `list_contains(currencies, ${quoted(currency)})`,
        };
      },
    },
    {
      name: 'subregions',
      ask: (chance) => {
        const [one = '', two = ''] = chance.some(SUBREGIONS, 2);
        return {
          text: chance.pick([
            `countries in ${one} or ${two}`,
            `all countries of ${one} and ${two}`,
            `countries in the subregions ${one} and ${two}`,
          ]),
          gold: [oneOf('subregion', one, two)],
          where: `subregion in (${quoted(one)}, ${quoted(two)})`,
        };
      },
    },
    {
      name: 'smallest',
      ask: (chance) => {
        const [count, region] = [2 + chance.below(9), chance.pick(SUBREGIONS)];
        return ranked(
          chance.pick([
            `the ${count} smallest countries in ${region}`,
            `the ${count} countries with the smallest area in ${region}`,
          ]),
          ['subregion', region],
          ['area_km2', 'asc'],
          count,
        );
      },
    },
    {
      name: 'members',
      ask: (chance) => {
        const [region, value] = [chance.pick(REGIONS), chance.below(3) > 0];
        return {
          text: value
            ? `UN members in ${region}`
            : `countries in ${region} that are not UN members`,
          gold: [oneOf('region', region), flag('un_member', value)],
          where: `region = ${quoted(region)} and un_member = ${value}`,
        };
      },
    },
    {
      name: 'outside',
      heldOut: true,
      ask: (chance) => {
        const [language, region] = [chance.pick(LANGUAGES), chance.pick(REGIONS)];
        return {
          text: `${language}-speaking countries other than those in ${region}`,
          gold: [oneOf('languages', language), noneOf('region', region)],
          where: `list_contains(languages, ${quoted(language)}) and region <> ${quoted(region)}`,
        };
      },
    },
    {
      name: 'largest, landlocked',
      heldOut: true,
      ask: (chance) => {
        const [count, region] = [2 + chance.below(5), chance.pick(['Africa', 'Asia', 'Europe'])];
        return {
          text: `What are the ${count} biggest landlocked countries in ${region} by area?`,
          gold: [
            oneOf('region', region),
            flag('landlocked', true),
            ordered('area_km2', 'desc'),
            atMost(count),
          ],
          where: `region = ${quoted(region)} and landlocked and area_km2 is not null`,
          order: 'area_km2 desc',
          limit: count,
        };
      },
    },
  ],
};
