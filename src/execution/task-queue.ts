import { contactFields } from '../agent/output-schema.ts';
import type { Fingerprint } from '../base/fingerprint.ts';
import { microdollars, type Microdollars } from '../base/money.ts';
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

/**
 * The questions of a step that have to be asked: puts them into tasks of the right size, starts
 * them while there is room, and hands their answers to the table.
 */
export class TaskQueue {
  readonly #work: StepWork;
  readonly #table: StepTable;
  readonly #window: Window;
  readonly #estimate: CostEstimate;
  readonly #batchSize: number;
  #batch: Question[] = [];
  #reason: Reason = { kind: 'new' };
  readonly #resumed = new Map<
    string,
    { readonly open: OpenAttempt; readonly questions: Question[] }
  >();
  /** Under way, so that an equal question is not asked twice. */
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
    this.#batch.push(question);
    this.#reason = reason;
    if (this.#batch.length >= this.#batchSize) await this.flush(continued);
  }

  /** Takes an agent run up again that an earlier process paid for. */
  resume(question: Question, open: OpenAttempt): void {
    const group = this.#resumed.get(open.attempt) ?? { open, questions: [] };
    group.questions.push(question);
    this.#resumed.set(open.attempt, group);
  }

  /** Starts what waits for a batch to fill. */
  async flush(continued: Continued | undefined): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    if (batch.length > 0) await this.#start(batch, undefined, this.#reason, continued);
  }

  /** Starts all that is left and waits for every answer. */
  async drain(continued: Continued | undefined): Promise<void> {
    await this.flush(continued);
    for (const { open, questions } of this.#resumed.values()) {
      await this.#start(questions, open, { kind: 'interrupted' }, continued);
    }
    this.#resumed.clear();
    await this.#window.drain();
  }

  async #start(
    questions: readonly Question[],
    resume: OpenAttempt | undefined,
    reason: Reason,
    continued: Continued | undefined,
  ): Promise<void> {
    const { context, step, output, maker } = this.#work;
    const note = context.plan?.note(step.name);
    const limited = context.limit !== undefined && this.#started >= context.limit;
    if (resume === undefined) note?.price(this.#estimate);
    if (note !== undefined || limited || context.stop.cause !== undefined) {
      this.#notStarted += questions.length;
      return;
    }
    const twins = questions.filter(({ fingerprint }) => this.#asked.has(fingerprint));
    const fresh = questions.filter(({ fingerprint }) => !this.#asked.has(fingerprint));
    this.#started += fresh.length;
    if (fresh.length > 0) {
      const estimate = this.#estimate;
      const task: Task = {
        step,
        shape: output.shape,
        questions: fresh,
        continued,
        maker,
        estimate,
        resume,
      };
      await this.#window.add(this.#carryOut(task, reason));
    }
    for (const question of twins) {
      const asked = this.#asked.get(question.fingerprint);
      await this.#window.add(async () => {
        await asked;
        await this.#takeTwin(question);
      });
    }
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

  /** An equal question was asked meanwhile: its answer is known now, or it failed. */
  async #takeTwin(question: Question): Promise<void> {
    const { path, label, fingerprint } = question;
    const [known] = await this.#work.context.store.look([fingerprint]);
    if (known?.answer !== undefined) {
      return this.#table.placeStored([{ question, id: known.answer.id }]);
    }
    const why = failure('needs-failed', 'another record asks the same, and that has no answer');
    return this.#table.fail(path, label, why);
  }
}

function estimateFor(step: AgentStep, agent: AgentDescription): CostEstimate {
  if (agent.prices === undefined) return FREE;
  const contacts =
    step.schema === undefined ? { emails: 0, phones: 0 } : contactFields(step.schema.json);
  return estimateAgentRun(agent.prices, step.effort, contacts, step.maxCost);
}
