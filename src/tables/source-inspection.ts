import type { Json } from '../base/json.ts';
import type { ColumnType } from '../execution/ports.ts';

/** What a source may be at most. */
export interface SourceLimits {
  readonly rows: number;
  readonly bytes: number;
  /** Whether Parquet and DuckDB files are accepted; they should come from somebody trusted. */
  readonly binary: boolean;
  /** In DuckDB's form, such as `512MB`. */
  readonly memory: string;
}

/** What a whole reading of a source tells about it. */
export interface Inspection {
  /** Types of the values as they are read: cells of a CSV file are text. */
  readonly columns: readonly ColumnType[];
  /** Types that conditions and SQL see, in the order of the columns. */
  readonly sqlTypes: readonly string[];
  /** For JSON: the columns as DuckDB's `json_transform` takes them. */
  readonly structure: Json;
}
