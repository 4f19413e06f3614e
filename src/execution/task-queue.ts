import type { Budget } from '../cost/budget.ts';
import { askOf, type CostEstimate } from '../cost/estimate.ts';
import type { Spend } from '../cost/spend.ts';
import type { Reason } from '../plan/decide.ts';
import type { Continued, Question } from '../plan/question.ts';
import type { OpenAttempt } from '../store/store.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { EqualQuestions } from './equal-questions.ts';
import { failure } from './failure.ts';
import { remedyOf } from './remedy.ts';
import { runTask } from './run-task.ts';
import { stepBudget, stepEstimate } from './step-money.ts';
import { labelOf, type Task, type TaskResult } from './task.ts';
import { stopForThrown } from './stop-for-thrown.ts';
import type { StepTable } from './step-table.ts';
import type { StepWork } from './step-work.ts';
import { Window } from './window.ts';

/** Questions of one task, and those that ask just the same as one of them. */
class TaskQuestions {
  readonly asked: Question[] = [];
  /** Why each of them is asked, in the same order. */
  readonly reasons: Reason[] = [];
  readonly twins: Question[] = [];

  get size(): number {
    return this.asked.length + this.twins.length;
  }

  ask(question: Question, reason: Reason): void {
    this.asked.push(question);
    this.reasons.push(reason);
  }
}

/** Questions of a task, after those were taken out that another step asks. */
interface Claim {
  readonly own: readonly Question[];
  readonly others: readonly Question[];
  /** Once the task is over. */
  readonly release: () => void;
}

/** Twins that wait for a batch to fill; with more of them it is sent as it is. */
const MOST_TWINS = 1_000;

/**
 * The questions of a step that have to be asked: puts them into tasks of the right size, starts
 * them while there is room, and hands their answers to the table.
 */
export class TaskQueue {
  readonly #work: StepWork;
  readonly #table: StepTable;
  readonly #window: Window;
  readonly #estimate: CostEstimate;
  readonly #budget: Budget;
  readonly #batchSize: number;
  #batch = new TaskQuestions();
  readonly #resumed = new Map<
    string,
    { readonly open: OpenAttempt; readonly questions: TaskQuestions }
  >();
  /** All that was asked in this pass, so that an equal question is not paid for twice. */
  readonly #equal: EqualQuestions;
  #started = 0;
  #notStarted = 0;

  constructor(work: StepWork, table: StepTable) {
    const { step, context, agent } = work;
    this.#work = work;
    this.#table = table;
    this.#equal = new EqualQuestions(step);
    // At once, and not when all others have ended: they would go on buying.
    const onThrown = (error: unknown): void => void stopForThrown(error, context.stop);
    const size = Math.max(4, context.slots.widest(step.name, step.agent) * 2);
    this.#window = new Window(size, onThrown);
    this.#estimate = stepEstimate(step, agent.prices);
    this.#budget = stepBudget(context.budget, step);
    const batch = step.input?.batch ?? 1;
    this.#batchSize = batch === 'all' ? 1 : batch;
  }

  /** Questions that had an attempt in this run. */
  get started(): number {
    return this.#started;
  }

  /** Questions left out by a plan, a limit or a stop. */
  get notStarted(): number {
    return this.#notStarted;
  }

  /** Says which records make the same request, if any do. */
  get warnings(): readonly Diagnostic[] {
    return this.#equal.warnings;
  }

  /** With what earlier processes left open in this step. */
  get spend(): Spend {
    return this.#budget.spend;
  }

