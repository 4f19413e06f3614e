import { followPointer } from '../agent/schema-keywords.ts';
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import type { AgentStep, Step } from '../pipeline/pipeline.ts';
import type { StepPlan } from './plan-notes.ts';

/** How many tasks and agent runs a step can come to at most, over the whole run. */
export interface TaskBound {
  readonly tasks: number;
  readonly agentRuns: number;
}

/**
 * How much can follow in a step that waits for others, where `maxItems` of their schemas or a
 * limit say so; undefined where nothing does.
 */
export function boundOf(
  step: AgentStep,
  plan: StepPlan,
  limit: number | undefined,
  around: {
    readonly steps: readonly Step[];
    readonly plans: ReadonlyMap<string, StepPlan>;
  },
): TaskBound | undefined {
  const all = tasksOf(step, around.steps, around.plans, 0);
  if (all === undefined) return undefined;
  const further = Math.max(0, all - plan.tasks);
  const batch = step.input?.batch ?? 1;
  const size = batch === 'all' ? 1 : batch;
  // A limit lets the batch finish that reaches it.
  const within = limit === undefined ? Infinity : Math.max(0, limit - plan.toRun);
  const allowed = Math.min(further, Math.ceil(within / size) * size);
  return { tasks: plan.tasks + allowed, agentRuns: plan.agentRuns + Math.ceil(allowed / size) };
}

/** More steps than this in a line are no pipeline. */
const MOST_STEPS = 200;

function tasksOf(
  step: AgentStep,
  steps: readonly Step[],
  plans: ReadonlyMap<string, StepPlan>,
  depth: number,
): number | undefined {
  const plan = plans.get(step.name);
  if (plan === undefined || depth > MOST_STEPS) return undefined;
  const { input } = step;
  if (input === undefined) return step.repeat?.maxRuns ?? 1;
  if (input.batch === 'all') return 1;
  if (plan.waitsFor.length === 0) return plan.tasks;
  const { from } = input;
  if (from.kind === 'records') return from.records.length;
  if (from.kind === 'source') return input.limit;
  const rows = rowsOf(from.step, steps, plans, depth);
  return least(rows, input.limit);
}

/** Rows that the table of a step can have at most. */
function rowsOf(
  name: string,
  steps: readonly Step[],
  plans: ReadonlyMap<string, StepPlan>,
  depth: number,
): number | undefined {
  const step = steps.find((it) => it.name === name);
  // SQL may multiply rows, and a table that keeps what it had may be of any size.
  if (step?.kind !== 'agent' || step.keepsHistory) return undefined;
  const tasks = tasksOf(step, steps, plans, depth + 1);
  const each = recordsOfAnswer(step);
  return tasks === undefined || each === undefined ? undefined : tasks * each;
}

/** How many records one answer can have, by its schema. */
function recordsOfAnswer({ schema, records }: AgentStep): number | undefined {
  if (records.kind === 'object' || records.kind === 'text') return 1;
  if (schema === undefined) return undefined;
  const names = records.kind === 'array' ? records.property.split('.') : [];
  let node: Json | undefined = followed(schema.json, schema.json);
  for (const name of names) {
    const properties: Json | undefined = isJsonObject(node) ? node['properties'] : undefined;
    node = isJsonObject(properties) ? followed(schema.json, properties[name]) : undefined;
  }
  const most = isJsonObject(node) ? node['maxItems'] : undefined;
  return typeof most === 'number' ? most : undefined;
}

function followed(root: JsonObject, node: Json | undefined): Json | undefined {
  const reference = isJsonObject(node) ? node['$ref'] : undefined;
  return typeof reference === 'string' ? followPointer(root, reference) : node;
}

const least = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
