import { quoteLiteral } from '../duckdb/quote.ts';
import { agentRunsQuery, COSTS_QUERY, LAST_FAILED } from './output-ledger.ts';
import type { Spool, SpoolColumn } from './output-spool.ts';
import { FAILURE_COLUMNS, type StepSpools } from './output-step.ts';
import { columnsOf, noRows, PIPELINE_TABLES, type PipelineTable } from './output-tables.ts';

/** One step's share of the pipeline's tables: new lines, or those its kept table has already. */
export interface StepPart {
  readonly step: string;
  /** Parquet file of the step's table. */
  readonly path: string;
  readonly lines: Omit<StepSpools, 'rows'> | undefined;
}

/**
 * The queries of the tables about a pipeline. `present` gives the files that are in place, for
 * the lines of steps that are kept; a table `attempts` must be in the database.
 */
export function pipelineQueries(
  parts: readonly StepPart[],
  present: (table: PipelineTable) => string,
): Readonly<Record<PipelineTable, string>> {
  const lines = (table: '_citations' | '_rejected', spool: 'citations' | 'rejected'): string => {
    const columns = columnsOf(PIPELINE_TABLES[table]);
    return union(
      columns,
      parts.map((part) =>
        part.lines === undefined
          ? linesOf(present(table), part.step)
          : spooled(part.lines[spool], columns),
      ),
    );
  };
  const failures = union(
    FAILURE_COLUMNS,
    parts.map((part) => part.lines && spooled(part.lines.failures, FAILURE_COLUMNS)),
  );
  const used = parts.map(
    ({ path }) => `SELECT _agent_run_id FROM read_parquet(${quoteLiteral(path)})`,
  );
  return {
    _citations: lines('_citations', 'citations'),
    _agent_runs: agentRunsQuery(used.join(' UNION ') || 'NULL'),
    _costs: COSTS_QUERY,
    _failures: failuresQuery(failures),
    _rejected: `${lines('_rejected', 'rejected')} UNION ALL ${keptOutputsQuery(failures)}`,
  };
}

const linesOf = (path: string, step: string): string =>
  `SELECT * FROM read_parquet(${quoteLiteral(path)}) WHERE step = ${quoteLiteral(step)}`;

const spooled = (spool: Spool, columns: readonly SpoolColumn[]): string | undefined =>
  spool.rows === 0 ? undefined : spool.query(columns);

/** Queries one after the other; the rows keep that order. */
function union(columns: readonly SpoolColumn[], queries: readonly (string | undefined)[]): string {
  const telling = queries.filter((query) => query !== undefined);
  return telling.length === 0 ? noRows(columns) : telling.join(' UNION ALL ');
}

const failuresQuery = (failures: string): string => `
  WITH ${LAST_FAILED}, failing AS (SELECT *, row_number() OVER () AS line FROM (${failures}))
  SELECT step, task, kind, failing.message AS message, attempts, ended_at AS at
  FROM failing LEFT JOIN last_failed USING (step, fingerprint) ORDER BY line`;

/** Whole outputs that tasks without an answer were given and that could not be used. */
const keptOutputsQuery = (failures: string): string => `(
  WITH ${LAST_FAILED}, failing AS (SELECT *, row_number() OVER () AS line FROM (${failures}))
  SELECT step, task, NULL::BIGINT AS record_index, NULL::VARCHAR AS key, kind AS reason,
    failing.message AS detail, kept AS record, agent_run_id
  FROM failing JOIN last_failed USING (step, fingerprint) WHERE kept IS NOT NULL ORDER BY line)`;
