import { isoTime } from '../base/clock.ts';
import { fingerprintOf } from '../base/fingerprint.ts';
import type { JsonObject } from '../base/json.ts';
import { fail, ok, type Result } from '../base/result.ts';
import type { AgentStep, Exclusion, TableRef } from '../pipeline/pipeline.ts';
import { ExclusionList } from '../plan/exclusions.ts';
import type { Continued, QuestionScope } from '../plan/question.ts';
import type { Member, StepState } from '../store/store.ts';
import type { AgentDescription, RunContext } from './context.ts';
import { needsWholeInput, pick, wholeRows } from './step-input.ts';
import { tableRecords, type StepOutput } from './step-output.ts';

/** Rows of a step that a template may list; larger tables go through `input`. */
const MOST_TEMPLATE_ROWS = 1_000;

/** Steps that must have ended before this one can ask its first question. */
export function barriers(step: AgentStep): readonly string[] {
  const names = new Set<string>([...step.query.steps, ...(step.system?.steps ?? [])]);
  for (const exclusion of step.exclude) {
    if (exclusion.kind === 'table' && exclusion.from.kind === 'step' && !exclusion.self) {
      names.add(exclusion.from.step);
    }
  }
  if (step.continues !== undefined) names.add(step.continues);
  const { input } = step;
  if (input?.from.kind === 'step' && (needsWholeInput(input) || input.batch === 'all')) {
    names.add(input.from.step);
  }
  return [...names];
}

/** Gathers what the questions of a step share. The error is for a person. */
export async function stepScope(
  step: AgentStep,
  agent: AgentDescription,
  base: StepState | undefined,
  outputs: ReadonlyMap<string, StepOutput>,
  context: RunContext,
): Promise<Result<QuestionScope, string>> {
  const exclusions = new ExclusionList(step.key);
  for (const exclusion of step.exclude) {
    const added = await exclude(exclusion, exclusions, base, outputs, context);
    if (!added.ok) return added;
  }
  const tables: Record<string, readonly JsonObject[]> = {};
  for (const name of new Set([...step.query.steps, ...(step.system?.steps ?? [])])) {
    const rows = await smallTable(name, outputs);
    if (rows === undefined) {
      return fail(`steps.${name} has more than ${MOST_TEMPLATE_ROWS} records; use input instead`);
    }
    tables[name] = rows;
  }
  return ok({
    params: context.pipeline.params,
    date: isoTime(context.clock.now()).slice(0, 10),
    agent: agent.identity,
    tables,
    exclusions,
    sendsBudget: sendsBudget(step, agent),
  });
}

/** Fixed efforts refuse a budget; metered ones take it. */
function sendsBudget(step: AgentStep, { prices }: AgentDescription): boolean {
  if (prices?.takesBudget !== true) return false;
  return prices.efforts[step.effort ?? prices.defaultEffort]?.kind === 'metered';
}

async function exclude(
  exclusion: Exclusion,
  list: ExclusionList,
  base: StepState | undefined,
  outputs: ReadonlyMap<string, StepOutput>,
  context: RunContext,
): Promise<Result<undefined, string>> {
  if (exclusion.kind === 'records') {
    for (const record of exclusion.records) list.add(record, false);
    return ok(undefined);
  }
  const rows = exclusion.self
    ? ok(ownHistory(exclusion.from, base, outputs, context))
    : await excludedRows(exclusion, outputs, context);
  if (!rows.ok) return rows;
  const columns = exclusion.columns ?? keyOf(exclusion.from, outputs);
  for await (const portion of rows.value) {
    for (const row of portion) list.add(project(row, columns), exclusion.self);
  }
  return ok(undefined);
}

async function excludedRows(
  { from, where }: Extract<Exclusion, { kind: 'table' }>,
  outputs: ReadonlyMap<string, StepOutput>,
  context: RunContext,
): Promise<Result<AsyncIterable<readonly JsonObject[]>, string>> {
  const output = from.kind === 'step' ? outputs.get(from.step) : undefined;
  if (output !== undefined && where === undefined) return ok(recordsOf(output));
  return wholeRows(from, { where, limit: undefined }, outputs, context);
}

async function* recordsOf(output: StepOutput): AsyncGenerator<readonly JsonObject[]> {
  for await (const portion of output.records()) yield portion.map(({ record }) => record);
}

const keyOf = (
  from: TableRef,
  outputs: ReadonlyMap<string, StepOutput>,
): readonly string[] | undefined =>
  from.kind === 'source' ? from.source.key : outputs.get(from.step)?.shape.key;

const project = (record: JsonObject, columns: readonly string[] | undefined): JsonObject =>
  columns === undefined ? record : pick(record, columns);

/** All records that the step's own table has from before. */
async function* ownHistory(
  from: TableRef,
  base: StepState | undefined,
  outputs: ReadonlyMap<string, StepOutput>,
  { store }: RunContext,
): AsyncGenerator<readonly JsonObject[]> {
  const output = from.kind === 'step' ? outputs.get(from.step) : undefined;
  if (output === undefined || base === undefined) return;
  for await (const members of store.members(base.version)) {
    const answered = members.filter((member) => member.answer !== undefined);
    const answers = await store.answers(answered.flatMap(({ answer }) => answer ?? []));
    yield answered.flatMap((member, at) => {
      const answer = answers[at];
      const records = answer && tableRecords(output.shape, member, answer.output);
      return (records ?? []).map(({ record }) => record);
    });
  }
}

async function smallTable(
  step: string,
  outputs: ReadonlyMap<string, StepOutput>,
): Promise<readonly JsonObject[] | undefined> {
  const rows: JsonObject[] = [];
  for await (const portion of outputs.get(step)?.records() ?? []) {
    if (rows.length + portion.length > MOST_TEMPLATE_ROWS) return undefined;
    rows.push(...portion.map(({ record }) => record));
  }
  return rows;
}

/**
 * The last answered agent run of the step that is continued; undefined when it has none. Its
 * fingerprint takes in what was answered, so that another answer is followed up anew.
 */
export async function continuedRun(
  step: AgentStep,
  outputs: ReadonlyMap<string, StepOutput>,
  context: RunContext,
): Promise<Continued | undefined> {
  if (step.continues === undefined) return undefined;
  let last: Member | undefined;
  for await (const members of outputs.get(step.continues)?.members() ?? []) {
    last = members.findLast((member) => member.answer !== undefined) ?? last;
  }
  if (last?.answer === undefined) return undefined;
  const [answer] = await context.store.answers([last.answer]);
  return answer === undefined
    ? undefined
    : {
        fingerprint: fingerprintOf([last.fingerprint, answer.digest]),
        agentRunId: answer.agentRunId,
        answer: answer.id,
      };
}
