import type { Json } from '../../../src/base/json.ts';
import type { Chance } from '../chance.ts';
import type { Property } from './subjects.ts';

const MONTHS =
  'January February March April May June July August September October November December'.split(
    ' ',
  );
const KM2_IN_MI2 = 2.589988110336;

const grouped = (value: number): string =>
  value.toLocaleString('en-US', { maximumFractionDigits: 2 });

/** `$12.5 million` where that says the number whole, else all its digits. */
function money(value: number, chance: Chance): string {
  const millions = value / 1e6;
  const short = value >= 1e6 && Number.isInteger(millions * 10);
  if (short && value < 1e9 && chance.next() < 0.7) return `$${millions} million`;
  return `$${grouped(value)}`;
}

function day(iso: string, chance: Chance): string {
  const [year = '', month = '', date = ''] = iso.split('-');
  const name = MONTHS[Number(month) - 1] ?? '';
  const forms = [`${Number(date)} ${name} ${year}`, `${name} ${Number(date)}, ${year}`, iso];
  return chance.pick(forms);
}

/** A value as a page writes it: with units, sometimes in another one, with marks between digits. */
export function written({ name }: Property, value: Json, chance: Chance): string {
  if (typeof value === 'string')
    return /^\d{4}-\d\d-\d\d$/u.test(value) ? day(value, chance) : value;
  if (typeof value !== 'number') throw new Error(`No text for ${JSON.stringify(value)}.`);
  if (name.endsWith('_usd')) return money(value, chance);
  if (name.endsWith('_km2')) {
    return chance.next() < 0.25
      ? `${grouped(Math.round((value / KM2_IN_MI2) * 100) / 100)} square miles`
      : `${grouped(value)} ${chance.pick(['km²', 'square kilometres', 'km2'])}`;
  }
  if (name.endsWith('_min')) return `${value} ${chance.pick(['minutes', 'min'])}`;
  return name === 'founded' ? String(value) : grouped(value);
}
