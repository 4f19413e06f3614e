import type { Microdollars } from '../../src/base/money.ts';
import { fromDollars } from '../../src/base/money.ts';
import type { AttemptEnded, CostTold, LedgerEntry, NewAnswer } from '../../src/store/store.ts';
import type { Disk } from '../rig/crashing-store.ts';
import type { ApiModel, ApiRun } from './api-model.ts';
import type { Life } from './life.ts';
import type { ApiWitness } from './network.ts';

/** Kinds of broken promises; counted apart because the first three are about money and answers. */
export type Breach =
  | 'double payment'
  | 'lost answer'
  | 'budget overrun'
  /** The ledger says less than was billed. */
  | 'ledger'
  /** Something was done before what has to be on disk first. */
  | 'order'
  /** Not all came to its end, once nothing went wrong any more. */
  | 'end'
  /** Tables or ledger are not what they are without a crash. */
  | 'other outcome';

export interface Violation {
  readonly breach: Breach;
  readonly message: string;
}

/** What the disk says of one attempt. */
interface Attempt {
  readonly id: string;
  readonly fingerprints: readonly string[];
  readonly reserved: Microdollars;
  agentRunId: string | undefined;
  found: boolean;
  doubted: boolean;
  held: boolean;
  ended: AttemptEnded | undefined;
  answers: number;
}

export interface JudgeCounts {
  readonly adopted: number;
  readonly absent: number;
  readonly held: number;
}

/**
 * Holds what is on disk against what the API knows, at every create, at every look at a run, and
 * at the end. It reads the durable writes in their order and trusts nothing that a process says.
 */
export class Judge implements ApiWitness {
  readonly violations: Violation[] = [];
  readonly #disk: Disk;
  readonly #api: ApiModel;
  readonly #attempts = new Map<string, Attempt>();
  readonly #byRun = new Map<string, Attempt>();
  readonly #openFor = new Map<string, Set<Attempt>>();
  readonly #asked = new Map<string, ApiRun[]>();
  /** Caps of the lives, by their number. */
  readonly #caps = new Map<number, number>();
  readonly #spentBy = new Map<number, ApiRun[]>();
  readonly #rebuying = new Set<number>();
  #read = 0;
  creates = 0;

  constructor(disk: Disk, api: ApiModel) {
    this.#disk = disk;
    this.#api = api;
  }

  /**
   * A life may spend so many dollars; undefined for as much as it likes. `rebuys` says whether a
   * person has asked it to buy again what was paid for and failed.
   */
  begins(life: number, capDollars: number | undefined, rebuys: boolean): void {
    if (rebuys) this.#rebuying.add(life);
    if (capDollars !== undefined) this.#caps.set(life, capDollars);
  }

