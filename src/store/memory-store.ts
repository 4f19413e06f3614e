import type { Fingerprint } from '../base/fingerprint.ts';
import type { AttemptId } from '../base/ids.ts';
import { addMoney, microdollars } from '../base/money.ts';
import type { CapReached } from '../cost/cap.ts';
import { requireName } from './names.ts';
import { byAge, holdOf, openedBy } from './open-attempts.ts';
import {
  addEnd,
  addToldCost,
  limitReached,
  spendingAt,
  type PeriodSpending,
  type PeriodSum,
  type PeriodSums,
  type SpendingLimit,
} from './spending.ts';
import {
  failedBy,
  type Answer,
  type AnswerId,
  type AttemptCreated,
  type AttemptEnded,
  type CostTold,
  type AttemptIntended,
  type AttemptNoted,
  type Known,
  type LedgerEntry,
  type Member,
  type NewAnswer,
  type OpenAttempt,
  type RunRecord,
  type StepState,
  type Store,
} from './store.ts';

const NOTHING: Known = { answer: undefined, open: undefined, failed: undefined };

/** A store that ends with the process: for tests, and under {@link OverlayStore}. */
export class MemoryStore implements Store {
  /** Answers are numbered from the one after this. */
  readonly #before: number;
  readonly #answers: Answer[] = [];
  readonly #known = new Map<Fingerprint, Pick<Known, 'answer' | 'failed'>>();
  readonly #open = new Map<AttemptId, OpenAttempt>();
  /** Ids of the open attempts that ask for it, the newest last. */
  readonly #openFor = new Map<Fingerprint, readonly AttemptId[]>();
  readonly #ledger: LedgerEntry[] = [];
  readonly #members = new Map<string, Map<number, readonly Member[]>>();
  readonly #steps = new Map<string, StepState>();
  readonly #runs = new Map<string, RunRecord>();
  #stateId: string | undefined;
  readonly #sums = new Map<string, PeriodSum>();

