import type { AgentOutput } from '../agent/agent.ts';
import type { Fingerprint } from '../base/fingerprint.ts';
import type { JsonObject } from '../base/json.ts';
import type { Continued, Question } from '../plan/question.ts';
import { strayRecord } from '../plan/split-batch.ts';
import type { AnswerId, DroppedRecord } from '../store/store.ts';
import type { BaseMembers } from './base-members.ts';
import { failure, type Failure } from './failure.ts';
import { Placement } from './placement.ts';
import { remedyOf, type Remedy } from './remedy.ts';
import type { Share } from './task.ts';
import { pick } from './step-input.ts';
import { tableRecords } from './step-output.ts';
import { StepVersion } from './step-version.ts';
import type { StepWork } from './step-work.ts';

/** Answers read at a time where stored ones are placed. */
const ANSWERS_AT_ONCE = 128;

/** A question whose answer is in the store. */
export interface Stored {
  readonly question: Question;
  readonly id: AnswerId;
}

/** What became of one question's answer. */
export interface PlacedCount {
  readonly records: number;
  readonly dropped: number;
}

const NOTHING: PlacedCount = { records: 0, dropped: 0 };

/** What else is known of a task that failed. */
interface FailedTask {
  readonly remedy: Remedy;
  readonly attempts?: number;
  readonly said?: string;
  readonly fingerprint?: Fingerprint;
}

/** Of a task without a question of its own. */
const NO_FINGERPRINT = '' as Fingerprint;

/**
 * The table of a step while a pass makes it: takes answers and failures one by one, decides which
 * records are in, and writes the tasks to the new version.
 */
export class StepTable {
  readonly version: StepVersion;
  readonly #work: StepWork;
  readonly #base: BaseMembers;
  readonly #placement: Placement;
  /**
   * Answers that were in the table before and stay, of a step that keeps its history, each with
   * the keys that it brought.
   */
  readonly #history = new Map<AnswerId, number>();
  /** Placed last; see {@link BaseMembers.gaveWay}. */
  readonly #late: Stored[] = [];
  #last: Continued | undefined;
  #lastKeys = 0;

  constructor(work: StepWork, base: BaseMembers) {
    const { step, context, output, scope } = work;
    this.#work = work;
    this.#base = base;
    this.version = new StepVersion(context, step.name);
    this.#placement = new Placement(output.shape, scope.exclusions, step.mode);
  }

  /** Different keys in the table so far. */
  get keys(): number {
    return this.#placement.keys;
  }

  /** The answer placed last: what a chain of follow-ups goes on from. */
  get lastAnswered(): Continued | undefined {
    return this.#last;
  }

  /** Keys that nothing before it had, of the answer placed last. */
  get lastKeys(): number {
    return this.#lastKeys;
  }

  /** Tasks of the table before stay in it, with the records they have. */
  async carryHistoryOver(): Promise<void> {
    const { base, context } = this.#work;
    if (base === undefined) return;
    for await (const members of context.store.members(base.version)) {
      const answered = members.filter((member) => member.answer !== undefined);
      const answers = await context.store.answers(answered.flatMap(({ answer }) => answer ?? []));
      for (const [at, member] of answered.entries()) {
        const answer = answers[at];
        if (answer === undefined) continue;
        const before = this.keys;
        this.#placement.keep(answer.output, member.dropped);
        this.#history.set(answer.id, this.keys - before);
        await this.version.append(member);
      }
    }
  }

