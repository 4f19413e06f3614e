import { canonicalJson, isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { closest, didYouMean } from '../diagnostics/suggest.ts';
import { FORMATS, KEYWORDS, TYPES, escapePointer, type KeywordForm } from './schema-keywords.ts';
import type { SchemaProblem } from './schema-problem.ts';

export type Report = (
  code: SchemaProblem['code'],
  pointer: string,
  message: string,
  hint: string,
  severity?: SchemaProblem['severity'],
) => void;

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
const isText = (value: Json): value is string => typeof value === 'string';

/** What each form looks like, for messages. */
const FORM_TEXT: Readonly<Record<Exclude<KeywordForm, 'any' | 'schema'>, string>> = {
  schemas: 'a list with at least one schema',
  'schema-map': 'an object of schemas',
  items: 'a schema',
  dependencies: 'an object of schemas or lists of names',
  type: `one of ${TYPES.join(', ')}, or a list of them`,
  names: 'a list of names',
  'names-map': 'an object of lists of names',
  values: 'a list of values',
  count: 'a whole number, zero or more',
  number: 'a number',
  positive: 'a number above zero',
  text: 'a text',
  flag: 'true or false',
};

/** A value of each form as it is written in JSON. */
const FORM_EXAMPLES: Readonly<Record<Exclude<KeywordForm, 'any' | 'schema'>, string>> = {
  schemas: '[{ "type": "string" }, { "type": "null" }]',
  'schema-map': '{ "name": { "type": "string" } }',
  items: '{ "type": "string" }',
  dependencies: '{ "city": ["country"] }',
  type: '"string"',
  names: '["name"]',
  'names-map': '{ "city": ["country"] }',
  values: '["small", "large"]',
  count: '10',
  number: '10',
  positive: '10',
  text: '"…"',
  flag: 'true',
};

const exampleOf = (keyword: string, form: Exclude<KeywordForm, 'any' | 'schema'>): string =>
  `"${keyword}": ${FORM_EXAMPLES[form]}`;

const hasForm: Readonly<Record<KeywordForm, (value: Json) => boolean>> = {
  any: () => true,
  // Looked at when it is its turn.
  schema: () => true,
  items: () => true,
  schemas: (value) => isList(value) && value.length > 0,
  'schema-map': isJsonObject,
  dependencies: (value) =>
    isJsonObject(value) &&
    Object.values(value).every((v) => v === undefined || !isList(v) || v.every(isText)),
  type: (value) => isText(value) || (isList(value) && value.length > 0 && value.every(isText)),
  names: (value) => isList(value) && value.every(isText),
  'names-map': (value) =>
    isJsonObject(value) &&
    Object.values(value).every((v) => v !== undefined && isList(v) && v.every(isText)),
  values: isList,
  count: (value) => Number.isSafeInteger(value) && Number(value) >= 0,
  number: (value) => typeof value === 'number' && Number.isFinite(value),
  positive: (value) => typeof value === 'number' && Number.isFinite(value) && value > 0,
  text: isText,
  flag: (value) => typeof value === 'boolean',
};

/** What is wrong with the value of a known keyword. */
export function valueProblems(keyword: string, value: Json, place: string, report: Report): void {
  const form = KEYWORDS.get(keyword)?.form ?? 'any';
  if (form === 'any' || form === 'schema') return;
  if (isJsonObject(value) && '$data' in value && form !== 'schema-map') {
    report('E-S84', place, '"$data" is not supported', 'write the value out');
  } else if (!hasForm[form](value)) {
    report(
      'E-S69',
      place,
      `"${keyword}" must be ${FORM_TEXT[form]}`,
      `write it as in ${exampleOf(keyword, form)}`,
    );
  } else {
    reservedNames(value, form, place, report);
    if (keyword === 'type') typeProblems(value, place, report);
    if (keyword === 'format') formatProblem(value, place, report);
  }
}

function reservedNames(value: Json, form: KeywordForm, place: string, report: Report): void {
  const names = isList(value) ? value : isJsonObject(value) ? Object.keys(value) : [];
  const named = ['names', 'schema-map', 'names-map', 'dependencies'].includes(form);
  if (!named) return;
  if (names.includes('__proto__')) {
    const at = isList(value) ? String(value.indexOf('__proto__')) : '__proto__';
    const message = '"__proto__" cannot be the name of a property';
    report('E-S80', `${place}/${escapePointer(at)}`, message, 'rename it');
  }
  if (form === 'names-map' && isJsonObject(value)) {
    for (const [name, list] of Object.entries(value)) {
      if (list !== undefined)
        reservedNames(list, 'names', `${place}/${escapePointer(name)}`, report);
    }
  }
}

function typeProblems(value: Json, place: string, report: Report): void {
  const types = isList(value) ? value : [value];
  for (const type of types.filter(isText)) {
    if (TYPES.includes(type)) continue;
    report('E-S69', place, `there is no type "${type}"`, didYouMean(type, TYPES, 'types'));
  }
}

function formatProblem(value: Json, place: string, report: Report): void {
  if (!isText(value) || FORMATS.includes(value)) return;
  const meant = closest(value, FORMATS);
  const hint = meant === undefined ? 'the agent still sees it' : `did you mean "${meant}"?`;
  report('E-S76', place, `the format "${value}" is unknown and is not checked`, hint, 'warning');
}

/** Pairs of which the first may not be above the second. */
const BOUNDS = [
  ['minItems', 'maxItems'],
  ['minLength', 'maxLength'],
  ['minProperties', 'maxProperties'],
  ['minContains', 'maxContains'],
  ['minimum', 'maximum'],
] as const;

/** Pairs of which the first must be below the second. */
const STRICT_BOUNDS = [
  ['exclusiveMinimum', 'maximum'],
  ['minimum', 'exclusiveMaximum'],
  ['exclusiveMinimum', 'exclusiveMaximum'],
] as const;

/** Keywords of one schema that no value can satisfy together, or that cost too much together. */
export function boundProblems(schema: JsonObject, pointer: string, report: Report): void {
  for (const [low, high] of [...BOUNDS, ...STRICT_BOUNDS]) {
    const [from, to] = [schema[low], schema[high]];
    if (typeof from !== 'number' || typeof to !== 'number') continue;
    const strict = low.startsWith('exclusive') || high.startsWith('exclusive');
    if (from < to || (from === to && !strict)) continue;
    const message = `"${low}" ${from} and "${high}" ${to} leave no value`;
    const hint = strict
      ? `lower "${low}" or raise "${high}"`
      : `write a "${low}" of at most ${to}, or a "${high}" of at least ${from}`;
    report('E-S81', `${pointer}/${low}`, message, hint);
  }
  requiredProblem(schema, pointer, report);
  constantProblem(schema, pointer, report);
  typeProblem(schema, pointer, report);
  uniqueProblem(schema, pointer, report);
  if (schema['nullable'] !== undefined && schema['type'] === undefined) {
    const hint = 'write "type": ["string", "null"] in its place';
    report('E-S69', `${pointer}/nullable`, '"nullable" needs a "type" beside it', hint);
  }
}

function requiredProblem(schema: JsonObject, pointer: string, report: Report): void {
  const { required = null, maxProperties } = schema;
  if (typeof maxProperties !== 'number' || !isList(required)) return;
  if (new Set(required).size <= maxProperties) return;
  const message = `"required" names more than the ${maxProperties} properties that "maxProperties" allows`;
  const hint = `raise "maxProperties" to ${new Set(required).size}, or require fewer`;
  report('E-S81', `${pointer}/maxProperties`, message, hint);
}

function constantProblem(schema: JsonObject, pointer: string, report: Report): void {
  const { const: constant, enum: values = null } = schema;
  if (isList(values) && values.length === 0) {
    const hint = 'list the values that are allowed, or remove "enum"';
    report('E-S81', `${pointer}/enum`, '"enum" has no values, so no value can fit', hint);
  }
  if (constant === undefined || !isList(values) || hasValue(values, constant)) return;
  const hint = 'remove "enum": "const" alone says it';
  report('E-S81', `${pointer}/const`, '"const" is not one of the values under "enum"', hint);
}

/** A type that none of the values listed is of. */
function typeProblem(schema: JsonObject, pointer: string, report: Report): void {
  const types = typeNames(schema['type']);
  if (types.length === 0 || !types.every((type) => TYPES.includes(type))) return;
  const { const: constant, enum: values = null } = schema;
  const listed = isList(values) ? { enum: values } : {};
  const given = constant === undefined ? listed : { ...listed, const: [constant] };
  for (const [keyword, list] of Object.entries(given)) {
    if (list.length === 0 || list.some((v) => types.some((type) => isOfType(v, type)))) continue;
    const message = `no value under "${keyword}" is of the type ${types.join(' or ')}`;
    report('E-S81', `${pointer}/${keyword}`, message, 'change the "type", or the values');
  }
}

const typeNames = (type: Json | undefined): readonly string[] =>
  typeof type === 'string'
    ? [type]
    : isList(type ?? null)
      ? (type as readonly Json[]).map(String)
      : [];

const hasValue = (values: readonly Json[], wanted: Json): boolean =>
  values.some((value) => canonicalJson(value) === canonicalJson(wanted));

function isOfType(value: Json, type: string): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return isList(value);
    case 'object':
      return isJsonObject(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

function uniqueProblem(schema: JsonObject, pointer: string, report: Report): void {
  const { uniqueItems, maxItems, items } = schema;
  if (uniqueItems !== true || maxItems !== undefined) return;
  const types = typeNames(isJsonObject(items) ? items['type'] : undefined);
  const simple = types.length > 0 && !types.some((type) => type === 'object' || type === 'array');
  if (simple) return;
  const message = '"uniqueItems" compares each item with each, and there is no limit to them';
  report(
    'E-S83',
    `${pointer}/uniqueItems`,
    message,
    'add "maxItems", or let "key" find duplicates',
  );
}
