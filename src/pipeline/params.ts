import { OutputSchema } from '../agent/output-schema.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { errorAt, warningAt, type Diagnostic, type Place } from '../diagnostics/diagnostic.ts';
import type { DiagnosticCode } from '../diagnostics/codes.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import type { Resolution } from './resolution.ts';
import type { ParamSpec } from './spec.ts';

/** The values of a pipeline's parameters: what was given, else the default. */
export function resolveParams(at: Resolution, given: Readonly<Record<string, string>>): JsonObject {
  const declared = Object.entries(at.spec.params ?? {});
  const names = declared.map(([name]) => name);
  for (const [name, text] of Object.entries(given)) {
    if (names.includes(name) || at.isBroken('params') || at.isBroken('params', name)) continue;
    at.problems.push({
      code: 'E-P07',
      severity: 'error',
      message: `the pipeline has no parameter "${name}"`,
      place: argument(name, text),
      help: didYouMean(name, names, 'parameters', 'leave --param out: it declares none'),
    });
  }
  const values: Record<string, Json> = {};
  for (const [name, spec] of declared) {
    const schema = compileParam(at, name, spec);
    const text = Object.hasOwn(given, name) ? given[name] : undefined;
    const value = text === undefined ? spec.default : fromText(text, spec);
    if (value === undefined) reportMissing(at, name);
    else {
      values[name] = value;
      if (schema !== undefined) checkValue(at, name, schema, value, text);
    }
  }
  return values;
}

const argument = (name: string, text: string): Place => ({
  kind: 'argument',
  argument: `--param ${name}=${text}`,
});

/** A parameter is checked as the one property of an object, as a schema for answers is. */
function compileParam(at: Resolution, name: string, spec: ParamSpec): OutputSchema | undefined {
  const { default: _, ...schema } = spec;
  const plain = Object.fromEntries(Object.entries(schema).filter(([key]) => !key.startsWith('x-')));
  const compiled = OutputSchema.compile({ type: 'object', properties: { value: plain } });
  const found = compiled.ok ? compiled.value.warnings : compiled.error;
  for (const { code, pointer, message, hint, severity } of found) {
    const span = at.document.locate(['params', name, ...pointer.split('/').slice(3)]);
    const make = severity === 'error' ? errorAt : warningAt;
    const target: Diagnostic[] = severity === 'error' ? at.problems : at.warnings;
    target.push(make(code as DiagnosticCode, span, message, hint));
  }
  return compiled.ok ? compiled.value : undefined;
}

/** The text of the command line as the type that the parameter asks for. */
function fromText(text: string, { type = 'string' }: ParamSpec): Json {
  switch (type) {
    case 'string':
      return text;
    case 'number':
    case 'integer':
      return /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/iu.test(text) ? Number(text) : text;
    case 'boolean':
      return text === 'true' || text === 'false' ? text === 'true' : text;
    case 'array':
      return listFromText(text);
  }
}

/** `a,b,c`, or JSON: `["a","b"]`. */
function listFromText(text: string): Json {
  if (text.trimStart().startsWith('[')) {
    try {
      return JSON.parse(text) as Json;
    } catch {
      return text;
    }
  }
  return text === '' ? [] : text.split(',').map((part) => part.trim());
}

function reportMissing(at: Resolution, name: string): void {
  at.errorAt(
    'E-P08',
    at.document.locateKey(['params', name]),
    `the parameter "${name}" has no value`,
    `give it with --param ${name}=…, or add a default`,
  );
}

function checkValue(
  at: Resolution,
  name: string,
  schema: OutputSchema,
  value: Json,
  text: string | undefined,
): void {
  const [violation] = schema.check({ value });
  if (violation === undefined) return;
  at.problems.push({
    code: 'E-P08',
    severity: 'error',
    message: `the value of parameter "${name}" does not fit: ${violation.message}`,
    place:
      text === undefined
        ? { kind: 'span', span: at.document.locate(['params', name, 'default']) }
        : argument(name, text),
    help: valueHint(at, name, text !== undefined),
  });
}

/** A value that fits, by what the parameter says of itself. */
function valueHint(at: Resolution, name: string, isGiven: boolean): string {
  const { enum: values, examples, pattern, ...spec } = at.spec.params?.[name] ?? {};
  const start = isGiven ? `give --param ${name}=` : 'write "default": ';
  const known = Array.isArray(values) ? values : Array.isArray(examples) ? examples : [];
  if (known.length > 0)
    return start + known.map((value: Json) => shown(value, isGiven)).join(' or ');
  if (typeof pattern === 'string') return `${start}a text that matches ${pattern}`;
  return `${start}${sample(spec, isGiven)}`;
}

const shown = (value: Json, isGiven: boolean): string =>
  isGiven && typeof value === 'string' ? value : JSON.stringify(value);

function sample({ type = 'string', format, ...spec }: ParamSpec, isGiven: boolean): string {
  switch (type) {
    case 'string': {
      const example = typeof format === 'string' ? SAMPLES[format] : undefined;
      return example === undefined ? textOf(spec) : shown(example, isGiven);
    }
    case 'number':
    case 'integer':
      return String(
        Math.min(number(spec['maximum'], 10), Math.max(number(spec['minimum'], 10), 10)),
      );
    case 'boolean':
      return 'true or false';
    case 'array':
      return isGiven ? 'a,b' : '[a, b]';
  }
}

const SAMPLES: Readonly<Record<string, string>> = {
  date: '2026-11-22',
  'date-time': '2026-11-22T09:00:00Z',
  email: 'ada@example.com',
  uri: 'https://example.com',
};

const number = (value: Json | undefined, otherwise: number): number =>
  typeof value === 'number' ? value : otherwise;

function textOf({ minLength = 0, maxLength }: JsonObject): string {
  const least = `a text of at least ${number(minLength, 0)}`;
  return typeof maxLength === 'number'
    ? `a text of ${number(minLength, 0)} to ${maxLength} characters`
    : `${least} characters`;
}
