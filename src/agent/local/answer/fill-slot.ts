import type { Json } from '../../../base/json.ts';
import type { Column } from '../corpus/table.ts';
import { isoPeriod } from '../text/period.ts';
import { fold } from '../text/words.ts';
import type { Slot } from '../schema/slots.ts';

const NUMBER = /^([$€£]?)\s?(-?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?(?:e[+-]?\d+)?)\s?%?$/iu;

/**
 * A cell as the value of a slot: the source's own text, or the same value in the slot's type.
 * Null where that would lose or add anything: a range is no number, a year is no date.
 */
export function fillSlot(slot: Slot, column: Column, cell: string | readonly Json[] | null): Json {
  if (cell === null) return null;
  const value = typeof cell === 'string' ? fromText(slot, column, cell) : fromList(slot, cell);
  return value === null || slot.options === undefined ? value : fromOptions(slot.options, value);
}

function fromText(slot: Slot, column: Column, text: string): Json {
  const { types } = slot;
  if (slot.format === 'date') return isDay(text) ? text : null;
  if (types.has('array') && !types.has('string')) return [text];
  const measured = column.kind === 'number' || column.kind === 'year' || !types.has('string');
  const number = measured ? asNumber(types, text) : null;
  const truth = types.has('boolean') ? truthOf(text) : null;
  return number ?? truth ?? (types.has('string') ? text : null);
}

const isDay = (text: string): boolean => text.length === 10 && isoPeriod(text)?.start === text;

function asNumber(types: ReadonlySet<string>, text: string): number | null {
  if (!types.has('number') && !types.has('integer')) return null;
  const value = numberOf(text);
  return value !== null && (types.has('number') || Number.isInteger(value)) ? value : null;
}

function fromList({ types, itemTypes }: Slot, items: readonly Json[]): Json {
  const known = items.filter((item) => item !== null);
  if (types.has('array')) {
    const wanted = itemTypes.size === 0 ? undefined : itemTypes;
    return known.every((item) => wanted === undefined || wanted.has(typeof item)) ? known : null;
  }
  const texts = known.map((item) => (typeof item === 'string' ? item : JSON.stringify(item)));
  if (texts.length === 0 || !types.has('string') || texts.some((text) => text.includes(',')))
    return null;
  return texts.join(', ');
}

/** The number that the text is, when a double holds it exactly as written. */
function numberOf(text: string): number | null {
  const digits = NUMBER.exec(text.trim())?.[2]?.replaceAll(',', '');
  if (digits === undefined) return null;
  const value = Number(digits);
  const significant = digits.replace(/e.*$/iu, '').replace(/[-.]/gu, '').replace(/^0+/u, '');
  return Number.isFinite(value) && significant.length <= 15 ? value : null;
}

function truthOf(text: string): boolean | null {
  if (/^(?:true|yes)$/iu.test(text)) return true;
  return /^(?:false|no)$/iu.test(text) ? false : null;
}

function fromOptions(options: readonly Json[], value: Json): Json {
  const key = (it: Json): string => (typeof it === 'string' ? fold(it.trim()) : JSON.stringify(it));
  return options.find((option) => key(option) === key(value)) ?? null;
}