  /** Places stored answers; those that gave way before are kept for {@link placeLate}. */
  async placeStored(entries: readonly Stored[]): Promise<void> {
    const now: Stored[] = [];
    for (const entry of entries) {
      const late = this.#yields && this.#base.gaveWay.has(entry.question.fingerprint);
      (late ? this.#late : now).push(entry);
    }
    await this.#placeAll(now);
  }

  async placeLate(): Promise<void> {
    await this.#placeAll(this.#late);
  }

  async placeShare(question: Question, share: Share, attempts: number): Promise<PlacedCount> {
    if (!share.ok) {
      await this.#failShare(question, share.failure, attempts);
      return NOTHING;
    }
    const { id, answer } = share;
    if (this.#yields && this.#base.gaveWayLabels.has(question.label)) {
      this.#late.push({ question, id });
      return this.#placement.foresee(answer.output);
    }
    return this.#place(question, id, answer.output, answer.digest, answer.agentRunId);
  }

  /**
   * Notes a task without an answer; in the table stands what was said of it when it failed. By
   * `fingerprint` its last attempt is found again, if it had one.
   */
  async fail(
    path: readonly number[],
    label: string,
    why: Failure,
    { remedy, attempts = 0, said = why.message, fingerprint = NO_FINGERPRINT }: FailedTask,
  ): Promise<void> {
    const { kind } = why;
    this.#tell(label, why, attempts);
    const member = {
      path,
      task: label,
      fingerprint,
      answer: undefined,
      answerDigest: undefined,
      dropped: [],
      failure: { kind, message: said, attempts },
    };
    await this.version.append(member, remedy);
  }

  async #failShare(
    { path, label, fingerprint }: Question,
    why: Failure,
    attempts: number,
  ): Promise<void> {
    const { context, agent } = this.#work;
    const [known] = await context.store.look([fingerprint]);
    if (known === undefined) throw new Error('The store answered for fewer questions than asked');
    const remedy = remedyOf(why.kind, known, agent.ephemeral);
    await this.fail(path, label, why, { remedy, attempts, fingerprint });
  }

  /** Questions that follow from one another keep their order. */
  get #yields(): boolean {
    return this.#work.step.input !== undefined;
  }

  async #placeAll(entries: readonly Stored[]): Promise<void> {
    const { store } = this.#work.context;
    for (let start = 0; start < entries.length; start += ANSWERS_AT_ONCE) {
      const portion = entries.slice(start, start + ANSWERS_AT_ONCE);
      const answers = await store.answers(portion.map(({ id }) => id));
      for (const [at, { question, id }] of portion.entries()) {
        const answer = answers[at];
        if (answer === undefined) throw new Error(`The store has no answer ${id}`);
        const { output, digest, agentRunId } = answer;
        const keys = this.#history.get(id);
        if (keys === undefined) {
          await this.#place(question, id, output, digest, agentRunId);
        } else {
          this.#last = { fingerprint: question.fingerprint, agentRunId, answer: id };
          this.#lastKeys = keys;
        }
      }
    }
  }

  async #place(
    question: Question,
    id: AnswerId,
    output: AgentOutput,
    answerDigest: string,
    agentRunId: string,
  ): Promise<PlacedCount> {
    const { path, label, fingerprint } = question;
    this.#last = { fingerprint, agentRunId, answer: id };
    const before = this.keys;
    const placed = this.#placement.place(output, this.#strays(question));
    this.#lastKeys = this.keys - before;
    const member = { path, task: label, fingerprint, answer: id, answerDigest };
    if (!placed.ok) {
      const { kind, message } = placed;
      this.#tell(label, failure(kind, message), 1);
      const why = { kind, message, attempts: 1 };
      await this.version.append({ ...member, dropped: [], failure: why });
      return NOTHING;
    }
    const { records, dropped } = placed;
    this.#excludeFound(path, output, dropped);
    await this.version.append({ ...member, dropped, failure: undefined });
    return { records, dropped: dropped.length };
  }

  #strays(question: Question): ((record: JsonObject) => boolean) | undefined {
    const { step, output } = this.#work;
    const batch = step.input?.batch ?? 1;
    if (batch === 1 || batch === 'all') return undefined;
    return (record) => strayRecord(output.shape, question, record);
  }

  /** What a step that excludes itself has just found is excluded from its next request. */
  #excludeFound(
    path: readonly number[],
    output: AgentOutput,
    dropped: readonly DroppedRecord[],
  ): void {
    const { step, scope, output: table } = this.#work;
    const self = step.exclude.find((exclusion) => exclusion.kind === 'table' && exclusion.self);
    if (self?.kind !== 'table') return;
    const columns = self.columns ?? table.shape.key;
    for (const { record } of tableRecords(table.shape, { path, dropped }, output)) {
      scope.exclusions.add(columns === undefined ? record : pick(record, columns), true);
    }
  }

  #tell(task: string, { kind, message }: Failure, attempts: number): void {
    const { context, step } = this.#work;
    context.emit({ type: 'task-failed', step: step.name, task, failure: kind, message, attempts });
    if (step.onError === 'stop') context.stop.now('on-error', `${step.name} ${task}: ${message}`);
  }
}
