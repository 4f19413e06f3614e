import type { Fingerprint } from '../base/fingerprint.ts';
import type { AttemptId } from '../base/ids.ts';
import { MemoryStore } from './memory-store.ts';
import { byAge } from './open-attempts.ts';
import type { PeriodSpending } from './spending.ts';
import type {
  Answer,
  AnswerId,
  AttemptCreated,
  AttemptEnded,
  CostTold,
  AttemptIntended,
  AttemptNoted,
  Known,
  LedgerEntry,
  Member,
  NewAnswer,
  OpenAttempt,
  RunRecord,
  StepState,
  Store,
} from './store.ts';

/** Larger than the id of any answer at rest. */
const OWN_ANSWERS_AFTER = 2 ** 40;

/**
 * A store over another: what is written stays in memory, what was not written is read from below.
 * A plan runs on it, so that it takes the same way as a run and changes nothing.
 */
export class OverlayStore implements Store {
  readonly #base: Store;
  readonly #own = new MemoryStore({ answersAfter: OWN_ANSWERS_AFTER });
  /** Open attempts of the base that were moved to the own store to be changed. */
  readonly #moved = new Set<AttemptId>();
  /** Versions of the base that were replaced or discarded. */
  readonly #forgotten = new Set<string>();

  constructor(base: Store) {
    this.#base = base;
  }

  async look(fingerprints: readonly Fingerprint[]): Promise<readonly Known[]> {
    const [below, own] = await Promise.all([
      this.#base.look(fingerprints),
      this.#own.look(fingerprints),
    ]);
    const stillOpen = this.#moved.size === 0 ? undefined : await this.#openBelow();
    return below.map((known, at): Known => {
      const above = own[at] ?? known;
      const fingerprint = fingerprints[at];
      const open =
        stillOpen === undefined
          ? known.open
          : stillOpen.findLast((attempt) => attempt.fingerprints.some((f) => f === fingerprint));
      return {
        answer: above.answer ?? known.answer,
        failed: above.failed ?? (above.answer === undefined ? known.failed : undefined),
        open: this.#newest(open, above.open),
      };
    });
  }

  async answersTo(fingerprints: readonly Fingerprint[]): Promise<readonly Known['answer'][]> {
    const below = await this.#base.answersTo(fingerprints);
    const own = await this.#own.answersTo(fingerprints);
    return below.map((answer, at) => own[at] ?? answer);
  }

