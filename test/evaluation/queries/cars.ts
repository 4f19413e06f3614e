import {
  atMost,
  compare,
  during,
  from,
  noneOf,
  oneOf,
  ordered,
  quoted,
  ranked,
  type QuerySet,
} from './template.ts';

const ORIGINS = ['USA', 'Japan', 'Europe'];

/** Cars of the seventies. */
export const CARS: QuerySet = {
  name: 'cars',
  list: 'cars',
  label: 'Name',
  slots: {
    name: { type: 'string', column: 'Name' },
    cylinders: { type: 'integer', column: 'Cylinders' },
    horsepower: { type: 'number', column: 'Horsepower' },
    year: { type: 'string', column: 'Year' },
    origin: { type: 'string', column: 'Origin' },
  },
  templates: [
    {
      name: 'cylinders',
      ask: (chance) => {
        const [count, origin] = [chance.pick([4, 6, 8]), chance.pick(ORIGINS)];
        return {
          text: chance.pick([
            `cars from ${origin} with ${count} cylinders`,
            `${count} cylinder cars made in ${origin}`,
          ]),
          gold: [oneOf('Origin', origin), compare('Cylinders', '=', count)],
          where: `"Origin" = ${quoted(origin)} and "Cylinders" = ${count}`,
        };
      },
    },
    {
      name: 'horsepower',
      ask: (chance) => {
        const power = 80 + chance.below(10) * 10;
        const [words, operator] = chance.pick([
          ['more than', '>'],
          ['at least', '>='],
          ['fewer than', '<'],
          ['no more than', '<='],
        ] as const);
        return {
          text: chance.pick([
            `cars with ${words} ${power} horsepower`,
            `cars with a horsepower of ${words} ${power}`,
          ]),
          gold: [compare('Horsepower', operator, power)],
          where: `"Horsepower" ${operator} ${power}`,
        };
      },
    },
    {
      name: 'consumption range',
      ask: (chance) => {
        const low = 14 + chance.below(12);
        return {
          text: chance.pick([
            `cars that get ${low} to ${low + 5} miles per gallon`,
            `cars with between ${low} and ${low + 5} miles per gallon`,
          ]),
          gold: [
            compare('Miles_per_Gallon', '>=', low),
            compare('Miles_per_Gallon', '<=', low + 5),
          ],
          where: `"Miles_per_Gallon" between ${low} and ${low + 5}`,
        };
      },
    },
    {
      name: 'heaviest',
      ask: (chance) => {
        const [count, origin] = [3 + chance.below(8), chance.pick(ORIGINS)];
        return ranked(
          chance.pick([
            `the ${count} heaviest cars from ${origin}`,
            `top ${count} cars by weight with origin ${origin}`,
          ]),
          ['Origin', origin],
          ['Weight_in_lbs', 'desc'],
          count,
        );
      },
    },
    {
      name: 'since',
      ask: (chance) => {
        const [year, mileage] = [1974 + chance.below(7), 25 + chance.below(8)];
        return {
          text: `cars with a year since ${year} and over ${mileage} miles per gallon`,
          gold: [from('Year', `${year}-01-01`), compare('Miles_per_Gallon', '>', mileage)],
          where: `"Year" >= '${year}-01-01' and "Miles_per_Gallon" > ${mileage}`,
        };
      },
    },
    {
      name: 'not from',
      ask: (chance) => {
        const [origin, weight] = [chance.pick(ORIGINS), 2000 + chance.below(10) * 200];
        return {
          text: chance.pick([
            `cars not from ${origin} that weigh less than ${weight} lbs`,
            `cars outside ${origin} with a weight below ${weight} pounds`,
          ]),
          gold: [noneOf('Origin', origin), compare('Weight_in_lbs', '<', weight)],
          where: `"Origin" <> ${quoted(origin)} and "Weight_in_lbs" < ${weight}`,
        };
      },
    },
    {
      name: 'one year',
      ask: (chance) => {
        const [year, origin] = [1970 + chance.below(11), chance.pick(ORIGINS)];
        return {
          text: `cars of the year ${year} from ${origin}`,
          gold: [...during('Year', year), oneOf('Origin', origin)],
          where: `"Year" = '${year}-01-01' and "Origin" = ${quoted(origin)}`,
        };
      },
    },
    {
      name: 'two bounds',
      heldOut: true,
      ask: (chance) => {
        const [power, acceleration] = [100 + chance.below(6) * 10, 10 + chance.below(5)];
        return {
          text: `I'm looking for cars with ${power}+ horsepower and an acceleration of ${acceleration} or less.`,
          gold: [compare('Horsepower', '>=', power), compare('Acceleration', '<=', acceleration)],
          where: `"Horsepower" >= ${power} and "Acceleration" <= ${acceleration}`,
        };
      },
    },
    {
      name: 'fewest',
      heldOut: true,
      ask: (chance) => {
        const [count, first = 'USA', second = 'Japan'] = [
          4 + chance.below(6),
          ...chance.some(ORIGINS, 2),
        ];
        return {
          text: `Which ${count} cars from ${first} or ${second} have the smallest displacement?`,
          gold: [oneOf('Origin', first, second), ordered('Displacement', 'asc'), atMost(count)],
          where: `"Origin" in (${quoted(first)}, ${quoted(second)})`,
          order: `"Displacement"`,
          limit: count,
        };
      },
    },
  ],
};
