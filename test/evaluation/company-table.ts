import type { JsonObject } from '../../src/base/json.ts';
import { Chance } from './chance.ts';
import { countries, type Records } from './data-sets.ts';

const REGIONS = [
  'Africa',
  'APAC',
  'Benelux',
  'DACH',
  'Eastern Europe',
  'EMEA',
  'Europe',
  'LATAM',
  'Middle East',
  'Nordics',
  'North America',
  'Scandinavia',
];
const TYPES = [
  'Educational',
  'Government Agency',
  'Nonprofit',
  'Partnership',
  'Privately Held',
  'Public Company',
  'Self-Owned',
];
const STAGES = ['Pre-Seed', 'Seed', 'Series A', 'Series B', 'Series C', 'Series D', 'Series E'];
const ROWS = 1_500;

/**
 * Made-up companies under the columns that the company queries are about. Only names of columns
 * and the values that they may have matter here: the queries are read, not answered.
 */
export function companies(): Records {
  const chance = new Chance('companies');
  const lands = countries().map((country) => country['name'] ?? null);
  return Array.from({ length: ROWS }, (_, at): JsonObject => {
    const [year, month] = [2010 + chance.below(16), 1 + chance.below(12)];
    return {
      name: `Company ${at + 1}`,
      country: lands[at % lands.length] ?? null,
      region: REGIONS[at % REGIONS.length] ?? null,
      company_type: TYPES[at % TYPES.length] ?? null,
      founded_year: 1950 + chance.below(76),
      employees: 1 + chance.below(20_000),
      funding_usd: chance.below(2_000) * 1_000_000,
      funding_stage: STAGES[at % STAGES.length] ?? null,
      funding_date: `${year}-${String(month).padStart(2, '0')}-15`,
    };
  });
}
