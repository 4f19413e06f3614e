import type { Json } from '../../../base/json.ts';

/**
 * What the cells of a column are. `year` is a whole number that names a year; `list` a JSON array
 * of plain values. Columns of objects are `other`: nothing is read from them.
 */
export type ColumnKind = 'number' | 'year' | 'date' | 'boolean' | 'text' | 'list' | 'other';

/** A column of a record table, with what its values are like. */
export interface Column {
  /** Place within its table; also names its columns in the database. */
  readonly index: number;
  /** As the file writes it. */
  readonly name: string;
  /** Words of the name without its unit and factor. */
  readonly words: readonly string[];
  readonly kind: ColumnKind;
  readonly unit: string | undefined;
  /** What one counts, from the name: 1000000 for `revenue_millions`. */
  readonly factor: number;
  /** Different values that are not empty. */
  readonly distinct: number;
  /** Records that have a value. */
  readonly filled: number;
  /** No two records have the same value, and most have one. */
  readonly unique: boolean;
  /** Values are short and in capitals: codes, which are only meant when written so. */
  readonly code: boolean;
  /** Values are web addresses. */
  readonly url: boolean;
}

/** A record file of the corpus. */
export interface Table {
  readonly index: number;
  /** File name without its ending. */
  readonly name: string;
  /** Relative to the corpus folder, with `/`. */
  readonly path: string;
  readonly rows: number;
  readonly columns: readonly Column[];
  /** Singular words for one of its records: `country`. */
  readonly nouns: ReadonlySet<string>;
  /** The column that names a record for people, when there is one. */
  readonly label: Column | undefined;
}

/** A record as its file holds it. Cells that are empty or missing in the source are null. */
export interface CorpusRecord {
  readonly table: Table;
  /** Counted from 1, without the header. */
  readonly row: number;
  /** By column index: the source's text; for lists the JSON array. */
  readonly cells: readonly (string | readonly Json[] | null)[];
}
