import { exactKey } from '../link/names.ts';
import { convert, digitsOf, findQuantities, sameKind, type Quantity } from '../text/quantity.ts';
import { nameWords, wordsOf } from '../text/words.ts';
import { findDates } from '../text/written-date.ts';
import type { GatheredTable, SourcedFact } from './gather.ts';
import { YEAR_WORDS } from './profile.ts';
import type { Stated, StatedValue } from './table.ts';

/** What a column holds, so that all its values can be written alike. */
type Form =
  | { readonly kind: 'date' | 'text' }
  | { readonly kind: 'number'; readonly unit: string | undefined };

/** A column of a gathered table with its values settled, row by row. */
export interface SettledColumn {
  readonly name: string;
  /** Undefined where the cells tell it themselves. */
  readonly kind: 'number' | undefined;
  readonly unit: string | undefined;
  readonly cells: readonly (string | readonly string[] | null)[];
  readonly stated: readonly (Stated | undefined)[];
}

/** Numbers that are names: nothing may be changed about them. */
const CODES =
  /^(?:version|code|phone|fax|postal|zip|id|isbn|serial|key|number|iata|icao|street|address|name)$/u;
const SHARE = 0.8;

/** Settles what each cell of a table is: its values written alike, and of several the best. */
export function settle({ columns, rows }: GatheredTable): readonly SettledColumn[] {
  return columns.map(({ key, name }): SettledColumn => {
    const facts = rows.map((row) => row.facts.get(key) ?? []);
    const form = formOf(name, facts.flat());
    const several =
      form.kind === 'text' && key !== 'name' && facts.some((it) => it.some((one) => one.several));
    const stated = facts.map((it) =>
      it.length === 0 ? undefined : several ? settleList(it) : settleOne(it, form),
    );
    return {
      name,
      kind: form.kind === 'number' ? 'number' : undefined,
      unit: form.kind === 'number' ? form.unit : undefined,
      cells: stated.map((it) => {
        if (it === undefined) return null;
        return several ? it.support.map(({ value }) => value) : (it.support[0]?.value ?? null);
      }),
      stated,
    };
  });
}

function formOf(name: string, facts: readonly SourcedFact[]): Form {
  const words = nameWords(name);
  if (words.some((word) => CODES.test(word)) || facts.length === 0) return { kind: 'text' };
  const enough = (count: number): boolean => count >= facts.length * SHARE;
  const texts = facts.map(({ text }) => text.trim());
  const dated =
    words.some((word) => YEAR_WORDS.has(word)) ||
    texts.some((it) => it.length <= 100 && /^\d{4}-\d\d|\p{L}{3}.* \d{4}$/u.test(it));
  const dates = texts.filter(
    (text) => (dated || !/^\d{4}$/u.test(text)) && dateIn(text) !== undefined,
  );
  if (enough(dates.length)) return { kind: 'date' };
  const quantities = texts.flatMap((text) => quantityIn(text) ?? []);
  if (!enough(quantities.length)) return { kind: 'text' };
  const units = new Map<string | undefined, number>();
  for (const { unit } of quantities) units.set(unit, (units.get(unit) ?? 0) + 1);
  const named = [...units].filter(([unit]) => unit !== undefined);
  const [most] = named.toSorted((a, b) => b[1] - a[1] || (String(a[0]) < String(b[0]) ? -1 : 1));
  return { kind: 'number', unit: most?.[0] };
}

/** The date that a value is, with nothing else of weight around it. */
function dateIn(text: string): string | undefined {
  const [date] = findDates(text);
  if (date === undefined || date.start > 12) return undefined;
  const rest = text.slice(0, date.start) + text.slice(date.end);
  return /\d/u.test(rest.replace(/\([^()]*\)/gu, '')) || rest.length > 50 ? undefined : date.iso;
}

/** The quantity that a value is: `about 1,200 employees (2024)`. */
function quantityIn(text: string): Quantity | undefined {
  const [quantity] = findQuantities(text);
  if (quantity === undefined) return undefined;
  const before = text.slice(0, quantity.start);
  const after = text
    .slice(quantity.end)
    .replace(/\([^()]*\)/gu, '')
    .replace(/\[[^[\]]*\]/gu, '');
  const plain =
    /^(?:about|around|approximately|approx\.?|c\.|ca\.|circa|~|≈|over|more than|nearly|almost|est\.?|estimated|some|\s)*$/iu;
  return plain.test(before.trim()) && /^[\s\p{Ll}.+²/-]*$/u.test(after) && after.length <= 40
    ? quantity
    : undefined;
}

