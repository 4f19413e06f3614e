import type { Json, JsonObject } from '../../../base/json.ts';
import { exactKey, variantKeys } from '../link/names.ts';
import type { Column, Table } from '../corpus/table.ts';
import type { Slot } from '../schema/slots.ts';
import { attribute, nameWords, wordsOf } from '../text/words.ts';

/** A property of what may be excluded, by the words of its name. */
export interface Facet {
  readonly words: readonly string[];
  /** It says which one it is: a name. */
  readonly identity: boolean;
  /** A measure, not a name: it changes, so it decides only when nothing else is given. */
  readonly measure: boolean;
}

/** A record of the table, cell by cell. */
export const tableFacets = ({ columns, label }: Table): readonly Facet[] =>
  columns.map((column) => ({
    words: column.words,
    identity: column === label,
    measure: /^(?:number|year|date|boolean)$/u.test(column.kind),
  }));

/** An item, slot by slot; its identity is the slot for the name, else the first text. */
export function slotFacets(
  slots: readonly Slot[],
  table: Table,
  columnOf: (slot: Slot, table: Table) => Column | undefined,
): readonly Facet[] {
  const { label } = table;
  const named = slots.find((slot) => label !== undefined && columnOf(slot, table) === label);
  const identity = named ?? slots.find(({ types }) => types.has('string'));
  return slots.map((slot) => ({
    words: slot.words,
    identity: slot === identity,
    measure: !slot.types.has('string') && !slot.types.has('array'),
  }));
}

interface Rule {
  /** Facet (by place) and the keys, one of which its value must have; all of them must hold. */
  readonly tests: readonly {
    readonly facets: readonly number[];
    readonly keys: readonly string[];
  }[];
}

/**
 * The records that must not come back, compiled for things that have the given facets.
 *
 * A record excludes what agrees with it in every property they share, so `{company, person}`
 * excludes that person at that company only. One that shares none is compared with the name.
 */
export class Exclusions {
  readonly #facets: readonly Facet[];
  /** By every key of the rule. */
  readonly #rules = new Map<string, Rule[]>();

  constructor(
    records: readonly JsonObject[],
    facets: readonly Facet[],
    nouns: ReadonlySet<string>,
  ) {
    this.#facets = facets;
    for (const record of records) {
      const rule = ruleOf(record, facets, nouns);
      for (const key of new Set(rule.tests.flatMap(({ keys }) => keys))) {
        const rules = this.#rules.get(key);
        if (rules === undefined) this.#rules.set(key, [rule]);
        else rules.push(rule);
      }
    }
  }

  /** For each record a test whether a text names it: all that the record says is in the text. */
  static namesIn(records: readonly JsonObject[]): readonly ((text: string) => boolean)[] {
    return records.flatMap((record) => {
      const wanted = Object.values(record).flatMap((value) =>
        typeof value === 'string' && value.trim() !== ''
          ? [wordsOf(exactKey(value)).join(' ')]
          : [],
      );
      return wanted.length === 0
        ? []
        : [
            (text: string) =>
              wanted.every((words) => ` ${wordsOf(text).join(' ')} `.includes(` ${words} `)),
          ];
    });
  }

  /**
   * The facets whose values made it excluded; undefined when it is not. A candidate that has the
   * name is not saved by properties of which it says nothing, unless `whole` asks for all of them.
   */
  match(values: readonly (Json | undefined)[], whole = false): readonly number[] | undefined {
    if (this.#rules.size === 0) return undefined;
    const keys = this.#facets.map((_, at) => keysOf(values[at] ?? null));
    for (const own of new Set(keys.flat())) {
      for (const rule of this.#rules.get(own) ?? []) {
        const met = metBy(rule, keys);
        if (met === undefined) continue;
        const named = !whole && met.some((at) => this.#facets[at]?.identity === true);
        if (named || met.length === rule.tests.length) return met;
      }
    }
    return undefined;
  }
}

/** The facets that meet the tests; undefined when one contradicts. */
function metBy({ tests }: Rule, keys: readonly (readonly string[])[]): number[] | undefined {
  const met: number[] = [];
  for (const test of tests) {
    const at = test.facets.find((facet) => keys[facet]?.some((key) => test.keys.includes(key)));
    if (at !== undefined) met.push(at);
    else if (test.facets.some((facet) => keys[facet]?.length !== 0)) return undefined;
  }
  return met;
}

function ruleOf(record: JsonObject, facets: readonly Facet[], nouns: ReadonlySet<string>): Rule {
  const given = Object.entries(record).flatMap(([key, value]) => {
    const keys = keysOf(value ?? null);
    return keys.length === 0 ? [] : [{ facets: facetsOf(key, facets, nouns), keys }];
  });
  const shared = given.filter((test) => test.facets.length > 0);
  const names = shared.filter((test) => test.facets.some((at) => facets[at]?.measure === false));
  if (names.length > 0) return { tests: names };
  if (shared.length > 0) return { tests: shared };
  const identities = facets.flatMap(({ identity }, at) => (identity ? [at] : []));
  return { tests: [{ facets: identities, keys: given.flatMap(({ keys }) => keys) }] };
}

function facetsOf(
  key: string,
  facets: readonly Facet[],
  nouns: ReadonlySet<string>,
): readonly number[] {
  const asked = plain(nameWords(key), nouns);
  const isName = nameWords(key).every((word) => nouns.has(word) || attribute(word) === 'name');
  const same = facets.flatMap(({ words }, at) => (plain(words, nouns) === asked ? [at] : []));
  if (same.length > 0 || !isName) return same;
  return facets.flatMap(({ identity }, at) => (identity ? [at] : []));
}

function plain(words: readonly string[], nouns: ReadonlySet<string>): string {
  const rest = words.filter((word) => !nouns.has(word));
  return (rest.length === 0 ? words : rest).map(attribute).toSorted().join(' ');
}

function keysOf(value: Json): readonly string[] {
  if (value === null || value === '') return [];
  if (Array.isArray(value)) return (value as readonly Json[]).flatMap(keysOf);
  if (typeof value === 'object') return [];
  if (typeof value !== 'string') return [exactKey(value)];
  return [...new Set([exactKey(value), ...variantKeys(value)])].filter((key) => key !== '');
}
