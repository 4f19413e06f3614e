import { quoteLiteral } from '../duckdb/quote.ts';
import { agentRunsQuery, costsQuery, lastFailed } from './output-ledger.ts';
import type { Spool, SpoolColumn } from './output-spool.ts';
import { FAILURE_COLUMNS, type StepSpools } from './output-step.ts';
import { columnsOf, PIPELINE_TABLES, type PipelineTable } from './output-tables.ts';

/** One step's share of the pipeline's tables: new lines, or those its kept table has already. */
export interface StepPart {
  readonly step: string;
  /** Parquet file of the step's table. */
  readonly path: string;
  readonly lines: Omit<StepSpools, 'rows'> | undefined;
}

/** Where lines of all steps come from, one query a step, in the order of the pipeline. */
export interface PipelineLines {
  readonly citations: readonly string[];
  readonly rejected: readonly string[];
  readonly failures: readonly string[];
}

/** `present` gives the files that are in place, for the lines of steps that are kept. */
export function pipelineLines(
  parts: readonly StepPart[],
  present: (table: PipelineTable) => string,
): PipelineLines {
  const lines = (table: '_citations' | '_rejected', spool: 'citations' | 'rejected'): string[] => {
    const columns = columnsOf(PIPELINE_TABLES[table]);
    return parts.flatMap((part) =>
      part.lines === undefined
        ? [linesOf(present(table), part.step)]
        : spooled(part.lines[spool], columns),
    );
  };
  return {
    citations: lines('_citations', 'citations'),
    rejected: lines('_rejected', 'rejected'),
    failures: parts.flatMap(({ lines: own }) =>
      own === undefined ? [] : spooled(own.failures, FAILURE_COLUMNS),
    ),
  };
}

const linesOf = (path: string, step: string): string =>
  `SELECT * FROM read_parquet(${quoteLiteral(path)}) WHERE step = ${quoteLiteral(step)}`;

const spooled = (spool: Spool, columns: readonly SpoolColumn[]): readonly string[] =>
  spool.rows === 0 ? [] : [spool.query(columns)];

/**
 * Puts the rows of several queries one after the other. `UNION ALL` may mix them: DuckDB takes turns
 * at its branches.
 */
export type InOrder = (
  name: string,
  columns: readonly SpoolColumn[],
  queries: readonly string[],
) => Promise<string>;

/** The queries of the tables about a pipeline; `attempts` is what they read the attempts from. */
export async function pipelineQueries(
  lines: PipelineLines,
  attempts: string,
  inOrder: InOrder,
): Promise<Readonly<Record<PipelineTable, string>>> {
  const failures = await inOrder('failures', FAILURE_COLUMNS, lines.failures);
  const kept = lines.failures.length === 0 ? [] : [keptOutputsQuery(failures, attempts)];
  const { _citations, _rejected } = PIPELINE_TABLES;
  return {
    _citations: await inOrder('citations', columnsOf(_citations), lines.citations),
    _agent_runs: agentRunsQuery(attempts),
    _costs: costsQuery(attempts),
    _failures: failuresQuery(failures, attempts),
    _rejected: await inOrder('rejected', columnsOf(_rejected), [...lines.rejected, ...kept]),
  };
}

const failuresQuery = (failures: string, attempts: string): string => `
  WITH ${lastFailed(attempts)}, failing AS (SELECT *, row_number() OVER () AS line FROM (${failures}))
  SELECT step, task, kind, failing.message AS message, attempts, ended_at AS at
  FROM failing LEFT JOIN last_failed USING (step, fingerprint) ORDER BY line`;

/** Whole outputs that tasks without an answer were given and that could not be used. */
const keptOutputsQuery = (failures: string, attempts: string): string => `(
  WITH ${lastFailed(attempts)}, failing AS (SELECT *, row_number() OVER () AS line FROM (${failures}))
  SELECT step, task, NULL::BIGINT AS record_index, NULL::VARCHAR AS key, kind AS reason,
    failing.message AS detail, kept AS record, agent_run_id
  FROM failing JOIN last_failed USING (step, fingerprint) WHERE kept IS NOT NULL ORDER BY line)`;
