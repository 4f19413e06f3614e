import type { Result } from '../base/result.ts';
import type { Path } from './parsed-document.ts';
import type { SqlStep } from './pipeline.ts';
import type { Resolution } from './resolution.ts';

/** A mistake in a text of SQL; `offset` counts in the text. */
interface SqlMistake {
  readonly message: string;
  /** What to write instead. */
  readonly help: string;
  readonly offset?: number;
}

/** The tables that a SELECT names, without those it defines itself. */
export type SqlTables = (sql: string) => Promise<Result<readonly string[], SqlMistake>>;

/** What keeps a text from being a condition over the columns of one table, if anything does. */
export type SqlCondition = (condition: string) => Promise<SqlMistake | undefined>;

/** Finds the steps and sources that a SQL step reads. */
export async function resolveSql(
  at: Resolution,
  step: string,
  sql: string,
  tables: SqlTables,
): Promise<SqlStep['reads']> {
  const path = ['steps', step, 'sql'];
  const found = await tables(sql);
  const steps: string[] = [];
  const sources: string[] = [];
  if (!found.ok) {
    reportMistake(at, path, found.error);
    return { steps, sources };
  }
  for (const name of found.value) {
    const start = sql.search(new RegExp(`\\b${escaped(name)}\\b`, 'iu'));
    const span =
      start === -1
        ? at.document.locate(path)
        : at.document.locateIn(path, start, start + name.length);
    const table = at.table(name.toLowerCase(), span);
    if (table?.kind === 'step') steps.push(table.step);
    if (table?.kind === 'source') sources.push(table.source.name);
  }
  return { steps, sources };
}

/** Reads the conditions of a step as SQL, so that a slip shows before anything is paid. */
export async function checkConditions(
  at: Resolution,
  conditions: readonly { readonly path: Path; readonly text: string }[],
  check: SqlCondition,
): Promise<void> {
  for (const { path, text } of conditions) {
    const mistake = await check(text);
    if (mistake !== undefined) reportMistake(at, path, mistake);
  }
}

function reportMistake(at: Resolution, path: Path, { message, help, offset }: SqlMistake): void {
  const span =
    offset === undefined
      ? at.document.locate(path)
      : at.document.locateIn(path, offset, offset + 1);
  at.errorAt('E-P10', span, message, help);
}

const escaped = (text: string): string => text.replace(/[$()*+.?[\\\]^{|}]/gu, '\\$&');
