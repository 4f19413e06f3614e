import type { Json } from '../base/json.ts';
import { BloomFilter } from '../base/bloom-filter.ts';
import { KeySet } from '../base/key-set.ts';
import type { AttemptEnded, CostTold, LedgerEntry, Store } from '../store/store.ts';
import type { RecordColumn } from './column-types.ts';
import type { ExternalSort } from './external-sort.ts';
import { ownCells } from './output-cells.ts';
import { spoolLine, withFirstCell, type Spool } from './output-spool.ts';
import { columnsOf } from './output-tables.ts';

/** One line an attempt: what the ledger says of it, its end included. */
export const ATTEMPT_COLUMNS: readonly RecordColumn[] = columnsOf({
  /** Of several attempts at one agent run the last tells of it; null where it is this one. */
  is_repeated: 'BOOLEAN',
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

export interface AttemptSpooling {
  readonly store: Store;
  readonly pipeline: string;
  /** Empty. */
  readonly sort: ExternalSort;
  readonly spool: Spool;
  /** Which agent runs of other pipelines the tables' rows come from. */
  readonly usedOf: (foreign: KeySet) => Promise<ReadonlySet<string>>;
}

/**
 * Folds the ledger into one line an attempt, in the order of their intents. Attempts of other
 * pipelines are left out, unless rows come from their agent runs. In memory are only attempts
 * without an end (those that run side by side, and those a crash left behind), those of an unknown
 * cost, and digests of the ids of other pipelines' agent runs.
 */
export async function spoolAttempts(spooling: AttemptSpooling): Promise<void> {
  const { store, pipeline, sort, spool, usedOf } = spooling;
  const gathered = new GatheredAttempts(pipeline, sort);
  const fold = new AttemptFold((attempt, ended) => gathered.add(attempt, ended));
  for await (const entries of store.ledger()) {
    for (const entry of entries) fold.add(entry);
    await sort.flush();
  }
  fold.finish();
  const used = await usedOf(gathered.foreign);
  const tellers = await tellersOf(sort, gathered.repeated);
  for await (const lines of sort.sorted()) {
    for (const line of lines) {
      const { own, agentRunId, attempt, cells } = readLine(line);
      const teller = agentRunId === null ? undefined : tellers.get(agentRunId);
      const isRepeated = teller !== undefined && teller.attempt !== attempt;
      if (own) spool.addLine(isRepeated ? withFirstCell(cells, true) : cells);
      else if (!isRepeated && agentRunId !== null && used.has(agentRunId)) spool.addLine(cells);
    }
    await spool.flush();
  }
}

/** What has to be known of an attempt before its line is written. */
interface AttemptLine {
  readonly own: boolean;
  readonly agentRunId: string | null;
  readonly attempt: string;
  readonly endedAt: string | null;
  /** As a spool has it. */
  readonly cells: string;
}

function readLine(line: string): AttemptLine {
  const tab = line.indexOf('\t');
  const head = JSON.parse(line.slice(0, tab)) as [boolean, string | null, string, string | null];
  const [own, agentRunId, attempt, endedAt] = head;
  return { own, agentRunId, attempt, endedAt, cells: line.slice(tab + 1) };
}

/** The lines of all attempts that may stand in the tables. */
class GatheredAttempts {
  /** Agent runs of other pipelines. */
  readonly foreign: KeySet = new KeySet();
  /**
   * Agent runs that may be those of several attempts: a follow-up may run on under the id of the one
   * before it. Hardly any other is among them.
   */
  readonly repeated: Set<string> = new Set();
  readonly #pipeline: string;
  readonly #sort: ExternalSort;
  readonly #seen = new BloomFilter();
  readonly #fit = ownCells(ATTEMPT_COLUMNS);

  constructor(pipeline: string, sort: ExternalSort) {
    this.#pipeline = pipeline;
    this.#sort = sort;
  }

  add(open: OpenAttempt, ended: AttemptEnded | undefined): void {
    const { attempt, at, pipeline } = open.intended;
    const own = pipeline === this.#pipeline;
    const agentRunId = ended?.agentRunId ?? open.agentRunId;
    if (agentRunId === null && !own) return;
    if (agentRunId !== null) {
      if (!this.#seen.add(agentRunId)) this.repeated.add(agentRunId);
      if (!own) this.foreign.add(agentRunId);
    }
    const head = JSON.stringify([own, agentRunId, attempt, ended?.at ?? null]);
    const cells = spoolLine(this.#fit(attemptValues(open, ended, own)));
    this.#sort.add(`${at} ${attempt}`, `${head}\t${cells}`);
  }
}

/** The attempt that tells of each of these agent runs. */
async function tellersOf(
  sort: ExternalSort,
  repeated: ReadonlySet<string>,
): Promise<ReadonlyMap<string, AttemptLine>> {
  const tellers = new Map<string, AttemptLine>();
  if (repeated.size === 0) return tellers;
  for await (const lines of sort.sorted()) {
    for (const line of lines.map(readLine)) {
      if (line.agentRunId === null || !repeated.has(line.agentRunId)) continue;
      const other = tellers.get(line.agentRunId);
      if (other === undefined || tellsMore(line, other)) tellers.set(line.agentRunId, line);
    }
  }
  return tellers;
}

/** Own before foreign, then the one that ended last, then by id. */
function tellsMore(a: AttemptLine, b: AttemptLine): boolean {
  if (a.own !== b.own) return a.own;
  const [endOfA, endOfB] = [a.endedAt ?? '', b.endedAt ?? ''];
  return endOfA === endOfB ? a.attempt < b.attempt : endOfA > endOfB;
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
  own: boolean,
): Json[] {
  const { attempt, run, pipeline, step, task, agent, effort, reserved, at } = intended;
  const values = [null, attempt, run, pipeline, step, task, agent, effort, reserved, at];
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

/** `_agent_runs` from the attempts, which are in order. */
export const agentRunsQuery = (attempts: string): string => `
  SELECT agent_run_id, pipeline, step, task, attempt, run, agent, effort, status, stop_reason,
    created_at, ended_at, duration_ms, agent_compute_units, searches, emails, phone_numbers, usage,
    (${dollars('reported')})::DECIMAL(18,6) AS reported_dollars
  FROM ${attempts} WHERE agent_run_id IS NOT NULL AND is_repeated IS NULL`;

export const costsQuery = (attempts: string): string => `
  WITH told AS (
    SELECT *,
      CASE WHEN reported IS NOT NULL THEN 'reported' WHEN outcome = 'open' THEN 'reserved'
        ELSE 'unknown' END AS cost,
      CASE WHEN cost = 'reserved' THEN nullif(reserved, 0) END AS held,
      CASE WHEN cost = 'unknown' THEN nullif(reserved, 0) END AS unknown
    FROM ${attempts} WHERE own)
  SELECT attempt, run, step, task, agent, agent_run_id, outcome, cost,
    (${dollars('reported')})::DECIMAL(18,6) AS reported_dollars,
    (${dollars('held')})::DECIMAL(18,6) AS reserved_dollars,
    (${dollars('unknown')})::DECIMAL(18,6) AS unknown_dollars,
    reported AS reported_microdollars, held AS reserved_microdollars,
    unknown AS unknown_microdollars, coalesce(ended_at, intended_at) AS at
  FROM told`;

/** The last failed attempt of each task, by step and fingerprint; a `WITH` clause. */
export const lastFailed = (attempts: string): string => `
  last_failed AS (
    SELECT step, fingerprint, ended_at, agent_run_id, kept
    FROM (SELECT *, unnest(fingerprints) AS fingerprint FROM ${attempts})
    QUALIFY row_number() OVER (
      PARTITION BY step, fingerprint ORDER BY ended_at DESC, attempt DESC) = 1)`;
