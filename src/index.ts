// The public API. Whatever is not named here may change in any release.
export type {
  AgentBackend,
  AgentCost,
  AgentOutput,
  AgentProblem,
  AgentProblemKind,
  AgentRequest,
  AgentRun,
  AgentRunPage,
  AgentRunStatus,
  AgentUsage,
  Citation,
  Grounding,
} from './agent/agent.ts';
export { openExaAgent, type ExaOptions } from './agent/exa.ts';
export { openLocalAgent } from './agent/local/local-agent.ts';
export { OutputSchema } from './agent/output-schema.ts';
export { recordAgent } from './agent/record.ts';
export { openReplayAgent } from './agent/replay.ts';
export type { Clock } from './base/clock.ts';
export type { Fingerprint } from './base/fingerprint.ts';
export type { Json, JsonObject } from './base/json.ts';
export type { Microdollars } from './base/money.ts';
export type { Random } from './base/random.ts';
export type { Result } from './base/result.ts';
export { Budget } from './cost/budget.ts';
export type { Cap, PeriodCaps } from './cost/cap.ts';
export { PRICE_BOOKS, type EffortPrice, type PriceBook } from './cost/price-book.ts';
export type { Diagnostic, Note, Place } from './diagnostics/diagnostic.ts';
export { renderDiagnostic } from './diagnostics/render.ts';
export type { AgentDescription, Agents, RunContext } from './execution/context.ts';
export type { RunEvent } from './execution/events.ts';
export { PlanNotes, type StepPlan } from './execution/plan-notes.ts';
export { pricePlan, type PricedPlan, type PricedStep } from './execution/priced-plan.ts';
export { runPipeline, type RunReport } from './execution/run-pipeline.ts';
export { Slots } from './execution/slots.ts';
export { Stop } from './execution/stop.ts';
export { loadPipeline, type LoadOptions } from './pipeline/load.ts';
export type { AgentStep, Pipeline, SqlStep, Step } from './pipeline/pipeline.ts';
export { loadProject, type Project } from './pipeline/project-file.ts';
export { LmdbStore } from './store/lmdb-store.ts';
export { MemoryStore } from './store/memory-store.ts';
export type {
  Answer,
  LedgerEntry,
  Member,
  MemberFailure,
  StepState,
  Store,
} from './store/store.ts';
export { FileSourceReader } from './tables/source-reader.ts';
export { writeOutputs, type OutputSummary, type OutputTable } from './tables/write-outputs.ts';
