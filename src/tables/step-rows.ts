import type { Json, JsonObject } from '../base/json.ts';
import { recordKey, type RecordKey } from '../base/record-key.ts';
import type { TableRow } from '../execution/ports.ts';
import { takeRecords, type TakenRecord } from '../plan/take-records.ts';
import type { Answer, AnswerId, Member, StepState, Store } from '../store/store.ts';
import { recordsAtOf } from './column-types.ts';
import { citationsByRecord, type CitedField, type RecordCitations } from './output-citations.ts';
import { membersInOrder, placeOf, scratchPath, type Sorting } from './output-members.ts';
import { sqlValue } from './output-problem.ts';
import { Spool } from './output-spool.ts';

/** A stretch of a step's table, with all that is known about its rows and about what is missing. */
export interface StepPortion {
  readonly rows: readonly TableRow[];
  readonly citations: readonly CitationRow[];
  readonly rejected: readonly RejectedRow[];
  readonly failures: readonly FailureRow[];
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

async function answersOf(
  store: Store,
  members: readonly Member[],
): Promise<ReadonlyMap<AnswerId, Answer>> {
  const ids = members.flatMap(({ answer }) => (answer === undefined ? [] : [answer]));
  if (ids.length === 0) return new Map();
  const answers = await store.answers(ids);
  return new Map(answers.map((answer) => [answer.id, answer]));
}

/** What is gathered while members become rows. */
interface Gathered {
  readonly rows: TableRow[];
  readonly citations: CitationRow[];
  readonly rejected: RejectedRow[];
  readonly failures: FailureRow[];
}

class TableBuilder {
  readonly #layout: StepState['layout'];
  readonly #superseded: SupersededRecords;
  #rows = 0;

  constructor(state: Pick<StepState, 'layout'>, superseded: SupersededRecords) {
    this.#layout = state.layout;
    this.#superseded = superseded;
  }

  async portion(
    members: readonly Member[],
    answers: ReadonlyMap<AnswerId, Answer>,
  ): Promise<StepPortion> {
    const gathered: Gathered = { rows: [], citations: [], rejected: [], failures: [] };
    for (const member of members) {
      if (member.failure !== undefined) gathered.failures.push(failureRow(member, member.failure));
      for (const record of member.rows ?? []) this.#addOwn(record, gathered);
      const answer = member.answer === undefined ? undefined : answers.get(member.answer);
      if (answer !== undefined) await this.#addAnswer(member, answer, gathered);
    }
    return gathered;
  }

  /** A row that no agent gave: it was computed. */
  #addOwn(record: JsonObject, gathered: Gathered): void {
    const { key } = this.#layout;
    this.#rows++;
    gathered.rows.push({
      record,
      _key: key === null ? null : (recordKey(record, key) ?? null),
      _parent_key: null,
      _agent_run_id: null,
      _answered_at: null,
      _confidence: null,
    });
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
      const out = dropped.get(index) ?? (await this.#superseded.take(place, index, key));
      if (out === undefined) {
        this.#addRow(member, answer, { record, key }, cited.records.get(index), gathered);
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
    { record, key }: { readonly record: JsonObject; readonly key: string | null },
    cited: RecordCitations | undefined,
    gathered: Gathered,
  ): void {
    const row = ++this.#rows;
    gathered.rows.push({
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
  { record_index, field, url, host, title, confidence }: CitedField,
): CitationRow => ({
  row,
  _key: key,
  task,
  record_index,
  field,
  url,
  host,
  title,
  confidence,
  agent_run_id: agentRunId,
});

/**
 * The records as they were taken when the answer was accepted. The schema is not checked again:
 * what it refused is among the member's dropped records.
 */
const recordsOf = (layout: StepState['layout'], answer: Answer): ReturnType<typeof takeRecords> =>
  takeRecords(
    { at: recordsAtOf(layout), key: layout.key ?? undefined, schema: undefined },
    answer.output,
  );

const failureRow = (member: Member, failure: NonNullable<Member['failure']>): FailureRow => ({
  task: member.task,
  fingerprint: member.fingerprint,
  kind: failure.kind,
  message: failure.message,
  attempts: failure.attempts,
});

interface Replaced {
  readonly reason: 'superseded';
  readonly detail: string;
}

type RecordPlace = readonly [place: string, index: number];

const KEY_COLUMNS = [
  { name: 'place', type: 'VARCHAR' },
  { name: 'index', type: 'BIGINT' },
  { name: 'key', type: 'VARCHAR' },
  { name: 'answer', type: 'BIGINT' },
] as const;

/**
 * Which records of an upsert step gave way to a newer one of the same key. They are found by
 * DuckDB in a pass of their own and then read along with the rows, both in the table's order.
 */
class SupersededRecords {
  readonly #spool: Spool | undefined;
  readonly #records: AsyncGenerator<RecordPlace> | undefined;
  #next: RecordPlace | undefined;

  private constructor(spool?: Spool, records?: AsyncGenerator<RecordPlace>) {
    this.#spool = spool;
    this.#records = records;
  }

  static async find(
    store: Store,
    state: Pick<StepState, 'version' | 'layout'>,
    sorting: Sorting,
  ): Promise<SupersededRecords> {
    if (state.layout.mode !== 'upsert' || state.layout.key === null) return new SupersededRecords();
    const spool = await Spool.create(scratchPath(sorting, 'keys', state.version));
    try {
      for await (const members of store.members(state.version)) {
        const answers = await answersOf(store, members);
        for (const member of members) {
          const answer = member.answer === undefined ? undefined : answers.get(member.answer);
          if (answer !== undefined) addKeys(spool, state.layout, member, answer);
        }
        await spool.flush();
      }
      await spool.end();
    } catch (error) {
      await spool.discard();
      throw error;
    }
    // Later answers have larger numbers; within one answer the first record of a key stays.
    const sql = `SELECT place, "index" FROM (${spool.query(KEY_COLUMNS)})
      QUALIFY row_number() OVER (PARTITION BY key ORDER BY answer DESC, place, "index") > 1
      ORDER BY place, "index"`;
    const stream = sqlValue(await sorting.database.stream(sql));
    const found = new SupersededRecords(spool, pairsOf(stream.rows));
    await found.#advance();
    return found;
  }

  /** To be asked of every record of the table, in order. */
  async take(place: string, index: number, key: RecordKey | null): Promise<Replaced | undefined> {
    if (this.#next === undefined || this.#next[0] !== place || this.#next[1] !== index) {
      return undefined;
    }
    await this.#advance();
    return { reason: 'superseded', detail: `a newer record has the key ${JSON.stringify(key)}` };
  }

  async close(): Promise<void> {
    await this.#records?.return(undefined);
    await this.#spool?.discard();
  }

  async #advance(): Promise<void> {
    const next = await this.#records?.next();
    this.#next = next === undefined || next.done === true ? undefined : next.value;
  }
}

function addKeys(spool: Spool, layout: StepState['layout'], member: Member, answer: Answer): void {
  const taken = recordsOf(layout, answer);
  if (!taken.ok) return;
  const dropped = new Set(member.dropped.map((record) => record.index));
  const place = placeOf(member.path);
  for (const { index, key } of taken.records as readonly TakenRecord[]) {
    if (key !== undefined && !dropped.has(index)) spool.add([place, index, key, answer.id]);
  }
}

async function* pairsOf(
  portions: AsyncIterable<readonly JsonObject[]>,
): AsyncGenerator<RecordPlace> {
  for await (const rows of portions) {
    for (const row of rows) yield [row['place'] as string, row['index'] as number];
  }
}
