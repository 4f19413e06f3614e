import type { RootDatabase } from 'lmdb';
import type { Fingerprint } from '../base/fingerprint.ts';
import type { CapReached } from '../cost/cap.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { decode, encode, fingerprintKey, keysUnder, memberKey, nameKey } from './lmdb-encoding.ts';
import {
  append,
  checkFormat,
  createTables,
  lastNumber,
  pipelineNames,
  putStateId,
  readStateId,
  type Tables,
} from './lmdb-tables.ts';
import { GroupedSums, periodSums } from './lmdb-spending.ts';
import { requireName } from './names.ts';
import { createEnvironment, openEnvironment } from './lmdb-environment.ts';
import { LmdbFile } from './lmdb-file.ts';
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
import { freeBytes, storeProblemOf, type FreeBytes, type StoreProblem } from './store-problem.ts';
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
const PORTION = 256;

/** Fingerprints looked up at a time: each may bring its own stretch of the file into memory. */
const LOOKUPS = 64;

const createEmpty = (folder: string): Promise<void> => createEnvironment(folder, createTables);

export interface LmdbStoreOptions {
  /** For commands that only look: they never wait for a run, and a run never waits for them. */
  readonly readOnly?: boolean;
  /** In the place of the disk's own word. */
  readonly free?: FreeBytes;
}

/** The state folder of a project, in LMDB. Several processes may have it open. */
export class LmdbStore implements Store {
  readonly #file: LmdbFile;
  readonly #readOnly: boolean;
  readonly #open: OpenAttempts;
  #lastAnswer = 0;
  #lastEntry = 0;
  /** Of the transaction that is going on. */
  #sums: GroupedSums | undefined;

