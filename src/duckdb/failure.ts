import { isJsonObject } from '../base/json.ts';

/** What DuckDB says is wrong with a statement. */
export interface SqlFailure {
  /** DuckDB's own words on one line, such as `Referenced column "a" not found in FROM clause!`. */
  readonly message: string;
  /** DuckDB's name for the kind of mistake: `Binder`, `Catalog`, `Conversion`, `Parser`, … */
  readonly kind: string;
  /** Where in the statement, in UTF-16 code units from 0, when DuckDB knows. */
  readonly offset: number | undefined;
}

/** How a statement ends that was stopped. */
export const INTERRUPTED: SqlFailure = {
  message: 'it was interrupted',
  kind: 'Interrupt',
  offset: undefined,
};

/**
 * Reads the exception that DuckDB throws with `errors_as_json` on: a JSON object, sometimes after
 * a prefix in words, or words alone.
 */
export function sqlFailure(error: unknown, sql: string): SqlFailure {
  const text = error instanceof Error ? error.message : String(error);
  const parsed = parseObject(text.slice(Math.max(0, text.indexOf('{"exception_type"'))));
  if (parsed === undefined) {
    const [, kind = 'Unknown', rest = text] = /^([A-Z][\w ]*) Error: (.*)$/su.exec(text) ?? [];
    return { message: oneLine(rest), kind, offset: undefined };
  }
  const { exception_type: type, exception_message: message, position } = parsed;
  const kind = typeof type === 'string' ? type : 'Unknown';
  return {
    message: oneLine(typeof message === 'string' ? message : text),
    kind,
    offset: typeof position === 'string' ? textOffset(sql, Number(position), kind) : undefined,
  };
}

/**
 * The position of a mistake as an offset in UTF-16 code units: the parser counts characters,
 * everything after it counts bytes of UTF-8.
 */
export function textOffset(sql: string, position: number, kind: string): number | undefined {
  if (!Number.isSafeInteger(position) || position < 0) return undefined;
  if (kind.toLowerCase() === 'parser') return Array.from(sql).slice(0, position).join('').length;
  return Buffer.from(sql).subarray(0, position).toString().length;
}

function parseObject(text: string): { readonly [key: string]: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Without the excerpt of the statement, advice to install extensions, and lists of overloads. */
function oneLine(text: string): string {
  const [told = ''] = text.split(/\n\s*\n|\nPlease try installing|\s+Candidate functions:/u);
  return told.replace(/\s+/gu, ' ').trim();
}
