import { isJsonObject, type JsonObject } from '../base/json.ts';
import type { Path } from './parsed-document.ts';
import type { Exclusion, StepInput, TableRef } from './pipeline.ts';
import type { Resolution } from './resolution.ts';
import { columnsOfRecords, resolveFileInput } from './resolve-sources.ts';
import type {
  ExclusionSelectionSpec,
  ExclusionSpec,
  InputSelectionSpec,
  StepSpec,
} from './spec.ts';

/** A step's input with the columns that its records are known to have. */
export interface ResolvedInput {
  readonly input: StepInput;
  readonly columns: readonly string[] | undefined;
}

/** Finds what a step's `input` names. Undefined when it has none, or a reported mistake. */
export async function resolveInput(
  at: Resolution,
  step: string,
  { input }: StepSpec,
): Promise<ResolvedInput | undefined> {
  if (input === undefined) return undefined;
  const path = ['steps', step, 'input'];
  const selection = asSelection(input);
  const fromPath = isSelection(input) ? [...path, 'from'] : path;
  const from = await resolveFrom(at, step, selection.from, fromPath);
  if (from === undefined) return undefined;
  const known = from.kind === 'records' ? columnsOfRecords(from.records) : at.columnsOf(from);
  const { columns, where } = selection;
  if (from.kind === 'records' && where !== undefined) {
    at.errorAt(
      'E-P13',
      at.document.locateKey([...path, 'where']),
      '"where" chooses from a table, and this is a list written in the file',
      'leave out the records that are not wanted, or put the list into a file',
    );
  }
  if (columns !== undefined) {
    const place = (i: number) => at.document.locate([...path, 'columns', i]);
    at.checkColumns(columns, known, place, nameOf(from));
  }
  return {
    input: {
      from,
      columns,
      where,
      limit: selection.limit,
      batch: selection.batch ?? 1,
      span: at.document.locateKey(columns === undefined ? path : [...path, 'columns']),
    },
    columns: columns ?? known,
  };
}

const isSelection = (input: NonNullable<StepSpec['input']>): input is InputSelectionSpec =>
  typeof input === 'object' && !Array.isArray(input);

const asSelection = (input: NonNullable<StepSpec['input']>): InputSelectionSpec =>
  isSelection(input) ? input : { from: input };

const nameOf = (from: StepInput['from']): string => {
  switch (from.kind) {
    case 'records':
      return 'the list';
    case 'source':
      return `source "${from.source.name}"`;
    case 'step':
      return `step "${from.step}"`;
  }
};

async function resolveFrom(
  at: Resolution,
  step: string,
  from: string | readonly JsonObject[],
  path: Path,
): Promise<StepInput['from'] | undefined> {
  if (typeof from !== 'string') return { kind: 'records', records: from };
  // Names have neither dots nor slashes, and files have one of them.
  if (/[./\\~]/u.test(from)) {
    const source = await resolveFileInput(at, step, from, path);
    return source === undefined ? undefined : { kind: 'source', source };
  }
  return at.table(from, at.document.locate(path));
}

/** Finds what a step's `exclude` names; records written one after the other become one list. */
export function resolveExclusions(
  at: Resolution,
  step: string,
  { exclude = [] }: StepSpec,
): readonly Exclusion[] {
  const found: Exclusion[] = [];
  let records: JsonObject[] = [];
  for (const [i, entry] of exclude.entries()) {
    const path = ['steps', step, 'exclude', i];
    if (isRecord(entry)) {
      if (records.length === 0) found.push({ kind: 'records', records });
      records.push(entry);
      continue;
    }
    records = [];
    const exclusion = excludedTable(at, step, entry, path);
    if (exclusion !== undefined) found.push(exclusion);
  }
  return found;
}

const isRecord = (entry: ExclusionSpec): entry is JsonObject =>
  isJsonObject(entry) && !Object.hasOwn(entry, 'from');

function excludedTable(
  at: Resolution,
  step: string,
  entry: string | ExclusionSelectionSpec,
  path: Path,
): Exclusion | undefined {
  const isName = typeof entry === 'string';
  const { from: name, columns, where }: ExclusionSelectionSpec = isName ? { from: entry } : entry;
  const from: TableRef | undefined = at.table(
    name,
    at.document.locate(isName ? path : [...path, 'from']),
  );
  if (from === undefined) return undefined;
  if (columns !== undefined) {
    const place = (i: number) => at.document.locate([...path, 'columns', i]);
    at.checkColumns(columns, at.columnsOf(from), place, nameOf(from));
  }
  return {
    kind: 'table',
    from,
    self: from.kind === 'step' && from.step === step,
    columns,
    where,
  };
}
