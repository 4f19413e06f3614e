import type { Json } from '../../../base/json.ts';
import type { Column } from '../corpus/table.ts';
import { isoPeriod } from '../text/period.ts';
import { convert } from '../text/quantity.ts';
import { fold } from '../text/words.ts';
import type { Slot } from '../schema/slots.ts';

const NUMBER = /^([$€£]?)\s?(-?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?(?:e[+-]?\d+)?)\s?%?$/iu;

/** A value for a slot. */
export interface Filled {
  readonly value: Json;
  /** It follows from the cell but is not what it says: a year of a day, another unit. */
  readonly derived: boolean;
}

/**
 * A cell as the value of a slot: the source's own text, or the same value in the slot's type.
 * Null where that would lose or add anything: a range is no number, a year is no date.
 * `words` is what a document says, where the cell is that in another form.
 */
export function fillSlot(
  slot: Slot,
  column: Column,
  cell: string | readonly Json[] | null,
  words?: string,
): Filled | null {
  if (cell === null) return null;
  const filled =
    typeof cell === 'string' ? fromText(slot, column, cell, words) : asFilled(fromList(slot, cell));
  if (filled === null || slot.options === undefined) return filled;
  return asFilled(fromOptions(slot.options, filled.value));
}

const asFilled = (value: Json): Filled | null =>
  value === null ? null : { value, derived: false };

function fromText(slot: Slot, column: Column, text: string, words?: string): Filled | null {
  const { types } = slot;
  if (slot.format === 'date') return asFilled(isDay(text) ? text : null);
  if (types.has('array') && !types.has('string')) {
    return asFilled(words === undefined ? [text] : itemsOf(words));
  }
  const number = isMeasured(slot, column) ? asNumber(slot, column, text) : null;
  if (number !== null) return number;
  const truth = types.has('boolean') ? truthOf(text) : null;
  return asFilled(truth ?? (types.has('string') ? ownWords(column, text, words) : null));
}

const isMeasured = ({ types }: Slot, { kind }: Column): boolean =>
  kind === 'number' || kind === 'year' || !types.has('string');

/** Digits were only for comparing: who asks for a text gets the source's own. */
const ownWords = (column: Column, text: string, words: string | undefined): string =>
  column.kind === 'number' ? (words ?? text) : text;

const isDay = (text: string): boolean => text.length === 10 && isoPeriod(text)?.start === text;

/** `English, French and Swahili` */
const itemsOf = (words: string): readonly string[] =>
  words
    .split(/[;,]|\s(?:and|&)\s/u)
    .map((item) =>
      item
        .trim()
        .replace(/^and\s/u, '')
        .trim(),
    )
    .filter((item) => item !== '');

function asNumber(slot: Slot, column: Column, text: string): Filled | null {
  const whole = !slot.types.has('number');
  if (whole && !slot.types.has('integer')) return null;
  const money = /^([A-Z]{3}) (\d[\d.e+]*)$/u.exec(text);
  const filled =
    money !== null
      ? otherMoney(slot, money)
      : column.kind === 'date'
        ? yearOf(text)
        : ownNumber(slot, column, text);
  return whole && !Number.isInteger(filled?.value) ? null : filled;
}

const yearOf = (text: string): Filled | null =>
  isoPeriod(text) === undefined
    ? null
    : { value: Number(text.slice(0, 4)), derived: text.length > 4 };

function ownNumber(slot: Slot, column: Column, text: string): Filled | null {
  const own = numberOf(text);
  if (own === null) return null;
  const measured = column.kind === 'number' ? inUnitOf(slot, column, own) : own;
  return measured === undefined ? null : { value: measured, derived: measured !== own };
}

const SIGNS: Readonly<Record<string, string>> = { USD: '$', EUR: '€', GBP: '£', JPY: '¥' };

/** Money that is not in the column's currency: an amount only for a slot that names no other. */
function otherMoney({ unit, factor }: Slot, money: RegExpExecArray): Filled | null {
  const amount = round(Number(money[2]) / factor);
  const fits = unit === undefined || unit === SIGNS[money[1] ?? ''];
  return fits ? { value: amount, derived: factor !== 1 } : null;
}

/** In what the slot counts; undefined when that is of another kind. */
function inUnitOf(slot: Slot, column: Column, value: number): number | undefined {
  const { unit = column.unit, factor } = slot;
  const counted = factor === column.factor ? value : round((value * column.factor) / factor);
  return unit === column.unit || unit === undefined || column.unit === undefined
    ? counted
    : convert(counted, column.unit, unit);
}

/** Without the last digits, which are an artefact of counting in twos. */
const round = (value: number): number => Number(value.toPrecision(15));

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
