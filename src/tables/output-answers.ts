import { takeRecords, type Taken } from '../plan/take-records.ts';
import type { Answer, AnswerId, Member, StepLayout, Store } from '../store/store.ts';
import { recordsAtOf } from './column-types.ts';

/** The answers of some tasks, by id. */
export async function answersOf(
  store: Store,
  members: readonly Member[],
): Promise<ReadonlyMap<AnswerId, Answer>> {
  const ids = members.flatMap(({ answer }) => (answer === undefined ? [] : [answer]));
  if (ids.length === 0) return new Map();
  const answers = await store.answers(ids);
  return new Map(answers.map((answer) => [answer.id, answer]));
}

/**
 * The records as they were taken when the answer was accepted. The schema is not checked again:
 * what it refused is among the member's dropped records.
 */
export const recordsOf = (layout: StepLayout, answer: Answer): Taken =>
  takeRecords(
    { at: recordsAtOf(layout), key: layout.key ?? undefined, schema: undefined },
    answer.output,
  );
