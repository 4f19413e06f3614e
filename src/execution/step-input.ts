import type { JsonObject } from '../base/json.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { recordKey } from '../base/record-key.ts';
import type { StepInput, TableRef } from '../pipeline/pipeline.ts';
import type { InputRecord } from '../plan/question.ts';
import type { RunContext } from './context.ts';
import type { StepOutput } from './step-output.ts';

/** Columns that every step's table has beside those of its records. */
const TABLE_COLUMNS = ['_key', '_parent_key', '_agent_run_id', '_answered_at', '_confidence'];

/** Portions of the records a step is asked about, in the order its tasks should have. */
export type InputPortions = AsyncIterable<readonly InputRecord[]>;

/** True when the input can only be read once the step it comes from has ended. */
export const needsWholeInput = (input: StepInput): boolean =>
  input.from.kind === 'step' && (input.where !== undefined || input.limit !== undefined);

/** Opens a step's input. The error is a mistake in its `where`, in the words of the database. */
export async function openInput(
  input: StepInput,
  outputs: ReadonlyMap<string, StepOutput>,
  context: RunContext,
): Promise<Result<InputPortions, string>> {
  const { from } = input;
  if (from.kind === 'records') {
    return ok(chosen(inlineRecords(from.records.slice(0, input.limit)), input.columns));
  }
  if (from.kind === 'source') {
    const { key } = from.source;
    const rows = context.sources.read(from.source, { ...input, columns: undefined });
    return ok(chosen(numbered(rows, key), input.columns));
  }
  const output = outputs.get(from.step);
  if (output === undefined) throw new Error(`No output of step ${from.step}`);
  if (!needsWholeInput(input)) return ok(chosen(output.records(), input.columns));
  const rows = await wholeRows(from, input, outputs, context);
  if (!rows.ok) return rows;
  return ok(chosen(numbered(rows.value, output.shape.key), input.columns));
}

/** Rows of a finished table that meet a condition; without the columns the table adds. */
export async function wholeRows(
  from: TableRef,
  selection: Pick<StepInput, 'where' | 'limit'>,
  outputs: ReadonlyMap<string, StepOutput>,
  context: RunContext,
): Promise<Result<AsyncIterable<readonly JsonObject[]>, string>> {
  const { where, limit } = selection;
  const all = { where, limit, columns: undefined };
  if (from.kind === 'source') return ok(context.sources.read(from.source, all));
  await loadStep(from.step, outputs, context);
  const tables = await context.wholeTables();
  const result = await tables.read(from.step, all);
  return result.ok ? ok(ownColumns(result.value.rows)) : fail(result.error);
}

/** Brings a finished step's table into the scratch database. */
export async function loadStep(
  step: string,
  outputs: ReadonlyMap<string, StepOutput>,
  context: RunContext,
): Promise<void> {
  const output = outputs.get(step);
  if (output === undefined) throw new Error(`No output of step ${step}`);
  const [tables, { version }] = await Promise.all([context.wholeTables(), output.feed]);
  const { layout } = output;
  await tables.addStep({ pipeline: context.pipeline.name, step, version, layout });
}

async function* ownColumns(
  portions: AsyncIterable<readonly JsonObject[]>,
): AsyncGenerator<readonly JsonObject[]> {
  for await (const rows of portions) {
    yield rows.map((row) =>
      Object.fromEntries(Object.entries(row).filter(([name]) => !TABLE_COLUMNS.includes(name))),
    );
  }
}

async function* inlineRecords(
  records: readonly JsonObject[],
): AsyncGenerator<readonly InputRecord[]> {
  yield await Promise.resolve(records.map((record, at) => inputRecord(at, record, undefined)));
}

async function* numbered(
  portions: AsyncIterable<readonly JsonObject[]>,
  key: readonly string[] | undefined,
): AsyncGenerator<readonly InputRecord[]> {
  let at = 0;
  for await (const rows of portions) yield rows.map((row) => inputRecord(at++, row, key));
}

function inputRecord(
  at: number,
  record: JsonObject,
  key: readonly string[] | undefined,
): InputRecord {
  const found = key === undefined ? undefined : recordKey(record, key);
  return { path: [at], label: found ?? `#${at + 1}`, record };
}

async function* chosen(
  portions: InputPortions,
  columns: readonly string[] | undefined,
): AsyncGenerator<readonly InputRecord[]> {
  for await (const portion of portions) {
    yield columns === undefined
      ? portion
      : portion.map((input) => ({ ...input, record: pick(input.record, columns) }));
  }
}

/** A missing column stays away, so that a template which needs it says so. */
export function pick(record: JsonObject, columns: readonly string[]): JsonObject {
  const picked: Record<string, JsonObject[string]> = {};
  for (const column of columns) if (column in record) picked[column] = record[column];
  return picked;
}
