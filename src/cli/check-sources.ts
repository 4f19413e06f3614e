import { errorAt, type Diagnostic } from '../diagnostics/diagnostic.ts';
import { closest, didYouMean } from '../diagnostics/suggest.ts';
import type { Selection } from '../execution/ports.ts';
import type { AgentStep, Pipeline, Source, Step, TableRef } from '../pipeline/pipeline.ts';
import { spanInStep } from '../pipeline/span-in-step.ts';
import { FileSourceReader } from '../tables/source-reader.ts';
import type { RunOptions } from './options.ts';

/** What is wrong with the sources that steps read, and a reader that has seen them. */
export interface CheckedSources {
  readonly reader: FileSourceReader;
  readonly errors: readonly Diagnostic[];
  readonly warnings: readonly Diagnostic[];
}

type SourceTable = Extract<TableRef, { kind: 'source' }>;

/** Looks over every source that the steps read, and what they pick of it, before anything is spent. */
export async function checkSources(
  pipeline: Pipeline,
  steps: readonly Step[],
  { maxRows, untrusted }: Pick<RunOptions, 'maxRows' | 'untrusted'>,
): Promise<CheckedSources> {
  const warnings: Diagnostic[] = [];
  const errors = untrusted === true ? steps.flatMap(untrustedSql) : [];
  const reader = new FileSourceReader({
    onWarning: (warning) => warnings.push(warning),
    ...(maxRows === undefined ? {} : { maxRows }),
    ...(untrusted === true ? { binary: false } : {}),
  });
  // No condition of a stranger is run, not even to check it.
  if (errors.length > 0) return { reader, errors, warnings };
  const sound = new Set<string>();
  for (const source of usedSources(pipeline, steps)) {
    const checked = await reader.check(source);
    if (checked.ok) sound.add(source.name);
    else errors.push(...checked.error);
  }
  for (const step of steps) {
    if (step.kind === 'sql') continue;
    for (const { from, selection } of selections(step)) {
      if (!sound.has(from.source.name)) continue;
      errors.push(...(await selectionErrors(step, from, selection, reader)));
    }
  }
  return { reader, errors, warnings };
}

/** DuckDB is closed to files and network, but not made for SQL that strangers write. */
function untrustedSql(step: Step): readonly Diagnostic[] {
  const help = 'run it without --untrusted once you have read it';
  if (step.kind === 'sql') {
    return [
      errorAt('E-R91', step.span, 'SQL is only run when it comes from somebody trusted', help),
    ];
  }
  const conditions = [step.input, ...step.exclude].flatMap((it) =>
    it !== undefined && 'where' in it && it.where !== undefined ? [it.where] : [],
  );
  return conditions.map((where) => {
    const message = 'a condition is SQL, which is only run when it comes from somebody trusted';
    return errorAt('E-R91', spanInStep(where, step), message, help);
  });
}

/** The sources that the steps read, each once. */
export function usedSources(pipeline: Pipeline, steps: readonly Step[]): readonly Source[] {
  const names = new Set(
    steps.flatMap((step) =>
      step.kind === 'sql'
        ? step.reads.sources
        : selections(step).map(({ from }) => from.source.name),
    ),
  );
  return [...pipeline.sources.values()].filter(({ name }) => names.has(name));
}

/** The sources that an agent step reads, each with the part of it that it takes. */
function selections(
  step: AgentStep,
): readonly { readonly from: SourceTable; readonly selection: Selection }[] {
  const found: { from: SourceTable; selection: Selection }[] = [];
  if (step.input?.from.kind === 'source') {
    found.push({ from: step.input.from, selection: step.input });
  }
  for (const exclusion of step.exclude) {
    if (exclusion.kind !== 'table' || exclusion.from.kind !== 'source') continue;
    const { columns, where } = exclusion;
    found.push({ from: exclusion.from, selection: { columns, where, limit: undefined } });
  }
  return found;
}

async function selectionErrors(
  step: AgentStep,
  from: SourceTable,
  { columns, where }: Selection,
  reader: FileSourceReader,
): Promise<readonly Diagnostic[]> {
  const { source } = from;
  const errors: Diagnostic[] = [];
  const inspected = await reader.inspection(source);
  const names = inspected.columns.map(({ name }) => name);
  for (const column of columns ?? []) {
    if (names.includes(column)) continue;
    const message = `source "${source.name}" has no column "${column}"`;
    const span = spanInStep(column, step);
    errors.push(errorAt('E-P05', span, message, didYouMean(column, names, 'columns')));
  }
  if (step.input?.from === from) errors.push(...unknownNames(step, columns ?? names));
  if (where === undefined) return errors;
  const selection = { columns: undefined, where, limit: undefined };
  const mistake = await reader.checkSelection(source, selection);
  if (mistake !== undefined) {
    const column = /column "([^"]*)" not found/iu.exec(mistake)?.[1];
    const code = column === undefined ? 'E-P10' : 'E-P05';
    const help = whereHelp(mistake, column, names);
    errors.push(errorAt(code, spanInStep(where, step), mistake, help));
  }
  return errors;
}

/** What to do about a condition that DuckDB does not take; the columns are in its message. */
function whereHelp(mistake: string, column: string | undefined, names: readonly string[]): string {
  if (column !== undefined) {
    const meant = closest(column, names);
    if (meant !== undefined) return `did you mean "${meant}"?`;
    return 'name a column that there is; a text stands in single quotes';
  }
  return /convert|cast/iu.test(mistake)
    ? 'write try_cast(… as …) where a value may not fit: it gives null in its place'
    : 'mend it so that it is true or false for each row, such as employees > 100';
}

/** Variables of the templates that no record of the input has: each would fail, one by one. */
function unknownNames(step: AgentStep, columns: readonly string[]): readonly Diagnostic[] {
  const errors = new Map<string, Diagnostic>();
  for (const { path, guarded } of [...step.query.names, ...(step.system?.names ?? [])]) {
    const [root, ...rest] = path;
    const column = root === 'row' ? rest[0] : root === 'rows' ? rest[1] : undefined;
    if (column === undefined || columns.includes(column)) continue;
    const span = spanInStep(root === 'row' ? `row.${column}` : column, step);
    const message = `the input has no column "${column}"`;
    const help = didYouMean(column, columns, 'columns');
    errors.set(column, errorAt(guarded ? 'E-T59' : 'E-T55', span, message, help));
  }
  return [...errors.values()];
}
