import { flag, known, oneOf, quoted, type QuerySet } from './template.ts';

const NAMES = ['GitHub', 'Docker', 'Visa', 'Spotify', 'PayPal', 'Netflix', 'Figma', '1Password'];

/** Brands: names, colours and addresses. */
export const BRANDS: QuerySet = {
  name: 'brands',
  list: 'brands',
  label: 'title',
  slots: {
    title: { type: 'string', column: 'title' },
    slug: { type: 'string', column: 'slug' },
    hex: { type: 'string', column: 'hex' },
    guidelines: { type: 'string', column: 'guidelines' },
  },
  templates: [
    {
      name: 'by name',
      ask: (chance) => {
        const brand = chance.pick(NAMES);
        return {
          text: chance.pick([
            `the brand ${brand}`,
            `hex and slug of the brand ${brand}`,
            `brands with the title ${brand}`,
          ]),
          gold: [oneOf('title', brand)],
          where: `title = ${quoted(brand)}`,
        };
      },
    },
    {
      name: 'two names',
      ask: (chance) => {
        const [one = '', two = ''] = chance.some(NAMES, 2);
        return {
          text: chance.pick([
            `the brands ${one} and ${two}`,
            `slug of the brands ${one} and ${two}`,
          ]),
          gold: [oneOf('title', one, two)],
          where: `title in (${quoted(one)}, ${quoted(two)})`,
        };
      },
    },
    {
      name: 'guidelines',
      ask: (chance) => ({
        text: chance.pick([
          'brands without guidelines',
          'brands that have no guidelines',
          'brands lacking guidelines',
        ]),
        gold: [known('guidelines', false)],
        where: 'guidelines is null',
      }),
    },
    {
      name: 'with guidelines',
      ask: (chance) => ({
        text: chance.pick([
          'brands with guidelines',
          'brands that have guidelines',
          'brands with known guidelines',
        ]),
        gold: [known('guidelines', true)],
        where: 'guidelines is not null',
      }),
    },
  ],
};

/** Licences and whether the Open Source Initiative approved them. */
export const LICENSES: QuerySet = {
  name: 'licenses',
  list: 'licenses',
  label: 'name',
  slots: {
    id: { type: 'string', column: 'id' },
    name: { type: 'string', column: 'name' },
    osi_approved: { type: 'boolean', column: 'osi_approved' },
    url: { type: 'string', column: 'url' },
  },
  templates: [
    {
      name: 'approved',
      ask: (chance) => {
        const value = chance.below(2) === 0;
        return {
          text: value
            ? chance.pick([
                'OSI approved licenses',
                'licenses that are OSI approved',
                'all licenses with OSI approved: yes',
              ])
            : chance.pick([
                'licenses that are not OSI approved',
                'non OSI approved licenses',
                'licenses with OSI approved: no',
              ]),
          gold: [flag('osi_approved', value)],
          where: `osi_approved = ${value}`,
        };
      },
    },
    {
      name: 'by id',
      ask: (chance) => {
        const id = chance.pick([
          'MIT',
          'Apache-2.0',
          'BSD-3-Clause',
          'GPL-3.0-only',
          'ISC',
          'MPL-2.0',
          'Zlib',
        ]);
        return {
          text: chance.pick([`the license with id ${id}`, `license ${id}: name and url`]),
          gold: [oneOf('id', id)],
          where: `id = ${quoted(id)}`,
        };
      },
    },
  ],
};
