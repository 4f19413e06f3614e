import type { Json } from '../../../base/json.ts';
import { fillSlot } from '../answer/fill-slot.ts';
import type { Column } from '../corpus/table.ts';
import type { Slot } from '../schema/slots.ts';
import { citationOf } from './cite.ts';
import type { Claim, Evidence } from './claim.ts';
import { valueInQuote } from './value-in-quote.ts';

/**
 * What a record states for a slot: nothing, when it has no such column, when its value does not
 * fit the slot, or when the words of the source do not state the value.
 */
export function claimFrom(
  slot: Slot,
  { record, by }: Evidence,
  column: Column | undefined,
): readonly Claim[] {
  if (column === undefined) return [];
  const cell = record.cells[column.index] ?? null;
  if (record.stated === undefined) {
    const filled = fillSlot(slot, column, cell);
    if (filled === null) return [];
    return [{ ...filled, record, column, by, stated: undefined, disputed: false }];
  }
  const stated = record.stated[column.index];
  const filled = fillSlot(slot, column, cell, stated?.support[0]?.text);
  if (filled === null || stated === undefined) return [];
  const support = stated.support.filter((it) => isStated(filled.value, it.text));
  const words = support.map(({ text }) => text);
  if (support.length === 0 || !allStated(filled.value, words)) return [];
  return [{ ...filled, record, column, by, stated: support, disputed: stated.against.length > 0 }];
}

/** For a list it is enough that the words state one of its items. */
const isStated = (value: Json, text: string): boolean =>
  Array.isArray(value)
    ? value.length === 0 || (value as readonly Json[]).some((it) => valueInQuote(it, text))
    : valueInQuote(value, text);

const allStated = (value: Json, texts: readonly string[]): boolean =>
  !Array.isArray(value) ||
  (value as readonly Json[]).every((it) => texts.some((text) => valueInQuote(it, text)));

/** The address of the first record is the source of the item. */
export function sourceClaims(evidence: readonly Evidence[], corpus: string): readonly Claim[] {
  const [first] = evidence;
  const column = first?.record.table.columns[0];
  if (first === undefined || column === undefined) return [];
  const { record, by } = first;
  const value = citationOf(corpus, record).url;
  const stated = record.stated?.flatMap((it) => it?.support ?? []).slice(0, 1);
  return [{ value, record, column, by, stated, disputed: false, derived: false }];
}
