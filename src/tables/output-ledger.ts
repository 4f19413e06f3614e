import type { Json } from '../base/json.ts';
import type { AttemptEnded, CostTold, LedgerEntry, Store } from '../store/store.ts';
import type { RecordColumn } from './column-types.ts';
import { ownCells } from './output-cells.ts';
import { columnsOf } from './output-tables.ts';
import type { Spool } from './output-spool.ts';

/** One line an attempt: what the ledger says of it, its end included. */
export const ATTEMPT_COLUMNS: readonly RecordColumn[] = columnsOf({
  attempt: 'VARCHAR',
  run: 'VARCHAR',
  pipeline: 'VARCHAR',
  step: 'VARCHAR',
  task: 'VARCHAR',
  agent: 'VARCHAR',
  effort: 'VARCHAR',
  reserved: 'BIGINT',
  intended_at: 'TIMESTAMP WITH TIME ZONE',
  created_at: 'TIMESTAMP WITH TIME ZONE',
  own: 'BOOLEAN',
  agent_run_id: 'VARCHAR',
  status: 'VARCHAR',
  outcome: 'VARCHAR',
  stop_reason: 'VARCHAR',
  ended_at: 'TIMESTAMP WITH TIME ZONE',
  duration_ms: 'BIGINT',
  reported: 'BIGINT',
  agent_compute_units: 'DOUBLE',
  searches: 'BIGINT',
  emails: 'BIGINT',
  phone_numbers: 'BIGINT',
  usage: 'VARCHAR',
  fingerprints: 'VARCHAR[]',
  kept: 'VARCHAR',
});

type Intended = Extract<LedgerEntry, { type: 'attempt-intended' }>;
interface OpenAttempt {
  readonly intended: Intended;
  createdAt: string | null;
  agentRunId: string | null;
}

/**
 * Folds the ledger into one line an attempt. In memory are only attempts without an end (those that
 * run side by side, and those a crash left behind) and those of an unknown cost.
 */
export async function spoolAttempts(store: Store, pipeline: string, spool: Spool): Promise<void> {
  const fit = ownCells(ATTEMPT_COLUMNS);
  const fold = new AttemptFold((attempt, ended) => {
    spool.add(fit(attemptValues(attempt, ended, pipeline)));
  });
  for await (const entries of store.ledger()) {
    for (const entry of entries) fold.add(entry);
    await spool.flush();
  }
  fold.finish();
}

class AttemptFold {
  readonly #emit: (attempt: OpenAttempt, ended: AttemptEnded | undefined) => void;
  readonly #open = new Map<string, OpenAttempt>();
  /** Ended without a word on their cost, which may be told further on. */
  readonly #unsaid = new Map<string, readonly [OpenAttempt, AttemptEnded]>();

  constructor(emit: (attempt: OpenAttempt, ended: AttemptEnded | undefined) => void) {
    this.#emit = emit;
  }

  add(entry: LedgerEntry): void {
    if (entry.type === 'attempt-intended') {
      this.#open.set(entry.attempt, { intended: entry, createdAt: null, agentRunId: null });
    } else if (entry.type === 'cost-told') {
      this.#tell(entry);
    } else {
      const attempt = this.#open.get(entry.attempt);
      if (attempt !== undefined) this.#change(attempt, entry);
    }
  }

  finish(): void {
    for (const [attempt, ended] of this.#unsaid.values()) this.#emit(attempt, ended);
    for (const attempt of this.#open.values()) this.#emit(attempt, undefined);
  }

  #change(attempt: OpenAttempt, entry: LedgerEntry): void {
    if (entry.type === 'attempt-created') {
      attempt.createdAt ??= entry.at;
      attempt.agentRunId = entry.agentRunId;
    } else if (entry.type === 'attempt-ended') {
      this.#open.delete(entry.attempt);
      if (entry.reported === null) this.#unsaid.set(entry.attempt, [attempt, entry]);
      else this.#emit(attempt, entry);
    }
  }

  #tell({ attempt: id, reported }: CostTold): void {
    const unsaid = this.#unsaid.get(id);
    this.#unsaid.delete(id);
    if (unsaid !== undefined) this.#emit(unsaid[0], { ...unsaid[1], reported });
  }
}

