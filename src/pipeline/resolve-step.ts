import { parseDuration } from '../base/duration.ts';
import { fromDollars, type Microdollars } from '../base/money.ts';
import { closest, didYouMean } from '../diagnostics/suggest.ts';
import { checkTests } from './check-tests.ts';
import { knownEfforts } from './known-efforts.ts';
import type { AgentStep, Exclusion, RetryPolicy, SqlStep, Step, TableTest } from './pipeline.ts';
import type { Resolution } from './resolution.ts';
import { resolveExclusions, resolveInput, type ResolvedInput } from './resolve-input.ts';
import { resolveSql, type SqlTables } from './resolve-sql.ts';
import { resolveTemplate } from './resolve-templates.ts';
import type { StepSpec } from './spec.ts';
import type { Template } from './template.ts';

/** Who answers where a pipeline does not say: the agent in this program, which costs nothing. */
const DEFAULT_AGENT = 'local';
const DEFAULT_RETRY: RetryPolicy = {
  maximumAttempts: 2,
  initialIntervalMs: 2_000,
  backoffCoefficient: 2,
  maximumIntervalMs: 60_000,
};
const DEFAULT_MAX_RUNS = 10;

/** Keys of a step that have a meaning for both kinds. */
const SHARED_KEYS = new Set(['description', 'key', 'after', 'tests']);

/** A step with its links, or undefined when it has a mistake that leaves no step. */
export async function resolveStep(
  at: Resolution,
  name: string,
  spec: StepSpec,
  sqlTables: SqlTables,
): Promise<Step | undefined> {
  const { query, sql } = spec;
  checkLinks(at, name, spec);
  if (at.isStepBroken(name, 'query', 'sql')) {
    if (!at.isStepBroken(name, 'sql')) checkAsking(at, name, spec);
    return undefined;
  }
  if (sql !== undefined && query === undefined) return sqlStep(at, name, spec, sql, sqlTables);
  if (query !== undefined && sql === undefined) return agentStep(at, name, spec, query);
  const key = at.document.locateKey(['steps', name]);
  const both = query !== undefined;
  const message = both
    ? `step "${name}" has both "query" and "sql"`
    : `step "${name}" has neither "query" nor "sql"`;
  at.errorAt('E-P02', key, message, both ? 'make two steps of it' : 'add one of them');
  return undefined;
}

function checkLinks(at: Resolution, name: string, { after = [] }: StepSpec): void {
  const steps = Object.keys(at.spec.steps);
  for (const [i, other] of after.entries()) {
    if (steps.includes(other)) continue;
    at.error(
      'E-Y37',
      ['steps', name, 'after', i],
      `there is no step "${other}"`,
      didYouMean(other, steps, 'steps'),
    );
  }
}

async function sqlStep(
  at: Resolution,
  name: string,
  spec: StepSpec,
  sql: string,
  tables: SqlTables,
): Promise<SqlStep> {
  for (const key of Object.keys(spec)) {
    if (key === 'sql' || SHARED_KEYS.has(key) || key.startsWith('x-')) continue;
    at.errorAt(
      'E-P02',
      at.document.locateKey(['steps', name, key]),
      `"${key}" has no meaning in the SQL step "${name}"`,
      'remove it; only steps with "query" ask an agent',
    );
  }
  checkTests(at, name, spec);
  const reads = await resolveSql(at, name, sql, tables);
  return {
    kind: 'sql',
    ...shared(at, name, spec),
    needs: unique([...reads.steps, ...(spec.after ?? [])]),
    sql,
    placeOf: (start, end) => at.document.locateIn(['steps', name, 'sql'], start, end),
    reads,
  };
}

async function agentStep(
  at: Resolution,
  name: string,
  spec: StepSpec,
  queryText: string,
): Promise<AgentStep | undefined> {
  checkTests(at, name, spec);
  const input = await resolveInput(at, name, spec);
  const exclude = resolveExclusions(at, name, spec);
  const query = resolveTemplate(at, name, 'query', queryText, input);
  const system = resolveTemplate(at, name, 'system', spec.system, input);
  const agent = agentOf(at, spec);
  const effort = spec.effort ?? at.spec.effort;
  checkAsking(at, name, spec);
  checkMode(at, name, spec, exclude);
  const shape = at.schemas.get(name);
  if (query === undefined || shape === undefined) return undefined;
  const templates = system === undefined ? [query] : [query, system];
  return {
    kind: 'agent',
    ...shared(at, name, spec),
    needs: needsOf(spec, input, exclude, templates),
    query,
    system,
    input: input?.input,
    exclude,
    schema: shape.schema,
    records: shape.records,
    effort,
    agent,
    continues: spec.continue,
    ...repeatOf(spec),
    ...historyOf(spec, exclude),
    metadata: spec.metadata ?? {},
    ...limitsOf(spec),
    retry: retryOf(spec),
  };
}

