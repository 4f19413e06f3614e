import type { Json, JsonObject } from '../base/json.ts';
import { recordKey } from '../base/record-key.ts';
import type { TableRow } from '../execution/ports.ts';
import type { TakenRecord } from '../plan/take-records.ts';
import type { Answer, AnswerId, Member, MemberFailure, StepState, Store } from '../store/store.ts';
import { passesOn, recordsAtOf } from './column-types.ts';
import { answersOf, recordsOf } from './output-answers.ts';
import { citationsByRecord, type CitedField, type RecordCitations } from './output-citations.ts';
import { membersInOrder, placeOf, type Sorting } from './output-members.ts';
import { SupersededRecords } from './output-superseded.ts';

/** A stretch of a step's table, with all that is known about its rows and about what is missing. */
export interface StepPortion {
  readonly rows: readonly StepRow[];
  readonly citations: readonly CitationRow[];
  readonly rejected: readonly RejectedRow[];
  readonly failures: readonly FailureRow[];
}

export interface StepRow extends TableRow {
  readonly task: string;
  /** Its place in the answer's list of records; null where no agent gave it. */
  readonly record_index: number | null;
}

/** One source of one field. A grounding without a source gives one with no `url`. */
export interface CitationRow extends CitedField {
  /** The row of the step's table, counted from 1; null for what supports an answer as a whole. */
  readonly row: number | null;
  readonly _key: string | null;
  readonly task: string;
  readonly agent_run_id: string;
}

/** A record that is not in the table, and why. */
export interface RejectedRow {
  readonly task: string;
  /** Its place in the answer's list of records; null for a whole output. */
  readonly record_index: number | null;
  readonly key: string | null;
  readonly reason: string;
  readonly detail: string;
  readonly record: Json;
  readonly agent_run_id: string | null;
}

/** A task without an answer. */
export interface FailureRow {
  readonly task: string;
  readonly fingerprint: string;
  readonly kind: string;
  readonly message: string;
  readonly attempts: number;
}

/** Answers fetched from the store at a time. */
const BATCH = 256;

/**
 * The rows of a step's table, made anew from the answers in the store: by the path of their task,
 * then in the order of the answer. Memory stays bounded whatever the number of tasks.
 *
 * Records the run dropped are left out and told as rejected. With `mode: upsert` only the newest
 * record of a key is a row; those it replaces are rejected as `superseded`. Throws an
 * {@link OutputProblem} when the disk or DuckDB fails.
 */
export async function* stepRows(
  store: Store,
  state: Pick<StepState, 'version' | 'layout'>,
  sorting: Sorting,
): AsyncGenerator<StepPortion> {
  const superseded = await SupersededRecords.find(store, state, sorting);
  const table = new TableBuilder(state, superseded);
  try {
    for await (const members of membersInOrder(store, state.version, sorting)) {
      for (let start = 0; start < members.length; start += BATCH) {
        const batch = members.slice(start, start + BATCH);
        yield await table.portion(batch, await answersOf(store, batch));
      }
    }
  } finally {
    await superseded.close();
  }
}

/** What is gathered while members become rows. */
interface Gathered {
  readonly rows: StepRow[];
  readonly citations: CitationRow[];
  readonly rejected: RejectedRow[];
  readonly failures: FailureRow[];
}

class TableBuilder {
  readonly #layout: StepState['layout'];
  readonly #superseded: SupersededRecords;
  /** Columns of a query that every table has. */
  readonly #passedOn: readonly string[];
  #rows = 0;

  constructor(state: Pick<StepState, 'layout'>, superseded: SupersededRecords) {
    this.#layout = state.layout;
    this.#passedOn = (state.layout.columns ?? []).filter(passesOn).map(({ name }) => name);
    this.#superseded = superseded;
  }

  async portion(
    members: readonly Member[],
    answers: ReadonlyMap<AnswerId, Answer>,
  ): Promise<StepPortion> {
    const gathered: Gathered = { rows: [], citations: [], rejected: [], failures: [] };
    for (const member of members) {
      if (member.failure !== undefined) gathered.failures.push(failureRow(member, member.failure));
      for (const row of member.rows ?? []) this.#addOwn(row, member.task, gathered);
      const answer = member.answer === undefined ? undefined : answers.get(member.answer);
      if (answer === undefined) continue;
      if (member.failure === undefined) await this.#addAnswer(member, answer, gathered);
      else this.#rejectAnswer(member, answer, member.failure, gathered);
    }
    return gathered;
  }

