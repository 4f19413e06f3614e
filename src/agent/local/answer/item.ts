import { canonicalJson, type Json, type JsonObject } from '../../../base/json.ts';
import type { Citation, Grounding } from '../../agent.ts';
import type { Column, CorpusRecord, Table } from '../corpus/table.ts';
import { exactKey } from '../link/names.ts';
import { isSourceSlot, type Slot } from '../schema/slots.ts';
import { fillSlot } from './fill-slot.ts';

/** A record that an item may be filled from, and how sure it is that it is about the item. */
export interface Evidence {
  readonly record: CorpusRecord;
  readonly by: 'selected' | 'id' | 'name' | 'variant';
}

/** A value that a record states for a slot. */
interface Claim {
  readonly value: Json;
  readonly record: CorpusRecord;
  readonly column: Column;
  readonly by: Evidence['by'];
}

/** A value with what supports it; null has no support. */
interface Cell {
  readonly slot: Slot;
  readonly value: Json;
  /** From the input, byte for byte: it needs no source. */
  readonly echoed: boolean;
  /** The claim that was taken, then those that say the same. */
  readonly support: readonly Claim[];
  /** Another source says something else. */
  readonly disputed: boolean;
}

export interface Item {
  readonly cells: readonly Cell[];
  readonly evidence: readonly Evidence[];
}

export type ColumnOf = (slot: Slot, table: Table) => Column | undefined;

/** Claims of every record for every slot; the first source wins, and its agreement is noted. */
export function assembleItem(
  slots: readonly Slot[],
  evidence: readonly Evidence[],
  echo: (slot: Slot) => Json,
  columnOf: ColumnOf,
  corpus: string,
): Item {
  const cells = slots.map((slot): Cell => {
    const echoed = echo(slot);
    if (echoed !== null) return { slot, value: echoed, echoed: true, support: [], disputed: false };
    const claims = isSourceSlot(slot)
      ? sourceClaims(evidence, corpus)
      : evidence.flatMap((each) => claimOf(slot, each, columnOf));
    const [taken, ...others] = claims;
    if (taken === undefined)
      return { slot, value: null, echoed: false, support: [], disputed: false };
    const disputed = others.some(({ value }) => !agrees(value, taken.value));
    // Another spelling agrees, but its row does not state this value: it is not cited.
    const same = others.filter(({ value }) => canonicalJson(value) === canonicalJson(taken.value));
    return { slot, value: taken.value, echoed: false, support: [taken, ...same], disputed };
  });
  return { cells, evidence };
}

function claimOf(slot: Slot, { record, by }: Evidence, columnOf: ColumnOf): readonly Claim[] {
  const column = columnOf(slot, record.table);
  if (column === undefined) return [];
  const value = fillSlot(slot, column, record.cells[column.index] ?? null);
  return value === null ? [] : [{ value, record, column, by }];
}

/** The address of the first record is the source of the item. */
function sourceClaims(evidence: readonly Evidence[], corpus: string): readonly Claim[] {
  const [first] = evidence;
  const column = first?.record.table.columns[0];
  if (first === undefined || column === undefined) return [];
  const value = citationOf(corpus, first.record).url;
  return [{ value, record: first.record, column, by: first.by }];
}

const agrees = (a: Json, b: Json): boolean =>
  exactKey(typeof a === 'string' ? a : JSON.stringify(a)) ===
  exactKey(typeof b === 'string' ? b : JSON.stringify(b));

/** `corpus://corpus/countries.csv#row=12`: where the record stands, without a path of the machine. */
export function citationOf(corpus: string, { table, row }: CorpusRecord): Citation {
  const path = table.path.split('/').map(encodeURIComponent).join('/');
  return {
    url: `corpus://${encodeURIComponent(corpus)}/${path}#row=${row}`,
    title: `${table.name}, row ${row}`,
  };
}

/** The item as the schema wants it; a nested property is put back into its objects. */
export function itemValue({ cells }: Item): JsonObject {
  const value: Record<string, Json | undefined> = {};
  for (const cell of cells) {
    let place = value;
    for (const name of cell.slot.path.slice(0, -1)) {
      if (!Object.hasOwn(place, name)) define(place, name, {});
      place = place[name] as Record<string, Json>;
    }
    define(place, cell.slot.path.at(-1) ?? '', cell.value);
  }
  return value;
}

/** Also for a property that is called `__proto__`. */
const define = (object: object, name: string, value: Json): void => {
  Object.defineProperty(object, name, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
};

/** Grounding of every value of an item that a source states; `at` is the path of the item. */
export function groundItem(item: Item, at: string, corpus: string): readonly Grounding[] {
  return item.cells.flatMap((cell) => {
    const [taken] = cell.support;
    if (taken === undefined) return [];
    const field = at + cell.slot.path.map(pathSegment).join('');
    const citations = citationsOf(cell.support, corpus);
    const confidence = confidenceOf(cell, taken);
    if (!Array.isArray(cell.value)) return [{ field, citations, confidence }];
    return cell.value.map((_, i) => ({ field: `${field}[${i}]`, citations, confidence }));
  });
}

/** A property's name as part of a grounding path. */
export const pathSegment = (name: string): string =>
  /^[A-Za-z_$][\w$]*$/u.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;

function citationsOf(support: readonly Claim[], corpus: string): readonly Citation[] {
  const citations = support.map(({ record }) => citationOf(corpus, record));
  const [taken] = support;
  const url = taken === undefined ? undefined : addressOf(taken.record);
  if (url !== undefined) citations.push({ url, title: 'address in the record' });
  return citations.slice(0, 3);
}

/** The web address that the record itself gives. */
function addressOf({ table, cells }: CorpusRecord): string | undefined {
  const column = table.columns.find(({ url }) => url);
  const value = column === undefined ? null : cells[column.index];
  return typeof value === 'string' && /^https?:\/\//u.test(value) ? value : undefined;
}

function confidenceOf(cell: Cell, taken: Claim): 'low' | 'medium' | 'high' {
  if (cell.disputed) return 'low';
  return taken.by === 'variant' ? 'medium' : 'high';
}