const agentOf = (at: Resolution, { agent }: StepSpec): string =>
  agent ?? at.spec.agent ?? DEFAULT_AGENT;

/** Whom the step asks, and how: what can be said of it whatever it asks. */
function checkAsking(at: Resolution, name: string, spec: StepSpec): void {
  if (!isAgentBroken(at, name)) {
    const agent = agentOf(at, spec);
    checkAgent(at, name, spec, agent);
    checkEffort(at, name, spec, agent, spec.effort ?? at.spec.effort);
  }
  checkContinue(at, name, spec);
  checkNeedsKey(at, name, spec);
}

const isAgentBroken = (at: Resolution, step: string): boolean =>
  at.isStepBroken(step, 'agent') ||
  (at.isBroken('agent') && at.spec.steps[step]?.agent === undefined);

/** What steps of both kinds have. */
function shared(
  at: Resolution,
  name: string,
  spec: StepSpec,
): Pick<Step, 'name' | 'description' | 'key' | 'tests' | 'span'> {
  return {
    name,
    description: spec.description,
    key: keyOf(at, spec),
    tests: testsOf(spec),
    span: at.document.locateKey(['steps', name]),
  };
}

function historyOf(
  { mode = 'replace' }: StepSpec,
  exclude: readonly Exclusion[],
): Pick<AgentStep, 'mode' | 'keepsHistory'> {
  const excludesItself = exclude.some((entry) => entry.kind === 'table' && entry.self);
  return { mode, keepsHistory: mode !== 'replace' || excludesItself };
}

/** What a step found before it either keeps, as its own exclusion means, or replaces. */
function checkMode(
  at: Resolution,
  name: string,
  { mode }: StepSpec,
  exclude: readonly Exclusion[],
): void {
  if (mode !== 'replace') return;
  const own = exclude.findIndex((entry) => entry.kind === 'table' && entry.self);
  if (own === -1) return;
  at.errorAt(
    'E-P13',
    at.document.locateKey(['steps', name, 'mode']),
    `"mode: replace" contradicts "exclude": a step that excludes itself keeps what it found before`,
    `remove "mode", or take "${name}" out of "exclude"`,
  );
}

function checkAgent(at: Resolution, name: string, spec: StepSpec, agent: string): void {
  if (at.project.agents.has(agent)) return;
  const path = spec.agent === undefined ? ['agent'] : ['steps', name, 'agent'];
  if (spec.agent === undefined && at.reported.has(`agent ${agent}`)) return;
  if (spec.agent === undefined) at.reported.add(`agent ${agent}`);
  at.error(
    'E-P06',
    path,
    `there is no agent "${agent}"`,
    didYouMean(agent, [...at.project.agents.keys()], 'agents'),
  );
}

function checkEffort(
  at: Resolution,
  name: string,
  spec: StepSpec,
  agent: string,
  effort: string | undefined,
): void {
  const settings = at.project.agents.get(agent);
  if (effort === undefined || settings === undefined || effort.includes('{{')) return;
  const known = knownEfforts(settings, at.project);
  if (known.includes(effort)) return;
  const isOwn = spec.effort !== undefined;
  if (!isOwn && at.reported.has(`effort ${effort}`)) return;
  if (!isOwn) at.reported.add(`effort ${effort}`);
  const meant = closest(effort, known);
  at.error(
    'E-Y27',
    isOwn ? ['steps', name, 'effort'] : ['effort'],
    `"effort"${isOwn ? ` in step "${name}"` : ''}: "${effort}" is not one of ${known.join(', ')}`,
    meant === undefined
      ? 'choose one of these, or leave "effort" out for the default of the agent'
      : `did you mean "${meant}"?`,
  );
}

function checkContinue(at: Resolution, name: string, spec: StepSpec): void {
  if (spec.continue === undefined) return;
  const path = ['steps', name, 'continue'];
  const names = Object.keys(at.spec.steps);
  const other = names.includes(spec.continue) ? at.spec.steps[spec.continue] : undefined;
  if (other === undefined) {
    const help = didYouMean(spec.continue, names, 'steps');
    at.error('E-Y37', path, `there is no step "${spec.continue}"`, help);
    return;
  }
  if (at.isStepBroken(spec.continue, 'query')) return;
  if (other.query === undefined) {
    at.error('E-P11', path, `"${spec.continue}" is not an agent step`, 'continue an agent step');
    return;
  }
  const [agent, otherAgent] = [agentOf(at, spec), agentOf(at, other)];
  const isKnown = !isAgentBroken(at, name) && !isAgentBroken(at, spec.continue);
  if (isKnown && otherAgent !== agent) {
    at.error(
      'E-P11',
      path,
      `step "${spec.continue}" is answered by agent "${otherAgent}", this one by "${agent}"`,
      'only the agent that made an agent run can follow it up',
    );
  }
  if (!asksOnce(other)) {
    at.error(
      'E-P11',
      path,
      `step "${spec.continue}" makes an agent run for each record, so there is not one to follow up`,
      'continue a step without "input", or one with "batch: all"',
    );
  }
}

