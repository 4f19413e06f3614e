import type { Json } from '../base/json.ts';
import type { Violation } from './schema-problem.ts';

/** An error as ajv reports it with `verbose`. */
export interface CheckError {
  readonly keyword: string;
  /** JSON pointer into the output. */
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** The value at that place. */
  readonly data?: unknown;
  /** The keyword's own value, and the schema it stands in. */
  readonly schema?: unknown;
  readonly parentSchema?: unknown;
}

/** Kept for each record (up to the first index of a path), so that no bad record is overlooked. */
const PER_RECORD = 20;

/** The validator's errors in our words; ones that only repeat others are left out. */
export function violationsOf(value: Json, errors: readonly CheckError[]): readonly Violation[] {
  const counts = new Map<string, number>();
  const violations: Violation[] = [];
  for (const error of withoutEchoes(errors)) {
    const violation = violationOf(value, error);
    const { path } = violation;
    const first = path.findIndex((part) => typeof part === 'number');
    const record = path.slice(0, first + 1).join('/');
    const count = (counts.get(record) ?? 0) + 1;
    counts.set(record, count);
    if (count <= PER_RECORD) violations.push(violation);
  }
  return violations;
}

/**
 * A failed choice (or search) comes with the errors of all its branches. Where the value can only have meant
 * one branch, the errors of that one stay; else the choice alone does.
 */
function withoutEchoes(errors: readonly CheckError[]): readonly CheckError[] {
  const dropped = new Set<CheckError>(errors.filter(({ keyword }) => keyword === 'if'));
  const reaches = new Map<unknown, ReadonlySet<unknown>>();
  const reach = (branch: unknown): ReadonlySet<unknown> => {
    const known = reaches.get(branch) ?? partsWithin(branch);
    reaches.set(branch, known);
    return known;
  };
  for (const choice of errors) {
    const branches = branchesOf(choice);
    if (branches === undefined) continue;
    const parts = PART_TESTS.has(choice.keyword);
    const meant = parts ? [] : branches.filter((branch) => canBe(branch, choice.data));
    const [only] = meant;
    const kept = meant.length === 1 ? reach(only) : new Set<unknown>();
    if (meant.length === 1) dropped.add(choice);
    for (const error of errors) {
      const within =
        error.instancePath === choice.instancePath ||
        error.instancePath.startsWith(`${choice.instancePath}/`);
      if (error === choice || !within || kept.has(error.parentSchema)) continue;
      if (branches.some((branch) => reach(branch).has(error.parentSchema))) dropped.add(error);
    }
  }
  return errors.filter((error) => !dropped.has(error));
}

/** Keywords that try one schema on several parts of a value. */
const PART_TESTS: ReadonlySet<string> = new Set(['contains', 'propertyNames']);

/** The schemas of which none fitted; undefined for all other errors. */
function branchesOf({ keyword, params, schema }: CheckError): readonly unknown[] | undefined {
  if (PART_TESTS.has(keyword)) return [schema];
  const none = keyword === 'anyOf' || (keyword === 'oneOf' && passing(params) === null);
  return none && Array.isArray(schema) ? schema : undefined;
}

const passing = (params: CheckError['params']): unknown => params['passingSchemas'] ?? null;

function partsWithin(schema: unknown): ReadonlySet<unknown> {
  const parts = new Set<unknown>();
  const open = [schema];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next !== 'object' || next === null || parts.has(next)) continue;
    parts.add(next);
    open.push(...(Object.values(next) as unknown[]));
  }
  return parts;
}

function canBe(branch: unknown, value: unknown): boolean {
  if (typeof branch !== 'object' || branch === null) return branch === true;
  const types = typesOf((branch as { readonly type?: unknown }).type);
  return (
    types.length === 0 || types.some((type) => type === typeName(value) || fitsNumber(type, value))
  );
}

const typesOf = (type: unknown): readonly unknown[] =>
  type === undefined ? [] : Array.isArray(type) ? type : [type];

const fitsNumber = (type: unknown, value: unknown): boolean =>
  type === 'integer' && typeof value === 'number';

function typeName(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function violationOf(value: Json, error: CheckError): Violation {
  const path = pathOf(value, error.instancePath);
  const name = NAMED[error.keyword];
  const property: unknown = name === undefined ? undefined : error.params[name];
  return {
    path: typeof property === 'string' ? [...path, property] : path,
    keyword: error.keyword,
    message: messageOf(error),
  };
}

/** Where an error is about a property below its place. */
const NAMED: Readonly<Record<string, string>> = {
  required: 'missingProperty',
  dependentRequired: 'missingProperty',
  dependencies: 'missingProperty',
  additionalProperties: 'additionalProperty',
  unevaluatedProperties: 'unevaluatedProperty',
};

function pathOf(value: Json, pointer: string): readonly (string | number)[] {
  const path: (string | number)[] = [];
  let owner: unknown = value;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    path.push(Array.isArray(owner) ? Number(key) : key);
    owner = (owner as Readonly<Record<string, unknown>> | undefined)?.[key];
  }
  return path;
}

const TYPE_TEXT: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
  null: 'null',
};

const FORMAT_TEXT: Readonly<Record<string, string>> = {
  date: 'a date such as 2026-11-22',
  'date-time': 'a date and time such as 2026-11-22T09:14:00Z',
  time: 'a time such as 09:14:00Z',
  email: 'an e-mail address',
  phone: 'a telephone number',
  uri: 'an address such as https://example.com/page',
  url: 'an address such as https://example.com/page',
  hostname: 'a host name such as example.com',
  uuid: 'a UUID',
};

