import type { JsonObject } from '../../../base/json.ts';
import type { Corpus } from '../corpus/corpus.ts';
import type { Column, Table } from '../corpus/table.ts';
import { placeColumns } from '../query/place-columns.ts';
import { NameIndex } from './name-index.ts';
import { countryKeys, exactKey, lookupKeys, variantKeys } from './names.ts';
import {
  isIdentifying,
  isTelling,
  otherNames,
  pairsOf,
  sharedOf,
  textOf,
  type Pair,
} from './pairs.ts';
import { likenesses, type Likeness } from './similarity.ts';

/** Which record of a table a record from outside is. */
export type Link =
  /** `name` and `id` by equal values, `variant` by another way to write the name. */
  | Linked
  /** Several fit, or what is known of it contradicts: no record is safe to take. */
  | { readonly kind: 'ambiguous' }
  | { readonly kind: 'none' };

interface Linked {
  readonly kind: 'linked';
  readonly row: number;
  readonly by: 'id' | 'name' | 'variant';
  /** How much speaks for it where the name is only similar; the others are certain. */
  readonly score?: number;
}

/**
 * What must speak for a similar name. Among many input records those that share a name are seen,
 * and none of them gets the one record that it could be; one alone must be surer.
 */
const ENOUGH = 3;
const ENOUGH_ALONE = 8;
const MANY_INPUTS = 50;
/** So much better than the second best must a similar name be. */
const GAP = 1;

interface Index {
  readonly exact: ReadonlyMap<string, readonly number[]>;
  readonly variant: ReadonlyMap<string, readonly number[]>;
}

/**
 * Finds the record of a table that a record from outside is about, by identifiers before names.
 * It rather finds none than a wrong one.
 */
export class Linker {
  readonly #corpus: Corpus;
  readonly #indexes = new Map<Column, Promise<Index>>();
  readonly #names = new Map<Table, Promise<NameIndex>>();
  readonly #cells = new Map<Column, Promise<ReadonlyMap<number, string>>>();
  readonly #batches = new WeakMap<
    readonly JsonObject[],
    Map<Table, Promise<ReadonlyMap<JsonObject, Link>>>
  >();

  constructor(corpus: Corpus) {
    this.#corpus = corpus;
  }

  /** `inputs` are all records that are looked up together; two different ones are never the same. */
  async link(
    table: Table,
    record: JsonObject,
    inputs: readonly JsonObject[] = [record],
  ): Promise<Link> {
    if (inputs.length < MANY_INPUTS) return this.#linkOne(table, record, ENOUGH_ALONE);
    const tables =
      this.#batches.get(inputs) ?? new Map<Table, Promise<ReadonlyMap<JsonObject, Link>>>();
    this.#batches.set(inputs, tables);
    const links = tables.get(table) ?? this.#linkAll(table, inputs);
    tables.set(table, links);
    return (await links).get(record) ?? { kind: 'none' };
  }