/** A value as the column writes it; undefined when it is none of the column's kind. */
function valueOf(text: string, form: Form): string | undefined {
  if (form.kind === 'text') return text;
  if (form.kind === 'date') return dateIn(text);
  const quantity = form.kind === 'number' ? quantityIn(text) : undefined;
  if (quantity === undefined || form.kind !== 'number') return undefined;
  const { value, unit } = quantity;
  if (unit === undefined || form.unit === undefined || unit === form.unit) return String(value);
  const converted = sameKind(unit, form.unit)
    ? convert(value, unit, form.unit, digitsOf(quantity))
    : undefined;
  // Money of another currency is no number of this column, but still its value.
  return converted === undefined ? inCurrency(value, unit) : String(converted);
}

const CODES_OF: Readonly<Record<string, string>> = { $: 'USD', '€': 'EUR', '£': 'GBP', '¥': 'JPY' };

const inCurrency = (value: number, unit: string): string | undefined =>
  CODES_OF[unit] === undefined ? undefined : `${CODES_OF[unit]} ${value}`;

const stated = (fact: SourcedFact, value: string): StatedValue => {
  const { text, source, span, quote, quoted, method, prior } = fact;
  return { text, value, source, span, quote, quoted, method, prior };
};

/** Statements that agree are one group; the group with most documents, then the surest, is taken. */
function settleOne(facts: readonly SourcedFact[], form: Form): Stated | undefined {
  const values = facts.flatMap((fact) => {
    const value = valueOf(fact.text.trim(), form);
    return value === undefined ? [] : [stated(fact, value)];
  });
  const groups: StatedValue[][] = [];
  for (const value of values.toSorted((a, b) => b.prior - a.prior)) {
    const group = groups.find((it) => it.every((other) => agree(value, other, form)));
    if (group === undefined) groups.push([value]);
    else group.push(value);
  }
  const weight = (group: readonly StatedValue[]): number =>
    new Set(group.map(({ source }) => source.path)).size;
  const [best, ...others] = groups.toSorted(
    (a, b) => weight(b) - weight(a) || (b[0]?.prior ?? 0) - (a[0]?.prior ?? 0),
  );
  if (best === undefined) return undefined;
  const taken = best.reduce((a, b) => (finer(b, a, form) ? b : a));
  const support = [taken, ...best.filter((it) => it !== taken && it.value === taken.value)];
  return { support, against: others.flat() };
}

/** All values of the document that lists most. */
function settleList(facts: readonly SourcedFact[]): Stated | undefined {
  const byPath = new Map<string, SourcedFact[]>();
  for (const fact of facts)
    byPath.set(fact.source.path, [...(byPath.get(fact.source.path) ?? []), fact]);
  const [best] = [...byPath.values()].toSorted((a, b) => b.length - a.length);
  if (best === undefined) return undefined;
  const listed = best.filter(({ several }) => several);
  const seen = new Set<string>();
  const support = (listed.length > 0 ? listed : best.slice(0, 1)).flatMap((fact) => {
    const value = fact.text.trim();
    if (seen.has(value)) return [];
    seen.add(value);
    return [stated(fact, value)];
  });
  return { support, against: [] };
}

function agree(a: StatedValue, b: StatedValue, form: Form): boolean {
  if (a.value === b.value) return true;
  if (form.kind === 'date') return a.value.startsWith(b.value) || b.value.startsWith(a.value);
  if (form.kind === 'number') {
    const step = Math.max(precisionOf(a.text), precisionOf(b.text));
    return Math.abs(Number(a.value) - Number(b.value)) <= step / 2;
  }
  const [x, y] = [wordsOf(a.value), wordsOf(b.value)];
  const [short, long] = x.length < y.length ? [x, new Set(y)] : [y, new Set(x)];
  return (
    exactKey(a.value) === exactKey(b.value) ||
    (short.length > 0 && short.every((it) => long.has(it)))
  );
}

const precisionOf = (text: string): number => {
  const quantity = quantityIn(text);
  return quantity === undefined || quantity.precision <= 1 ? 0 : quantity.precision;
};

/** Says the same to more digits, or to the day. */
function finer(a: StatedValue, b: StatedValue, form: Form): boolean {
  if (form.kind === 'date') return a.value.length > b.value.length;
  return form.kind === 'number' && precisionOf(a.text) < precisionOf(b.text);
}
