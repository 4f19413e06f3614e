import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';

/** The dialects of JSON Schema that an agent understands. */
export type Dialect = 'draft-07' | '2019-09' | '2020-12';

/** `$schema` of each dialect, without a final `#`. */
export const DIALECTS: Readonly<Record<string, Dialect>> = {
  'http://json-schema.org/draft-07/schema': 'draft-07',
  'https://json-schema.org/draft/2019-09/schema': '2019-09',
  'https://json-schema.org/draft/2020-12/schema': '2020-12',
};

/** What a keyword's value must be. */
export type KeywordForm =
  /** A schema. */
  | 'schema'
  /** A list of schemas, at least one. */
  | 'schemas'
  /** An object of schemas. */
  | 'schema-map'
  /** A schema, or in earlier dialects a list of them. */
  | 'items'
  /** An object of schemas or lists of names. */
  | 'dependencies'
  | 'type'
  | 'names'
  | 'names-map'
  | 'values'
  | 'count'
  | 'number'
  | 'positive'
  | 'text'
  | 'flag'
  | 'any';

interface Keyword {
  readonly form: KeywordForm;
  /** Says something about the same value: `properties` inside it belong to the schema around it. */
  readonly inPlace?: true;
  /** The only dialects that know it. */
  readonly only?: readonly Dialect[];
  /** Only says something about the schema: no value is checked by it. */
  readonly annotation?: true;
}

const NEWER: readonly Dialect[] = ['2019-09', '2020-12'];
const annotation = (form: KeywordForm): Keyword => ({ form, annotation: true });

/** Every keyword a schema may have. */
export const KEYWORDS: ReadonlyMap<string, Keyword> = new Map<string, Keyword>([
  ['$schema', annotation('text')],
  ['$id', annotation('text')],
  ['$anchor', annotation('text')],
  ['$comment', annotation('text')],
  ['$defs', annotation('schema-map')],
  ['definitions', annotation('schema-map')],
  ['title', annotation('text')],
  ['description', annotation('text')],
  ['default', annotation('any')],
  ['examples', annotation('any')],
  ['deprecated', annotation('flag')],
  ['readOnly', annotation('flag')],
  ['writeOnly', annotation('flag')],
  ['contentEncoding', annotation('text')],
  ['contentMediaType', annotation('text')],
  ['contentSchema', annotation('any')],
  ['$ref', { form: 'text', inPlace: true }],
  ['allOf', { form: 'schemas', inPlace: true }],
  ['anyOf', { form: 'schemas', inPlace: true }],
  ['oneOf', { form: 'schemas', inPlace: true }],
  ['not', { form: 'schema', inPlace: true }],
  ['if', { form: 'schema', inPlace: true }],
  ['then', { form: 'schema', inPlace: true }],
  ['else', { form: 'schema', inPlace: true }],
  ['dependentSchemas', { form: 'schema-map', inPlace: true, only: NEWER }],
  ['dependencies', { form: 'dependencies', inPlace: true }],
  ['properties', { form: 'schema-map' }],
  ['patternProperties', { form: 'schema-map' }],
  ['additionalProperties', { form: 'schema' }],
  ['unevaluatedProperties', { form: 'schema', only: NEWER }],
  ['propertyNames', { form: 'schema' }],
  ['items', { form: 'items' }],
  ['additionalItems', { form: 'schema', only: ['draft-07', '2019-09'] }],
  ['prefixItems', { form: 'schemas', only: ['2020-12'] }],
  ['unevaluatedItems', { form: 'schema', only: NEWER }],
  ['contains', { form: 'schema' }],
  ['minContains', { form: 'count', only: NEWER }],
  ['maxContains', { form: 'count', only: NEWER }],
  ['type', { form: 'type' }],
  ['nullable', { form: 'flag' }],
  ['enum', { form: 'values' }],
  ['const', { form: 'any' }],
  ['required', { form: 'names' }],
  ['dependentRequired', { form: 'names-map', only: NEWER }],
  ['minProperties', { form: 'count' }],
  ['maxProperties', { form: 'count' }],
  ['minItems', { form: 'count' }],
  ['maxItems', { form: 'count' }],
  ['uniqueItems', { form: 'flag' }],
  ['minLength', { form: 'count' }],
  ['maxLength', { form: 'count' }],
  ['pattern', { form: 'text' }],
  ['format', { form: 'text' }],
  ['minimum', { form: 'number' }],
  ['maximum', { form: 'number' }],
  ['exclusiveMinimum', { form: 'number' }],
  ['exclusiveMaximum', { form: 'number' }],
  ['multipleOf', { form: 'positive' }],
]);