  private constructor(
    folder: string,
    root: RootDatabase,
    { readOnly, free }: Required<LmdbStoreOptions>,
  ) {
    this.#readOnly = readOnly;
    this.#file = new LmdbFile(
      folder,
      root,
      { readOnly, free },
      {
        begin: (tables) => this.#begin(tables),
        finish: () => this.#sums?.write(),
        keep: () => this.#open.keep(),
        undo: () => this.#open.undo(),
        moveTo: (tables) => this.#open.moveTo(tables),
      },
    );
    this.#open = new OpenAttempts(this.#file.tables);
    this.#number(this.#file.tables.answers);
  }

  /**
   * Opens the store in `folder`; where there is none, it is created, unless it is to be read only.
   * Nothing is changed when it cannot be opened.
   */
  static async open(
    folder: string,
    { readOnly = false, free = freeBytes }: LmdbStoreOptions = {},
  ): Promise<Result<LmdbStore, StoreProblem>> {
    try {
      const prepared = await prepareFolder(folder, readOnly, createEmpty);
      if (!prepared.ok) return prepared;
      const root = openEnvironment(folder, readOnly);
      let problem: StoreProblem | undefined;
      try {
        problem = checkFormat(folder, root);
        if (problem === undefined) return ok(new LmdbStore(folder, root, { readOnly, free }));
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
      known.push(...(await this.#lookAt(fingerprints.slice(start, start + LOOKUPS))));
    }
    return known;
  }

  #lookAt(fingerprints: readonly Fingerprint[]): Promise<readonly Known[]> {
    return this.#file.readOn(({ index }) => {
      this.#file.pages.look(fingerprints.length);
      const openNow = this.#open.isEmpty() ? undefined : this.#open.asking(fingerprints);
      return fingerprints.map((it) => knownOf(index, it, openNow?.get(it)));
    });
  }

  answersTo(fingerprints: readonly Fingerprint[]): Promise<readonly Known['answer'][]> {
    return this.#file.read(({ index }) => {
      this.#file.pages.look(fingerprints.length);
      return fingerprints.map((fingerprint) => readEntry(index, fingerprint)?.answer);
    });
  }

  answers(ids: readonly AnswerId[]): Promise<readonly Answer[]> {
    return this.#file.readOn(({ answers }) =>
      ids.map((id) => {
        const bytes = answers.getBinaryFast(id);
        if (bytes === undefined) throw new TypeError(`There is no answer ${id}`);
        this.#file.pages.readAnswer(id, bytes.length);
        return { id, ...decode<NewAnswer>(bytes) };
      }),
    );
  }

  async intend(entry: AttemptIntended, limit?: SpendingLimit): Promise<CapReached | undefined> {
    requireName('attempt', entry.attempt);
    entry.fingerprints.forEach(fingerprintKey);
    const value = encode(entry);
    return await this.#file.write((tables) => {
      const reached =
        limit && limitReached(limit, entry, this.#spendingIn(this.#sumsIn(tables), entry.at));
      if (reached !== undefined) return reached;
      this.#appendEntry(tables, value);
      this.#open.begin(entry, this.#lastEntry);
      return undefined;
    });
  }

  spending(at: string): Promise<PeriodSpending> {
    return this.#file.read((tables) => this.#spendingIn(periodSums(tables), at));
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
    await this.#file.write((tables) => {
      this.#appendEntry(tables, value);
      this.#open.setAgentRun(entry.attempt, entry.agentRunId);
    });
  }

  async note(entry: AttemptNoted | CostTold): Promise<void> {
    requireName('attempt', entry.attempt);
    const value = encode(entry);
    await this.#file.write((tables) => {
      this.#appendEntry(tables, value);
      if (entry.type === 'cost-told') addToldCost(this.#sumsIn(tables), entry);
      if (entry.type === 'attempt-held') this.#open.hold(entry.attempt, this.#lastEntry);
    });
  }

  async stateId(fresh: string): Promise<string> {
    const known = await this.#file.read(readStateId);
    if (known !== undefined || this.#readOnly) return known ?? fresh;
    return await this.#file.write((tables) => putStateId(tables, fresh));
  }

  async settle(entry: AttemptEnded, answers: readonly NewAnswer[]): Promise<readonly AnswerId[]> {
    requireName('attempt', entry.attempt);
    const value = encode(entry);
    const ready = answers.map(readyAnswer);
    return await this.#file.write((tables) => {
      this.#appendEntry(tables, value);
      const ids = ready.map((answer) => this.#putAnswer(tables, answer));
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
    return this.#file.read(() => this.#open.all());
  }

  ledgerLength(): Promise<number> {
    return this.#file.read(({ ledger }) => lastNumber(ledger));
  }

  async *ledger(after = 0): AsyncIterable<readonly LedgerEntry[]> {
    for (let start = after + 1; ; start += PORTION) {
      // Entries are numbered without gaps and never change, so each portion may be a fresh look.
      const portion = await this.#file.readOn(({ ledger }) =>
        Array.from(ledger.getRange({ start, limit: PORTION }), ({ value }) => {
          this.#file.pages.read(value.length);
          return decode<LedgerEntry>(value);
        }),
      );
      if (portion.length > 0) yield portion;
      if (portion.length < PORTION) return;
    }
  }

  stepState(pipeline: string, step: string): Promise<StepState | undefined> {
    return this.#file.read((tables) => readStepState(tables, nameKey(pipeline, step)));
  }

  stepStates(pipeline: string): Promise<readonly StepState[]> {
    return this.#file.read(({ steps }) =>
      [...steps.getRange(keysUnder(pipeline))].map(({ value }) => decode<StepState>(value)),
    );
  }

  pipelines(): Promise<readonly string[]> {
    return this.#file.read(pipelineNames);
  }

  async addMembers(version: string, portion: number, members: readonly Member[]): Promise<void> {
    const key = memberKey(requireName('version', version), portion);
    const value = encode(members);
    await this.#file.write((tables) => {
      tables.members.putSync(key, value);
    });
  }

  async *members(version: string): AsyncIterable<readonly Member[]> {
    // One snapshot for the whole walk: the version may be replaced by another process meanwhile.
    let held = await this.#file.snapshot();
    try {
      const keys = await this.#file.read(({ members }) => [
        ...members.getKeys({ ...keysUnder(version), transaction: held.transaction }),
      ]);
      for (const key of keys) {
        yield await this.#file.read(({ members }) => {
          const bytes = members.get(key, { transaction: held.transaction });
          if (bytes === undefined) throw new Error(`${version} was replaced while it was read`);
          this.#file.pages.read(bytes.length);
          return decode<readonly Member[]>(bytes);
        });
        if (await this.#mayRenew(key)) held = await this.#file.renew(held);
      }
    } finally {
      held.done();
    }
  }

  /**
   * Whether a long walk may let its snapshot go to make room: where the portion is still there, and
   * no other process replaces it. Who may write holds the lock of the pipeline.
   */
  async #mayRenew(portion: Buffer): Promise<boolean> {
    if (this.#readOnly || !this.#file.pages.areFull()) return false;
    return this.#file.read(({ members }) => members.getBinaryFast(portion) !== undefined);
  }

  memberPortion(version: string, portion: number): Promise<readonly Member[] | undefined> {
    return this.#file.read((tables) => readMembers(tables, memberKey(version, portion)));
  }

  async publish(state: StepState): Promise<void> {
    requireName('version', state.version);
    const key = nameKey(requireName('pipeline', state.pipeline), requireName('step', state.step));
    const value = encode(state);
    await this.#file.write((tables) => {
      putStepState(tables, key, { version: state.version, value });
    });
  }

  async discard(version: string): Promise<void> {
    requireName('version', version);
    await this.#file.write((tables) => {
      removeMembers(tables, version);
    });
  }

  async putRun(run: RunRecord): Promise<void> {
    const key = nameKey(requireName('time', run.startedAt), requireName('run', run.run));
    const value = encode(run);
    await this.#file.write(({ runs }) => {
      runs.putSync(key, value);
    });
  }

  runs(limit: number): Promise<readonly RunRecord[]> {
    return this.#file.read(({ runs }) =>
      [...runs.getRange({ reverse: true, limit })].map(({ value }) => decode<RunRecord>(value)),
    );
  }

  /** Waits for what is being written. Again is harmless. */
  close(): Promise<void> {
    return this.#file.close();
  }

  /** Another process may have written since: numbers are taken from the tables each time. */
  #begin(tables: Tables): void {
    this.#number(tables.answers);
    this.#lastEntry = lastNumber(tables.ledger);
    this.#sums = undefined;
  }

  #number(answers: Tables['answers']): void {
    this.#lastAnswer = lastNumber(answers);
    this.#file.pages.index(this.#lastAnswer);
  }

  #appendEntry(tables: Tables, value: Buffer): void {
    this.#file.pages.wrote(value.length);
    append(tables.ledger, ++this.#lastEntry, value);
  }

  #putAnswer(tables: Tables, ready: ReadyAnswer): AnswerId {
    const id = ++this.#lastAnswer as AnswerId;
    const { pages } = this.#file;
    pages.wrote(ready.value.length);
    pages.look(1);
    append(tables.answers, id, ready.value);
    indexAnswer(tables, id, ready);
    return id;
  }
}
