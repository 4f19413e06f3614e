import type { Result } from '../base/result.ts';
import type { Path } from './parsed-document.ts';
import type { SqlStep } from './pipeline.ts';
import { columnHint, TABLE_COLUMNS, type Resolution } from './resolution.ts';

/** A mistake in a text of SQL; `offset` counts in the text. */
interface SqlMistake {
  readonly message: string;
  /** What to write instead. */
  readonly help: string;
  readonly offset?: number;
  /** A column that the table has not. */
  readonly column?: string;
}

/** The tables that a SELECT names, without those it defines itself. */
export type SqlTables = (sql: string) => Promise<Result<readonly string[], SqlMistake>>;

/** A text of the file that DuckDB reads as a condition. */
export interface Condition {
  readonly path: Path;
  readonly text: string;
  /** The step whose table it is about; undefined for a source, whose rows are looked at later. */
  readonly step: string | undefined;
}

/** What keeps a text from being a condition over the columns of one table, if anything does. */
export type SqlCondition = (
  condition: string,
  table?: { readonly name: string; readonly columns: readonly string[] },
) => Promise<SqlMistake | undefined>;

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

/** Reads conditions as SQL, so that a slip shows before anything is paid. */
export async function checkConditions(
  at: Resolution,
  conditions: readonly Condition[],
  check: SqlCondition,
): Promise<void> {
  for (const { path, text, step } of conditions) {
    const known = step === undefined ? undefined : at.columnsOf({ kind: 'step', step });
    const mistake = await check(
      text,
      step === undefined || known === undefined
        ? undefined
        : { name: step, columns: [...known, ...TABLE_COLUMNS] },
    );
    if (mistake?.column === undefined) {
      if (mistake !== undefined) reportMistake(at, path, mistake);
      continue;
    }
    const { column, offset } = mistake;
    const start = offset ?? text.indexOf(column);
    const span = at.document.locateIn(path, start, start + column.length);
    const message = `step "${step ?? ''}" has no column "${column}"`;
    at.errorAt('E-P05', span, message, columnHint(column, known ?? []));
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
