import type { AgentOutput, AgentRequest, AgentUsage, EarlierRuns } from '../agent/agent.ts';
import type { JsonObject } from '../base/json.ts';

/** One agent run to carry out. */
export interface EngineTask {
  readonly id: string;
  readonly request: AgentRequest;
  readonly startedMs: number;
  /**
   * The runs that it continues, the first one first; undefined where one of them was deleted. Only
   * an engine that does not remember them any more asks.
   */
  readonly earlier: EarlierRuns;
  /** Aborts when nobody wants the outcome any more. */
  readonly cancelled: AbortSignal;
  /** Aborts when the engine should end soon with what it has: `partial`. */
  readonly finish: AbortSignal;
  /** Something to show while the run goes on; the name without `agent_run.`. */
  emit(event: string, data: JsonObject): void;
  /** All that was used so far. Once it costs as much as the run may, `finish` aborts. */
  used(usage: AgentUsage): void;
}

/** How an engine ended. */
export type EngineOutcome =
  | {
      readonly ok: true;
      readonly output: AgentOutput;
      readonly usage: AgentUsage;
      /** It ended before everything was found. */
      readonly partial: boolean;
    }
  | {
      readonly ok: false;
      readonly error: { readonly type: string; readonly code: string; readonly message: string };
      readonly usage: AgentUsage;
    };

/** What carries agent runs out. The server around it keeps them, prices them and tells of them. */
export interface Engine {
  /** What of the engine can change an answer. */
  readonly identity: string;
  /** May reject only because of a bug, or once `cancelled` has aborted. */
  run(task: EngineTask): Promise<EngineOutcome>;
  close(): Promise<void>;
}
