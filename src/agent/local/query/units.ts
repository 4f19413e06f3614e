import type { Column } from '../corpus/table.ts';
import { convert, digitsOf, sameKind } from '../text/quantity.ts';
import { unitOf } from '../text/words.ts';
import type { Scan } from './scan.ts';

/** A unit of a query, and where the words that say it end. */
interface SaidUnit {
  readonly unit: string;
  readonly end: number;
}

const SQUARE: Readonly<Record<string, string>> = { km: 'km2', mi: 'mi2', m: 'm2' };

/** Units that a query may name but that, in the name of a column, say what it is about. */
const MORE_UNITS: Readonly<Record<string, string>> = {
  foot: 'ft',
  feet: 'ft',
  ft: 'ft',
  acre: 'acre',
  tonne: 't',
  hour: 'h',
  hr: 'h',
  day: 'd',
};

/** An `m` by itself is metres only where something is measured in them. */
function unitNamed({ table }: Scan, word: string): string | undefined {
  if (word === 'm') return table.columns.some(({ unit }) => unit === 'm') ? 'm' : undefined;
  return unitOf(word) ?? MORE_UNITS[word];
}

/** `km2`, `square kilometres`, `dollars`, `hours` after the number. */
export function unitAt(scan: Scan, at: number): SaidUnit | undefined {
  if (!scan.free(at)) return undefined;
  const squared = /^(?:square|sq)$/u.test(scan.word(at));
  const plain = unitNamed(scan, scan.stem(squared ? at + 1 : at));
  const unit = squared && plain !== undefined ? SQUARE[plain] : plain;
  return unit === undefined ? undefined : { unit, end: squared ? at + 2 : at + 1 };
}

/** Whether a number in the unit can be compared with those of the column. */
export const unitFits = ({ unit: own }: Column, unit: string | undefined): boolean =>
  unit === undefined ||
  own === undefined ||
  sameKind(own, unit) ||
  // A pound is money, or a weight.
  (unit === '£' && own === 'lb');

/** A number of a query; `digits` are those that no word counts: 50 of `50` and of `50m`. */
interface Said {
  readonly value: number;
  readonly digits: number | undefined;
}

/**
 * A number of the query in what the column counts: 3 hours are 180 where it counts minutes. A
 * number by itself is in the column's own unit.
 */
export function inUnitOf(column: Column, said: Said, unit: string | undefined): number {
  const { value, digits } = said;
  if (unit === undefined && digits !== undefined) {
    if (digits !== value && sameKind(column.unit ?? '', 'm')) {
      return inUnitOf(column, { value: digits, digits: undefined }, 'm');
    }
    if (digits === value && value < column.factor) return value;
  }
  const precise = digitsOf({ start: 0, end: 0, value, unit, precision: 1 });
  const measured =
    unit === undefined || column.unit === undefined
      ? undefined
      : convert(value, unit, column.unit, precise);
  return (measured ?? value) / column.factor;
}
