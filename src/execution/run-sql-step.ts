import { INTERRUPTED } from '../duckdb/failure.ts';
import { fingerprintOf } from '../base/fingerprint.ts';
import type { JsonObject } from '../base/json.ts';
import type { SqlStep } from '../pipeline/pipeline.ts';
import type { StepLayout } from '../store/store.ts';
import type { RunContext } from './context.ts';
import { keyMistake, nameMistake, sqlMistake } from './sql-mistake.ts';
import { loadStep } from './step-input.ts';
import { isMissing, type StepOutput } from './step-output.ts';
import { StepVersion } from './step-version.ts';
import { failStep, stepReport, type StepReport } from './step-work.ts';
import type { QueryResult } from './ports.ts';

/**
 * Runs one SQL step: it needs the whole tables that it names, asks nobody and costs nothing.
 *
 * It is left alone when its text and the content of everything it reads are what they were.
 */
export async function runSqlStep(
  step: SqlStep,
  output: StepOutput,
  outputs: ReadonlyMap<string, StepOutput>,
  context: RunContext,
): Promise<StepReport> {
  const note = context.plan?.note(step.name);
  const read = await digestReads(step, outputs, context);
  if (read.incomplete.length > 0) {
    for (const name of read.incomplete) note?.waitFor(name);
    return failStep(output, `waits for ${read.incomplete.join(', ')}`, 'skipped');
  }
  const request: JsonObject = {
    query: fingerprintOf({ sql: step.sql, tables: read.digests }),
  };
  const base = await context.store.stepState(context.pipeline.name, step.name);
  if (base !== undefined && isAsBefore(base.layout, { ...output.layout, request })) {
    const { version, digest, layout } = base;
    output.open({ version, read: () => context.store.members(version) }, layout);
    output.finish({ hasTable: true, complete: true, isSound: true, digest, unchanged: true });
    note?.keepTable();
    return stepReport('unchanged', null);
  }
  return query(step, output, outputs, context, request);
}

/** Waits for the tables that the SQL names; their digests, and which of them miss tasks. */
async function digestReads(
  step: SqlStep,
  outputs: ReadonlyMap<string, StepOutput>,
  context: RunContext,
): Promise<{ readonly digests: JsonObject; readonly incomplete: readonly string[] }> {
  const incomplete: string[] = [];
  const digests: Record<string, string> = {};
  const cut = (): boolean => context.plan !== undefined || context.stop.cause !== undefined;
  for (const name of step.reads.steps) {
    const end = await outputs.get(name)?.ended;
    digests[name] = end?.digest ?? '';
    if (isMissing(end, cut())) incomplete.push(name);
  }
  for (const name of step.reads.sources) {
    const source = context.pipeline.sources.get(name);
    if (source !== undefined) digests[name] = await context.sources.digest(source);
  }
  return { digests, incomplete };
}

async function query(
  step: SqlStep,
  output: StepOutput,
  outputs: ReadonlyMap<string, StepOutput>,
  context: RunContext,
  request: JsonObject,
): Promise<StepReport> {
  const whole = await context.wholeTables();
  for (const name of step.reads.steps) await loadStep(name, outputs, context);
  for (const name of step.reads.sources) {
    const source = context.pipeline.sources.get(name);
    if (source !== undefined) await whole.addSource(source);
  }
  const result = await whole.query(step.sql, context.stop.sending);
  if (!result.ok && result.error.kind === INTERRUPTED.kind) {
    return failStep(output, 'interrupted; the table stays as it was', 'skipped');
  }
  if (!result.ok) return failStep(output, sqlMistake(step, result.error));
  const columns = result.value.columns.map(({ name }) => name);
  const missing = step.key?.find((key) => !hasColumn(columns, key));
  if (missing !== undefined) return failStep(output, keyMistake(step, missing, columns));
  const unfit = nameMistake(step, columns);
  if (unfit !== undefined) return failStep(output, unfit);
  const layout: StepLayout = { ...output.layout, columns: result.value.columns, request };
  const base = await context.store.stepState(context.pipeline.name, step.name);
  const version = new StepVersion(context, step.name);
  output.open(version.log, layout);
  try {
    await appendRows(version, result.value.rows);
    await version.log.close();
  } catch (error) {
    version.log.abandon();
    throw error;
  }
  const unchanged = await version.publish(context, step.name, layout, base);
  const { digest } = version;
  output.finish({ hasTable: true, complete: true, isSound: true, digest, unchanged });
  return stepReport('finished', null);
}

async function appendRows(version: StepVersion, portions: QueryResult['rows']): Promise<void> {
  let portion = 0;
  for await (const rows of portions) {
    if (rows.length === 0) continue;
    const digest = fingerprintOf(rows);
    await version.append({
      path: [portion++],
      task: '',
      fingerprint: digest,
      answer: undefined,
      answerDigest: digest,
      dropped: [],
      failure: undefined,
      rows,
    });
  }
}

/** The columns are only known after the query, so those of the table as it is count. */
const isAsBefore = (before: StepLayout, now: StepLayout): boolean =>
  JSON.stringify(before) === JSON.stringify({ ...now, columns: before.columns });

const hasColumn = (columns: readonly string[], name: string): boolean =>
  columns.some((column) => column.toLowerCase() === name.toLowerCase());