  /** Waits for room; the answer comes later. `continued` is the agent run to follow up. */
  async ask(question: Question, reason: Reason, continued: Continued | undefined): Promise<void> {
    if (this.#isTwin(question)) {
      const pending = this.#batch.asked.some((it) => it.fingerprint === question.fingerprint);
      if (!pending) return this.#askTwin(question);
      this.#batch.twins.push(question);
    } else {
      this.#batch.ask(question, reason);
    }
    const full = this.#batch.asked.length >= this.#batchSize;
    if (full || this.#batch.twins.length >= MOST_TWINS) await this.flush(continued);
  }

  /** Takes an agent run up again that an earlier process paid for. */
  async resume(
    question: Question,
    open: OpenAttempt,
    continued: Continued | undefined,
  ): Promise<void> {
    const isTwin = this.#isTwin(question);
    const waiting = this.#resumed.get(open.attempt);
    if (isTwin && waiting === undefined) return this.#askTwin(question);
    const group = waiting ?? { open, questions: new TaskQuestions() };
    if (isTwin) group.questions.twins.push(question);
    else group.questions.ask(question, resumedFor(open));
    this.#resumed.set(open.attempt, group);
    // Whole at once, so that its money is held before anything new is bought.
    if (group.questions.asked.length < open.fingerprints.length) return;
    this.#resumed.delete(open.attempt);
    await this.#start(group.questions, open, continued);
  }

  /** Starts what waits for a batch to fill. */
  async flush(continued: Continued | undefined): Promise<void> {
    const batch = this.#batch;
    this.#batch = new TaskQuestions();
    if (batch.size > 0) await this.#start(batch, undefined, continued);
  }

  /** Starts all that is left and waits for every answer. */
  async drain(continued: Continued | undefined): Promise<void> {
    await this.flush(continued);
    for (const { open, questions } of this.#resumed.values()) {
      await this.#start(questions, open, continued);
    }
    this.#resumed.clear();
    await this.#window.drain();
  }

  /** After a mistake of this program: starts nothing more and waits for what is under way. */
  async abandon(): Promise<void> {
    await this.#window.idle();
  }

  /** Whether the same was asked before in this pass. A plan counts it as answered along with that. */
  #isTwin(question: Question): boolean {
    const isNew = this.#equal.add(question);
    if (!isNew) this.#work.context.plan?.note(this.#work.step.name).reuse(1);
    return !isNew;
  }

