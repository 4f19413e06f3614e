import { expect } from 'vitest';
import { OutputSchema } from '../../src/agent/output-schema.ts';
import type { Json, JsonObject } from '../../src/base/json.ts';

/** A schema that is known to be sound. */
export function compiled(schema: unknown): OutputSchema {
  const result = OutputSchema.compile(schema as JsonObject);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

/** The violations of a value, a line each: place, then what was expected. */
export const check = (schema: unknown, value: Json): string =>
  compiled(schema)
    .check(value)
    .map(({ path, message }) => `${path.map(String).join('.')} ${message}`.trim())
    .join('\n');

/** An object with the one property `a`. */
export const withA = (a: unknown, more: object = {}): object => ({
  type: 'object',
  properties: { a },
  ...more,
});

export const DRAFT_07 = 'http://json-schema.org/draft-07/schema#';
export const V2019 = 'https://json-schema.org/draft/2019-09/schema';
export const V2020 = 'https://json-schema.org/draft/2020-12/schema';

/** Every problem on a line of its own; a warning says so. */
export function lint(schema: unknown): string {
  const compiled = OutputSchema.compile(schema as JsonObject);
  const problems = compiled.ok ? compiled.value.warnings : compiled.error;
  expect(compiled.ok).toBe(problems.every(({ severity }) => severity === 'warning'));
  return problems
    .map(({ code, pointer, message, hint, severity }) => {
      const help = hint === undefined ? '' : ` (${hint})`;
      return `${severity === 'warning' ? 'warning ' : ''}${code} ${pointer}: ${message}${help}`;
    })
    .join('\n');
}

/** An object in an object, `levels` deep below the outermost. */
export function deep(levels: number): object {
  let schema: object = { type: 'string' };
  for (let i = 0; i < levels; i++) schema = withA(schema);
  return schema;
}
