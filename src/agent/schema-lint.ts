import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import { boundProblems, valueProblems, type Report } from './schema-checks.ts';
import {
  DIALECTS,
  DYNAMIC_REFERENCES,
  escapePointer,
  followPointer,
  KEYWORDS,
  partsOf,
  REFUSED_KEYWORDS,
  type Dialect,
} from './schema-keywords.ts';
import { compilePattern, MAX_PATTERN_SIZE } from './schema-pattern.ts';
import type { SchemaProblem } from './schema-problem.ts';
import { SCHEMA_LIMITS, sizeProblem } from './schema-size.ts';

export interface Lint {
  readonly problems: readonly SchemaProblem[];
  readonly dialect: Dialect;
}

/** Everything that is wrong with a schema or odd about it, found without running it. */
export function lintSchema(root: JsonObject): Lint {
  const stop = sizeProblem(root);
  if (stop !== undefined) return { problems: [stop], dialect: '2020-12' };
  return new SchemaLinter(root).run();
}

/** What a schema inherits from the ones around it. */
interface Around {
  /** Properties that schemas about the same value define; undefined where any name will do. */
  readonly properties: ReadonlySet<string> | undefined;
  /** The nearest array or map around it that has no end, as a pointer. */
  readonly endless: string | undefined;
}

class SchemaLinter {
  readonly #root: JsonObject;
  readonly #dialect: Dialect;
  readonly #declared: boolean;
  readonly #problems = new Map<string, SchemaProblem>();
  readonly #seen = new Set<JsonObject>();
  readonly #ids = new Map<string, string>();
  #patternSize = 0;

  constructor(root: JsonObject) {
    this.#root = root;
    const named = root['$schema'];
    const known = typeof named === 'string' ? DIALECTS[named.replace(/#$/u, '')] : undefined;
    this.#declared = known !== undefined;
    this.#dialect = known ?? (usesTuples(root) ? '2019-09' : '2020-12');
  }

  run(): Lint {
    this.#checkDialect();
    this.#checkRoot();
    this.#walk(this.#root, '', this.#fresh(this.#root, undefined));
    this.#walkUnused(this.#root, '');
    return { problems: [...this.#problems.values()], dialect: this.#dialect };
  }

  readonly #report: Report = (code, pointer, message, hint, severity = 'error') => {
    const problem = { code, pointer, message, severity, hint };
    this.#problems.set(`${code} ${pointer} ${message}`, problem);
  };

  #checkDialect(): void {
    const named = this.#root['$schema'];
    if (named === undefined || this.#declared) return;
    const shown = typeof named === 'string' ? `"${named.slice(0, 80)}"` : 'its value';
    const hint = `use one of ${Object.keys(DIALECTS).join(', ')}`;
    this.#report(
      'E-S73',
      '/$schema',
      `"$schema" is not a dialect that agents know: ${shown}`,
      hint,
    );
  }

  #checkRoot(): void {
    const resolved = this.#resolve(this.#root);
    const type = resolved['type'];
    if (type === 'object' || (type === undefined && resolved['properties'] !== undefined)) return;
    const hint = 'put the value into a property of an object';
    const message = 'the root of the schema does not have "type": "object"';
    this.#report('E-S86', '', message, hint, 'warning');
  }

  /** What a reference alone stands for. */
  #resolve(schema: JsonObject): JsonObject {
    let found = schema;
    for (let i = 0; i < SCHEMA_LIMITS.nodes && typeof found['$ref'] === 'string'; i++) {
      const target = followPointer(this.#root, found['$ref']);
      if (!isJsonObject(target)) return found;
      found = target;
    }
    return found;
  }

  #walk(schema: Json, pointer: string, around: Around): void {
    if (typeof schema === 'boolean') return;
    if (!isJsonObject(schema)) {
      const message = 'a schema must be an object, true or false';
      this.#report('E-S69', pointer, message, 'write a schema such as { "type": "string" }');
      return;
    }
    const first = !this.#seen.has(schema);
    this.#seen.add(schema);
    if (first) this.#checkKeywords(schema, pointer);
    if (first) this.#checkNames(schema, pointer, around.properties);
    this.#checkContact(schema, pointer, around.endless);
    this.#descend(schema, pointer, around);
  }

  #descend(schema: JsonObject, pointer: string, around: Around): void {
    const reference = schema['$ref'];
    if (typeof reference === 'string') {
      const target = followPointer(this.#root, reference);
      if (target !== undefined) this.#walk(target, reference.slice(1), around);
    }
    for (const part of partsOf(schema)) {
      if (part.keyword === '$defs' || part.keyword === 'definitions') continue;
      const inPlace = KEYWORDS.get(part.keyword)?.inPlace === true;
      const endless = inPlace ? around.endless : endlessPart(schema, part.keyword, pointer, around);
      const inner = inPlace ? around : this.#fresh(part.schema, endless);
      this.#walk(part.schema, pointer + part.pointer, inner);
    }
  }

