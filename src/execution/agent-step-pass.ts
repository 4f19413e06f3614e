import { comparePaths } from '../base/compare-paths.ts';
import { changedParts } from '../plan/changed-parts.ts';
import { decide, type ChangedPart, type Decision } from '../plan/decide.ts';
import type { InputRecord, Question, QuestionProblem } from '../plan/question.ts';
import type { Known, OpenAttempt } from '../store/store.ts';
import { readBaseMembers, type BaseMembers } from './base-members.ts';
import { UnaskableTasks } from './unaskable-tasks.ts';
import { failure, templateFailure, type Failure } from './failure.ts';
import type { InputPortions } from './step-input.ts';
import { StepTable, type Stored } from './step-table.ts';
import { stepReport, type StepReport, type StepWork } from './step-work.ts';
import { TaskQueue } from './task-queue.ts';

/** What became of the step that the input comes from. */
type Upstream = 'complete' | 'incomplete' | 'lost';

/** One pass over the questions of an agent step; it makes a new version of its table. */
export class AgentStepPass {
  readonly #work: StepWork;
  readonly #base: BaseMembers;
  readonly #table: StepTable;
  readonly #queue: TaskQueue;
  readonly #changed: readonly ChangedPart[];
  readonly #unaskable: UnaskableTasks;
  #reused = 0;

  private constructor(work: StepWork, base: BaseMembers) {
    const before = work.base?.layout.request;
    this.#work = work;
    this.#base = base;
    this.#table = new StepTable(work, base);
    this.#queue = new TaskQueue(work, this.#table);
    this.#unaskable = new UnaskableTasks(work.step);
    this.#changed = before === undefined ? [] : changedParts(before, work.layout.request);
  }

  static async begin(work: StepWork): Promise<AgentStepPass> {
    return new AgentStepPass(work, await readBaseMembers(work.context.store, work.base));
  }

  /** `input` is undefined where the step has none. */
  async run(input: InputPortions | undefined): Promise<StepReport> {
    try {
      await this.#askAll(input);
      await this.#table.version.log.close();
    } catch (error) {
      await this.#queue.abandon();
      this.#table.version.log.abandon();
      throw error;
    }
    const report = await this.#finish();
    const warnings = [...this.#unaskable.warnings, ...this.#queue.warnings];
    return warnings.length === 0 ? report : { ...report, warnings };
  }

  async #askAll(input: InputPortions | undefined): Promise<void> {
    const { output, step, continued } = this.#work;
    if (step.keepsHistory) await this.#table.carryHistoryOver();
    output.open(this.#table.version.log);
    if (input === undefined) await this.#askAlone();
    else if (step.input?.batch === 'all') await this.#askAboutAll(input);
    else for await (const portion of input) await this.#askPortion(portion);
    await this.#queue.drain(continued);
    await this.#table.placeLate();
  }

  async #finish(): Promise<StepReport> {
    const { output, step, context, base, layout } = this.#work;
    const { version } = this.#table;
    const { started, notStarted, spend } = this.#queue;
    const upstream = await this.#upstream();
    const complete = upstream === 'complete' && notStarted === 0;
    const tasks = version.tasks + notStarted;
    const counts = { tasks, reused: this.#reused, started, failed: version.failed, notStarted };
    const held = this.#heldBack(upstream, tasks);
    const { digest } = version;
    if (held !== undefined) {
      const hasTable = !held.lost;
      output.finish({ hasTable, complete: false, isSound: false, digest, unchanged: false });
      const outcome = held.lost && started === 0 ? 'skipped' : 'finished';
      return stepReport(outcome, held.message, counts, spend, version.remedies);
    }
    const same = await version.publish(context, step.name, layout, base);
    const isSound = tasks === 0 || version.failed < tasks;
    output.finish({ hasTable: true, complete, isSound, digest, unchanged: same });
    if (!same || !complete || started > 0) {
      return stepReport('finished', null, counts, spend, version.remedies);
    }
    context.plan?.note(step.name).keepTable();
    return stepReport('unchanged', null, counts, spend, version.remedies);
  }

  /** Why the last whole table stays: this one may lack rows that it had. */
  #heldBack(upstream: Upstream, tasks: number): { lost: boolean; message: string } | undefined {
    const { context, base } = this.#work;
    if (context.signal.aborted && base !== undefined) {
      return { lost: false, message: 'interrupted; the table stays as it was' };
    }
    const waits = `waits for ${this.#inputStep ?? ''}`;
    if (upstream === 'lost' && (base !== undefined || tasks === 0)) {
      return { lost: true, message: waits };
    }
    if (!this.#fewerThanBefore || context.plan !== undefined) return undefined;
    if (this.#queue.notStarted > 0) {
      return { lost: false, message: 'not all was asked; the table stays as it was' };
    }
    if (upstream === 'complete') return undefined;
    return { lost: false, message: `${waits}; the table stays as it was` };
  }

  /** Neither a stop nor a limit makes a table smaller: what was answered now is there for the next run. */
  get #fewerThanBefore(): boolean {
    const { base } = this.#work;
    const { version } = this.#table;
    return base !== undefined && version.tasks - version.failed < base.tasks - base.failed;
  }

