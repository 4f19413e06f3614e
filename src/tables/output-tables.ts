import { quoteIdentifier } from '../duckdb/quote.ts';
import type { RecordColumn } from './column-types.ts';
import { cellOfType } from './output-cell-type.ts';
import type { SpoolColumn } from './output-spool.ts';

/** The tables that every pipeline has beside those of its steps, with their columns. */
export const PIPELINE_TABLES = {
  /**
   * A line a source of a field. `row` counts the step's table from 1; it and `_key` lead to the
   * row. Both are null for what supports an answer and no one record. `url` may be followed; what
   * an agent gave that may not, or not as it stands, is in `cited_text`.
   */
  _citations: {
    step: 'VARCHAR',
    row: 'BIGINT',
    _key: 'VARCHAR',
    task: 'VARCHAR',
    record_index: 'BIGINT',
    field: 'VARCHAR',
    url: 'VARCHAR',
    host: 'VARCHAR',
    cited_text: 'VARCHAR',
    title: 'VARCHAR',
    confidence: 'VARCHAR',
    agent_run_id: 'VARCHAR',
  },
  /** Also those of other pipelines that this one's rows come from. */
  _agent_runs: {
    agent_run_id: 'VARCHAR',
    pipeline: 'VARCHAR',
    step: 'VARCHAR',
    task: 'VARCHAR',
    attempt: 'VARCHAR',
    run: 'VARCHAR',
    agent: 'VARCHAR',
    effort: 'VARCHAR',
    status: 'VARCHAR',
    stop_reason: 'VARCHAR',
    created_at: 'TIMESTAMP WITH TIME ZONE',
    ended_at: 'TIMESTAMP WITH TIME ZONE',
    duration_ms: 'BIGINT',
    agent_compute_units: 'DOUBLE',
    searches: 'BIGINT',
    emails: 'BIGINT',
    phone_numbers: 'BIGINT',
    usage: 'VARCHAR',
    reported_dollars: 'DECIMAL(18,6)',
  },
  /**
   * A line an attempt of this pipeline, which is in one of three states, told by `cost`: the agent
   * `reported` its cost; or its ceiling is `reserved` while it is open; or it ended and the cost
   * is `unknown`, at most the ceiling. What is not known is null, never 0.
   */
  _costs: {
    attempt: 'VARCHAR',
    run: 'VARCHAR',
    step: 'VARCHAR',
    task: 'VARCHAR',
    agent: 'VARCHAR',
    agent_run_id: 'VARCHAR',
    outcome: 'VARCHAR',
    cost: 'VARCHAR',
    reported_dollars: 'DECIMAL(18,6)',
    reserved_dollars: 'DECIMAL(18,6)',
    unknown_dollars: 'DECIMAL(18,6)',
    reported_microdollars: 'BIGINT',
    reserved_microdollars: 'BIGINT',
    unknown_microdollars: 'BIGINT',
    at: 'TIMESTAMP WITH TIME ZONE',
  },
  /** Tasks that have no answer now. `at` is the end of the last attempt, null where none began. */
  _failures: {
    step: 'VARCHAR',
    task: 'VARCHAR',
    kind: 'VARCHAR',
    message: 'VARCHAR',
    attempts: 'BIGINT',
    at: 'TIMESTAMP WITH TIME ZONE',
  },
  /**
   * Records that are in an answer and not in the table, and whole outputs that were paid for and
   * could not be used. With the reason `value` the record is in the table, but a cell of it could
   * not hold its value: that cell is null and the value is in the column `_extra`.
   */
  _rejected: {
    step: 'VARCHAR',
    task: 'VARCHAR',
    record_index: 'BIGINT',
    key: 'VARCHAR',
    reason: 'VARCHAR',
    detail: 'VARCHAR',
    record: 'VARCHAR',
    agent_run_id: 'VARCHAR',
  },
} as const;

export type PipelineTable = keyof typeof PIPELINE_TABLES;

export const columnsOf = (columns: Readonly<Record<string, string>>): readonly RecordColumn[] =>
  Object.entries(columns).map(([name, type]) => ({
    name,
    type,
    property: name,
    cell: cellOfType(type),
  }));

/** A query that gives no rows of these columns. */
export const noRows = (columns: readonly SpoolColumn[]): string =>
  `SELECT ${columns.map(({ name, type }) => `NULL::${type} AS ${quoteIdentifier(name)}`).join(', ')} WHERE false`;
