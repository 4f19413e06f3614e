import type { Span } from '../base/source-file.ts';
import { errorAt, warningAt } from '../diagnostics/diagnostic.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import { columnHint, type Resolution } from './resolution.ts';
import type { ResolvedInput } from './resolve-input.ts';
import type { PlacedTemplate } from './pipeline.ts';
import type { KnownColumns } from './template-types.ts';
import { compileTemplate, type Template, type TemplateName } from './template.ts';

/** Compiles `query` or `system` of a step and looks up the names it uses. */
export function resolveTemplate(
  at: Resolution,
  step: string,
  key: 'query' | 'system',
  text: string | undefined,
  input: ResolvedInput | undefined,
): PlacedTemplate | undefined {
  if (text === undefined) return undefined;
  const path = ['steps', step, key];
  const place = (start: number, end: number): Span => at.document.locateIn(path, start, end);
  const compiled = compileTemplate(text);
  if (!compiled.ok) {
    for (const { code, message, start, end, hint } of compiled.error) {
      at.problems.push(errorAt(code, place(start, end), message, hint));
    }
    return undefined;
  }
  const { names, warnings } = compiled.value;
  for (const { code, message, start, end, hint } of warnings) {
    at.warnings.push(warningAt(code, place(start, end), message, hint));
  }
  const unguarded = new Set(
    names.filter((name) => !name.guarded).map(({ path: [...p] }) => p.join('.')),
  );
  const said = new Set<string>();
  for (const name of names) {
    const fault = nameFault(at, step, name, input);
    // A missing table or input is said once, not again for each of its columns.
    if (fault === undefined || (fault.once === true && said.has(fault.message))) continue;
    said.add(fault.message);
    // Under a condition an unknown name would silently be false.
    const code = unguarded.has(name.path.join('.')) ? 'E-T55' : 'E-T59';
    at.problems.push(errorAt(code, place(name.start, name.end), fault.message, fault.help));
  }
  return { ...withColumns(compiled.value, knownColumns(at, names, input)), placeOf: place };
}

/** The template with what is known of its tables, for records that leave a column out. */
const withColumns = (template: Template, known: KnownColumns): Template =>
  known.size === 0 ? template : { ...template, render: (scope) => template.render(scope, known) };

/** Paths of the columns named that are certain to exist, once sources are looked over too. */
function knownColumns(
  at: Resolution,
  names: readonly TemplateName[],
  input: ResolvedInput | undefined,
): KnownColumns {
  const known = new Set<string>();
  for (const { path } of names) {
    const [root, step = ''] = path;
    const length = LENGTHS[root ?? ''] ?? Infinity;
    const column = path[length - 1];
    if (column === undefined) continue;
    const isKnown =
      root === 'steps'
        ? at.columnsOf({ kind: 'step', step })?.includes(column)
        : hasColumn(at, input, column);
    if (isKnown === true) known.add(path.slice(0, length).join('.'));
  }
  return known;
}

/** How long the path of a column is, by its root: `row.name`, `rows.*.name`, `steps.a.*.name`. */
const LENGTHS: Readonly<Record<string, number>> = { row: 2, rows: 3, steps: 4 };

/** Columns that are chosen from a table with unknown columns may be misspelled. */
function hasColumn(at: Resolution, resolved: ResolvedInput | undefined, column: string): boolean {
  const from = resolved?.input.from;
  if (from?.kind === 'source') return true;
  const columns = from?.kind === 'step' ? at.columnsOf(from) : resolved?.columns;
  return columns?.includes(column) === true;
}

interface NameFault {
  readonly message: string;
  readonly help: string;
  /** The fault is of something that the template may name many times. */
  readonly once?: boolean;
}

function nameFault(
  at: Resolution,
  step: string,
  { path }: TemplateName,
  input: ResolvedInput | undefined,
): NameFault | undefined {
  const [root, first, second] = path;
  switch (root ?? '') {
    case 'params':
      return first === undefined ? undefined : paramFault(at, first);
    case 'row':
      return rowFault(at, step, first, input);
    case 'rows':
      return rowsFault(at, step, second, input);
    case 'steps':
      return first === undefined ? undefined : stepFault(at, first, path[3]);
    default:
      return undefined;
  }
}

function paramFault(at: Resolution, name: string): NameFault | undefined {
  at.used.add(`param ${name}`);
  const known = Object.keys(at.spec.params ?? {});
  if (known.includes(name) || at.isBroken('params') || at.isBroken('params', name)) {
    return undefined;
  }
  const help = didYouMean(name, known, 'parameters', 'declare it under "params"');
  return { message: `there is no parameter "${name}"`, help };
}

function rowFault(
  at: Resolution,
  step: string,
  column: string | undefined,
  input: ResolvedInput | undefined,
): NameFault | undefined {
  if (input === undefined) return noInput(at, step, 'row');
  if (input.input.batch !== 1) {
    return {
      message: '"row" is one record, but this step sends several in one agent run',
      help: 'use {{#each rows}}…{{/each}}, or remove "batch"',
      once: true,
    };
  }
  return columnFault(column, input.columns);
}

function rowsFault(
  at: Resolution,
  step: string,
  column: string | undefined,
  input: ResolvedInput | undefined,
): NameFault | undefined {
  return input === undefined ? noInput(at, step, 'rows') : columnFault(column, input.columns);
}

/** A step whose input has a mistake of its own is not blamed for having none. */
function noInput(at: Resolution, step: string, name: string): NameFault | undefined {
  if (at.spec.steps[step]?.input !== undefined || at.isStepBroken(step, 'input')) return undefined;
  const message = `there is no "${name}": the step has no input`;
  return { message, help: 'add "input"', once: true };
}

function columnFault(
  column: string | undefined,
  known: readonly string[] | undefined,
): NameFault | undefined {
  if (column === undefined || column === '*' || known === undefined) return undefined;
  if (known.includes(column)) return undefined;
  return { message: `the input has no column "${column}"`, help: columnHint(column, known) };
}

function stepFault(
  at: Resolution,
  name: string,
  column: string | undefined,
): NameFault | undefined {
  const known = Object.keys(at.spec.steps);
  if (!known.includes(name)) {
    const help = didYouMean(name, known, 'steps');
    return { message: `there is no step "${name}"`, help, once: true };
  }
  const columns = at.columnsOf({ kind: 'step', step: name });
  if (column === undefined || columns === undefined || columns.includes(column)) return undefined;
  return { message: `step "${name}" has no column "${column}"`, help: columnHint(column, columns) };
}
