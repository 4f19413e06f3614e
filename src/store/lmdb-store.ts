import type { RootDatabase } from 'lmdb';
import type { Fingerprint } from '../base/fingerprint.ts';
import type { CapReached } from '../cost/cap.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { GroupCommit } from './group-commit.ts';
import { decode, encode, fingerprintKey, keysUnder, memberKey, nameKey } from './lmdb-encoding.ts';
import {
  append,
  checkFormat,
  createTables,
  lastNumber,
  openTables,
  pipelineNames,
  putStateId,
  readStateId,
  type Tables,
} from './lmdb-tables.ts';
import { GroupedSums, openFilled, periodSums } from './lmdb-spending.ts';
import { requireName } from './names.ts';
import { createEnvironment, isFull, openEnvironment, transact } from './lmdb-environment.ts';
import { storeErrorOf } from './lmdb-error.ts';
import {
  indexAnswer,
  knownOf,
  putFailed,
  putStepState,
  readEntry,
  readMembers,
  readStepState,
  readyAnswer,
  removeMembers,
  type ReadyAnswer,
} from './lmdb-entries.ts';
import { MappedPages } from './mapped-pages.ts';
import { OpenAttempts } from './open-attempts.ts';
import { prepareFolder } from './state-folder.ts';
import {
  addEnd,
  addToldCost,
  limitReached,
  spendingAt,
  type PeriodSpending,
  type PeriodSums,
  type SpendingLimit,
} from './spending.ts';
import { storeProblemOf, type StoreProblem } from './store-problem.ts';
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

/** Entries read at a time, so that a long ledger never fills memory. */
const PORTION = 1_024;

/** Fingerprints looked up at a time: each may bring its own stretch of the file into memory. */
const LOOKUPS = 256;

const createEmpty = (folder: string): Promise<void> => createEnvironment(folder, createTables);

export interface LmdbStoreOptions {
  /** For commands that only look: they never wait for a run, and a run never waits for them. */
  readonly readOnly?: boolean;
}

/** The state folder of a project, in LMDB. Several processes may have it open. */
export class LmdbStore implements Store {
  readonly #folder: string;
  readonly #readOnly: boolean;
  #root: RootDatabase;
  #tables: Tables;
  readonly #open: OpenAttempts;
  readonly #commits: GroupCommit | undefined;
  #lastAnswer = 0;
  #lastEntry = 0;
  /** Of the transaction that is going on. */
  #sums: GroupedSums | undefined;
  #closed = false;
  /** Walks that hold a snapshot of the map. */
  #snapshots = 0;
  readonly #mapped = new MappedPages();
  #remapping: Promise<void> | undefined;

  private constructor(folder: string, root: RootDatabase, readOnly: boolean) {
    this.#folder = folder;
    this.#readOnly = readOnly;
    this.#root = root;
    // One transaction for all: each table would else wait for the write lock on its own.
    this.#tables = readOnly ? openTables(root) : root.transactionSync(() => openFilled(root));
    this.#open = new OpenAttempts(this.#tables);
    this.#lastAnswer = lastNumber(this.#tables.answers);
    this.#commits = readOnly ? undefined : new GroupCommit((work) => this.#transact(work), isFull);
  }

  /**
   * Opens the store in `folder`; where there is none, it is created, unless it is to be read only.
   * Nothing is changed when it cannot be opened.
   */
  static async open(
    folder: string,
    { readOnly = false }: LmdbStoreOptions = {},
  ): Promise<Result<LmdbStore, StoreProblem>> {
    try {
      const prepared = await prepareFolder(folder, readOnly, createEmpty);
      if (!prepared.ok) return prepared;
      const root = openEnvironment(folder, readOnly);
      let problem: StoreProblem | undefined;
      try {
        problem = checkFormat(folder, root);
        if (problem === undefined) return ok(new LmdbStore(folder, root, readOnly));
      } catch (error) {
        problem = storeProblemOf(folder, error);
      }
      await root.close();
      return fail(problem);
    } catch (error) {
      return fail(storeProblemOf(folder, error));
    }
  }

  async look(fingerprints: readonly Fingerprint[]): Promise<readonly Known[]> {
    const known: Known[] = [];
    for (let start = 0; start < fingerprints.length; start += LOOKUPS) {
      // A commit of nothing, because the file is mapped anew between two commits.
      if (this.#mapped.isFull(this.#lastAnswer)) await this.#commits?.submit(() => undefined);
      known.push(...(await this.#lookAt(fingerprints.slice(start, start + LOOKUPS))));
    }
    return known;
  }

  #lookAt(fingerprints: readonly Fingerprint[]): Promise<readonly Known[]> {
    return this.#read(({ index }) => {
      this.#mapped.looked(fingerprints.length);
      const openNow = this.#open.isEmpty() ? undefined : this.#open.asking(fingerprints);
      return fingerprints.map((it) => knownOf(index, it, openNow?.get(it)));
    });
  }

