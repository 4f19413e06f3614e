import type { Json, JsonObject } from '../base/json.ts';

/**
 * A pipeline file after its shape was checked: the right keys and types, but names are still only
 * strings. Mirrors `schemas/pipeline.schema.json`; nothing outside this folder reads it.
 */
export interface PipelineSpec {
  readonly version: 1;
  readonly name: string;
  readonly description?: string;
  readonly params?: Readonly<Record<string, ParamSpec>>;
  readonly agent?: string;
  readonly effort?: string;
  readonly budget?: number;
  readonly concurrency?: number;
  readonly sources?: Readonly<Record<string, SourceSpec>>;
  readonly steps: Readonly<Record<string, StepSpec>>;
}

/** A JSON Schema whose keywords are limited by the pipeline's schema. */
export interface ParamSpec extends JsonObject {
  readonly type?: 'string' | 'number' | 'integer' | 'boolean' | 'array';
  readonly default?: Json;
}

export interface SourceSpec {
  readonly file: string;
  readonly format?: 'csv' | 'tsv' | 'json' | 'ndjson' | 'parquet' | 'duckdb';
  readonly table?: string;
  readonly key?: string | readonly string[];
}

export interface StepSpec {
  readonly description?: string;
  readonly query?: string;
  readonly system?: string;
  readonly sql?: string;
  readonly input?: InputSpec;
  readonly exclude?: readonly ExclusionSpec[];
  readonly schema?: string | JsonObject;
  readonly records?: string;
  readonly key?: string | readonly string[];
  readonly effort?: string;
  readonly agent?: string;
  readonly continue?: string;
  readonly repeat?: { readonly until?: number; readonly max_runs?: number };
  readonly ttl?: string;
  readonly mode?: 'replace' | 'append' | 'upsert';
  readonly metadata?: Readonly<Record<string, string>>;
  readonly budget?: number;
  readonly max_cost?: number;
  readonly concurrency?: number;
  readonly retry?: RetrySpec;
  readonly timeout?: string;
  readonly on_error?: 'continue' | 'stop';
  readonly after?: readonly string[];
  readonly tests?: readonly TestSpec[];
}

type InputSpec = string | readonly JsonObject[] | InputSelectionSpec;

export interface InputSelectionSpec {
  readonly from: string | readonly JsonObject[];
  readonly columns?: readonly string[];
  readonly where?: string;
  readonly limit?: number;
  readonly batch?: number | 'all';
}

/** A mapping with `from` is part of a table; one without is a record. */
export type ExclusionSpec = string | ExclusionSelectionSpec | JsonObject;

export interface ExclusionSelectionSpec {
  readonly from: string;
  readonly columns?: readonly string[];
  readonly where?: string;
}

interface RetrySpec {
  readonly maximum_attempts?: number;
  readonly initial_interval?: string;
  readonly backoff_coefficient?: number;
  readonly maximum_interval?: string;
}

interface TestSpec {
  readonly not_null?: readonly string[];
  readonly unique?: readonly string[];
  readonly row_count?: { readonly min?: number; readonly max?: number };
  readonly every_row?: string;
}

/** The project file `fieldwork.yaml` after its shape was checked. */
export interface ProjectSpec {
  readonly version: 1;
  readonly agents?: Readonly<Record<string, AgentSpec>>;
  readonly concurrency?: number;
  readonly budget?: { readonly run?: number; readonly day?: number; readonly month?: number };
  readonly prices?: string;
}

/** A price book of the user's own after its shape was checked. */
export interface PricesSpec {
  readonly version: 1;
  readonly name: string;
  readonly date: string;
  readonly based_on?: string;
  readonly efforts: Readonly<Record<string, number | { readonly up_to?: number }>>;
  readonly default_effort?: string;
  readonly email?: number;
  readonly phone_number?: number;
  readonly search?: number;
  readonly agent_compute_unit?: number;
  readonly takes_budget?: boolean;
}

export interface AgentSpec {
  readonly kind: 'exa' | 'local' | 'replay';
  readonly base_url?: string;
  readonly key_env?: string;
  readonly creates_per_second?: number;
  readonly follow_events?: boolean;
  readonly settle?: string;
  readonly corpus?: string;
  readonly cassettes?: string;
}
