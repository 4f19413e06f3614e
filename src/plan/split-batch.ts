import type { AgentOutput, Grounding } from '../agent/agent.ts';
import { parseGroundingPath } from '../agent/grounding-path.ts';
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { recordKey, type RecordKey } from '../base/record-key.ts';
import type { Question } from './question.ts';
import { recordsAt, type RecordShape } from './take-records.ts';

/**
 * Gives each question of a batch the records that echo its key; undefined where none does. Where
 * several questions have one key, each gets them: which record then stands in the table is decided
 * as for answers that were asked for one by one.
 *
 * Every part is a whole output again, with only its own records and their grounding, so that an
 * answer from a batch and one asked for alone are read in the same way. Records that name a key
 * which no question has go to the first part, where {@link strayRecord} finds them again: they are
 * listed as rejected and not lost. They are left out where some of the batch's questions are not
 * among these any more.
 */
export function splitBatch(
  shape: RecordShape,
  questions: readonly Question[],
  output: AgentOutput,
  strays: 'kept' | 'left out' = 'kept',
): readonly (AgentOutput | undefined)[] {
  const list = recordsAt(shape.at, output.structured) ?? [];
  const byKey = new Map<string, readonly number[]>();
  questions.forEach((question, at) => {
    const key = echoedKey(shape, question, question.rows[0] ?? {});
    if (key !== undefined) byKey.set(key, [...(byKey.get(key) ?? []), at]);
  });
  const shares: number[][] = questions.map(() => []);
  const stray: number[] = [];
  const [first] = questions;
  list.forEach((record, index) => {
    const key =
      isJsonObject(record) && first !== undefined ? echoedKey(shape, first, record) : undefined;
    const asking = key === undefined ? undefined : byKey.get(key);
    if (asking === undefined) stray.push(index);
    else for (const at of asking) shares[at]?.push(index);
  });
  if (strays === 'kept') shares.find((share) => share.length > 0)?.push(...stray);
  return shares.map((share) => (share.length === 0 ? undefined : part(shape, output, list, share)));
}

/** Whether a record of a question's part of a batch names another key than the question's. */
export function strayRecord(shape: RecordShape, question: Question, record: JsonObject): boolean {
  const asked = echoedKey(shape, question, question.rows[0] ?? {});
  return asked !== undefined && echoedKey(shape, question, record) !== asked;
}

/** The key of `record` in the key columns that the input has: an answer may add more to the key. */
function echoedKey(
  shape: RecordShape,
  question: Question,
  record: JsonObject,
): RecordKey | undefined {
  const row: JsonObject = question.rows[0] ?? {};
  const columns = (shape.key ?? []).filter((column) => column in row);
  return columns.length === 0 ? undefined : recordKey(record, columns);
}

function part(
  shape: RecordShape,
  output: AgentOutput,
  list: readonly Json[],
  share: readonly number[],
): AgentOutput {
  const records = share.map((index) => list[index] ?? null);
  const prefix = shape.at.kind === 'array' ? shape.at.property.split('.') : [];
  return {
    text: output.text,
    structured: replaceAt(output.structured, prefix, records),
    grounding: output.grounding.flatMap((grounding) => regroup(grounding, prefix, share)),
  };
}

function replaceAt(value: Json, path: readonly string[], records: readonly Json[]): Json {
  const [head, ...rest] = path;
  if (head === undefined) return records;
  const object = isJsonObject(value) ? value : {};
  return { ...object, [head]: replaceAt(object[head] ?? null, rest, records) };
}

/** Keeps a grounding of one of the share's records, under the record's new index. */
function regroup(
  grounding: Grounding,
  prefix: readonly string[],
  share: readonly number[],
): readonly Grounding[] {
  const path = parseGroundingPath(grounding.field);
  if (path === undefined || path[0] !== 'structured') return [];
  const below = path.slice(1);
  const index = below[prefix.length];
  if (!prefix.every((segment, i) => below[i] === segment) || typeof index !== 'number') return [];
  const at = share.indexOf(index);
  if (at === -1) return [];
  return [{ ...grounding, field: fieldText([...prefix, at, ...below.slice(prefix.length + 1)]) }];
}

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

const fieldText = (segments: readonly (string | number)[]): string =>
  segments.reduce<string>((text, segment) => {
    if (typeof segment === 'number') return `${text}[${segment}]`;
    return IDENTIFIER.test(segment) ? `${text}.${segment}` : `${text}[${JSON.stringify(segment)}]`;
  }, 'structured');