const asksOnce = ({ input }: StepSpec): boolean =>
  input === undefined || (typeof input === 'object' && 'batch' in input && input.batch === 'all');

/** Settings that only work where records can be told apart. */
function checkNeedsKey(at: Resolution, name: string, spec: StepSpec): void {
  if (keyOf(at, spec) !== undefined || at.isStepBroken(name, 'key', 'continue')) return;
  if (spec.continue !== undefined && at.isStepBroken(spec.continue, 'key', 'continue')) return;
  const { input } = spec;
  const path = ['steps', name];
  const missing = (place: readonly string[], what: string): void =>
    at.errorAt(
      'E-P13',
      at.document.locateKey([...path, ...place]),
      `${what} needs "key" to tell records apart`,
      'add "key: <column>"',
    );
  if (spec.repeat !== undefined) missing(['repeat'], '"repeat"');
  if (spec.mode === 'upsert') missing(['mode'], '"mode: upsert"');
  const batch = typeof input === 'object' && 'batch' in input ? input.batch : undefined;
  if (typeof batch === 'number' && batch > 1) {
    missing(['input', 'batch'], 'a batch of several records');
  }
}

function needsOf(
  spec: StepSpec,
  input: ResolvedInput | undefined,
  exclude: readonly Exclusion[],
  templates: readonly Template[],
): readonly string[] {
  const from = input?.input.from;
  const excluded = exclude.flatMap((entry) =>
    entry.kind === 'table' && entry.from.kind === 'step' && !entry.self ? [entry.from.step] : [],
  );
  return unique([
    ...(from?.kind === 'step' ? [from.step] : []),
    ...excluded,
    ...(spec.continue === undefined ? [] : [spec.continue]),
    ...templates.flatMap(({ steps }) => steps),
    ...(spec.after ?? []),
  ]);
}

const unique = (names: readonly string[]): readonly string[] => [...new Set(names)];

/** A step that continues another finds more of the same records, so it has the same key. */
function keyOf(at: Resolution, spec: StepSpec): readonly string[] | undefined {
  const seen = new Set<StepSpec>();
  for (let step: StepSpec | undefined = spec; step !== undefined && !seen.has(step);) {
    if (step.key !== undefined) return [step.key].flat();
    seen.add(step);
    const { continue: before }: StepSpec = step;
    step = before === undefined ? undefined : at.spec.steps[before];
  }
  return undefined;
}

const money = (dollars: number | undefined): Microdollars | undefined =>
  dollars === undefined ? undefined : fromDollars(dollars);

const duration = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : parseDuration(text);

function repeatOf({ repeat }: StepSpec): Pick<AgentStep, 'repeat'> {
  if (repeat === undefined) return { repeat: undefined };
  return { repeat: { until: repeat.until, maxRuns: repeat.max_runs ?? DEFAULT_MAX_RUNS } };
}

function limitsOf(
  spec: StepSpec,
): Pick<AgentStep, 'ttlMs' | 'budget' | 'maxCost' | 'concurrency' | 'timeoutMs' | 'onError'> {
  return {
    ttlMs: duration(spec.ttl),
    budget: money(spec.budget),
    maxCost: money(spec.max_cost),
    concurrency: spec.concurrency,
    timeoutMs: duration(spec.timeout),
    onError: spec.on_error ?? 'continue',
  };
}

function retryOf({ retry = {} }: StepSpec): RetryPolicy {
  return {
    maximumAttempts: retry.maximum_attempts ?? DEFAULT_RETRY.maximumAttempts,
    initialIntervalMs: duration(retry.initial_interval) ?? DEFAULT_RETRY.initialIntervalMs,
    backoffCoefficient: retry.backoff_coefficient ?? DEFAULT_RETRY.backoffCoefficient,
    maximumIntervalMs: duration(retry.maximum_interval) ?? DEFAULT_RETRY.maximumIntervalMs,
  };
}

function testsOf({ tests = [] }: StepSpec): readonly TableTest[] {
  return tests.flatMap((test): TableTest[] => {
    if (test.not_null !== undefined) return [{ kind: 'not-null', columns: test.not_null }];
    if (test.unique !== undefined) return [{ kind: 'unique', columns: test.unique }];
    if (test.every_row !== undefined) return [{ kind: 'every-row', condition: test.every_row }];
    if (test.row_count === undefined) return [];
    const { min = 0, max } = test.row_count;
    return [{ kind: 'row-count', minimum: min, maximum: max }];
  });
}
