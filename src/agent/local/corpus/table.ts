import type { Json } from '../../../base/json.ts';
import type { Method } from './document.ts';
import type { Span } from './plain-text.ts';

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

/** A record file of the corpus, or records gathered from its documents. */
export interface Table {
  readonly index: number;
  /** File name without its ending. */
  readonly name: string;
  /** Relative to the corpus folder, with `/`; for documents their folder. */
  readonly path: string;
  /** Gathered from documents, so that each cell has a source of its own. */
  readonly gathered: boolean;
  readonly rows: number;
  readonly columns: readonly Column[];
  /** Singular words for one of its records: `country`. */
  readonly nouns: ReadonlySet<string>;
  /** The column that names a record for people, when there is one. */
  readonly label: Column | undefined;
}

/** A document that states something. */
export interface DocumentSource {
  /** Relative to the corpus folder, with `/`. */
  readonly path: string;
  readonly title: string;
  /** The address that the document states for itself. */
  readonly url: string | undefined;
}

/** A value that a document states, where it stands, and how it was found. */
export interface StatedValue {
  /** In the document's words. */
  readonly text: string;
  /** As the cell has it: dates in ISO form, numbers in digits and in the unit of the column. */
  readonly value: string;
  readonly source: DocumentSource;
  readonly span: Span;
  /** The words around the value, as they are read. */
  readonly quote: string;
  readonly quoted: Span;
  readonly method: Method | 'derived';
  /** How often values found so are right, from 0 to 1. */
  readonly prior: number;
}

/** What documents say for one cell. */
export interface Stated {
  /** The statement that was taken, then those that say the same; one an item for lists. */
  readonly support: readonly StatedValue[];
  /** Statements that say something else. */
  readonly against: readonly StatedValue[];
}

/** A record as its file holds it. Cells that are empty or missing in the source are null. */
export interface CorpusRecord {
  readonly table: Table;
  /** Counted from 1, without the header. */
  readonly row: number;
  /** By column index: the source's text; for lists the JSON array. */
  readonly cells: readonly (string | readonly Json[] | null)[];
  /** By column index: what documents say, for a record that was gathered from documents. */
  readonly stated: readonly (Stated | undefined)[] | undefined;
}

/** A table as it is written down; {@link readTable} reads it. */
export const writeTable = (table: Table): string =>
  JSON.stringify({ ...table, nouns: [...table.nouns], label: table.label?.index ?? null });

export function readTable(index: number, written: string): Table {
  const table = JSON.parse(written) as Omit<Table, 'nouns' | 'label'> & {
    readonly nouns: readonly string[];
    readonly label: number | null;
  };
  // What is undefined is not written.
  const columns = table.columns.map((column) => ({ ...column, unit: column.unit }));
  const label = table.label === null ? undefined : columns[table.label];
  return { ...table, index, columns, label, nouns: new Set(table.nouns) };
}
