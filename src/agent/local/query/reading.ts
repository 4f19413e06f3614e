import type { Column, Table } from '../corpus/table.ts';

/** One condition on the records of a table, as the query states it. */
export type Condition =
  | {
      readonly kind: 'compare';
      readonly column: Column;
      readonly operator: '<' | '<=' | '>' | '>=' | '=' | '<>';
      /** In what the column counts. */
      readonly value: number;
      /** Of a column with versions: the parts of the version, `[18, 17]`. */
      readonly version?: readonly number[];
    }
  | {
      readonly kind: 'period';
      readonly column: Column;
      /** First day; open when undefined. */
      readonly start: string | undefined;
      /** The day after the last one; open when undefined. */
      readonly end: string | undefined;
      readonly negated: boolean;
    }
  | {
      readonly kind: 'in';
      readonly column: Column;
      readonly values: readonly string[];
      readonly negated: boolean;
      /** For lists: whether every value must be there, not only one of them. */
      readonly every: boolean;
    }
  | { readonly kind: 'flag'; readonly column: Column; readonly value: boolean }
  | { readonly kind: 'known'; readonly column: Column; readonly known: boolean };

export interface Order {
  readonly column: Column;
  readonly descending: boolean;
  /** True for a ranking such as "largest": records without a value have no place in it. */
  readonly ranking: boolean;
}

/** What a query says about one table: all that is acted on, and all that is not. */
export interface Reading {
  readonly table: Table;
  readonly conditions: readonly Condition[];
  readonly order: Order | undefined;
  readonly limit: number | undefined;
  /** Columns that the query names without a condition: what it wants to know. */
  readonly mentioned: readonly Column[];
  /** Words that nothing was made of, as they stand in the query. */
  readonly unused: readonly string[];
  /** Parts that were understood but could not be acted on, and why; sentences without full stop. */
  readonly notApplied: readonly string[];
  /** A ranking was asked for and its column is unknown: any order would be made up. */
  readonly unrankable: string | undefined;
  /** Words of the query that this table explains. */
  readonly explained: number;
  /** The query names the table's records: "countries". */
  readonly named: boolean;
}