type Params = Readonly<Record<string, unknown>>;

/** What was expected, by keyword; `p` is what the validator knows of it. */
const MESSAGES: Readonly<Record<string, (p: Params, error: CheckError) => string>> = {
  type: ({ type }, { data }) => `should be ${typeText(type)}, is ${shown(data)}`,
  required: () => 'is missing',
  dependentRequired: ({ property }) => `is missing, and "${String(property)}" needs it`,
  dependencies: ({ property }) => `is missing, and "${String(property)}" needs it`,
  additionalProperties: () => 'is not in the schema',
  unevaluatedProperties: () => 'is not in the schema',
  enum: ({ allowedValues }, { data }) =>
    `should be ${valuesText(allowedValues)}, is ${shown(data)}`,
  const: ({ allowedValue }, { data }) => `should be ${shown(allowedValue)}, is ${shown(data)}`,
  format: ({ format }, { data }) =>
    `should be ${FORMAT_TEXT[String(format)] ?? `of the format "${String(format)}"`}, is ${shown(data)}`,
  pattern: ({ pattern }, { data }) => `should match ${clip(String(pattern))}, is ${shown(data)}`,
  minLength: ({ limit }, { data }) =>
    `should have at least ${count(limit, 'character')}, has ${lengthOf(data)}`,
  maxLength: ({ limit }, { data }) =>
    `should have at most ${count(limit, 'character')}, has ${lengthOf(data)}`,
  minItems: ({ limit }, { data }) =>
    `should have at least ${count(limit, 'item')}, has ${lengthOf(data)}`,
  maxItems: ({ limit }, { data }) =>
    `should have at most ${count(limit, 'item')}, has ${lengthOf(data)}`,
  minProperties: ({ limit }) => `should have at least ${count(limit, 'property')}`,
  maxProperties: ({ limit }) => `should have at most ${count(limit, 'property')}`,
  minimum: ({ limit }, { data }) => `should be at least ${String(limit)}, is ${shown(data)}`,
  maximum: ({ limit }, { data }) => `should be at most ${String(limit)}, is ${shown(data)}`,
  exclusiveMinimum: ({ limit }, { data }) => `should be above ${String(limit)}, is ${shown(data)}`,
  exclusiveMaximum: ({ limit }, { data }) => `should be below ${String(limit)}, is ${shown(data)}`,
  multipleOf: ({ multipleOf }, { data }) =>
    `should be a multiple of ${String(multipleOf)}, is ${shown(data)}`,
  uniqueItems: ({ i, j }) => `has the same item twice, at ${String(j)} and ${String(i)}`,
  items: ({ limit }) => `should have at most ${count(limit, 'item')}`,
  additionalItems: ({ limit }) => `should have at most ${count(limit, 'item')}`,
  unevaluatedItems: ({ limit }) => `should have at most ${count(limit, 'item')}`,
  contains: ({ minContains }) =>
    `should hold at least ${count(minContains ?? 1, 'item')} of the kind that the schema asks for`,
  propertyNames: ({ propertyName }) =>
    `has a property of a name that is not allowed: ${shown(propertyName)}`,
  anyOf: (_, error) => choiceText(error),
  oneOf: (p, error) =>
    passing(p) === null ? choiceText(error) : 'fits several forms of which only one may fit',
  not: () => 'has a form that the schema rules out',
  'false schema': () => 'is not allowed here',
};

const messageOf = (error: CheckError): string =>
  MESSAGES[error.keyword]?.(error.params, error) ?? `breaks the rule "${error.keyword}"`;

function typeText(type: unknown): string {
  const types = typesOf(type);
  // Null is often only tolerated, not asked for.
  const named = types.length > 1 ? types.filter((name) => name !== 'null') : types;
  return named.map((name) => TYPE_TEXT[String(name)] ?? String(name)).join(' or ');
}

function valuesText(values: unknown): string {
  const list = (Array.isArray(values) ? (values as unknown[]) : []).filter((v) => v !== null);
  const listed = list.slice(0, 8).map(shown).join(', ');
  if (list.length === 1) return listed;
  return `one of ${listed}${list.length > 8 ? ` and ${list.length - 8} more` : ''}`;
}

function choiceText({ schema, data }: CheckError): string {
  const branches: readonly unknown[] = Array.isArray(schema) ? schema : [];
  const types = branches.flatMap((branch) =>
    typesOf((branch as { readonly type?: unknown } | null)?.type),
  );
  if (
    types.length > 0 &&
    types.every((type) => typeof type === 'string') &&
    !types.includes(typeName(data))
  ) {
    return `should be ${typeText([...new Set(types)])}, is ${shown(data)}`;
  }
  return `fits none of the ${branches.length} forms that the schema allows`;
}

const count = (limit: unknown, unit: string): string => {
  const many = unit.endsWith('y') ? `${unit.slice(0, -1)}ies` : `${unit}s`;
  return `${String(limit)} ${limit === 1 ? unit : many}`;
};

const lengthOf = (value: unknown): number =>
  typeof value === 'string' ? Array.from(value).length : Array.isArray(value) ? value.length : 0;

/** A value in a message: short, on one line, without control characters. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value === 'string') return clip(JSON.stringify(value.slice(0, 200)));
  return String(value);
}

const clip = (text: string): string => {
  const clean = text.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ');
  return clean.length > 80 ? `${clean.slice(0, 79)}…` : clean;
};