  get #inputStep(): string | undefined {
    const from = this.#work.step.input?.from;
    return from?.kind === 'step' ? from.step : undefined;
  }

  /** What became of the step that the input comes from, if it comes from one. */
  async #upstream(): Promise<Upstream> {
    const { step, outputs, context } = this.#work;
    const name = this.#inputStep;
    if (name === undefined) return 'complete';
    const end = await outputs.get(name)?.ended;
    if (end?.complete === true && end.isSound) return 'complete';
    context.plan?.note(step.name).waitFor(name);
    // Of a table that stays as it was nothing may have been handed on.
    const isEmpty = this.#table.version.tasks + this.#queue.notStarted === 0;
    return end?.hasTable === true && (end.isSound || !isEmpty) ? 'incomplete' : 'lost';
  }

  /** A step without input: one question, or with `repeat` one after another. */
  async #askAlone(): Promise<void> {
    const { step, maker } = this.#work;
    let { continued } = this.#work;
    const most = step.repeat?.maxRuns ?? 1;
    for (let iteration = 0; iteration < most; iteration++) {
      const path = [step.keepsHistory ? this.#table.version.tasks : iteration];
      const question = maker.question({ path, label: '', rows: [] }, continued, iteration);
      if (!question.ok) {
        return this.#cannotAsk(path, '', question.error);
      }
      await this.#decideAll([question.value]);
      await this.#queue.drain(continued);
      const last = this.#table.lastAnswered;
      if (last?.fingerprint !== question.value.fingerprint || this.#enough()) return;
      if (step.continues !== undefined) continued = last;
    }
  }

  /** A repeat ends when it has what it was asked for, or when nothing new came. */
  #enough(): boolean {
    const until = this.#work.step.repeat?.until;
    const { keys, lastKeys } = this.#table;
    return lastKeys === 0 || (until !== undefined && keys >= until);
  }

  /**
   * `batch: all`: one question about every record, in the order of the table: the order in which
   * they came would make another question of it each time.
   */
  async #askAboutAll(input: InputPortions): Promise<void> {
    const records: InputRecord[] = [];
    for await (const portion of input) records.push(...portion);
    if (records.length === 0) return;
    const inOrder = records.sort((a, b) => comparePaths(a.path, b.path));
    const rows = inOrder.map(({ record }) => record);
    const { maker, continued } = this.#work;
    const question = maker.question({ path: [0], label: '', rows }, continued, 0);
    if (question.ok) await this.#decideAll([question.value]);
    else await this.#cannotAsk([0], '', question.error);
  }

  async #askPortion(portion: readonly InputRecord[]): Promise<void> {
    const { maker, continued, step } = this.#work;
    const questions: Question[] = [];
    for (const { path: place, label, record } of portion) {
      // A table that keeps its history has tasks of earlier runs at these places already.
      const path = step.keepsHistory ? [this.#historyTasks, ...place] : place;
      const question = maker.question({ path, label, rows: [record] }, continued, 0);
      if (question.ok) questions.push(question.value);
      else await this.#cannotAsk(path, label, question.error);
    }
    await this.#decideAll(questions);
  }

  /** A template has no text for it. */
  async #cannotAsk(path: readonly number[], label: string, why: QuestionProblem): Promise<void> {
    const { context, step } = this.#work;
    const of = templateFailure(why);
    context.plan?.note(step.name).cannotAsk(of.message);
    this.#unaskable.add(label, why);
    await this.#table.fail(path, label, of, { remedy: 'edit' });
  }

  get #historyTasks(): number {
    return this.#work.base?.tasks ?? 0;
  }

  async #decideAll(questions: readonly Question[]): Promise<void> {
    const { context, step, agent } = this.#work;
    const known = await context.store.look(questions.map(({ fingerprint }) => fingerprint));
    const nowMs = context.clock.now();
    const refresh = context.refresh.has(step.name);
    const note = context.plan?.note(step.name);
    const reused: Stored[] = [];
    const others: (readonly [Question, Exclude<Decision, { kind: 'reuse' }>])[] = [];
    for (const [at, question] of questions.entries()) {
      const facts = known[at];
      if (facts === undefined) throw new Error('The store answered for fewer questions than asked');
      const hadTask = this.#base.labels.has(question.label);
      const decision = decide({
        known: facts,
        nowMs,
        ttlMs: step.ttlMs,
        refresh,
        retryFailed: context.retryFailed === true,
        ephemeral: agent.ephemeral,
        before: { hadTask, changed: this.#changed },
      });
      if (decision.kind === 'reuse') {
        reused.push({ question, id: decision.answer.id });
        note?.answeredBefore(question.fingerprint, decision.answer.agentRunId);
      } else {
        const { answer } = facts;
        others.push([answer ? { ...question, outdated: answer.id } : question, decision]);
        if (decision.reason.kind === 'stale') note?.stale(facts.answer?.answeredAt);
      }
    }
    this.#reused += reused.length;
    note?.reuse(reused.length);
    // First, so that no new answer takes a key from a record that has it.
    await this.#table.placeStored(reused);
    // What is paid for already comes before anything new.
    others.sort(([, a], [, b]) => Number(b.kind === 'resume') - Number(a.kind === 'resume'));
    for (const [question, decision] of others) await this.#act(question, decision);
  }

  async #act(question: Question, decision: Exclude<Decision, { kind: 'reuse' }>): Promise<void> {
    const { context, step, continued } = this.#work;
    const note = context.plan?.note(step.name);
    const { path, label, fingerprint } = question;
    if (decision.kind === 'hold') {
      note?.hold();
      return this.#table.fail(path, label, heldFailure(decision.open), {
        remedy: 'decide',
        fingerprint,
      });
    }
    if (decision.kind === 'keep') {
      note?.keep(decision.reason);
      const { message } = decision.failed;
      const why = keptFailure(decision.failed);
      const said = why.kind === 'skipped' ? why.message : (message ?? why.message);
      return this.#table.fail(path, label, why, { remedy: 'retry-failed', said, fingerprint });
    }
    const chain = step.repeat !== undefined && step.continues !== undefined;
    const follows = chain ? (this.#table.lastAnswered ?? continued) : continued;
    // One that comes to nothing is sent again, and then follows what it followed before.
    if (decision.kind === 'resume') {
      return this.#queue.resume(question, decision.open, follows);
    }
    return this.#queue.ask(question, decision.reason, follows);
  }
}

/** What a task says that waits for a person. */
const heldFailure = ({ held, attempt }: OpenAttempt): Failure =>
  failure(
    held?.reason === 'no-end' ? 'no-end' : 'create-in-doubt',
    `${held?.message ?? attempt}; see fieldwork held`,
  );

/** What a task says whose failure was paid for. */
function keptFailure({ kind }: NonNullable<Known['failed']>): Failure {
  const message =
    kind === 'skipped'
      ? 'skipped by hand; run with --retry-failed asks it all the same'
      : 'failed before and may have been paid for; run with --retry-failed asks again';
  return failure(kind as Failure['kind'], message);
}
