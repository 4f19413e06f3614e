import { canonicalJson, type Json, type JsonObject } from '../../../base/json.ts';
import type { Grounding } from '../../agent.ts';
import { citationsOf, voices } from '../claims/cite.ts';
import type { Claim, Evidence } from '../claims/claim.ts';
import { confidenceOf } from '../claims/confidence.ts';
import { claimFrom, sourceClaims } from '../claims/propose.ts';
import type { Column, Table } from '../corpus/table.ts';
import { exactKey } from '../link/names.ts';
import { isSourceSlot, type Slot } from '../schema/slots.ts';

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

/** Claims of every record for every slot; the best supported is taken, and agreement is noted. */
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
      : evidence.flatMap((each) => claimFrom(slot, each, columnOf(slot, each.record.table)));
    const taken = bestOf(claims);
    if (taken === undefined)
      return { slot, value: null, echoed: false, support: [], disputed: false };
    const others = claims.filter((claim) => claim !== taken);
    const disputed = others.some(({ value }) => !agrees(value, taken.value));
    // Another spelling agrees, but its row does not state this value: it is not cited.
    const same = others.filter(({ value }) => canonicalJson(value) === canonicalJson(taken.value));
    return { slot, value: taken.value, echoed: false, support: [taken, ...same], disputed };
  });
  return { cells, evidence };
}

/** The value that most sources state; of several the one of the first source. */
function bestOf(claims: readonly Claim[]): Claim | undefined {
  const votes = (claim: Claim): number => {
    const same = claims.filter(({ value }) => agrees(value, claim.value));
    return same.reduce((sum, { stated }) => sum + (stated === undefined ? 1 : voices(stated)), 0);
  };
  let best: Claim | undefined;
  for (const claim of claims) {
    if (best === undefined || votes(claim) > votes(best)) best = claim;
  }
  return best;
}

const agrees = (a: Json, b: Json): boolean =>
  exactKey(typeof a === 'string' ? a : JSON.stringify(a)) ===
  exactKey(typeof b === 'string' ? b : JSON.stringify(b));

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

/**
 * Grounding of every value of an item that a source states; `at` is the path of the item.
 * `doubtful`: the record may not be one of those that were asked for.
 */
export function groundItem(
  item: Item,
  at: string,
  corpus: string,
  doubtful: boolean,
): readonly Grounding[] {
  return item.cells.flatMap((cell) => {
    const [taken] = cell.support;
    if (taken === undefined) return [];
    const field = at + cell.slot.path.map(pathSegment).join('');
    const citations = citationsOf(cell.support, corpus);
    const confidence = doubtful ? 'low' : confidenceOf(cell.support, cell.disputed);
    if (!Array.isArray(cell.value)) return [{ field, citations, confidence }];
    return cell.value.map((_, i) => ({ field: `${field}[${i}]`, citations, confidence }));
  });
}

/** A property's name as part of a grounding path. */
export const pathSegment = (name: string): string =>
  /^[A-Za-z_$][\w$]*$/u.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