  get counts(): JudgeCounts {
    this.#catchUp();
    const all = [...this.#attempts.values()];
    return {
      adopted: all.filter(({ found }) => found).length,
      absent: all.filter(({ ended, doubted }) => ended?.agentRunId === null && doubted).length,
      held: all.filter(({ held, ended }) => held && ended === undefined).length,
    };
  }

  created(run: ApiRun): void {
    this.#catchUp();
    this.creates++;
    const attempt = this.#attempts.get(run.attempt ?? '');
    if (attempt === undefined) {
      this.#breach('order', `${run.id} was created and the disk has no intent of it`);
    } else if (attempt.ended !== undefined) {
      this.#breach('order', `${run.id} was created for attempt ${attempt.id}, which has ended`);
    }
    for (const key of run.keys) {
      const before = this.#asked.get(key) ?? [];
      for (const other of before) this.#checkPair(other, run, key);
      this.#asked.set(key, [...before, run]);
    }
    this.#checkBudget(run);
  }

  asked(id: string, life: Life): void {
    this.#catchUp();
    if (this.#api.run(id) === undefined || this.#byRun.has(id)) return;
    this.#breach('order', `${life.name} looks at ${id}, whose id is not on disk`);
  }

  /** What a process has told people is done. */
  told(agentRunId: string): void {
    this.#catchUp();
    const attempt = this.#byRun.get(agentRunId);
    if (attempt?.ended === undefined || attempt.answers === 0) {
      this.#breach('lost answer', `the answer of ${agentRunId} was told and is not on disk`);
    }
  }

  /** Once nothing is under way any more. */
  atEnd(): void {
    this.#catchUp();
    for (const run of this.#api.runs) if (run.keys.length > 0) this.#checkRun(run);
    for (const attempt of this.#attempts.values()) {
      if (attempt.ended !== undefined || attempt.held) continue;
      this.#breach('end', `attempt ${attempt.id} is still open`);
    }
  }

  /** Ends of attempts in the ledger, whatever their times and ids. */
  ledger(): readonly string[] {
    this.#catchUp();
    return [...this.#attempts.values()]
      .flatMap(({ ended, fingerprints, reserved }) => {
        if (ended === undefined || ended.agentRunId === null) return [];
        // An answer that lost its price on the way counts with its ceiling.
        const cost = ended.reported ?? reserved;
        return [`${fingerprints.join(' ')} ${ended.outcome} ${ended.status} ${cost}`];
      })
      .sort();
  }

  #checkRun(run: ApiRun): void {
    const attempt = this.#byRun.get(run.id);
    const meant = this.#attempts.get(run.attempt ?? '');
    if (meant?.held === true && meant.ended === undefined) return;
    if (attempt?.ended === undefined) return this.#notSettled(run);
    if (this.#api.answers(run) && attempt.answers === 0) {
      this.#breach('lost answer', `${run.id} gave an answer and attempt ${attempt.id} has none`);
    }
    const billed = fromDollars(this.#api.bill(run));
    const { reported } = attempt.ended;
    if ((reported ?? attempt.reserved) < billed) {
      this.#breach('ledger', `${run.id} cost ${billed} and the ledger says ${reported}`);
    }
  }

  #notSettled(run: ApiRun): void {
    if (!this.#api.isOver(run)) return;
    if (this.#api.answers(run)) {
      this.#breach('lost answer', `${run.id} was paid for and its answer is not on disk`);
    } else if (this.#api.bill(run) > 0) {
      this.#breach('ledger', `${run.id} was billed and is not in the ledger`);
    }
  }

  /** Two runs about one question: the earlier must have ended, for nothing, on disk. */
  #checkPair(other: ApiRun, run: ApiRun, key: string): void {
    const settled = this.#byRun.get(other.id)?.ended !== undefined;
    const answers = this.#api.answers(other);
    const paid = this.#api.bill(other) > 0 && !this.#rebuying.has(run.life);
    if (settled && !answers && !paid) return;
    const why = !settled ? 'is not settled on disk' : answers ? 'has an answer' : 'was paid for';
    this.#breach('double payment', `${run.id} asks what ${other.id} asked, which ${why}: ${key}`);
  }

  #checkBudget(run: ApiRun): void {
    const cap = this.#caps.get(run.life);
    const runs = [...(this.#spentBy.get(run.life) ?? []), run];
    this.#spentBy.set(run.life, runs);
    if (cap === undefined) return;
    const spent = runs.reduce((sum, one) => sum + this.#api.mayCost(one), 0);
    if (fromDollars(spent) > fromDollars(cap)) {
      this.#breach('budget overrun', `p${run.life} may spend ${cap} and has bought for ${spent}`);
    }
  }

  #catchUp(): void {
    const { writes } = this.#disk;
    for (; this.#read < writes.length; this.#read++) {
      const write = writes[this.#read];
      const [entry, answers] = write?.args ?? [];
      if (isEntry(entry)) this.#take(entry, Array.isArray(answers) ? (answers as NewAnswer[]) : []);
    }
  }

  #take(entry: LedgerEntry, answers: readonly NewAnswer[]): void {
    if (entry.type === 'attempt-intended') return this.#intended(entry);
    const attempt = this.#attempts.get(entry.attempt);
    if (attempt === undefined) {
      return this.#breach(
        'ledger',
        `${entry.type} of attempt ${entry.attempt}, which is not there`,
      );
    }
    switch (entry.type) {
      case 'attempt-created':
        attempt.agentRunId = entry.agentRunId;
        attempt.found = entry.found !== undefined;
        attempt.held = false;
        this.#byRun.set(entry.agentRunId, attempt);
        return;
      case 'attempt-doubted':
        attempt.doubted = true;
        return;
      case 'attempt-held':
        attempt.held = true;
        return;
      case 'attempt-ended':
        return this.#ended(attempt, entry, answers.length);
      case 'cost-told':
        if (attempt.ended !== undefined) attempt.ended = { ...attempt.ended, ...reportedOf(entry) };
    }
  }

  #intended(entry: Extract<LedgerEntry, { type: 'attempt-intended' }>): void {
    const attempt: Attempt = {
      id: entry.attempt,
      fingerprints: entry.fingerprints,
      reserved: entry.reserved,
      agentRunId: undefined,
      found: false,
      doubted: false,
      held: false,
      ended: undefined,
      answers: 0,
    };
    this.#attempts.set(attempt.id, attempt);
    for (const fingerprint of entry.fingerprints) {
      const others = this.#openFor.get(fingerprint) ?? new Set();
      for (const other of others) {
        this.#breach('order', `attempt ${attempt.id} begins while ${other.id} is open`);
      }
      this.#openFor.set(fingerprint, others.add(attempt));
    }
  }

  #ended(attempt: Attempt, entry: AttemptEnded, answers: number): void {
    attempt.ended = entry;
    attempt.answers = answers;
    for (const fingerprint of attempt.fingerprints) this.#openFor.get(fingerprint)?.delete(attempt);
    if (entry.agentRunId === null) return;
    this.#byRun.set(entry.agentRunId, attempt);
    const run = this.#api.run(entry.agentRunId);
    if (run === undefined) {
      this.#breach('ledger', `attempt ${attempt.id} ended with ${entry.agentRunId}, unknown`);
    }
  }

  #breach(breach: Breach, message: string): void {
    this.violations.push({ breach, message });
  }
}

const reportedOf = ({ reported }: CostTold): Pick<AttemptEnded, 'reported'> => ({ reported });

const isEntry = (value: unknown): value is LedgerEntry =>
  typeof value === 'object' &&
  value !== null &&
  'type' in value &&
  typeof value.type === 'string' &&
  (value.type.startsWith('attempt-') || value.type === 'cost-told');