const words = (text: string): readonly string[] => text.split(' ');

export const TYPES: readonly string[] = words('string number integer boolean object array null');

/** Keywords that run code, or that one validator made up. */
export const REFUSED_KEYWORDS: ReadonlySet<string> = new Set(
  words(
    '$data $async $vocabulary discriminator errorMessage instanceof typeof transform ' +
      'regexp range exclusiveRange select selectCases selectDefault formatMinimum ' +
      'formatMaximum formatExclusiveMinimum formatExclusiveMaximum uniqueItemProperties ' +
      'patternRequired dynamicDefaults deepProperties',
  ),
);

/** References that are resolved while a value is checked. */
export const DYNAMIC_REFERENCES: ReadonlySet<string> = new Set(
  words('$dynamicRef $dynamicAnchor $recursiveRef $recursiveAnchor'),
);

/** The formats that are checked. */
export const FORMATS: readonly string[] = words(
  'date time date-time iso-time iso-date-time duration uri uri-reference uri-template ' +
    'url email phone hostname ipv4 ipv6 uuid regex json-pointer json-pointer-uri-fragment ' +
    'relative-json-pointer byte int32 int64 float double password binary',
);

/** Where a schema lies within another one. */
export interface Part {
  readonly keyword: string;
  /** From the schema around it: `/properties/name`. */
  readonly pointer: string;
  readonly schema: Json;
  /** The property or index below the keyword, where there is one. */
  readonly key: string | undefined;
}

export const escapePointer = (key: string): string =>
  key.replaceAll('~', '~0').replaceAll('/', '~1');

/** The schemas directly inside a schema, `$defs` included, without following references. */
export function partsOf(schema: JsonObject): readonly Part[] {
  return Object.entries(schema).flatMap(([keyword, value]) =>
    value === undefined
      ? []
      : schemasUnder(keyword, value).map(([key, child]) => ({
          keyword,
          pointer: `/${keyword}${key === undefined ? '' : `/${escapePointer(key)}`}`,
          schema: child,
          key,
        })),
  );
}

/** The schemas that a keyword's value holds, each with its name or index there. */
function schemasUnder(
  keyword: string,
  value: Json,
): readonly (readonly [key: string | undefined, schema: Json])[] {
  const form = KEYWORDS.get(keyword)?.form;
  const list = Array.isArray(value) ? (value as readonly Json[]) : undefined;
  if (form === 'schema' || (form === 'items' && list === undefined)) return [[undefined, value]];
  if (form === 'schemas' || form === 'items') {
    return (list ?? []).map((child, i) => [String(i), child]);
  }
  if ((form !== 'schema-map' && form !== 'dependencies') || !isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([key, child]) =>
    child === undefined || (form === 'dependencies' && Array.isArray(child)) ? [] : [[key, child]],
  );
}

/** What `#/…` points at within `root`; undefined when there is nothing. */
export function followPointer(root: JsonObject, reference: string): Json | undefined {
  if (reference === '#') return root;
  if (!reference.startsWith('#/')) return undefined;
  let value: Json | undefined = root;
  for (const part of reference.slice(2).split('/')) {
    const key = decode(part).replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as { readonly [key: string]: Json | undefined })[key];
  }
  return value;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // A stray percent sign means itself.
    return part;
  }
}
