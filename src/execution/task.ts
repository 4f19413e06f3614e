import type { Microdollars } from '../base/money.ts';
import type { Budget } from '../cost/budget.ts';
import type { CostEstimate } from '../cost/estimate.ts';
import type { AgentStep } from '../pipeline/pipeline.ts';
import type { Continued, Question, QuestionMaker } from '../plan/question.ts';
import type { RecordShape } from '../plan/take-records.ts';
import type { AnswerId, NewAnswer, OpenAttempt } from '../store/store.ts';
import type { Failure } from './failure.ts';

/** One request to make: a question, or a batch of them. */
export interface Task {
  readonly step: AgentStep;
  readonly shape: RecordShape;
  readonly questions: readonly Question[];
  readonly continued: Continued | undefined;
  readonly maker: QuestionMaker;
  readonly estimate: CostEstimate;
  /** The step's, within the run's. */
  readonly budget: Budget;
  /** An agent run that an earlier process paid for and did not see the end of. */
  readonly resume: OpenAttempt | undefined;
}

/** What one question of a task got. */
export type Share =
  | { readonly ok: true; readonly id: AnswerId; readonly answer: NewAnswer }
  | { readonly ok: false; readonly failure: Failure };

export type TaskResult =
  | {
      readonly kind: 'ended';
      /** One for each question, in order. */
      readonly shares: readonly Share[];
      readonly attempts: number;
      readonly agentRunId: string | null;
      readonly cost: Microdollars | null;
      readonly durationMs: number;
      readonly stopReason: string | null;
    }
  /** The run stopped before anything was sent. */
  | { readonly kind: 'not-started' };

/** What people call a task: the key of its first record, or nothing. */
export const labelOf = (task: Task): string => task.questions[0]?.label ?? '';