  /** Definitions that nothing refers to are read too: the next edit may use them. */
  #walkUnused(schema: Json, pointer: string): void {
    if (!isJsonObject(schema)) return;
    for (const part of partsOf(schema)) {
      const defines = part.keyword === '$defs' || part.keyword === 'definitions';
      const unseen = !isJsonObject(part.schema) || !this.#seen.has(part.schema);
      if (defines && unseen) {
        this.#walk(part.schema, pointer + part.pointer, {
          properties: undefined,
          endless: undefined,
        });
      }
      this.#walkUnused(part.schema, pointer + part.pointer);
    }
  }

  #fresh(schema: Json, endless: string | undefined): Around {
    const names = new Set<string>();
    return { properties: this.#collect(schema, names) ? names : undefined, endless };
  }

  /** Gathers the properties of all schemas about the same value; false where any name will do. */
  #collect(schema: Json, names: Set<string>): boolean {
    if (!isJsonObject(schema)) return true;
    const { properties, patternProperties, additionalProperties } = schema;
    if (patternProperties !== undefined || isJsonObject(additionalProperties)) return false;
    if (isJsonObject(properties)) for (const name of Object.keys(properties)) names.add(name);
    const inPlace = partsOf(schema).filter((part) => KEYWORDS.get(part.keyword)?.inPlace);
    const reference = schema['$ref'];
    const target = typeof reference === 'string' ? followPointer(this.#root, reference) : undefined;
    return (
      inPlace.every((part) => this.#collect(part.schema, names)) &&
      (target === undefined || this.#collect(target, names))
    );
  }

  #checkKeywords(schema: JsonObject, pointer: string): void {
    for (const [keyword, value] of Object.entries(schema)) {
      if (value === undefined) continue;
      const place = `${pointer}/${escapePointer(keyword)}`;
      if (this.#checkKeyword(keyword, place)) {
        valueProblems(keyword, value, place, this.#report);
        this.#checkSpecial(keyword, value, place, pointer);
      }
    }
    boundProblems(schema, pointer, this.#report);
  }

  /** False when the keyword itself is refused, so that its value does not matter. */
  #checkKeyword(keyword: string, place: string): boolean {
    if (keyword.startsWith('x-')) return false;
    const known = KEYWORDS.get(keyword);
    if (REFUSED_KEYWORDS.has(keyword)) {
      this.#report('E-S84', place, `"${keyword}" is not a keyword of JSON Schema`, 'remove it');
      return false;
    }
    if (DYNAMIC_REFERENCES.has(keyword)) {
      const message = `"${keyword}" is not supported`;
      this.#report('E-S71', place, message, 'use "$ref" with "#/…"');
      return false;
    }
    if (known === undefined) {
      const hint = didYouMean(keyword, [...KEYWORDS.keys()], 'keywords');
      const meant = hint.startsWith('did') ? hint : 'names of your own start with "x-"';
      this.#report('E-S75', place, `"${keyword}" is not a keyword of JSON Schema`, meant);
      return false;
    }
    if (known.only !== undefined && !known.only.includes(this.#dialect)) {
      const message = `"${keyword}" does not exist in ${this.#dialect}`;
      const wanted = known.only.at(-1);
      const hint = this.#declared
        ? `use "$schema": "${schemaName(wanted)}"`
        : 'do not mix "prefixItems" with lists under "items"';
      this.#report('E-S74', place, message, hint);
    }
    return true;
  }

  #checkSpecial(keyword: string, value: Json, place: string, pointer: string): void {
    if (keyword === '$ref') this.#checkReference(value, place);
    else if (keyword === '$id') this.#checkId(value, place, pointer);
    else if (keyword === 'pattern') this.#checkPattern(value, place);
    else if (keyword === 'patternProperties' && isJsonObject(value)) {
      for (const name of Object.keys(value)) {
        this.#checkPattern(name, `${place}/${escapePointer(name)}`);
      }
    } else if (keyword === 'items' && Array.isArray(value) && this.#dialect === '2020-12') {
      const message = 'a list under "items" does not exist in 2020-12';
      this.#report('E-S74', place, message, 'use "prefixItems"');
    }
  }

  #checkReference(value: Json, place: string): void {
    if (typeof value !== 'string') return;
    const shown = `"${value.slice(0, 80)}"`;
    if (value !== '#' && !value.startsWith('#/')) {
      const hint = 'copy what it names into "$defs" and refer to "#/$defs/…"';
      this.#report('E-S71', place, `${shown} is not a place in this schema`, hint);
    } else if (followPointer(this.#root, value) === undefined) {
      const defined = ['$defs', 'definitions'].flatMap((keyword) => {
        const list = this.#root[keyword];
        return isJsonObject(list) ? Object.keys(list).map((name) => `#/${keyword}/${name}`) : [];
      });
      const hint = didYouMean(
        value,
        defined,
        'there are',
        'put the schema under "$defs", and refer to "#/$defs/<name>"',
      );
      this.#report('E-S71', place, `there is nothing at ${shown}`, hint);
    }
  }

  #checkId(value: Json, place: string, pointer: string): void {
    if (typeof value !== 'string') return;
    const earlier = this.#ids.get(value);
    if (DIALECTS[value.replace(/#$/u, '')] !== undefined) {
      const message = `"${value}" is the name of a dialect, not of this schema`;
      this.#report('E-S85', place, message, 'write it under "$schema", and remove "$id"');
    } else if (earlier !== undefined) {
      const message = `"${value.slice(0, 80)}" is also the "$id" at ${earlier}`;
      this.#report(
        'E-S85',
        place,
        message,
        'give each its own, or remove one: agents do not need it',
      );
    }
    this.#ids.set(value, place);
    const inside = followPointer(this.#root, `#${pointer}`);
    if (pointer !== '' && !value.startsWith('#') && isJsonObject(inside) && refers(inside)) {
      const message = 'references below an "$id" of their own are not supported';
      this.#report('E-S85', place, message, 'remove this "$id"');
    }
  }

  #checkPattern(value: Json, place: string): void {
    if (typeof value !== 'string') return;
    if (this.#patternSize > MAX_PATTERN_SIZE) return;
    const compiled = compilePattern(value);
    if (compiled.ok && (this.#patternSize += compiled.value.size) <= MAX_PATTERN_SIZE) return;
    const { code, message } = compiled.ok ? TOO_LARGE : compiled.error;
    const shown = value.length > 60 ? `${value.slice(0, 59)}…` : value;
    const hint =
      code === 'E-S78'
        ? 'use minLength, maxLength, enum or a simpler pattern'
        : 'mend it, or write characters that stand for themselves in brackets, such as [(] or [*]';
    const what = code === 'E-S77' ? 'is not a regular expression' : 'cannot be used';
    this.#report(code, place, `the pattern "${shown}" ${what}: ${message}`, hint);
  }

  #checkNames(
    schema: JsonObject,
    pointer: string,
    properties: ReadonlySet<string> | undefined,
  ): void {
    const { required } = schema;
    if (!Array.isArray(required)) return;
    for (const [i, name] of (required as readonly Json[]).entries()) {
      if (typeof name !== 'string' || properties === undefined || properties.has(name)) continue;
      const message = `"${name}" is required, but is not one of the properties`;
      const hint = didYouMean(
        name,
        [...properties],
        'properties',
        'describe it under "properties"',
      );
      this.#report('E-S79', `${pointer}/required/${i}`, message, hint);
    }
  }

  #checkContact(schema: JsonObject, pointer: string, endless: string | undefined): void {
    const { format } = schema;
    if (endless === undefined || (format !== 'email' && format !== 'phone')) return;
    const what = format === 'email' ? 'e-mail addresses' : 'telephone numbers';
    const message = `${what} at ${pointer} are charged one by one, and this list of them has no limit`;
    this.#report('E-S82', endless, message, 'add "maxItems"', 'warning');
  }
}

const TOO_LARGE = {
  code: 'E-S78',
  message: 'the patterns of the schema are too large together',
} as const;

/** The place without an end that a part lies in: an array or a map, or one around it. */
function endlessPart(
  schema: JsonObject,
  keyword: string,
  pointer: string,
  around: Around,
): string | undefined {
  const limit = {
    items: 'maxItems',
    additionalItems: 'maxItems',
    unevaluatedItems: 'maxItems',
    contains: 'maxItems',
    additionalProperties: 'maxProperties',
    patternProperties: 'maxProperties',
    unevaluatedProperties: 'maxProperties',
  }[keyword];
  const tuple = keyword === 'items' && Array.isArray(schema['items']);
  if (limit === undefined || tuple || schema[limit] !== undefined) return around.endless;
  return pointer;
}

/** Lists under `items`, or what goes with them: not of 2020-12. */
function usesTuples(schema: Json): boolean {
  if (!isJsonObject(schema)) return false;
  if (Array.isArray(schema['items']) || schema['additionalItems'] !== undefined) return true;
  return partsOf(schema).some((part) => usesTuples(part.schema));
}

const refers = (schema: Json): boolean =>
  isJsonObject(schema) &&
  (schema['$ref'] !== undefined || partsOf(schema).some((part) => refers(part.schema)));

const schemaName = (dialect: Dialect | undefined): string =>
  Object.entries(DIALECTS).find(([, known]) => known === dialect)?.[0] ?? '';
