import {
  before,
  compare,
  during,
  from,
  noneOf,
  oneOf,
  quoted,
  ranked,
  type QuerySet,
} from './template.ts';

const STATES = ['Texas', 'Louisiana', 'Colorado', 'Hawaii', 'Oregon', 'New York'];
const OPERATORS = ['SOUTHWEST AIRLINES', 'DELTA AIR LINES', 'FEDEX EXPRESS', 'ALASKA AIRLINES'];
const SPECIES = [
  'European starling',
  'Rock pigeon',
  'Mourning dove',
  'Canada goose',
  'Red-tailed hawk',
  'American kestrel',
];
const PHASES = ['Climb', 'Approach', 'Take-off run', 'Landing Roll'];
const DAMAGE = ['Minor', 'Substantial', 'Medium'];

const day = `cast("Flight Date" as date)`;

/**
 * Collisions of aircraft and birds. The whole data set is held out: no query of it was looked at. Of
 * its first scoring it is known which template failed, and what that class of queries lacked was added.
 */
export const BIRDSTRIKES: QuerySet = {
  name: 'birdstrikes',
  heldOut: true,
  list: 'birdstrikes',
  label: 'Airport Name',
  slots: {
    airport_name: { type: 'string', column: 'Airport Name' },
    flight_date: { type: 'string', column: 'Flight Date' },
    aircraft_make_model: { type: 'string', column: 'Aircraft Make Model' },
    wildlife_species: { type: 'string', column: 'Wildlife Species' },
    cost_repair: { type: 'number', column: 'Cost Repair' },
  },
  templates: [
    {
      name: 'state and species',
      ask: (chance) => {
        const [state, species] = [chance.pick(STATES), chance.pick(SPECIES)];
        return {
          text: chance.pick([
            `birdstrikes in ${state} with ${species}`,
            `birdstrikes whose origin state is ${state} and whose wildlife species is ${species}`,
          ]),
          gold: [oneOf('Origin State', state), oneOf('Wildlife Species', species)],
          where: `"Origin State" = ${quoted(state)} and "Wildlife Species" = ${quoted(species)}`,
        };
      },
    },
    {
      name: 'cost',
      ask: (chance) => {
        const [words, operator, value] = chance.pick([
          ['more than $50,000', '>', 50_000],
          ['at least 100 thousand dollars', '>=', 100_000],
          ['over $1M', '>', 1_000_000],
          ['no less than $250k', '>=', 250_000],
          ['in excess of two hundred thousand dollars', '>', 200_000],
        ] as const);
        const phase = chance.pick(PHASES);
        return {
          text: chance.pick([
            `birdstrikes during ${phase.toLowerCase()} with a repair cost of ${words}`,
            `phase of flight ${phase}: birdstrikes that had a repair cost of ${words}`,
          ]),
          gold: [oneOf('Phase of flight', phase), compare('Cost Repair', operator, value)],
          where: `"Phase of flight" = ${quoted(phase)} and "Cost Repair" ${operator} ${value}`,
        };
      },
    },
    {
      name: 'operator and year',
      ask: (chance) => {
        const [operator, year] = [chance.pick(OPERATORS), 1992 + chance.below(9)];
        return {
          text: chance.pick([
            `${operator} birdstrikes with a flight date in ${year}`,
            `birdstrikes of operator ${operator} in ${year}`,
          ]),
          gold: [oneOf('Aircraft Airline Operator', operator), ...during('Flight Date', year)],
          where: `"Aircraft Airline Operator" = ${quoted(operator)} and year(${day}) = ${year}`,
        };
      },
    },
    {
      name: 'damage since',
      ask: (chance) => {
        const [damage, year, state] = [
          chance.pick(DAMAGE),
          1995 + chance.below(6),
          chance.pick(STATES),
        ];
        return {
          text: chance.pick([
            `birdstrikes in ${state} since June ${year} where the amount of damage is ${damage.toLowerCase()}`,
            `${damage} damage birdstrikes since June ${year} in ${state}`,
          ]),
          gold: [
            oneOf('Effect Amount of damage', damage),
            oneOf('Origin State', state),
            from('Flight Date', `${year}-06-01`),
          ],
          where: `"Effect Amount of damage" = ${quoted(damage)} and "Origin State" = ${quoted(state)} and ${day} >= '${year}-06-01'`,
        };
      },
    },
    {
      name: 'dearest',
      ask: (chance) => {
        const [count, state] = [2 + chance.below(9), chance.pick(STATES)];
        return ranked(
          chance.pick([
            `the ${count} birdstrikes in ${state} with the highest repair cost`,
            `top ${count} birdstrikes in ${state} by repair cost`,
          ]),
          ['Origin State', state],
          ['Cost Repair', 'desc'],
          count,
        );
      },
    },
    {
      name: 'speed, not at night',
      ask: (chance) => {
        const [low, species] = [200 + chance.below(5) * 10, chance.pick(SPECIES)];
        return {
          text: chance.pick([
            `birdstrikes with ${species} at a speed between ${low} and ${low + 40} knots, excluding night`,
            `birdstrikes with ${species}, speed ${low} to ${low + 40} knots, not at night`,
          ]),
          gold: [
            oneOf('Wildlife Species', species),
            compare('Speed IAS in knots', '>=', low),
            compare('Speed IAS in knots', '<=', low + 40),
            noneOf('Time of day', 'Night'),
          ],
          where: `"Wildlife Species" = ${quoted(species)} and "Speed IAS in knots" between ${low} and ${low + 40} and "Time of day" <> 'Night'`,
        };
      },
    },
    {
      name: 'two species before',
      ask: (chance) => {
        const [one = '', two = ''] = chance.some(SPECIES, 2);
        const year = 1992 + chance.below(5);
        return {
          text: `birdstrikes with ${one} or ${two} and a flight date before ${year}`,
          gold: [oneOf('Wildlife Species', one, two), before('Flight Date', `${year}-01-01`)],
          where: `"Wildlife Species" in (${quoted(one)}, ${quoted(two)}) and ${day} < '${year}-01-01'`,
        };
      },
    },
  ],
};