  async #start(
    questions: TaskQuestions,
    resume: OpenAttempt | undefined,
    continued: Continued | undefined,
  ): Promise<void> {
    const { step, output, maker } = this.#work;
    this.#plan(questions, resume);
    const twins = [...questions.twins];
    if (this.#mayStart) {
      const claim = await this.#claim(questions.asked);
      twins.push(...claim.others);
      this.#started += claim.own.length;
      const task: Task = {
        step,
        shape: output.shape,
        questions: claim.own,
        continued,
        maker,
        estimate: this.#estimate,
        budget: this.#budget,
        resume,
      };
      if (claim.own.length === 0) claim.release();
      else {
        output.changes();
        const reason = questions.reasons[0] ?? RESUMED;
        await this.#window.add(this.#carryOut(task, reason, claim.release));
      }
    } else {
      this.#notStarted += questions.asked.length;
    }
    for (const twin of twins) await this.#askTwin(twin);
  }

  /**
   * Takes the questions for this step. Another one of this run may ask the same: what it has under
   * way, or has had answered since the question was decided on, is not bought here too.
   */
  async #claim(asked: readonly Question[]): Promise<Claim> {
    const { protocol, store } = this.#work.context;
    const { underWay } = protocol;
    const free = asked.filter(({ fingerprint }) => !underWay.has(fingerprint));
    let over: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => {
      over = resolve;
    });
    for (const { fingerprint } of free) underWay.set(fingerprint, ended);
    // Looked at after it is claimed: whoever had it before has written its answer by now.
    const answers = await store.answersTo(free.map(({ fingerprint }) => fingerprint));
    const own = free.filter((question, at) => {
      const answer = answers[at];
      return answer === undefined || answer.id === question.outdated;
    });
    const release = (): void => {
      for (const { fingerprint } of free) underWay.delete(fingerprint);
      over();
    };
    const mine = new Set(own);
    return { own, others: asked.filter((question) => !mine.has(question)), release };
  }

  /** False in a plan, past the limit, and once the run stops. */
  get #mayStart(): boolean {
    const { plan, stop } = this.#work.context;
    return plan === undefined && !this.#isLimited(this.#started) && stop.cause === undefined;
  }

  #isLimited(started: number): boolean {
    const { limit } = this.#work.context;
    return limit !== undefined && started >= limit;
  }

  /**
   * Notes what a run would do with a task. A run that meets a ceiling starts nothing more; how far
   * it comes is reckoned with the ceilings of its agent runs.
   */
  #plan({ asked, reasons }: TaskQuestions, resume: OpenAttempt | undefined): void {
    const { context, step } = this.#work;
    const note = context.plan?.note(step.name);
    if (note === undefined || asked.length === 0) return;
    if (this.#isLimited(note.toRun)) return note.leave(asked.length);
    if (resume === undefined) {
      const reserved = this.#budget.reserve(askOf(this.#estimate));
      if (!reserved.ok) return note.stopAt(reserved.error, asked.length);
      note.start();
    }
    for (const [at, { fingerprint }] of asked.entries())
      note.run(fingerprint, reasons[at] ?? RESUMED);
  }

  async #askTwin(question: Question): Promise<void> {
    const asked = this.#work.context.protocol.underWay.get(question.fingerprint);
    await this.#window.add(async () => {
      await asked;
      await this.#takeTwin(question);
    });
  }

  #carryOut(task: Task, reason: Reason, release: () => void): () => Promise<void> {
    const { context, step } = this.#work;
    return async () => {
      context.emit({
        type: 'task-started',
        step: step.name,
        task: labelOf(task),
        records: task.questions.length,
        reason,
      });
      try {
        await this.#settle(task, await runTask(task, context));
      } finally {
        release();
      }
    };
  }

  async #settle(task: Task, result: TaskResult): Promise<void> {
    const { context, step } = this.#work;
    if (result.kind === 'not-started') {
      this.#notStarted += task.questions.length;
      this.#started -= task.questions.length;
      return;
    }
    if (result.shares.every((share) => !share.ok && share.failure.kind === 'cancelled')) {
      // Nobody waited for the end: that is no failure, and the next run takes it up.
      this.#notStarted += task.questions.length;
      return;
    }
    let records = 0;
    let dropped = 0;
    for (const [at, share] of result.shares.entries()) {
      const question = task.questions[at];
      if (question === undefined) continue;
      const placed = await this.#table.placeShare(question, share, result.attempts);
      records += placed.records;
      dropped += placed.dropped;
    }
    if (result.agentRunId === null || result.shares.every((share) => !share.ok)) return;
    context.emit({
      type: 'task-answered',
      step: step.name,
      task: labelOf(task),
      agentRunId: result.agentRunId,
      records,
      dropped,
      cost: result.cost,
      durationMs: result.durationMs,
      stopReason: result.stopReason,
    });
  }

  /** An equal question was asked before: its answer is known now, or it failed, or was left out. */
  async #takeTwin(question: Question): Promise<void> {
    const { path, label, fingerprint } = question;
    const { context, agent } = this.#work;
    const [known] = await context.store.look([fingerprint]);
    if (known?.answer !== undefined && known.failed === undefined) {
      return this.#table.placeStored([{ question, id: known.answer.id }]);
    }
    if (known?.failed === undefined && !this.#mayStart) {
      this.#notStarted++;
      return;
    }
    const why = failure('needs-failed', 'another record asks the same, and that has no answer');
    const remedy = known === undefined ? 'run' : remedyOf(why.kind, known, agent.ephemeral);
    return this.#table.fail(path, label, why, { remedy });
  }
}

const RESUMED: Reason = { kind: 'interrupted' };
const IN_DOUBT: Reason = { kind: 'in-doubt' };

const resumedFor = ({ agentRunId }: OpenAttempt): Reason =>
  agentRunId === undefined ? IN_DOUBT : RESUMED;
