import { createRequire } from 'node:module';
import type { RE2JS } from 're2js';
import { fail, ok, type Result } from '../base/result.ts';

/** A regular expression whose time is linear in the text, whatever the pattern. */
export interface Pattern {
  /** Of its automaton: what it costs to make and, at worst, to run for each character. */
  readonly size: number;
  test(text: string): boolean;
  /** Different for different patterns: ajv keeps compiled patterns by this text. */
  toString(): string;
}

export interface PatternProblem {
  readonly code: 'E-S77' | 'E-S78';
  readonly message: string;
}

/** For all patterns of a schema together; a larger automaton is slow for every text it checks. */
export const MAX_PATTERN_SIZE = 10_000;

const require = createRequire(import.meta.url);
let engine: { readonly RE2JS: typeof RE2JS } | undefined;

/** A pattern in the words of JSON Schema (ECMA-262), for RE2. */
export function compilePattern(source: string): Result<Pattern, PatternProblem> {
  engine ??= require('re2js') as { readonly RE2JS: typeof RE2JS };
  // RE2 would read \k as the letter.
  if (/(?:^|[^\\])(?:\\\\)*\\k</u.test(source)) {
    return fail({ code: 'E-S78', message: 'back-references are not supported' });
  }
  try {
    const compiled = engine.RE2JS.compile(engine.RE2JS.translateRegExp(source));
    return ok({
      size: compiled.programSize(),
      test: (text) => compiled.test(text),
      toString: () => `/${source}/re2`,
    });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return fail(problemOf(source, error.message));
  }
}

function problemOf(source: string, reason: string): PatternProblem {
  if (!isEcma(source)) {
    const why = /^error parsing regexp: (.*?)(?:: `|$)/su.exec(reason)?.[1];
    return { code: 'E-S77', message: why ?? 'it cannot be read' };
  }
  if (/\(\?<?[=!]/u.test(source)) {
    return { code: 'E-S78', message: 'look-ahead and look-behind are not supported' };
  }
  if (/\\[1-9]/u.test(source)) {
    return { code: 'E-S78', message: 'back-references are not supported' };
  }
  if (reason.includes('repeat count')) {
    return { code: 'E-S78', message: 'something is repeated more than 1,000 times' };
  }
  return { code: 'E-S78', message: 'it is not supported by RE2' };
}

/** Only reads the pattern; nothing is ever matched with the backtracking engine. */
function isEcma(source: string): boolean {
  try {
    return new RegExp(source, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}