/** Values in the order of {@link ATTEMPT_COLUMNS}. */
function attemptValues(
  { intended, createdAt, agentRunId }: OpenAttempt,
  ended: AttemptEnded | undefined,
  pipeline: string,
): Json[] {
  const { attempt, run, step, task, agent, effort, reserved, at } = intended;
  const own = intended.pipeline === pipeline;
  const values = [attempt, run, intended.pipeline, step, task, agent, effort, reserved, at];
  const all: Json[] = [...values, createdAt, own];
  if (ended === undefined) all.push(agentRunId, 'open', 'open');
  else all.push(ended.agentRunId ?? agentRunId, ...endValues(ended));
  // What it takes to find the attempt again from a task that has failed.
  if (own && ended?.outcome === 'failed') {
    const { keptOutput } = ended;
    all.push(intended.fingerprints, keptOutput === undefined ? null : JSON.stringify(keptOutput));
  }
  return all;
}

function endValues({
  status,
  outcome,
  stopReason,
  at,
  durationMs,
  reported,
  usage,
}: AttemptEnded): Json[] {
  const values = [status, outcome, stopReason, at, Math.round(durationMs), reported];
  if (usage === null) return [...values, null, null, null, null, null];
  return [
    ...values,
    usage['agentComputeUnits'] ?? null,
    usage['searches'] ?? null,
    usage['emails'] ?? null,
    usage['phoneNumbers'] ?? null,
    JSON.stringify(usage),
  ];
}

const dollars = (microdollars: string): string =>
  `(${microdollars})::DECIMAL(18,0) * 0.000001::DECIMAL(7,6)`;

/** `_agent_runs` from the table of attempts; `used` gives the agent runs that rows come from. */
export const agentRunsQuery = (used: string): string => `
  SELECT agent_run_id, pipeline, step, task, attempt, run, agent, effort, status, stop_reason,
    created_at, ended_at, duration_ms, agent_compute_units, searches, emails, phone_numbers, usage,
    (${dollars('reported')})::DECIMAL(18,6) AS reported_dollars
  FROM attempts
  WHERE agent_run_id IS NOT NULL AND (own OR agent_run_id IN (${used}))
  QUALIFY row_number() OVER (
    PARTITION BY agent_run_id ORDER BY own DESC, ended_at DESC NULLS LAST, attempt) = 1
  ORDER BY intended_at, attempt`;

export const COSTS_QUERY: string = `
  WITH told AS (
    SELECT *,
      CASE WHEN reported IS NOT NULL THEN 'reported' WHEN outcome = 'open' THEN 'reserved'
        ELSE 'unknown' END AS cost,
      CASE WHEN cost = 'reserved' THEN nullif(reserved, 0) END AS held,
      CASE WHEN cost = 'unknown' THEN nullif(reserved, 0) END AS unknown
    FROM attempts WHERE own)
  SELECT attempt, run, step, task, agent, agent_run_id, outcome, cost,
    (${dollars('reported')})::DECIMAL(18,6) AS reported_dollars,
    (${dollars('held')})::DECIMAL(18,6) AS reserved_dollars,
    (${dollars('unknown')})::DECIMAL(18,6) AS unknown_dollars,
    reported AS reported_microdollars, held AS reserved_microdollars,
    unknown AS unknown_microdollars, coalesce(ended_at, intended_at) AS at
  FROM told ORDER BY intended_at, attempt`;

/** The last failed attempt of each task, by step and fingerprint; a `WITH` clause. */
export const LAST_FAILED = `
  last_failed AS (
    SELECT step, fingerprint, ended_at, agent_run_id, kept
    FROM (SELECT *, unnest(fingerprints) AS fingerprint FROM attempts)
    QUALIFY row_number() OVER (
      PARTITION BY step, fingerprint ORDER BY ended_at DESC, attempt DESC) = 1)`;
