import type { AgentBackend, AgentProblem } from '../agent/agent.ts';
import type { Clock } from '../base/clock.ts';
import type { RunId } from '../base/ids.ts';
import type { Random } from '../base/random.ts';
import type { Result } from '../base/result.ts';
import type { Budget } from '../cost/budget.ts';
import type { PeriodCaps } from '../cost/cap.ts';
import type { PriceBook } from '../cost/price-book.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { Store } from '../store/store.ts';
import type { Emit } from './events.ts';
import type { PlanNotes } from './plan-notes.ts';
import type { SourceReader, WholeTables } from './ports.ts';
import type { ReconcileRules } from './reconcile.ts';
import type { Slots } from './slots.ts';
import type { Stop } from './stop.ts';

/** What is known of an agent without a key and without a connection. */
export interface AgentDescription {
  readonly name: string;
  readonly identity: string;
  readonly ephemeral: boolean;
  /** Undefined for an agent that costs nothing. */
  readonly prices: PriceBook | undefined;
}

/** The agents that a pipeline can name. They are opened when first asked, not before. */
export interface Agents {
  describe(name: string): Promise<Result<AgentDescription, AgentProblem>>;
  open(name: string): Promise<Result<AgentBackend, AgentProblem>>;
}

/** All that a run needs from the world. Nothing below here asks the machine itself. */
export interface RunContext {
  readonly run: RunId;
  readonly pipeline: Pipeline;
  readonly store: Store;
  readonly agents: Agents;
  readonly sources: SourceReader;
  /** Opened when first needed: most runs never need a whole table. */
  readonly wholeTables: () => Promise<WholeTables>;
  readonly budget: Budget;
  /** Ceilings over all pipelines, which the store keeps. */
  readonly periods?: PeriodCaps;
  readonly slots: Slots;
  readonly clock: Clock;
  readonly random: Random;
  /**
   * Aborts when an interrupt has come so far that nobody waits for agent runs any longer; nothing
   * new starts from `stop` on, which is earlier.
   */
  readonly signal: AbortSignal;
  readonly stop: Stop;
  readonly emit: Emit;
  /** Steps whose stored answers do not count. */
  readonly refresh: ReadonlySet<string>;
  /** The user asks again for what was paid for and failed. */
  readonly retryFailed?: boolean;
  /** Other rules than the usual ones for finding lost agent runs. */
  readonly reconcile?: Partial<ReconcileRules>;
  /** Tasks that a step may start at most. */
  readonly limit: number | undefined;
  /** Given: nothing is started, and what would be is noted here. */
  readonly plan: PlanNotes | undefined;
}
