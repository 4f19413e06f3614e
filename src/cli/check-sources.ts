import type { Span } from '../base/source-file.ts';
import { errorAt, type Diagnostic } from '../diagnostics/diagnostic.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import type { Selection } from '../execution/ports.ts';
import type { AgentStep, Pipeline, Source, Step } from '../pipeline/pipeline.ts';
import { FileSourceReader } from '../tables/source-reader.ts';

/** What is wrong with the sources that steps read, and a reader that has seen them. */
export interface CheckedSources {
  readonly reader: FileSourceReader;
  readonly errors: readonly Diagnostic[];
  readonly warnings: readonly Diagnostic[];
}

/** Looks over every source that the steps read, and what they pick of it, before anything is spent. */
export async function checkSources(
  pipeline: Pipeline,
  steps: readonly Step[],
  maxRows: number | undefined,
): Promise<CheckedSources> {
  const warnings: Diagnostic[] = [];
  const errors: Diagnostic[] = [];
  const reader = new FileSourceReader({
    onWarning: (warning) => warnings.push(warning),
    ...(maxRows === undefined ? {} : { maxRows }),
  });
  const sound = new Set<string>();
  for (const source of usedSources(pipeline, steps)) {
    const checked = await reader.check(source);
    if (checked.ok) sound.add(source.name);
    else errors.push(...checked.error);
  }
  for (const step of steps) {
    if (step.kind === 'sql') continue;
    for (const { source, selection } of selections(step)) {
      if (!sound.has(source.name)) continue;
      errors.push(...(await selectionErrors(step, source, selection, reader)));
    }
  }
  return { reader, errors, warnings };
}

function usedSources(pipeline: Pipeline, steps: readonly Step[]): readonly Source[] {
  const names = new Set(
    steps.flatMap((step) =>
      step.kind === 'sql' ? step.reads.sources : selections(step).map(({ source }) => source.name),
    ),
  );
  return [...pipeline.sources.values()].filter(({ name }) => names.has(name));
}

/** The sources that an agent step reads, each with the part of it that it takes. */
function selections(
  step: AgentStep,
): readonly { readonly source: Source; readonly selection: Selection }[] {
  const found: { source: Source; selection: Selection }[] = [];
  if (step.input?.from.kind === 'source') {
    found.push({ source: step.input.from.source, selection: step.input });
  }
  for (const exclusion of step.exclude) {
    if (exclusion.kind !== 'table' || exclusion.from.kind !== 'source') continue;
    const { columns, where } = exclusion;
    found.push({ source: exclusion.from.source, selection: { columns, where, limit: undefined } });
  }
  return found;
}

async function selectionErrors(
  step: AgentStep,
  source: Source,
  { columns, where }: Selection,
  reader: FileSourceReader,
): Promise<readonly Diagnostic[]> {
  const errors: Diagnostic[] = [];
  const inspected = await reader.inspection(source);
  const names = inspected.columns.map(({ name }) => name);
  for (const column of columns ?? []) {
    if (names.includes(column)) continue;
    const message = `source "${source.name}" has no column "${column}"`;
    const span = spanOf(column, step);
    errors.push(errorAt('E-P05', span, message, didYouMean(column, names, 'columns')));
  }
  if (where === undefined) return errors;
  const selection = { columns: undefined, where, limit: undefined };
  const mistake = await reader.checkSelection(source, selection);
  if (mistake !== undefined) {
    const code = /column .* not found/iu.test(mistake) ? 'E-P05' : 'E-P10';
    errors.push(errorAt(code, spanOf(where, step), mistake));
  }
  return errors;
}

/** Where a step says `text`; the step's name where that is written in another way. */
function spanOf(text: string, { span }: AgentStep): Span {
  const { source, start } = span;
  const at = source.text.indexOf(text, start);
  return at === -1 ? span : { source, start: at, end: at + text.length };
}