  async #linkAll(
    table: Table,
    inputs: readonly JsonObject[],
  ): Promise<ReadonlyMap<JsonObject, Link>> {
    const links = new Map<JsonObject, Link>();
    const claims = new Map<number, { readonly key: string; readonly score: number }[]>();
    for (const record of inputs) {
      const link = await this.#linkOne(table, record, ENOUGH);
      links.set(record, link);
      if (link.kind !== 'linked') continue;
      const key = exactKey(record);
      claims.set(link.row, [
        ...(claims.get(link.row) ?? []),
        { key, score: link.score ?? Infinity },
      ]);
    }
    for (const [record, link] of links) {
      if (link.kind !== 'linked' || link.score === undefined) continue;
      const [own, { score }] = [exactKey(record), { score: link.score }];
      const rivals = claims.get(link.row)?.filter(({ key }) => key !== own) ?? [];
      if (rivals.some((rival) => rival.score >= score - GAP))
        links.set(record, { kind: 'ambiguous' });
    }
    return links;
  }

  async #linkOne(table: Table, record: JsonObject, enough: number): Promise<Link> {
    const link = await this.#linkExactly(table, record);
    return link.kind === 'none' ? this.#linkSimilar(table, record, enough) : link;
  }

  /** The one record whose name is written alike, with all that is known beside it. */
  async #linkSimilar(table: Table, record: JsonObject, enough: number): Promise<Link> {
    const { label } = table;
    const pairs = pairsOf(table, record);
    const name = pairs.find(({ column }) => column === label);
    if (label === undefined || name === undefined) return { kind: 'none' };
    if (pairs.some(({ column }) => isIdentifying(table, column))) return { kind: 'none' };
    const beside = pairs.filter(({ column }) => column !== label && isTelling(table, column));
    const known = await Promise.all(beside.map(({ column }) => this.#cellsOf(table, column)));
    const index = await this.#namesOf(table, label);
    const [best, second] = likenesses(index, name.value, (row) =>
      beside.map(({ value }, at) => [value, known[at]?.get(row)] as const),
    );
    return decided(best, second, enough);
  }

  #namesOf(table: Table, label: Column): Promise<NameIndex> {
    const found =
      this.#names.get(table) ?? this.#corpus.cells(table, label).then((it) => new NameIndex(it));
    this.#names.set(table, found);
    return found;
  }

  #cellsOf(table: Table, column: Column): Promise<ReadonlyMap<number, string>> {
    const found =
      this.#cells.get(column) ?? this.#corpus.cells(table, column).then((it) => new Map(it));
    this.#cells.set(column, found);
    return found;
  }

  async #linkExactly(table: Table, record: JsonObject): Promise<Link> {
    const pairs = pairsOf(table, record);
    const ids = pairs.filter(({ column }) => isIdentifying(table, column));
    const names = pairs.filter(({ column }) => column === table.label);
    const byId = await this.#byIds(table, ids);
    const named = await this.#byNames(table, names, record);
    if (byId === 'conflict') return { kind: 'ambiguous' };
    if (byId !== undefined) {
      const other = named.kind === 'linked' && named.by === 'name' && named.row !== byId;
      return other ? { kind: 'ambiguous' } : { kind: 'linked', row: byId, by: 'id' };
    }
    if (named.kind === 'linked' && (await this.#contradicts(table, named.row, pairs))) {
      return { kind: 'ambiguous' };
    }
    if (ids.length > 0 || names.length > 0) return named;
    const unique = pairs.filter(({ column }) => column.unique);
    const row = await this.#byIds(table, unique);
    if (row === undefined) return { kind: 'none' };
    return row === 'conflict' ? { kind: 'ambiguous' } : { kind: 'linked', row, by: 'name' };
  }

  async #byIds(table: Table, pairs: readonly Pair[]): Promise<number | 'conflict' | undefined> {
    let rows: readonly number[] | undefined;
    for (const { value, column } of pairs) {
      const found = (await this.#index(table, column)).exact.get(exactKey(value)) ?? [];
      if (found.length === 0) continue;
      rows = rows === undefined ? found : rows.filter((row) => found.includes(row));
    }
    if (rows === undefined) return undefined;
    const [only] = rows;
    return only === undefined || rows.length > 1 ? 'conflict' : only;
  }

  async #byNames(table: Table, names: readonly Pair[], record: JsonObject): Promise<Link> {
    for (const { value, column } of names) {
      const columns = [column, ...otherNames(table)];
      for (const by of ['name', 'variant'] as const) {
        const rows = new Set<number>();
        for (const each of columns) {
          const index = await this.#index(table, each);
          const found =
            by === 'name'
              ? (index.exact.get(exactKey(value)) ?? [])
              : [...lookupKeys(value), ...countryKeys(value)].flatMap(
                  (key) => index.variant.get(key) ?? [],
                );
          for (const row of found) rows.add(row);
          if (by === 'name' && rows.size > 0) break;
        }
        if (rows.size > 0) return this.#narrow(table, [...rows], record, by);
      }
    }
    return { kind: 'none' };
  }

  /** Of several records with the name, the one that agrees in every other column they share. */
  async #narrow(
    table: Table,
    rows: readonly number[],
    record: JsonObject,
    by: 'name' | 'variant',
  ): Promise<Link> {
    const [only] = rows;
    if (only !== undefined && rows.length === 1) return { kind: 'linked', row: only, by };
    const shared = sharedOf(table, record).filter(({ column }) => column !== table.label);
    if (shared.length === 0 || rows.length > 1_000) return { kind: 'ambiguous' };
    const records = await this.#corpus.read(table, rows);
    const agreeing = records.filter(({ cells }) =>
      shared.every(
        ({ column, value }) => exactKey(textOf(cells[column.index])) === exactKey(value),
      ),
    );
    const [match] = agreeing;
    return match !== undefined && agreeing.length === 1
      ? { kind: 'linked', row: match.row, by }
      : { kind: 'ambiguous' };
  }

  /** Whether the record at `row` has another identifier, employer or place than the one outside. */
  async #contradicts(table: Table, row: number, pairs: readonly Pair[]): Promise<boolean> {
    const telling = pairs.filter(
      ({ column }) => column !== table.label && isTelling(table, column),
    );
    if (telling.length === 0) return false;
    const [record] = await this.#corpus.read(table, [row]);
    return telling.some(({ column, value }) => {
      const own = textOf(record?.cells[column.index]);
      return own !== undefined && exactKey(own) !== exactKey(value);
    });
  }

  #index(table: Table, column: Column): Promise<Index> {
    let index = this.#indexes.get(column);
    if (index === undefined) {
      index = this.#build(table, column);
      this.#indexes.set(column, index);
    }
    return index;
  }

  async #build(table: Table, column: Column): Promise<Index> {
    const exact = new Map<string, number[]>();
    const variant = new Map<string, number[]>();
    const named = column === table.label || otherNames(table).includes(column);
    const places = placeColumns(table, this.#corpus.values).some((it) => it.column === column);
    for (const [row, value] of await this.#corpus.cells(table, column)) {
      put(exact, exactKey(value), row);
      if (named) for (const key of variantKeys(value)) put(variant, key, row);
      if (places) for (const key of countryKeys(value)) put(variant, key, row);
    }
    return { exact, variant };
  }
}

function decided(best: Likeness | undefined, second: Likeness | undefined, enough: number): Link {
  if (best === undefined || best.score < enough) return { kind: 'none' };
  if (second !== undefined && best.score - second.score < GAP) return { kind: 'ambiguous' };
  return { kind: 'linked', row: best.row, by: 'variant', score: best.score };
}

function put(map: Map<string, number[]>, key: string, row: number): void {
  if (key === '') return;
  const rows = map.get(key);
  if (rows === undefined) map.set(key, [row]);
  else if (rows.at(-1) !== row) rows.push(row);
}
