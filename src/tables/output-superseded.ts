import type { RecordKey } from '../base/record-key.ts';
import type { Answer, AnswerId, Member, StepLayout, StepState, Store } from '../store/store.ts';
import { answersOf, recordsOf } from './output-answers.ts';
import type { ExternalSort } from './external-sort.ts';
import { placeOf, sortOf, type Sorting } from './output-members.ts';

/** Why a record is not in the table. */
interface Replaced {
  readonly reason: 'superseded';
  readonly detail: string;
}

type RecordPlace = readonly [place: string, answer: number, index: number];
type KeyedRecord = readonly [key: string, inTable: string, ...RecordPlace];

/**
 * Which records of an upsert step gave way to a newer one of the same key. They are found in a pass
 * of their own and then read along with the rows, both in the table's order.
 */
export class SupersededRecords {
  readonly #sort: ExternalSort | undefined;
  readonly #records: AsyncGenerator<RecordPlace> | undefined;
  #next: RecordPlace | undefined;

  private constructor(sort?: ExternalSort) {
    this.#sort = sort;
    this.#records = sort && placesOf(sort);
  }

  static async find(
    store: Store,
    state: Pick<StepState, 'version' | 'layout'>,
    sorting: Sorting,
  ): Promise<SupersededRecords> {
    if (state.layout.mode !== 'upsert' || state.layout.key === null) return new SupersededRecords();
    const byKey = sortOf(sorting, 'keys', state.version);
    const replaced = sortOf(sorting, 'replaced', state.version);
    try {
      await sortKeys(store, state, byKey);
      await sortReplaced(byKey, replaced);
      const found = new SupersededRecords(replaced);
      await found.#advance();
      return found;
    } catch (error) {
      await replaced.discard();
      throw error;
    } finally {
      await byKey.discard();
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
    await this.#sort?.discard();
  }

  async #advance(): Promise<void> {
    const next = await this.#records?.next();
    this.#next = next === undefined || next.done === true ? undefined : next.value;
  }
}

/** All records of the version by their key, the newest of a key first. */
async function sortKeys(
  store: Store,
  { version, layout }: Pick<StepState, 'version' | 'layout'>,
  sort: ExternalSort,
): Promise<void> {
  let line = 0;
  for await (const members of store.members(version)) {
    const answers = await answersOf(store, members);
    for (const member of members) {
      const answer = member.answer === undefined ? undefined : answers.get(member.answer);
      if (answer !== undefined) addKeys(sort, layout, line, member, answer);
      line++;
    }
    await sort.flush();
  }
}

function addKeys(
  sort: ExternalSort,
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
    if (key === undefined || dropped.has(index)) continue;
    const inTable = `${place} ${digits(line)} ${digits(index)}`;
    // Later answers have larger numbers; within one answer the first record of a key stays.
    const newestFirst = digits(Number.MAX_SAFE_INTEGER - answer.id);
    const record: KeyedRecord = [key, inTable, place, answer.id, index];
    sort.add(`${JSON.stringify(key)} ${newestFirst} ${inTable}`, JSON.stringify(record));
  }
}

/** Those after the first of each key, in the table's order. */
async function sortReplaced(byKey: ExternalSort, replaced: ExternalSort): Promise<void> {
  let before: string | undefined;
  for await (const lines of byKey.sorted()) {
    for (const text of lines) {
      const [key, inTable, ...place] = JSON.parse(text) as KeyedRecord;
      if (key === before) replaced.add(inTable, JSON.stringify(place));
      before = key;
    }
    await replaced.flush();
  }
}

/** A number as text that sorts as it does. */
const digits = (number: number): string => String(number).padStart(16, '0');

async function* placesOf(sort: ExternalSort): AsyncGenerator<RecordPlace> {
  for await (const lines of sort.sorted()) {
    for (const line of lines) yield JSON.parse(line) as RecordPlace;
  }
}
