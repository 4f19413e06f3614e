import type { Column, ColumnKind, Table } from '../corpus/table.ts';
import { sameKind } from '../text/quantity.ts';
import { attribute, attributesIn, wordsOf } from '../text/words.ts';
import { isSourceSlot, type Slot } from './slots.ts';

/** Words of a name that say what kind of value it is rather than what it is about. */
const GENERIC = new Set([
  'year',
  'date',
  'number',
  'count',
  'total',
  'value',
  'amount',
  'city',
  'full',
]);
const ACCEPT = 0.6;
const MARGIN = 0.08;

/**
 * The column of a table that a slot asks for, by name, description and type; undefined when there
 * is none, or when two are about as good: a wrong column is worse than an empty cell.
 */
export function columnForSlot(slot: Slot, table: Table): Column | undefined {
  if (isSourceSlot(slot)) return undefined;
  const scored = table.columns
    .map((column) => ({ column, score: slotScore(slot, column, table) }))
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score);
  const [best, second] = scored;
  if (best === undefined || best.score < ACCEPT) return undefined;
  const alone = second === undefined || best.score - second.score >= MARGIN;
  return alone || (isNamed(slot, best.column) && !isNamed(slot, second.column))
    ? best.column
    : undefined;
}

/** Word for word. */
const isNamed = (slot: Slot, column: Column): boolean =>
  slot.words.join(' ') === column.words.join(' ');

function slotScore(slot: Slot, column: Column, table: Table): number {
  if (!typesFit(slot, column) || !unitsFit(slot, column)) return 0;
  const name = namesScore(slot, column, table);
  if (name === 0) return 0;
  const described = new Set(wordsOf(slot.description).map(attribute));
  const own = column.words.map(attribute);
  const description = own.every((word) => described.has(word)) ? 1 : 0;
  return 0.8 * name + 0.1 * description + 0.1 * shapeScore(slot, column);
}

function namesScore(slot: Slot, column: Column, table: Table): number {
  const asked = attributesIn(slot.words);
  const own = attributesIn(column.words);
  if (isNamed(slot, column)) return 1;
  const isLabel = column === table.label;
  const nounOnly = slot.words.every((word) => table.nouns.has(word) || attribute(word) === 'name');
  if (isLabel && nounOnly) return 0.95;
  const full = overlap(new Set(asked), new Set(own));
  const plain = overlap(about(asked, table), about(own, table));
  return Math.max(full, plain * 0.95);
}

function about(words: readonly string[], table: Table): ReadonlySet<string> {
  const special = words.filter((word) => !GENERIC.has(word) && !table.nouns.has(word));
  return new Set(special.length === 0 ? words : special);
}

function overlap(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let shared = 0;
  for (const word of a) if (b.has(word)) shared++;
  return shared / Math.max(a.size, b.size);
}

/** Formats that only one kind of column can fill. */
const FORMATS: Readonly<Record<string, 'date' | 'url'>> = {
  date: 'date',
  'date-time': 'date',
  uri: 'url',
  url: 'url',
};

function typesFit({ types, format, itemTypes }: Slot, { kind, url }: Column): boolean {
  if (kind === 'other') return false;
  const special = FORMATS[format ?? ''];
  if (special !== undefined) return special === (url ? 'url' : kind);
  if (kind === 'list') return types.has('array') || types.has('string');
  if (types.has('array')) {
    return kind === 'text' && (itemTypes.size === 0 || itemTypes.has('string'));
  }
  return types.has('string') || plainTypeFits(types, kind);
}

/** A date has a year, which is a number. */
const plainTypeFits = (types: ReadonlySet<string>, kind: ColumnKind): boolean =>
  isNumeric(kind) || kind === 'date' ? wantsNumber(types) : types.has(kind);

const isNumeric = (kind: ColumnKind): boolean => kind === 'number' || kind === 'year';

const wantsNumber = (types: ReadonlySet<string>): boolean =>
  types.has('number') || types.has('integer');

const unitsFit = (slot: Slot, column: Column): boolean =>
  (slot.unit === undefined || column.unit === undefined || sameKind(slot.unit, column.unit)) &&
  (slot.factor === column.factor ||
    column.kind === 'number' ||
    (slot.factor === 1 && slot.types.has('string')));

/** A little more for the column whose values need no change of type. */
function shapeScore({ types }: Slot, { kind }: Column): number {
  if (types.has('array')) return kind === 'list' ? 1 : 0;
  if (wantsNumber(types)) return isNumeric(kind) ? 1 : 0;
  if (types.has('boolean')) return kind === 'boolean' ? 1 : 0;
  return kind === 'text' || kind === 'date' ? 1 : 0.5;
}
