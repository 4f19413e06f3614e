import type { JsonObject } from '../base/json.ts';
import type { AttemptId, RunId } from '../base/ids.ts';
import type { Microdollars } from '../base/money.ts';
import type { Spend } from '../cost/spend.ts';
import type { Reason } from '../plan/decide.ts';
import type { FailureKind } from './failure.ts';
import type { MeteredStep } from '../cost/estimate.ts';
import type { StopCause } from './stop.ts';

/**
 * Everything a run tells the outside world, in the order it happens. They are appended to the
 * run's `events.ndjson`; whatever shows a run is a function of them and cannot change it.
 *
 * Reused answers are counted, not told one by one: a rerun of a finished pipeline says little.
 */
export type RunEvent = { readonly at: string } & (
  | {
      readonly type: 'run-started';
      readonly run: RunId;
      readonly pipeline: string;
      readonly file: string;
      readonly steps: readonly string[];
      /** The smallest ceiling of this run; null where it has none of its own. */
      readonly cap: { readonly name: string; readonly amount: Microdollars } | null;
      /** Steps whose agent runs have no fixed price. */
      readonly metered: readonly MeteredStep[];
    }
  | { readonly type: 'step-started'; readonly step: string }
  | {
      readonly type: 'task-started';
      readonly step: string;
      /** The key of the record, of the first of a batch, or empty. */
      readonly task: string;
      readonly records: number;
      readonly reason: Reason;
    }
  | {
      readonly type: 'attempt-failed';
      readonly step: string;
      readonly task: string;
      readonly attempt: number;
      readonly failure: FailureKind;
      readonly message: string;
      /** Until the next attempt; null when there is none. */
      readonly retryInMs: number | null;
    }
  | {
      /** Nobody knows whether the create went through; it is looked for once that must show. */
      readonly type: 'attempt-in-doubt';
      readonly step: string;
      readonly task: string;
      readonly attempt: AttemptId;
      readonly message: string;
      readonly looksInMs: number;
    }
  | {
      /** What the agent's list said of an attempt in doubt. */
      readonly type: 'attempt-found';
      readonly step: string;
      readonly task: string;
      readonly attempt: AttemptId;
      readonly verdict: 'adopted' | 'absent' | 'held';
      readonly agentRunId: string | null;
      readonly message: string | null;
    }
  | {
      readonly type: 'warning';
      /** Empty where it is about none in particular. */
      readonly step: string;
      readonly task: string;
      readonly message: string;
    }
  | {
      readonly type: 'task-answered';
      readonly step: string;
      readonly task: string;
      readonly agentRunId: string;
      /** Records that went into the table, and those that did not. */
      readonly records: number;
      readonly dropped: number;
      readonly cost: Microdollars | null;
      readonly durationMs: number;
      readonly stopReason: string | null;
    }
  | {
      readonly type: 'task-failed';
      readonly step: string;
      readonly task: string;
      readonly failure: FailureKind;
      readonly message: string;
      readonly attempts: number;
    }
  | {
      readonly type: 'step-finished';
      readonly step: string;
      readonly outcome: StepOutcome;
      readonly counts: StepCounts;
      readonly spend: Spend;
      readonly durationMs: number;
      /** Why it did not run, or ended early. */
      readonly message: string | null;
      /** The mistake it failed by, as the other diagnostics are in JSON. */
      readonly mistake?: JsonObject;
      /** What is odd about its questions, in the same form. */
      readonly warnings?: readonly JsonObject[];
    }
  | {
      readonly type: 'tables-written';
      /** Every table with its rows; also those that stayed as they were. */
      readonly tables: readonly { readonly name: string; readonly rows: number }[];
      /** Tests of tables that do not hold, a line each. */
      readonly testsFailed: readonly string[];
    }
  /** The last event of every run. */
  | {
      readonly type: 'run-finished';
      readonly run: RunId;
      readonly status: 'succeeded' | 'failed' | 'stopped' | 'interrupted';
      readonly exit: number;
      readonly stopped: StopCause | null;
      /** Of this run, and what earlier ones left open. */
      readonly spend: Spend;
      readonly durationMs: number;
    }
);

/** An event before the run has put the time on it. */
export type UntimedEvent = RunEvent extends infer Event
  ? Event extends RunEvent
    ? Omit<Event, 'at'>
    : never
  : never;

export type Emit = (event: UntimedEvent) => void;

export type StepOutcome =
  /** All its tasks were answered before and its table stays as it is. */
  | 'unchanged'
  | 'finished'
  /** It could not start, because of another step or because the run stopped. */
  | 'skipped'
  /** Something in it failed as a whole, such as its SQL. */
  | 'failed';

export interface StepCounts {
  readonly tasks: number;
  readonly reused: number;
  /** Tasks that had an attempt in this run. */
  readonly started: number;
  readonly failed: number;
  /** Tasks left out by `--limit`, by a stop or because they are held. */
  readonly notStarted: number;
}
