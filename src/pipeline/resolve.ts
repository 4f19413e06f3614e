import type { JsonObject } from '../base/json.ts';
import { fromDollars, type Microdollars } from '../base/money.ts';
import { fail, ok, type Result } from '../base/result.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { checkMoney, type MoneyOverrides } from './check-money.ts';
import { checkPlainTexts, checkUnused } from './check-texts.ts';
import { topologicalOrder } from './graph.ts';
import { isReservedWord } from './names.ts';
import { resolveParams } from './params.ts';
import type { Pipeline, Step } from './pipeline.ts';
import type { Resolution } from './resolution.ts';
import { resolveSources } from './resolve-sources.ts';
import {
  checkConditions,
  type Condition,
  type SqlCondition,
  type SqlTables,
} from './resolve-sql.ts';
import { resolveStep } from './resolve-step.ts';
import { resolveSchemas } from './resolve-schemas.ts';
import type { ExclusionSelectionSpec, InputSelectionSpec } from './spec.ts';

interface Resolvers {
  readonly params: Readonly<Record<string, string>>;
  readonly sqlTables: SqlTables;
  readonly sqlCondition: SqlCondition | undefined;
  readonly money: MoneyOverrides | undefined;
}

/** Turns names into links: a well-shaped spec into a pipeline that can run. */
export async function resolvePipeline(
  at: Resolution,
  resolvers: Resolvers,
): Promise<Result<Pipeline, readonly Diagnostic[]>> {
  checkNames(at);
  checkPlainTexts(at);
  const params = resolveParams(at, resolvers.params);
  await resolveSources(at);
  await resolveSchemas(at);
  const steps = new Map<string, Step>();
  for (const [name, spec] of Object.entries(at.spec.steps)) {
    const step = await resolveStep(at, name, spec, resolvers.sqlTables);
    if (step !== undefined) steps.set(name, step);
  }
  if (resolvers.sqlCondition !== undefined) {
    await checkConditions(at, conditions(at), resolvers.sqlCondition);
  }
  const ordered = inOrder(at, steps);
  checkMoney(at, [...steps.values()], resolvers.money);
  if (at.problems.length > 0) return fail(at.problems);
  checkUnused(at);
  return ok(pipelineOf(at, params, ordered));
}

function pipelineOf(at: Resolution, params: JsonObject, steps: readonly Step[]): Pipeline {
  const { name, description, budget, concurrency } = at.spec;
  return {
    name,
    description,
    file: at.document.source,
    params,
    budget: lowest(budget === undefined ? undefined : fromDollars(budget), at.project.budget.run),
    concurrency: concurrency ?? at.project.concurrency,
    sources: at.sources,
    steps,
  };
}

/** The project's ceiling holds for every pipeline, whatever it says itself. */
function lowest(
  a: Microdollars | undefined,
  b: Microdollars | undefined,
): Microdollars | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a < b ? a : b;
}

function checkNames(at: Resolution): void {
  const steps = new Set(Object.keys(at.spec.steps));
  for (const [section, kind] of [
    ['sources', 'source'],
    ['steps', 'step'],
  ] as const) {
    for (const name of Object.keys(at.spec[section] ?? {})) {
      const span = at.document.locateKey([section, name]);
      if (isReservedWord(name)) {
        const help = 'choose another name: it becomes the name of a table';
        at.errorAt('E-Y34', span, `"${name}" is a word of SQL and cannot name a ${kind}`, help);
      }
      if (section === 'sources' && steps.has(name)) {
        at.errorAt('E-Y36', span, `"${name}" is both a source and a step`, 'rename one of them');
      }
    }
  }
}

function inOrder(at: Resolution, steps: ReadonlyMap<string, Step>): readonly Step[] {
  const needs = new Map(
    [...steps].map(([name, step]) => [name, step.needs.filter((need) => steps.has(need))]),
  );
  const ordering = topologicalOrder(needs);
  if (ordering.kind === 'order') return ordering.order.flatMap((name) => steps.get(name) ?? []);
  const [first = '', ...rest] = ordering.cycle;
  const place = (name: string) =>
    ({ kind: 'span', span: at.document.locateKey(['steps', name]) }) as const;
  at.problems.push({
    code: 'E-Y38',
    severity: 'error',
    message:
      ordering.cycle.length === 2
        ? `step "${first}" needs itself`
        : `steps need each other in a circle: ${ordering.cycle.join(' -> ')}`,
    place: place(first),
    notes: rest.slice(0, -1).map((name) => ({ message: 'through this step', place: place(name) })),
    help: 'remove one of the links ("input", "exclude", "continue", "after", a table in SQL)',
  });
  return [];
}

/** The texts of the file that DuckDB will read as conditions. */
function conditions(at: Resolution): readonly Condition[] {
  return Object.entries(at.spec.steps).flatMap(([name, step]) => {
    const path = ['steps', name];
    const found: (Omit<Condition, 'text'> & { readonly text: unknown })[] = [];
    const stepOf = (from: unknown): string | undefined =>
      typeof from === 'string' && Object.hasOwn(at.spec.steps, from) ? from : undefined;
    const { input } = step;
    if (typeof input === 'object' && 'where' in input) {
      const { from, where } = input as InputSelectionSpec;
      found.push({ path: [...path, 'input', 'where'], text: where, step: stepOf(from) });
    }
    for (const [i, entry] of (step.exclude ?? []).entries()) {
      if (typeof entry === 'string' || !Object.hasOwn(entry, 'from')) continue;
      const { from, where } = entry as ExclusionSelectionSpec;
      found.push({ path: [...path, 'exclude', i, 'where'], text: where, step: stepOf(from) });
    }
    for (const [i, test] of (step.tests ?? []).entries()) {
      found.push({ path: [...path, 'tests', i, 'every_row'], text: test.every_row, step: name });
    }
    return found.flatMap(({ text, ...rest }) =>
      typeof text === 'string' ? [{ ...rest, text }] : [],
    );
  });
}
