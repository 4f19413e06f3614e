import type { StepState, Store } from '../store/store.ts';
import { EXTRA_COLUMN, META_COLUMNS, recordColumns, type RecordColumn } from './column-types.ts';
import { ownCells, recordFitter } from './output-cells.ts';
import type { Sorting } from './output-members.ts';
import type { Spool } from './output-spool.ts';
import { columnsOf, PIPELINE_TABLES } from './output-tables.ts';
import {
  stepRows,
  type CitationRow,
  type FailureRow,
  type RejectedRow,
  type StepPortion,
  type StepRow,
} from './step-rows.ts';

/** Where the rows of one step go, and its lines in the tables of the pipeline. */
export interface StepSpools {
  readonly rows: Spool;
  readonly citations: Spool;
  readonly rejected: Spool;
  readonly failures: Spool;
}

/** Failures on their way: with what it takes to find their last attempt. */
export const FAILURE_COLUMNS: readonly RecordColumn[] = columnsOf({
  step: 'VARCHAR',
  task: 'VARCHAR',
  kind: 'VARCHAR',
  message: 'VARCHAR',
  attempts: 'BIGINT',
  fingerprint: 'VARCHAR',
});

const fitMeta = ownCells(columnsOf(Object.fromEntries(META_COLUMNS.map((c) => [c.name, c.type]))));
const fitCitation = ownCells(columnsOf(PIPELINE_TABLES._citations));
const fitRejected = ownCells(columnsOf(PIPELINE_TABLES._rejected));
const fitFailure = ownCells(FAILURE_COLUMNS);

/** Spools all of a step. Gives the query of its table. */
export async function spoolStep(
  store: Store,
  state: StepState,
  spools: StepSpools,
  sorting: Sorting,
): Promise<string> {
  const columns = recordColumns(state.layout);
  const table = new StepSpooler(state.step, recordFitter(columns), spools);
  for await (const portion of stepRows(store, state, sorting)) await table.add(portion);
  for (const spool of Object.values(spools) as Spool[]) await spool.end();
  const extra = table.hasExtra ? [EXTRA_COLUMN] : [];
  return spools.rows.query([...columns, ...META_COLUMNS, ...extra]);
}

class StepSpooler {
  hasExtra = false;
  readonly #step: string;
  readonly #fit: ReturnType<typeof recordFitter>;
  readonly #spools: StepSpools;

  constructor(step: string, fit: ReturnType<typeof recordFitter>, spools: StepSpools) {
    this.#step = step;
    this.#fit = fit;
    this.#spools = spools;
  }

  async add({ rows, citations, rejected, failures }: StepPortion): Promise<void> {
    for (const row of rows) this.#addRow(row);
    for (const line of citations) this.#addCitation(line);
    for (const line of rejected) this.#addRejected(line);
    for (const line of failures) this.#addFailure(line);
    for (const spool of Object.values(this.#spools) as Spool[]) await spool.flush();
  }

  #addRow(row: StepRow): void {
    const { cells, extra, misfits } = this.#fit(row.record);
    const { _key, _parent_key, _agent_run_id, _answered_at, _confidence } = row;
    const meta = fitMeta([_key, _parent_key, _agent_run_id, _answered_at, _confidence]);
    const all = [...cells, ...meta];
    if (extra !== undefined) {
      this.hasExtra = true;
      all.push(JSON.stringify(extra));
    }
    this.#spools.rows.add(all);
    if (misfits.length === 0) return;
    this.#addRejected({
      task: row.task,
      record_index: row.record_index,
      key: row._key,
      reason: 'value',
      detail: misfits.join('; '),
      record: row.record,
      agent_run_id: row._agent_run_id,
    });
  }

  #addCitation(line: CitationRow): void {
    const { row, _key, task, record_index, field, url, host, cited_text, title } = line;
    const about = [this.#step, row, _key, task, record_index, field];
    const values = [...about, url, host, cited_text, title, line.confidence, line.agent_run_id];
    this.#spools.citations.add(fitCitation(values));
  }

  #addRejected(line: RejectedRow): void {
    const { task, record_index, key, reason, detail, record } = line;
    const about = [this.#step, task, record_index, key, reason, detail];
    const values = [...about, JSON.stringify(record), line.agent_run_id];
    this.#spools.rejected.add(fitRejected(values));
  }

  #addFailure({ task, kind, message, attempts, fingerprint }: FailureRow): void {
    const values = [this.#step, task, kind, message, attempts, fingerprint];
    this.#spools.failures.add(fitFailure(values));
  }
}
