import type { JsonObject } from '../base/json.ts';
import type { RecordKey } from '../base/record-key.ts';
import type { Answer, AnswerId, Member, StepLayout, StepState, Store } from '../store/store.ts';
import { answersOf, recordsOf } from './output-answers.ts';
import { placeOf, scratchPath, type Sorting } from './output-members.ts';
import { sqlValue } from './output-problem.ts';
import { Spool } from './output-spool.ts';

/** Why a record is not in the table. */
interface Replaced {
  readonly reason: 'superseded';
  readonly detail: string;
}

type RecordPlace = readonly [place: string, answer: number, index: number];

const KEY_COLUMNS = [
  { name: 'place', type: 'VARCHAR' },
  { name: 'line', type: 'BIGINT' },
  { name: 'index', type: 'BIGINT' },
  { name: 'key', type: 'VARCHAR' },
  { name: 'answer', type: 'BIGINT' },
] as const;

/**
 * Which records of an upsert step gave way to a newer one of the same key. They are found by
 * DuckDB in a pass of their own and then read along with the rows, both in the table's order.
 */
export class SupersededRecords {
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
      let line = 0;
      for await (const members of store.members(state.version)) {
        const answers = await answersOf(store, members);
        for (const member of members) {
          const answer = member.answer === undefined ? undefined : answers.get(member.answer);
          if (answer !== undefined) addKeys(spool, state.layout, line, member, answer);
          line++;
        }
        await spool.flush();
      }
      await spool.end();
      // Later answers have larger numbers; within one answer the first record of a key stays.
      const sql = `SELECT place, answer, "index" FROM (${spool.query(KEY_COLUMNS)})
        QUALIFY row_number() OVER (PARTITION BY key ORDER BY answer DESC, place, line, "index") > 1
        ORDER BY place, line, "index"`;
      const stream = sqlValue(await sorting.database.stream(sql));
      const found = new SupersededRecords(spool, placesOf(stream.rows));
      await found.#advance();
      return found;
    } catch (error) {
      await spool.discard();
      throw error;
    }
  }

  /** To be asked of every record of the table, in order. */
  async take(
    place: string,
    answer: AnswerId,
    index: number,
    key: RecordKey | null,
  ): Promise<Replaced | undefined> {
    const next = this.#next;
    if (next?.[0] !== place || next[1] !== answer || next[2] !== index) return undefined;
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

function addKeys(
  spool: Spool,
  layout: StepLayout,
  line: number,
  member: Member,
  answer: Answer,
): void {
  const taken = recordsOf(layout, answer);
  if (!taken.ok) return;
  const dropped = new Set(member.dropped.map((record) => record.index));
  const place = placeOf(member.path);
  for (const { index, key } of taken.records) {
    if (key !== undefined && !dropped.has(index)) spool.add([place, line, index, key, answer.id]);
  }
}

async function* placesOf(
  portions: AsyncIterable<readonly JsonObject[]>,
): AsyncGenerator<RecordPlace> {
  for await (const rows of portions) {
    for (const { place, answer, index } of rows) {
      yield [place as string, answer as number, index as number];
    }
  }
}
