import type { Column, Table } from '../corpus/table.ts';
import type { ValueIndex } from '../corpus/value-index.ts';
import { isWithin, PLACES, type Place } from '../text/places.ts';
import { wordsOf } from '../text/words.ts';

/** A column whose values are places, and which of its values each of them is. */
export interface PlaceColumn {
  readonly column: Column;
  readonly valuesOf: ReadonlyMap<Place, readonly string[]>;
}

/** So much of a column's different values must be known places. */
const SHARE = 0.5;

const known = new WeakMap<ValueIndex, Map<Table, readonly PlaceColumn[]>>();

/** The columns of a table that hold countries or parts of the world. */
export function placeColumns(table: Table, values: ValueIndex): readonly PlaceColumn[] {
  const tables = known.get(values) ?? new Map<Table, readonly PlaceColumn[]>();
  known.set(values, tables);
  const found = tables.get(table) ?? findPlaceColumns(table, values);
  tables.set(table, found);
  return found;
}

function findPlaceColumns(table: Table, values: ValueIndex): readonly PlaceColumn[] {
  const columns = new Map<Column, Map<Place, Set<string>>>();
  for (const place of PLACES) {
    for (const name of place.names) {
      for (const entry of values.find(wordsOf(name))) {
        if (entry.table !== table) continue;
        const places = columns.get(entry.column) ?? new Map<Place, Set<string>>();
        columns.set(entry.column, places);
        places.set(place, (places.get(place) ?? new Set<string>()).add(entry.value));
      }
    }
  }
  return [...columns].flatMap(([column, places]) => {
    const recognised = new Set([...places.values()].flatMap((it) => [...it]));
    if (recognised.size < column.distinct * SHARE) return [];
    const valuesOf = new Map([...places].map(([place, it]) => [place, [...it]] as const));
    return [{ column, valuesOf }];
  });
}

/** Values of a column that a place stands for there. */
export interface PlaceValues {
  readonly column: Column;
  readonly values: readonly string[];
  /** The records may also lie outside of the place: the column only has a larger one. */
  readonly wider: boolean;
}

/** How a place is written in the table: by itself, by the countries in it, or by what it is in. */
export function placeValues(
  place: Place,
  table: Table,
  index: ValueIndex,
): PlaceValues | undefined {
  const columns = placeColumns(table, index);
  return ownValues(place, columns) ?? memberValues(place, columns) ?? widerValues(place, columns);
}

function ownValues(place: Place, columns: readonly PlaceColumn[]): PlaceValues | undefined {
  for (const { column, valuesOf } of columns) {
    const values = valuesOf.get(place);
    if (values !== undefined) return { column, values, wider: false };
  }
  return undefined;
}

function memberValues(place: Place, columns: readonly PlaceColumn[]): PlaceValues | undefined {
  for (const { column, valuesOf } of columns) {
    const values = [...valuesOf].flatMap(([member, own]) =>
      !member.region && isWithin(member, place) ? own : [],
    );
    if (values.length > 0) return { column, values, wider: false };
  }
  return undefined;
}

function widerValues(place: Place, columns: readonly PlaceColumn[]): PlaceValues | undefined {
  const around = columns.flatMap(({ column, valuesOf }) =>
    [...valuesOf].flatMap(([outer, values]) =>
      isWithin(place, outer) ? [{ column, values, size: outer.countries.size }] : [],
    ),
  );
  const [smallest] = around.toSorted((a, b) => a.size - b.size);
  return smallest && { column: smallest.column, values: smallest.values, wider: true };
}
