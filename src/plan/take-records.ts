import type { AgentOutput } from '../agent/agent.ts';
import type { OutputSchema, Violation } from '../agent/output-schema.ts';
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { recordKey, type RecordKey } from '../base/record-key.ts';
import type { RecordsAt } from '../pipeline/pipeline.ts';

/** What it takes to find records in an output and tell good ones from bad ones. */
export interface RecordShape {
  readonly at: RecordsAt;
  readonly key: readonly string[] | undefined;
  readonly schema: OutputSchema | undefined;
}

export interface TakenRecord {
  /** Its place in the answer's list of records. */
  readonly index: number;
  readonly record: JsonObject;
  /** Undefined where the step has no key, or the record lacks it (then there is a problem too). */
  readonly key: RecordKey | undefined;
  readonly problem: { readonly reason: 'schema' | 'no-key'; readonly detail: string } | undefined;
}

export type Taken =
  | { readonly ok: true; readonly records: readonly TakenRecord[] }
  /** Nothing in the output can be used. */
  | {
      readonly ok: false;
      readonly kind: 'empty-output' | 'invalid-output';
      readonly message: string;
    };

/**
 * The records of an output, each with its key and what is wrong with it.
 *
 * A record that breaks the schema does not spoil its neighbours; a mistake outside the list of
 * records spoils the answer. Pure, so that a stored answer always gives the same records.
 */
export function takeRecords(shape: RecordShape, output: AgentOutput): Taken {
  if (shape.at.kind === 'text') {
    return output.text === ''
      ? { ok: false, kind: 'empty-output', message: 'the agent gave no text' }
      : taken(shape, [{ text: output.text }], []);
  }
  const { structured } = output;
  if (structured === null) {
    return { ok: false, kind: 'empty-output', message: 'the agent gave no structured output' };
  }
  const violations = shape.schema?.check(structured) ?? [];
  const prefix = prefixOf(shape.at);
  const outside = violations.filter((violation) => !isWithinRecord(violation, prefix, shape.at));
  if (outside.length > 0) {
    return { ok: false, kind: 'invalid-output', message: outside.map(describe).join('; ') };
  }
  const list = recordsAt(shape.at, structured);
  if (list === undefined) {
    const where = shape.at.kind === 'array' ? `"${shape.at.property}"` : 'its root';
    return { ok: false, kind: 'invalid-output', message: `no list of records at ${where}` };
  }
  return taken(
    shape,
    list,
    violations.map((violation) => ({ ...violation, path: violation.path.slice(prefix.length) })),
  );
}

const prefixOf = (at: RecordsAt): readonly string[] =>
  at.kind === 'array' ? at.property.split('.') : [];

/** True for a mistake at or below one record of a list; the object itself is never a list. */
function isWithinRecord(violation: Violation, prefix: readonly string[], at: RecordsAt): boolean {
  if (at.kind === 'object' || at.kind === 'text') return false;
  return (
    violation.path.length > prefix.length &&
    prefix.every((segment, i) => violation.path[i] === segment) &&
    typeof violation.path[prefix.length] === 'number'
  );
}

/** The list of records of a structured output, or undefined where there is none. */
export function recordsAt(at: RecordsAt, structured: Json): readonly Json[] | undefined {
  if (at.kind === 'object' || at.kind === 'text') return [structured];
  let value: Json | undefined = structured;
  for (const segment of prefixOf(at)) {
    if (!isJsonObject(value)) return undefined;
    value = value[segment];
  }
  return Array.isArray(value) ? (value as readonly Json[]) : undefined;
}

function taken(shape: RecordShape, list: readonly Json[], violations: readonly Violation[]): Taken {
  const byRecord = new Map<number, string[]>();
  for (const violation of violations) {
    const index = Number(violation.path[0] ?? 0);
    const said = byRecord.get(index) ?? [];
    said.push(describe({ ...violation, path: violation.path.slice(1) }));
    byRecord.set(index, said);
  }
  return {
    ok: true,
    records: list.map((value, index): TakenRecord => {
      const record = isJsonObject(value) ? value : { value };
      const key = shape.key === undefined ? undefined : recordKey(record, shape.key);
      const wrong = byRecord.get(index);
      if (wrong !== undefined) {
        return { index, record, key, problem: { reason: 'schema', detail: wrong.join('; ') } };
      }
      if (shape.key !== undefined && key === undefined) {
        const missing = shape.key.filter((column) => recordKey(record, [column]) === undefined);
        const detail = `no value for the key ${missing.join(', ')}`;
        return { index, record, key, problem: { reason: 'no-key', detail } };
      }
      return { index, record, key, problem: undefined };
    }),
  };
}

function describe({ path, message }: Violation): string {
  const where = path.map((s) => (typeof s === 'number' ? `[${s}]` : `.${s}`)).join('');
  return where === '' ? message : `${where.replace(/^\./, '')} ${message}`;
}
