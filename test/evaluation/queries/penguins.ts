import { compare, noneOf, oneOf, quoted, ranked, type QuerySet } from './template.ts';

const SPECIES = ['Adelie', 'Gentoo', 'Chinstrap'];
const ISLANDS = ['Biscoe', 'Dream', 'Torgersen'];

/** Penguins: records without a name, which are told apart by their measures. */
export const PENGUINS: QuerySet = {
  name: 'penguins',
  list: 'penguins',
  label: 'Species',
  slots: {
    species: { type: 'string', column: 'Species' },
    island: { type: 'string', column: 'Island' },
    body_mass_g: { type: 'number', column: 'Body Mass (g)' },
    flipper_length_mm: { type: 'number', column: 'Flipper Length (mm)' },
    beak_length_mm: { type: 'number', column: 'Beak Length (mm)' },
  },
  templates: [
    {
      name: 'species on island',
      ask: (chance) => {
        const [species, island] = [chance.pick(SPECIES), chance.pick(ISLANDS)];
        return {
          text: chance.pick([
            `${species} penguins on ${island}`,
            `penguins of the species ${species} from the island ${island}`,
            `${species} penguins living on ${island} island`,
          ]),
          gold: [oneOf('Species', species), oneOf('Island', island)],
          where: `"Species" = ${quoted(species)} and "Island" = ${quoted(island)}`,
        };
      },
    },
    {
      name: 'mass',
      ask: (chance) => {
        const mass = 3000 + chance.below(12) * 200;
        const [words, operator] = chance.pick([
          ['over', '>'],
          ['under', '<'],
          ['of at least', '>='],
        ] as const);
        return {
          text: chance.pick([
            `penguins with a body mass ${words} ${mass} g`,
            `penguins whose body mass is ${words} ${mass} grams`,
          ]),
          gold: [compare('Body Mass (g)', operator, mass)],
          where: `"Body Mass (g)" ${operator} ${mass}`,
        };
      },
    },
    {
      name: 'sex',
      ask: (chance) => {
        const [sex, species] = [chance.pick(['female', 'male']), chance.pick(SPECIES)];
        return {
          text: chance.pick([`${sex} ${species} penguins`, `${species} penguins that are ${sex}`]),
          gold: [oneOf('Sex', sex.toUpperCase()), oneOf('Species', species)],
          where: `"Sex" = ${quoted(sex.toUpperCase())} and "Species" = ${quoted(species)}`,
        };
      },
    },
    {
      name: 'flippers',
      ask: (chance) => {
        const [low, island] = [175 + chance.below(8) * 5, chance.pick(ISLANDS)];
        return {
          text: `penguins on ${island} with a flipper length from ${low} to ${low + 10} mm`,
          gold: [
            oneOf('Island', island),
            compare('Flipper Length (mm)', '>=', low),
            compare('Flipper Length (mm)', '<=', low + 10),
          ],
          where: `"Island" = ${quoted(island)} and "Flipper Length (mm)" between ${low} and ${low + 10}`,
        };
      },
    },
    {
      name: 'heaviest',
      ask: (chance) => {
        const [count, species] = [2 + chance.below(9), chance.pick(SPECIES)];
        return ranked(
          chance.pick([
            `the ${count} heaviest ${species} penguins`,
            `${count} ${species} penguins with the largest body mass`,
          ]),
          ['Species', species],
          ['Body Mass (g)', 'desc'],
          count,
        );
      },
    },
    {
      name: 'not on',
      heldOut: true,
      ask: (chance) => {
        const [island, mass] = [chance.pick(ISLANDS), 4000 + chance.below(6) * 250];
        return {
          text: `penguins weighing more than ${mass} g in body mass that do not live on ${island}`,
          gold: [compare('Body Mass (g)', '>', mass), noneOf('Island', island)],
          where: `"Body Mass (g)" > ${mass} and "Island" <> ${quoted(island)}`,
        };
      },
    },
  ],
};
