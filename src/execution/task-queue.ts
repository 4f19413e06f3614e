import { contactFields } from '../agent/output-schema.ts';
import type { Fingerprint } from '../base/fingerprint.ts';
import { KeySet } from '../base/key-set.ts';
import { microdollars, type Microdollars } from '../base/money.ts';
import { Budget } from '../cost/budget.ts';
import { estimateAgentRun, FREE, type CostEstimate } from '../cost/estimate.ts';
import type { AgentStep } from '../pipeline/pipeline.ts';
import type { Reason } from '../plan/decide.ts';
import type { Continued, Question } from '../plan/question.ts';
import type { OpenAttempt } from '../store/store.ts';
import type { AgentDescription } from './context.ts';
import { failure } from './failure.ts';
import { runTask } from './run-task.ts';
import { labelOf, type Task, type TaskResult } from './task.ts';
import type { StepTable } from './step-table.ts';
import { sumCost, type StepWork } from './step-work.ts';
import { Window } from './window.ts';

/** Questions of one task, and those that ask just the same as one of them. */
class TaskQuestions {
  readonly asked: Question[] = [];
  readonly twins: Question[] = [];

  get size(): number {
    return this.asked.length + this.twins.length;
  }
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
  #reason: Reason = { kind: 'new' };
  readonly #resumed = new Map<
    string,
    { readonly open: OpenAttempt; readonly questions: TaskQuestions }
  >();
  /** All that was asked in this pass, so that an equal question is not paid for twice. */
  readonly #seen = new KeySet();
  /** Under way, with what an equal question waits for. */
  readonly #asked = new Map<Fingerprint, Promise<void>>();
  #started = 0;
  #notStarted = 0;
  #cost: Microdollars = microdollars(0);

  constructor(work: StepWork, table: StepTable) {
    const { step, context, agent } = work;
    this.#work = work;
    this.#table = table;
    this.#window = new Window(Math.max(4, context.slots.widest(step.name, step.agent) * 2));
    this.#estimate = estimateFor(step, agent);
    this.#budget = new Budget(step.budget, context.budget);
    const size = step.input?.batch ?? 1;
    this.#batchSize = size === 'all' ? 1 : size;
  }

  /** Questions that had an attempt in this run. */
  get started(): number {
    return this.#started;
  }

  /** Questions left out by a plan, a limit or a stop. */
  get notStarted(): number {
    return this.#notStarted;
  }

  get cost(): Microdollars {
    return this.#cost;
  }

  /** Waits for room; the answer comes later. `continued` is the agent run to follow up. */
  async ask(question: Question, reason: Reason, continued: Continued | undefined): Promise<void> {
    if (this.#isTwin(question, reason)) {
      const pending = this.#batch.asked.some((it) => it.fingerprint === question.fingerprint);
      if (!pending) return this.#askTwin(question);
      this.#batch.twins.push(question);
    } else {
      this.#batch.asked.push(question);
      this.#reason = reason;
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
    const isTwin = this.#isTwin(question, RESUMED);
    const waiting = this.#resumed.get(open.attempt);
    if (isTwin && waiting === undefined) return this.#askTwin(question);
    const group = waiting ?? { open, questions: new TaskQuestions() };
    (isTwin ? group.questions.twins : group.questions.asked).push(question);
    this.#resumed.set(open.attempt, group);
    // Whole at once, so that its money is held before anything new is bought.
    if (group.questions.asked.length < open.fingerprints.length) return;
    this.#resumed.delete(open.attempt);
    await this.#start(group.questions, open, RESUMED, continued);
  }

  /** Starts what waits for a batch to fill. */
  async flush(continued: Continued | undefined): Promise<void> {
    const batch = this.#batch;
    this.#batch = new TaskQuestions();
    if (batch.size > 0) await this.#start(batch, undefined, this.#reason, continued);
  }

  /** Starts all that is left and waits for every answer. */
  async drain(continued: Continued | undefined): Promise<void> {
    await this.flush(continued);
    for (const { open, questions } of this.#resumed.values()) {
      await this.#start(questions, open, RESUMED, continued);
    }
    this.#resumed.clear();
    await this.#window.drain();
  }

  /** After a mistake of this program: starts nothing more and waits for what is under way. */
  async abandon(): Promise<void> {
    await this.#window.idle();
  }

  /** Whether the same was asked before in this pass. A plan counts it as answered along with that. */
  #isTwin({ fingerprint }: Question, reason: Reason): boolean {
    const isNew = this.#seen.add(fingerprint);
    const note = this.#work.context.plan?.note(this.#work.step.name);
    if (isNew) note?.run(reason);
    else note?.reuse(1);
    return !isNew;
  }

  async #start(
    questions: TaskQuestions,
    resume: OpenAttempt | undefined,
    reason: Reason,
    continued: Continued | undefined,
  ): Promise<void> {
    const { context, step, output, maker } = this.#work;
    const note = context.plan?.note(step.name);
    if (resume === undefined) note?.price(this.#estimate);
    if (this.#mayStart) {
      this.#started += questions.asked.length;
      const task: Task = {
        step,
        shape: output.shape,
        questions: questions.asked,
        continued,
        maker,
        estimate: this.#estimate,
        budget: this.#budget,
        resume,
      };
      output.changes();
      await this.#window.add(this.#carryOut(task, reason));
    } else {
      this.#notStarted += questions.asked.length;
    }
    for (const twin of questions.twins) await this.#askTwin(twin);
  }

  /** False in a plan, past the limit, and once the run stops. */
  get #mayStart(): boolean {
    const { plan, limit, stop } = this.#work.context;
    const limited = limit !== undefined && this.#started >= limit;
    return plan === undefined && !limited && stop.cause === undefined;
  }

  async #askTwin(question: Question): Promise<void> {
    const asked = this.#asked.get(question.fingerprint);
    await this.#window.add(async () => {
      await asked;
      await this.#takeTwin(question);
    });
  }

  #carryOut(task: Task, reason: Reason): () => Promise<void> {
    const { context, step } = this.#work;
    let over: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => {
      over = resolve;
    });
    for (const { fingerprint } of task.questions) this.#asked.set(fingerprint, ended);
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
        for (const { fingerprint } of task.questions) this.#asked.delete(fingerprint);
        over();
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
    this.#cost = sumCost(this.#cost, result.cost);
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
    const [known] = await this.#work.context.store.look([fingerprint]);
    if (known?.answer !== undefined && known.failed === undefined) {
      return this.#table.placeStored([{ question, id: known.answer.id }]);
    }
    if (known?.failed === undefined && !this.#mayStart) {
      this.#notStarted++;
      return;
    }
    const why = failure('needs-failed', 'another record asks the same, and that has no answer');
    return this.#table.fail(path, label, why);
  }
}

const RESUMED: Reason = { kind: 'interrupted' };

function estimateFor(step: AgentStep, agent: AgentDescription): CostEstimate {
  if (agent.prices === undefined) return FREE;
  const contacts =
    step.schema === undefined ? { emails: 0, phones: 0 } : contactFields(step.schema.json);
  return estimateAgentRun(agent.prices, step.effort, contacts, step.maxCost);
}
