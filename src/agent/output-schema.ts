import type { ErrorObject, Options, ValidateFunction } from 'ajv';
import type { Ajv2019 } from 'ajv/dist/2019.js';
import type { FormatsPlugin } from 'ajv-formats';
import { createRequire } from 'node:module';
import { fingerprintOf, type Fingerprint } from '../base/fingerprint.ts';
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { fail, ok, type Result } from '../base/result.ts';
import type { Dialect } from './schema-keywords.ts';
import { lintSchema } from './schema-lint.ts';
import { compilePattern } from './schema-pattern.ts';
import type { SchemaProblem, Violation } from './schema-problem.ts';
import { checkedShape, type Nulls } from './schema-shape.ts';
import { violationsOf } from './schema-violations.ts';

export { contactFields } from './schema-contacts.ts';
export type { SchemaProblem, Violation } from './schema-problem.ts';
export { recordArrays, recordProperties } from './schema-records.ts';

/** Deeper outputs are not looked into: comparing them could exhaust the stack. */
const MAX_OUTPUT_DEPTH = 100;

/** The shape that a structured output must have: sent to the agent, and checked when it answers. */
export class OutputSchema {
  /** As the user wrote it: what is sent. */
  readonly json: JsonObject;
  /** Of the canonical JSON, so the order of keys does not matter. */
  readonly digest: Fingerprint;
  readonly warnings: readonly SchemaProblem[];
  readonly #dialect: Dialect;
  readonly #validators = new Map<Nulls, ValidateFunction>();

  private constructor(json: JsonObject, warnings: readonly SchemaProblem[], dialect: Dialect) {
    this.json = json;
    this.digest = fingerprintOf(json);
    this.warnings = warnings;
    this.#dialect = dialect;
  }

  /**
   * Accepts a schema that can be used, whatever `warnings` it has; else everything that is wrong
   * with it. The validator itself is made for the first output.
   */
  static compile(json: JsonObject): Result<OutputSchema, readonly SchemaProblem[]> {
    if (!isJsonObject(json)) {
      const message = 'a schema must be a JSON object';
      const hint = 'start with { "type": "object", "properties": { … } }';
      return fail([{ code: 'E-S69', pointer: '', message, hint, severity: 'error' }]);
    }
    const { problems, dialect } = lintSchema(json);
    if (problems.some(({ severity }) => severity === 'error')) return fail(problems);
    return ok(new OutputSchema(json, problems, dialect));
  }

  /**
   * What is wrong with a structured output; empty when it fits. A null where the schema asks for a
   * value is tolerated (the agent found no evidence), a missing required property is not.
   */
  check(structured: Json): readonly Violation[] {
    if (structured === null) {
      return [{ path: [], keyword: 'type', message: 'there is no structured output' }];
    }
    const { deep, nulls } = survey(structured);
    if (deep) {
      const message = `is nested more than ${MAX_OUTPUT_DEPTH} deep`;
      return [{ path: [], keyword: 'depth', message }];
    }
    try {
      return this.#judge(structured, nulls);
    } catch (error) {
      // ajv compares items by their `valueOf` and `toString`, which an output may use as names.
      if (error instanceof TypeError) return [INCOMPARABLE];
      throw error;
    }
  }

  #judge(structured: Json, nulls: boolean): readonly Violation[] {
    if (!nulls) return violationsOf(structured, this.#errors('refused', structured));
    const errors = [
      ...this.#errors('tolerated', structured).filter(({ data }) => data !== null),
      // Too many branches of a `oneOf` fit, null or not: only the strict check sees that.
      ...this.#errors('refused', structured).filter(
        ({ keyword, params }) => keyword === 'oneOf' && Array.isArray(params['passingSchemas']),
      ),
    ];
    return violationsOf(structured, errors);
  }

  #errors(nulls: Nulls, structured: Json): readonly ErrorObject[] {
    let validate = this.#validators.get(nulls);
    if (validate === undefined) {
      validate = compileShape(checkedShape(this.json, nulls), this.#dialect);
      this.#validators.set(nulls, validate);
    }
    return validate(structured) ? [] : (validate.errors ?? []);
  }
}

const INCOMPARABLE: Violation = {
  path: [],
  keyword: 'uniqueItems',
  message: 'has items with names such as valueOf or toString, which cannot be compared',
};

/** Whether there is a null anywhere, and whether the value is too deep; never recursive. */
function survey(value: Json): { readonly deep: boolean; readonly nulls: boolean } {
  let nulls = false;
  const open: (readonly [Json, number])[] = [[value, 1]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [item, depth] = next;
    if (item === null) nulls = true;
    if (typeof item !== 'object' || item === null) continue;
    if (depth > MAX_OUTPUT_DEPTH) return { deep: true, nulls };
    for (const child of Object.values(item)) {
      if (child !== undefined) open.push([child, depth + 1]);
    }
  }
  return { deep: false, nulls };
}

// Loaded by hand: the validator takes 100 ms to load, and many commands check no output.
const require = createRequire(import.meta.url);
const validators = new Map<'tuples' | 'prefixItems', InstanceType<typeof Ajv2019>>();

function compileShape(shape: object, dialect: Dialect): ValidateFunction {
  // The class for 2019-09 also knows all of draft-07; the two differ only in keywords that the
  // lint has already kept apart.
  const kind = dialect === '2020-12' ? 'prefixItems' : 'tuples';
  let ajv = validators.get(kind);
  if (ajv === undefined) {
    ajv = newAjv(kind);
    validators.set(kind, ajv);
  }
  const validate = ajv.compile(shape);
  // Only this function keeps it: nothing of one schema may be seen by the next.
  ajv.removeSchema(shape);
  return validate;
}

function newAjv(kind: 'tuples' | 'prefixItems'): InstanceType<typeof Ajv2019> {
  const Ajv =
    kind === 'tuples'
      ? (require('ajv/dist/2019.js') as { readonly Ajv2019: typeof Ajv2019 }).Ajv2019
      : (require('ajv/dist/2020.js') as { readonly Ajv2020: typeof Ajv2019 }).Ajv2020;
  const addFormats = (require('ajv-formats') as { readonly default: FormatsPlugin }).default;
  const ajv = new Ajv(OPTIONS);
  addFormats(ajv);
  ajv.addFormat('phone', isPhone);
  // The package's own pattern for it takes quadratic time.
  ajv.addFormat('url', isWebAddress);
  return ajv;
}

const OPTIONS: Options = {
  allErrors: true,
  verbose: true,
  // Of binary fractions: 0.07 is a multiple of 0.01, though 0.07 / 0.01 is not quite 7.
  multipleOfPrecision: 6,
  ownProperties: true,
  // The lint is stricter than ajv's own checks, and has better words.
  strict: false,
  meta: false,
  validateSchema: false,
  addUsedSchema: false,
  logger: false,
  messages: false,
  code: {
    // Large schemas compile three times faster without.
    optimize: false,
    regExp: Object.assign(linearPattern, { code: 'linearPattern' }),
  },
};

function linearPattern(source: string): {
  test(text: string): boolean;
  toString(): string;
} {
  const compiled = compilePattern(source);
  if (!compiled.ok) throw new Error(`The lint let this pattern pass: ${source}`);
  return compiled.value;
}

/** Lenient E.164: an optional plus sign and 7 to 15 digits, with any separators. */
const isPhone = (text: string): boolean =>
  text.length <= 40 && /^\+?\d{7,15}$/u.test(text.replace(/[\s().\-/]/gu, ''));

const isWebAddress = (text: string): boolean =>
  /^(?:https?|ftp):\/\/\S+$/iu.test(text) && URL.canParse(text);