  answersTo(fingerprints: readonly Fingerprint[]): Promise<readonly Known['answer'][]> {
    return this.#read(({ index }) => {
      this.#mapped.looked(fingerprints.length);
      return fingerprints.map((fingerprint) => readEntry(index, fingerprint)?.answer);
    });
  }

  answers(ids: readonly AnswerId[]): Promise<readonly Answer[]> {
    return this.#read(({ answers }) =>
      ids.map((id) => {
        const bytes = answers.getBinaryFast(id);
        if (bytes === undefined) throw new TypeError(`There is no answer ${id}`);
        return { id, ...decode<NewAnswer>(bytes) };
      }),
    );
  }

  async intend(entry: AttemptIntended, limit?: SpendingLimit): Promise<CapReached | undefined> {
    requireName('attempt', entry.attempt);
    entry.fingerprints.forEach(fingerprintKey);
    const value = encode(entry);
    return await this.#write((tables) => {
      const reached =
        limit && limitReached(limit, entry, this.#spendingIn(this.#sumsIn(tables), entry.at));
      if (reached !== undefined) return reached;
      this.#appendEntry(value);
      this.#open.begin(entry, this.#lastEntry);
      return undefined;
    });
  }

  spending(at: string): Promise<PeriodSpending> {
    return this.#read((tables) => this.#spendingIn(periodSums(tables), at));
  }

  #spendingIn(sums: PeriodSums, at: string): PeriodSpending {
    return spendingAt(sums, at, this.#open.held());
  }

  /** In a write transaction, whose end writes them. */
  #sumsIn(tables: Tables): PeriodSums {
    return (this.#sums ??= new GroupedSums(tables));
  }

  async created(entry: AttemptCreated): Promise<void> {
    requireName('attempt', entry.attempt);
    const value = encode(entry);
    await this.#write(() => {
      this.#appendEntry(value);
      this.#open.setAgentRun(entry.attempt, entry.agentRunId);
    });
  }

  async note(entry: AttemptNoted | CostTold): Promise<void> {
    requireName('attempt', entry.attempt);
    const value = encode(entry);
    await this.#write((tables) => {
      this.#appendEntry(value);
      if (entry.type === 'cost-told') addToldCost(this.#sumsIn(tables), entry);
      if (entry.type === 'attempt-held') this.#open.hold(entry.attempt, this.#lastEntry);
    });
  }

  async stateId(fresh: string): Promise<string> {
    const known = await this.#read(readStateId);
    if (known !== undefined || this.#readOnly) return known ?? fresh;
    return await this.#write((tables) => putStateId(tables, fresh));
  }

  async settle(entry: AttemptEnded, answers: readonly NewAnswer[]): Promise<readonly AnswerId[]> {
    requireName('attempt', entry.attempt);
    const value = encode(entry);
    const ready = answers.map(readyAnswer);
    return await this.#write((tables) => {
      this.#appendEntry(value);
      const ids = ready.map((answer) => this.#putAnswer(answer));
      const answered = new Set(answers.map(({ fingerprint }) => fingerprint));
      const failed = failedBy(entry);
      const { asks, held, wasOpen } = this.#open.end(entry.attempt);
      if (wasOpen) addEnd(this.#sumsIn(tables), entry, held);
      for (const fingerprint of asks) {
        if (!answered.has(fingerprint)) putFailed(tables, fingerprintKey(fingerprint), failed);
      }
      return ids;
    });
  }

  openAttempts(): Promise<readonly OpenAttempt[]> {
    return this.#read(() => this.#open.all());
  }

  async *ledger(): AsyncIterable<readonly LedgerEntry[]> {
    for (let start = 1; ; start += PORTION) {
      // Entries are numbered without gaps and never change, so each portion may be a fresh look.
      const portion = await this.#read(({ ledger }) =>
        [...ledger.getRange({ start, limit: PORTION })].map(({ value }) =>
          decode<LedgerEntry>(value),
        ),
      );
      if (portion.length > 0) yield portion;
      if (portion.length < PORTION) return;
    }
  }

  stepState(pipeline: string, step: string): Promise<StepState | undefined> {
    return this.#read((tables) => readStepState(tables, nameKey(pipeline, step)));
  }

  stepStates(pipeline: string): Promise<readonly StepState[]> {
    return this.#read(({ steps }) =>
      [...steps.getRange(keysUnder(pipeline))].map(({ value }) => decode<StepState>(value)),
    );
  }

  pipelines(): Promise<readonly string[]> {
    return this.#read(pipelineNames);
  }

  async addMembers(version: string, portion: number, members: readonly Member[]): Promise<void> {
    const key = memberKey(requireName('version', version), portion);
    const value = encode(members);
    await this.#write((tables) => {
      tables.members.putSync(key, value);
    });
  }

  async *members(version: string): AsyncIterable<readonly Member[]> {
    this.#requireOpen();
    await this.#remapping;
    const { members } = this.#tables;
    // One snapshot for the whole walk: the version may be replaced by another process meanwhile.
    const transaction = this.#root.useReadTransaction();
    this.#snapshots++;
    try {
      const keys = await this.#read(() => [
        ...members.getKeys({ ...keysUnder(version), transaction }),
      ]);
      for (const key of keys) {
        yield await this.#read(() => {
          const bytes = members.get(key, { transaction });
          return bytes === undefined ? [] : decode<readonly Member[]>(bytes);
        });
      }
    } finally {
      this.#snapshots--;
      if (!this.#closed) transaction.done();
    }
  }

  memberPortion(version: string, portion: number): Promise<readonly Member[] | undefined> {
    return this.#read((tables) => readMembers(tables, memberKey(version, portion)));
  }

  async publish(state: StepState): Promise<void> {
    requireName('version', state.version);
    const key = nameKey(requireName('pipeline', state.pipeline), requireName('step', state.step));
    const value = encode(state);
    await this.#write((tables) => {
      putStepState(tables, key, { version: state.version, value });
    });
  }

  async discard(version: string): Promise<void> {
    requireName('version', version);
    await this.#write((tables) => {
      removeMembers(tables, version);
    });
  }

  async putRun(run: RunRecord): Promise<void> {
    const key = nameKey(requireName('time', run.startedAt), requireName('run', run.run));
    const value = encode(run);
    await this.#write(({ runs }) => {
      runs.putSync(key, value);
    });
  }

  runs(limit: number): Promise<readonly RunRecord[]> {
    return this.#read(({ runs }) =>
      [...runs.getRange({ reverse: true, limit })].map(({ value }) => decode<RunRecord>(value)),
    );
  }

  /** Waits for what is being written. Again is harmless. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#commits?.idle();
    await this.#root.close();
  }

  #requireOpen(): void {
    if (this.#closed) throw new Error('The store is closed');
  }

  /** Reads of one portion see one state of the store: the newest, whichever process wrote it. */
  async #read<T>(work: (tables: Tables) => T): Promise<T> {
    if (this.#remapping !== undefined) await this.#remapping;
    this.#requireOpen();
    // LMDB's package would go on with its snapshot until a timer fires.
    this.#root.resetReadTxn();
    try {
      return work(this.#tables);
    } catch (error) {
      throw storeErrorOf(this.#folder, error);
    }
  }

  async #write<T>(work: (tables: Tables) => T): Promise<T> {
    this.#requireOpen();
    if (this.#commits === undefined) throw new Error('The store was opened for reading only');
    return await this.#commits.submit(() => work(this.#tables));
  }

  async #transact(work: () => void): Promise<void> {
    try {
      await transact(this.#root, this.#folder, () => {
        // Another process may have written since: numbers are taken from the tables each time.
        this.#lastAnswer = lastNumber(this.#tables.answers);
        this.#lastEntry = lastNumber(this.#tables.ledger);
        this.#sums = undefined;
        work();
        this.#writeSums();
      });
      this.#open.keep();
    } catch (error) {
      this.#open.undo();
      throw error;
    }
    if (this.#mapped.isFull(this.#lastAnswer) && this.#snapshots === 0) await this.#remap();
  }

  #writeSums(): void {
    this.#sums?.write();
  }

  /**
   * Maps the file anew, so that only what is used is resident. Between two commits, when nobody
   * holds a snapshot; readers wait the few milliseconds.
   */
  async #remap(): Promise<void> {
    this.#mapped.reset();
    let done: () => void = () => undefined;
    this.#remapping = new Promise((resolve) => {
      done = resolve;
    });
    try {
      await this.#root.close();
      this.#root = openEnvironment(this.#folder, this.#readOnly);
      this.#tables = this.#root.transactionSync(() => openTables(this.#root));
      this.#open.moveTo(this.#tables);
    } finally {
      this.#remapping = undefined;
      done();
    }
  }

  #appendEntry(value: Buffer): void {
    this.#mapped.wrote(value.length);
    append(this.#tables.ledger, ++this.#lastEntry, value);
  }

  #putAnswer(ready: ReadyAnswer): AnswerId {
    const id = ++this.#lastAnswer as AnswerId;
    this.#mapped.wrote(ready.value.length);
    this.#mapped.looked(1);
    append(this.#tables.answers, id, ready.value);
    indexAnswer(this.#tables, id, ready);
    return id;
  }
}
