import { errorAt, type Diagnostic } from '../diagnostics/diagnostic.ts';
import { didYouMean } from '../diagnostics/suggest.ts';
import type { SqlFailure } from '../duckdb/failure.ts';
import type { SqlStep } from '../pipeline/pipeline.ts';
import { spanInStep } from '../pipeline/span-in-step.ts';

/** What DuckDB says of a step's SQL, where that is written, and what to do about it. */
export function sqlMistake(step: SqlStep, { message, kind, offset }: SqlFailure): Diagnostic {
  const at = offset === undefined ? firstWord(step.sql) : offset;
  const span = step.placeOf(at, at + wordAt(step.sql, at));
  const [, told = message, candidates] = /^(.*?)!? Candidate \w+: (.*)$/su.exec(message) ?? [];
  if (candidates === undefined) return errorAt('E-P14', span, message, helpFor(kind, message));
  const help = `did you mean ${candidates.split(', ').slice(0, 5).join(' or ')}?`;
  return errorAt(isColumn(told) ? 'E-P05' : 'E-P14', span, told, help);
}

/** A key that the query's result does not have. */
export function keyMistake(step: SqlStep, missing: string, columns: readonly string[]): Diagnostic {
  const message = `the query gives no column "${missing}", which is its key`;
  return errorAt(
    'E-P05',
    spanInStep(missing, step),
    message,
    didYouMean(missing, columns, 'columns'),
  );
}

/** The one name that no record can have; undefined where the columns are good. */
export function nameMistake(step: SqlStep, columns: readonly string[]): Diagnostic | undefined {
  const name = '__proto__';
  if (!columns.includes(name)) return undefined;
  const message = `a column cannot be called "${name}"`;
  return errorAt('E-P14', spanInStep(name, step), message, 'name it otherwise with "as"');
}

const isColumn = (message: string): boolean => /\bcolumn\b.*\bnot found\b/iu.test(message);

function helpFor(kind: string, message: string): string {
  if (kind === 'Conversion') {
    return 'write try_cast(… as …) where a value may not fit: it gives null in its place';
  }
  if (/explicit type cast/iu.test(message)) {
    return 'give the value the type that is needed first: cast(… as integer)';
  }
  if (kind === 'Out of Range') {
    return 'compute with a wider type, such as hugeint or double, or leave such rows out with "where"';
  }
  if (kind === 'Out of Memory') {
    return 'read less at once: fewer columns, a condition, or another SQL step in between';
  }
  return 'mend the SQL and run again: what was answered is not asked again';
}

/** Length of the name, number or text that begins at an offset, for the carets. */
const wordAt = (sql: string, at: number): number =>
  /^(?:[\p{L}\p{N}_.]+|"[^"\n]*"|'[^'\n]*')/u.exec(sql.slice(at))?.[0].length ?? 1;

const firstWord = (sql: string): number => Math.max(0, sql.search(/\S/u));