  readonly #periods: PeriodSums = {
    get: (period) => this.#sums.get(period),
    put: (period, sum) => this.#sums.set(period, sum),
  };

  constructor({ answersAfter = 0 }: { readonly answersAfter?: number } = {}) {
    this.#before = answersAfter;
  }

  look(fingerprints: readonly Fingerprint[]): Promise<readonly Known[]> {
    return Promise.resolve(
      fingerprints.map((fingerprint) => {
        const known = this.#known.get(fingerprint);
        const newest = this.#openFor.get(fingerprint)?.at(-1);
        if (known === undefined && newest === undefined) return NOTHING;
        const open = newest === undefined ? undefined : this.#open.get(newest);
        return { answer: known?.answer, open, failed: known?.failed };
      }),
    );
  }

  async answersTo(fingerprints: readonly Fingerprint[]): Promise<readonly Known['answer'][]> {
    return fingerprints.map((fingerprint) => this.#known.get(fingerprint)?.answer);
  }

  async answers(ids: readonly AnswerId[]): Promise<readonly Answer[]> {
    return ids.map((id) => {
      const answer = this.#answers[id - this.#before - 1];
      if (answer === undefined) throw new TypeError(`There is no answer ${id}`);
      return answer;
    });
  }

  async intend(entry: AttemptIntended, limit?: SpendingLimit): Promise<CapReached | undefined> {
    requireName('attempt', entry.attempt);
    const reached = limit && limitReached(limit, entry, this.#spendingAt(entry.at));
    if (reached !== undefined) return reached;
    this.#ledger.push(entry);
    this.#begin(openedBy(entry), (others) => others.length);
    return undefined;
  }

  async spending(at: string): Promise<PeriodSpending> {
    return this.#spendingAt(at);
  }

  #spendingAt(at: string): PeriodSpending {
    const held = [...this.#open.values()].map(({ reserved }) => reserved);
    return spendingAt(this.#periods, at, held.reduce(addMoney, microdollars(0)));
  }

  /** Makes an attempt open that another store's ledger tells of: older than what began here. */
  hold(attempt: OpenAttempt): void {
    this.#begin(attempt, (others) => {
      const newer = others.findIndex((id) => {
        const other = this.#open.get(id);
        return other !== undefined && byAge(other, attempt) > 0;
      });
      return newer === -1 ? others.length : newer;
    });
  }

  async created(entry: AttemptCreated): Promise<void> {
    const { attempt: id, agentRunId } = entry;
    this.#ledger.push(entry);
    const attempt = this.#open.get(id);
    if (attempt !== undefined) this.#open.set(id, { ...attempt, agentRunId, held: undefined });
  }

  async note(entry: AttemptNoted | CostTold): Promise<void> {
    this.#ledger.push(entry);
    if (entry.type === 'cost-told') addToldCost(this.#periods, entry);
    const attempt = this.#open.get(entry.attempt);
    if (attempt === undefined || entry.type !== 'attempt-held') return;
    this.#open.set(entry.attempt, { ...attempt, held: holdOf(entry) });
  }

  async stateId(fresh: string): Promise<string> {
    this.#stateId ??= fresh;
    return this.#stateId;
  }

  async settle(entry: AttemptEnded, answers: readonly NewAnswer[]): Promise<readonly AnswerId[]> {
    this.#ledger.push(entry);
    const open = this.#open.get(entry.attempt);
    if (open !== undefined) addEnd(this.#periods, entry, open.reserved);
    const ids = answers.map((answer) => this.#putAnswer(answer));
    const answered = new Set(answers.map(({ fingerprint }) => fingerprint));
    const failed = failedBy(entry);
    for (const fingerprint of this.#end(entry.attempt)) {
      if (answered.has(fingerprint)) continue;
      this.#known.set(fingerprint, { answer: this.#known.get(fingerprint)?.answer, failed });
    }
    return ids;
  }

  async openAttempts(): Promise<readonly OpenAttempt[]> {
    return [...this.#open.values()].sort(byAge);
  }

  async ledgerLength(): Promise<number> {
    return this.#ledger.length;
  }

  async *ledger(after = 0): AsyncIterable<readonly LedgerEntry[]> {
    if (this.#ledger.length > after) yield this.#ledger.slice(after);
  }

  async stepState(pipeline: string, step: string): Promise<StepState | undefined> {
    return this.#steps.get(`${pipeline}\0${step}`);
  }

  async stepStates(pipeline: string): Promise<readonly StepState[]> {
    return entriesByKey(this.#steps).filter((state) => state.pipeline === pipeline);
  }

  async pipelines(): Promise<readonly string[]> {
    return [...new Set(entriesByKey(this.#steps).map(({ pipeline }) => pipeline))];
  }

  async addMembers(version: string, portion: number, members: readonly Member[]): Promise<void> {
    requireName('version', version);
    const portions = this.#members.get(version) ?? new Map<number, readonly Member[]>();
    this.#members.set(version, portions.set(portion, members));
  }

  async *members(version: string): AsyncIterable<readonly Member[]> {
    const portions = [...(this.#members.get(version) ?? [])];
    for (const [, members] of portions.sort(([a], [b]) => a - b)) yield members;
  }

  async memberPortion(version: string, portion: number): Promise<readonly Member[] | undefined> {
    return this.#members.get(version)?.get(portion);
  }

  async publish(state: StepState): Promise<void> {
    requireName('version', state.version);
    const key = `${requireName('pipeline', state.pipeline)}\0${requireName('step', state.step)}`;
    const before = this.#steps.get(key)?.version;
    this.#steps.set(key, state);
    if (before !== undefined && before !== state.version) this.#members.delete(before);
  }

  async discard(version: string): Promise<void> {
    this.#members.delete(version);
  }

  async putRun(run: RunRecord): Promise<void> {
    this.#runs.set(`${requireName('time', run.startedAt)}\0${requireName('run', run.run)}`, run);
  }

  async runs(limit: number): Promise<readonly RunRecord[]> {
    return entriesByKey(this.#runs).reverse().slice(0, limit);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** `place` says where it goes among the open attempts that ask for the same. */
  #begin(attempt: OpenAttempt, place: (others: readonly AttemptId[]) => number): void {
    const { attempt: id } = attempt;
    this.#open.set(id, attempt);
    for (const fingerprint of attempt.fingerprints) {
      const others = this.#openFor.get(fingerprint)?.filter((other) => other !== id) ?? [];
      this.#openFor.set(fingerprint, others.toSpliced(place(others), 0, id));
    }
  }

  #putAnswer(answer: NewAnswer): AnswerId {
    const id = (this.#before + this.#answers.length + 1) as AnswerId;
    this.#answers.push({ id, ...answer });
    const { answeredAt, digest, agentRunId } = answer;
    const known = { id, answeredAt, digest, agentRunId };
    this.#known.set(answer.fingerprint, { answer: known, failed: undefined });
    return id;
  }

  /** Gives what the attempt asked for. */
  #end(id: AttemptId): readonly Fingerprint[] {
    const fingerprints = this.#open.get(id)?.fingerprints ?? [];
    this.#open.delete(id);
    for (const fingerprint of fingerprints) {
      const others = this.#openFor.get(fingerprint)?.filter((other) => other !== id) ?? [];
      if (others.length === 0) this.#openFor.delete(fingerprint);
      else this.#openFor.set(fingerprint, others);
    }
    return fingerprints;
  }
}

/** Keys are ASCII with NUL between their parts, so this is the order of the bytes too. */
const entriesByKey = <T>(map: ReadonlyMap<string, T>): T[] =>
  [...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