  /** An answer that was paid for and is no use as a whole: kept, and no row of the table. */
  #rejectAnswer(member: Member, answer: Answer, why: MemberFailure, gathered: Gathered): void {
    gathered.rejected.push({
      task: member.task,
      agent_run_id: answer.agentRunId,
      record_index: null,
      key: null,
      reason: why.kind,
      detail: why.message,
      record: answer.output.structured ?? answer.output.text,
    });
  }

  /** A row that no agent gave: it was computed. */
  #addOwn(row: JsonObject, task: string, gathered: Gathered): void {
    const { key } = this.#layout;
    const [record, passed] = this.#passedOn.length === 0 ? [row, {}] : this.#split(row);
    this.#rows++;
    gathered.rows.push({
      task,
      record_index: null,
      _parent_key: null,
      _agent_run_id: null,
      _answered_at: null,
      _confidence: null,
      ...passed,
      record,
      _key: key === null ? (passed._key ?? null) : (recordKey(row, key) ?? null),
    });
  }

  /** The row without the columns that it passes on, and these. */
  #split(row: JsonObject): readonly [JsonObject, Partial<TableRow>] {
    const record = { ...row };
    const passed: Record<string, Json> = {};
    for (const name of this.#passedOn) {
      passed[name] = row[name] ?? null;
      delete record[name];
    }
    return [record, passed];
  }

  async #addAnswer(member: Member, answer: Answer, gathered: Gathered): Promise<void> {
    const taken = recordsOf(this.#layout, answer);
    const of = { task: member.task, agent_run_id: answer.agentRunId };
    if (!taken.ok) {
      const record = answer.output.structured ?? answer.output.text;
      const { kind: reason, message: detail } = taken;
      gathered.rejected.push({ ...of, record_index: null, key: null, reason, detail, record });
      return;
    }
    const cited = citationsByRecord(recordsAtOf(this.#layout), answer.output.grounding);
    const dropped = new Map(member.dropped.map((record) => [record.index, record]));
    const place = placeOf(member.path);
    for (const { index, record, key = null } of taken.records) {
      const out = dropped.get(index) ?? (await this.#superseded.take(place, answer.id, index, key));
      if (out === undefined) {
        this.#addRow(member, answer, { index, record, key }, cited.records.get(index), gathered);
      } else {
        const { reason, detail } = out;
        gathered.rejected.push({ ...of, record_index: index, key, reason, detail, record });
      }
    }
    for (const field of cited.whole) {
      gathered.citations.push(citationRow(member, answer, null, null, field));
    }
  }

  #addRow(
    member: Member,
    answer: Answer,
    { index, record, key }: Pick<TakenRecord, 'index' | 'record'> & { readonly key: string | null },
    cited: RecordCitations | undefined,
    gathered: Gathered,
  ): void {
    const row = ++this.#rows;
    gathered.rows.push({
      task: member.task,
      record_index: index,
      record,
      _key: key,
      _parent_key: this.#layout.parent === null ? null : member.task,
      _agent_run_id: answer.agentRunId,
      _answered_at: answer.answeredAt,
      _confidence: cited?.confidence ?? null,
    });
    for (const field of cited?.fields ?? []) {
      gathered.citations.push(citationRow(member, answer, row, key, field));
    }
  }
}

/** Written out, because there are more of these than of anything else. */
const citationRow = (
  { task }: Member,
  { agentRunId }: Answer,
  row: number | null,
  key: string | null,
  { record_index, field, url, host, cited_text, title, confidence }: CitedField,
): CitationRow => ({
  row,
  _key: key,
  task,
  record_index,
  field,
  url,
  host,
  cited_text,
  title,
  confidence,
  agent_run_id: agentRunId,
});

const failureRow = (member: Member, failure: NonNullable<Member['failure']>): FailureRow => ({
  task: member.task,
  fingerprint: member.fingerprint,
  kind: failure.kind,
  message: failure.message,
  attempts: failure.attempts,
});
