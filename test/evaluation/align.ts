import { canonicalJson, type Json, type JsonObject } from '../../src/base/json.ts';

import type { Tally } from './figures.ts';

/** Two tallies of one list: whole records, and single values. */
export interface ListTally {
  readonly rows: Tally;
  readonly items: Tally;
}

/**
 * Compares a list with its gold. Records are paired by the value of `key`, those of one key in the
 * way that most of their values agree; a record is right when all of its values are.
 */
export function align(
  given: readonly JsonObject[],
  gold: readonly JsonObject[],
  key: string,
): ListTally {
  const open = new Map<string, JsonObject[]>();
  for (const record of given) {
    const name = canonicalJson(record[key] ?? null);
    open.set(name, [...(open.get(name) ?? []), record]);
  }
  let [rows, items] = [0, 0];
  for (const record of gold) {
    const candidates = open.get(canonicalJson(record[key] ?? null)) ?? [];
    const [best] = candidates.toSorted((a, b) => differing(a, record) - differing(b, record));
    if (best === undefined) continue;
    candidates.splice(candidates.indexOf(best), 1);
    if (differing(best, record) === 0) rows++;
    items += agreeing(best, record);
  }
  return {
    rows: { given: given.length, wanted: gold.length, hits: rows },
    items: { given: values(given), wanted: values(gold), hits: items },
  };
}

const same = (a: Json | undefined, b: Json | undefined): boolean =>
  canonicalJson(a ?? null) === canonicalJson(b ?? null);

const differing = (a: JsonObject, b: JsonObject): number =>
  Object.keys(b).filter((name) => !same(a[name], b[name])).length;

const isValue = (value: Json | undefined): boolean => value !== null && value !== undefined;

const agreeing = (a: JsonObject, b: JsonObject): number =>
  Object.keys(b).filter((name) => isValue(b[name]) && same(a[name], b[name])).length;

const values = (records: readonly JsonObject[]): number =>
  records.reduce((sum, record) => sum + Object.values(record).filter(isValue).length, 0);
