import { compare, known, noneOf, oneOf, quoted, ranked, type QuerySet } from './template.ts';

const LANDS = ['Canada', 'Germany', 'Brazil', 'Australia', 'India', 'Papua New Guinea', 'Iceland'];
const CITIES = ['London', 'Berlin', 'Toronto', 'Moscow', 'Buenos Aires', 'Paris', 'Stockholm'];

/** Airports of the world. */
export const AIRPORTS: QuerySet = {
  name: 'airports',
  list: 'airports',
  label: 'name',
  slots: {
    name: { type: 'string', column: 'name' },
    city: { type: 'string', column: 'city' },
    country: { type: 'string', column: 'country' },
    icao: { type: 'string', column: 'icao' },
    altitude: { type: 'integer', column: 'altitude' },
  },
  templates: [
    {
      name: 'altitude',
      ask: (chance) => {
        const [land, feet] = [chance.pick(LANDS), 500 + chance.below(8) * 250];
        const [words, operator] = chance.pick([
          ['above', '>'],
          ['of at least', '>='],
          ['below', '<'],
          ['over', '>'],
        ] as const);
        return {
          text: chance.pick([
            `airports in ${land} with an altitude ${words} ${feet}`,
            `airports whose country is ${land} and whose altitude is ${words} ${feet} feet`,
          ]),
          gold: [oneOf('country', land), compare('altitude', operator, feet)],
          where: `country = ${quoted(land)} and altitude ${operator} ${feet}`,
        };
      },
    },
    {
      name: 'city',
      ask: (chance) => {
        const city = chance.pick(CITIES);
        return {
          text: chance.pick([`airports in the city of ${city}`, `airports with city ${city}`]),
          gold: [oneOf('city', city)],
          where: `city = ${quoted(city)}`,
        };
      },
    },
    {
      name: 'highest',
      ask: (chance) => {
        const [count, land] = [3 + chance.below(8), chance.pick(LANDS)];
        return ranked(
          chance.pick([
            `the ${count} airports in ${land} with the highest altitude`,
            `top ${count} airports by altitude in ${land}`,
          ]),
          ['country', land],
          ['altitude', 'desc'],
          count,
        );
      },
    },
    {
      name: 'two countries',
      ask: (chance) => {
        const [one = '', two = ''] = chance.some(LANDS, 2);
        return {
          text: chance.pick([
            `airports in ${one} or ${two}`,
            `airports in ${one} and ${two}`,
            `all airports of ${one}, ${two}`,
          ]),
          gold: [oneOf('country', one, two)],
          where: `country in (${quoted(one)}, ${quoted(two)})`,
        };
      },
    },
    {
      name: 'no code',
      ask: (chance) => {
        const land = chance.pick(LANDS);
        const value = chance.below(2) === 0;
        return {
          text: value
            ? `airports in ${land} with an IATA code`
            : `airports in ${land} without an IATA code`,
          gold: [oneOf('country', land), known('iata', value)],
          where: `country = ${quoted(land)} and iata is ${value ? 'not ' : ''}null`,
        };
      },
    },
    {
      name: 'latitude',
      ask: (chance) => {
        const low = 10 + chance.below(12) * 5;
        return {
          text: `airports with a latitude between ${low} and ${low + 2} and an altitude of more than 3,000`,
          gold: [
            compare('latitude', '>=', low),
            compare('latitude', '<=', low + 2),
            compare('altitude', '>', 3000),
          ],
          where: `cast(latitude as double) between ${low} and ${low + 2} and altitude > 3000`,
        };
      },
    },
    {
      name: 'not in',
      heldOut: true,
      ask: (chance) => {
        const [land, feet] = [chance.pick(LANDS), 9000 + chance.below(5) * 500];
        return {
          text: `Show airports that are higher than ${feet} in altitude but are not in ${land}.`,
          gold: [compare('altitude', '>', feet), noneOf('country', land)],
          where: `altitude > ${feet} and country <> ${quoted(land)}`,
        };
      },
    },
    {
      name: 'lowest',
      heldOut: true,
      ask: (chance) => {
        const [land, count] = [chance.pick(LANDS), 2 + chance.below(6)];
        return ranked(
          `For ${land}, list the ${count} airports of lowest altitude`,
          ['country', land],
          ['altitude', 'asc'],
          count,
        );
      },
    },
  ],
};