  async answers(ids: readonly AnswerId[]): Promise<readonly Answer[]> {
    const isOwn = (id: AnswerId): boolean => id > OWN_ANSWERS_AFTER;
    const answers = [
      ...(await this.#base.answers(ids.filter((id) => !isOwn(id)))),
      ...(await this.#own.answers(ids.filter(isOwn))),
    ];
    const byId = new Map(answers.map((answer) => [answer.id, answer]));
    return ids.flatMap((id) => byId.get(id) ?? []);
  }

  intend(entry: AttemptIntended): Promise<undefined> {
    return this.#own.intend(entry).then(() => undefined);
  }

  /** Of the base: what is written here is never spent. */
  spending(at: string): Promise<PeriodSpending> {
    return this.#base.spending(at);
  }

  async created(entry: AttemptCreated): Promise<void> {
    await this.#move(entry.attempt);
    await this.#own.created(entry);
  }

  async note(entry: AttemptNoted | CostTold): Promise<void> {
    await this.#move(entry.attempt);
    await this.#own.note(entry);
  }

  /** Does not reach a store below that is read only and has none: then there is nothing to tell apart. */
  async stateId(fresh: string): Promise<string> {
    return await this.#base.stateId(fresh);
  }

  async settle(entry: AttemptEnded, answers: readonly NewAnswer[]): Promise<readonly AnswerId[]> {
    await this.#move(entry.attempt);
    return await this.#own.settle(entry, answers);
  }

  async openAttempts(): Promise<readonly OpenAttempt[]> {
    return [...(await this.#openBelow()), ...(await this.#own.openAttempts())].sort(byAge);
  }

  async ledgerLength(): Promise<number> {
    return (await this.#base.ledgerLength()) + (await this.#own.ledgerLength());
  }

  async *ledger(after = 0): AsyncIterable<readonly LedgerEntry[]> {
    yield* this.#base.ledger(after);
    yield* this.#own.ledger(Math.max(0, after - (await this.#base.ledgerLength())));
  }

  async stepState(pipeline: string, step: string): Promise<StepState | undefined> {
    const own = await this.#own.stepState(pipeline, step);
    return own ?? (await this.#base.stepState(pipeline, step));
  }

  async stepStates(pipeline: string): Promise<readonly StepState[]> {
    const own = await this.#own.stepStates(pipeline);
    const replaced = new Set(own.map(({ step }) => step));
    const below = await this.#base.stepStates(pipeline);
    return [...below.filter(({ step }) => !replaced.has(step)), ...own].sort((a, b) =>
      a.step < b.step ? -1 : 1,
    );
  }

  async pipelines(): Promise<readonly string[]> {
    const names = [...(await this.#base.pipelines()), ...(await this.#own.pipelines())];
    return [...new Set(names)].sort();
  }

  addMembers(version: string, portion: number, members: readonly Member[]): Promise<void> {
    return this.#own.addMembers(version, portion, members);
  }

  async *members(version: string): AsyncIterable<readonly Member[]> {
    // A version that was begun below and is added to here has its later portions here.
    const all = (await this.#own.memberPortion(version, 0)) !== undefined;
    if (!all && !this.#forgotten.has(version)) yield* this.#base.members(version);
    yield* this.#own.members(version);
  }

  async memberPortion(version: string, portion: number): Promise<readonly Member[] | undefined> {
    const own = await this.#own.memberPortion(version, portion);
    if (own !== undefined || this.#forgotten.has(version)) return own;
    return await this.#base.memberPortion(version, portion);
  }

  async publish(state: StepState): Promise<void> {
    const before = await this.stepState(state.pipeline, state.step);
    await this.#own.publish(state);
    if (before !== undefined && before.version !== state.version) {
      await this.discard(before.version);
    }
  }

  async discard(version: string): Promise<void> {
    this.#forgotten.add(version);
    await this.#own.discard(version);
  }

  putRun(run: RunRecord): Promise<void> {
    return this.#own.putRun(run);
  }

  async runs(limit: number): Promise<readonly RunRecord[]> {
    const own = await this.#own.runs(Infinity);
    const replaced = new Set(own.map(keyOf));
    const below = await this.#base.runs(limit + own.length);
    return [...below.filter((run) => !replaced.has(keyOf(run))), ...own]
      .sort((a, b) => (keyOf(a) < keyOf(b) ? 1 : -1))
      .slice(0, limit);
  }

  /** Forgets what was written, and closes the store below. */
  async close(): Promise<void> {
    await this.#base.close();
  }

  /** Open attempts of the base that are as they are there, oldest first. */
  async #openBelow(): Promise<readonly OpenAttempt[]> {
    const open = await this.#base.openAttempts();
    return open.filter(({ attempt }) => !this.#moved.has(attempt));
  }

  async #move(id: AttemptId): Promise<void> {
    const attempt = (await this.#openBelow()).find((open) => open.attempt === id);
    if (attempt === undefined) return;
    this.#moved.add(id);
    this.#own.hold(attempt);
  }

  /** What was begun here is newer than what is below, unless it was moved. */
  #newest(below: OpenAttempt | undefined, own: OpenAttempt | undefined): OpenAttempt | undefined {
    if (own === undefined || below === undefined) return own ?? below;
    return this.#moved.has(own.attempt) && byAge(below, own) > 0 ? below : own;
  }
}

const keyOf = ({ startedAt, run }: RunRecord): string => `${startedAt}\0${run}`;
