import type { OutputSchema } from '../agent/output-schema.ts';
import type { JsonObject } from '../base/json.ts';
import type { Microdollars } from '../base/money.ts';
import type { SourceFile, Span } from '../base/source-file.ts';
import type { Template } from './template.ts';

/** A pipeline that can run: names are resolved, templates and schemas compiled, steps in order. */
export interface Pipeline {
  readonly name: string;
  readonly description: string | undefined;
  readonly file: SourceFile;
  /** Values of the parameters: `--param`, else the defaults of the file. */
  readonly params: JsonObject;
  /** Ceiling of money for one run of this pipeline. */
  readonly budget: Microdollars | undefined;
  /** Agent runs at the same time over all steps. */
  readonly concurrency: number;
  readonly sources: ReadonlyMap<string, Source>;
  /** Each step comes after all that it reads. */
  readonly steps: readonly Step[];
}

export type SourceFormat = 'csv' | 'tsv' | 'json' | 'ndjson' | 'parquet' | 'duckdb';

/** A file or table that the user brings. */
export interface Source {
  readonly name: string;
  /** Absolute, symbolic links resolved, below the project's root. */
  readonly path: string;
  /** As the user wrote it, for messages. */
  readonly shownPath: string;
  readonly format: SourceFormat;
  /** The table of a DuckDB file. */
  readonly table: string | undefined;
  readonly key: readonly string[] | undefined;
  /** Where the file names it, for diagnostics about its rows. */
  readonly span: Span;
}

export type Step = AgentStep | SqlStep;

/** A template of the file, with the way back to its text. */
export interface PlacedTemplate extends Template {
  /** Where a part of it is written in the file; both ends count in the template. */
  readonly placeOf: (start: number, end: number) => Span;
}

interface StepBase {
  readonly name: string;
  readonly description: string | undefined;
  /** Steps that must come before, from input, exclude, continue, templates, SQL and `after`. */
  readonly needs: readonly string[];
  readonly key: readonly string[] | undefined;
  readonly tests: readonly TableTest[];
  readonly span: Span;
}

export interface AgentStep extends StepBase {
  readonly kind: 'agent';
  readonly query: PlacedTemplate;
  readonly system: PlacedTemplate | undefined;
  readonly input: StepInput | undefined;
  readonly exclude: readonly Exclusion[];
  readonly schema: OutputSchema | undefined;
  readonly records: RecordsAt;
  readonly effort: string | undefined;
  /** Name of the agent that answers. */
  readonly agent: string;
  /** The step whose agent run this one follows up. */
  readonly continues: string | undefined;
  readonly repeat: { readonly until: number | undefined; readonly maxRuns: number } | undefined;
  readonly ttlMs: number | undefined;
  readonly mode: 'replace' | 'append' | 'upsert';
  /** True when what it found before stays: `mode` append or upsert, or it excludes itself. */
  readonly keepsHistory: boolean;
  readonly metadata: Readonly<Record<string, string>>;
  readonly budget: Microdollars | undefined;
  /** Ceiling for one agent run; sent as the API's budget where the agent takes one. */
  readonly maxCost: Microdollars | undefined;
  readonly concurrency: number | undefined;
  readonly retry: RetryPolicy;
  /** Of an agent run's work; time in its agent's queue is let off, up to half an hour. */
  readonly timeoutMs: number | undefined;
  readonly onError: 'continue' | 'stop';
}

export interface SqlStep extends StepBase {
  readonly kind: 'sql';
  readonly sql: string;
  /** Where a part of `sql` is written in the file; both ends count in `sql`. */
  readonly placeOf: (start: number, end: number) => Span;
  /** Tables named in the SQL, split by what they are. */
  readonly reads: { readonly steps: readonly string[]; readonly sources: readonly string[] };
}

/** Where the records of a step's structured output are. */
export type RecordsAt =
  /** `structured[property]` is the array of records; it may be nested: `a.b`. */
  | { readonly kind: 'array'; readonly property: string }
  /** `structured` itself is the array. */
  | { readonly kind: 'root-array' }
  /** `structured` itself is the one record. */
  | { readonly kind: 'object' }
  /** No schema: the one record is `{ text }`. */
  | { readonly kind: 'text' };

export type TableRef =
  | { readonly kind: 'source'; readonly source: Source }
  | { readonly kind: 'step'; readonly step: string };

export interface StepInput {
  readonly from: TableRef | { readonly kind: 'records'; readonly records: readonly JsonObject[] };
  readonly columns: readonly string[] | undefined;
  /** A DuckDB condition over the table's columns. */
  readonly where: string | undefined;
  readonly limit: number | undefined;
  /** Records in one agent run; `all` makes one agent run about all of them. */
  readonly batch: number | 'all';
  /** Where the file says which records and columns are taken. */
  readonly span: Span;
}

export type Exclusion =
  | {
      readonly kind: 'table';
      readonly from: TableRef;
      /** The step's own earlier records. */
      readonly self: boolean;
      readonly columns: readonly string[] | undefined;
      readonly where: string | undefined;
    }
  | { readonly kind: 'records'; readonly records: readonly JsonObject[] };

/** Words and meaning follow Temporal's retry policy. */
export interface RetryPolicy {
  readonly maximumAttempts: number;
  readonly initialIntervalMs: number;
  readonly backoffCoefficient: number;
  readonly maximumIntervalMs: number;
}

/** What must be true of a step's table after a run, else the run exits with 1. */
export type TableTest =
  | { readonly kind: 'not-null'; readonly columns: readonly string[] }
  | { readonly kind: 'unique'; readonly columns: readonly string[] }
  | { readonly kind: 'row-count'; readonly minimum: number; readonly maximum: number | undefined }
  /** A DuckDB condition that every row must meet. */
  | { readonly kind: 'every-row'; readonly condition: string };
