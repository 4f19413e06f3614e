import { columnHint, type Resolution } from './resolution.ts';
import type { StepSpec } from './spec.ts';

/**
 * Reports tests of a step that no table of its could pass: columns that its schema does not have,
 * and counts of rows that exclude each other. Found after the run, they would be paid for first.
 */
export function checkTests(at: Resolution, name: string, { tests = [] }: StepSpec): void {
  const known = at.columnsOf({ kind: 'step', step: name });
  for (const [i, test] of tests.entries()) {
    const path = ['steps', name, 'tests', i];
    for (const kind of ['not_null', 'unique'] as const) {
      for (const [j, column] of (test[kind] ?? []).entries()) {
        if (known === undefined || hasColumn(known, column)) continue;
        const message = `step "${name}" has no column "${column}"`;
        at.error('E-P05', [...path, kind, j], message, columnHint(column, known));
      }
    }
    const { min = 0, max = Infinity } = test.row_count ?? {};
    if (min <= max) continue;
    const message = `no number of rows is at least ${min} and at most ${max}`;
    at.error('E-Y30', [...path, 'row_count', 'max'], message, `write ${min} or more`);
  }
}

/** As DuckDB finds it: in either case. What the table adds has a name that begins with `_`. */
const hasColumn = (known: readonly string[], column: string): boolean =>
  column.startsWith('_') || known.some((it) => it.toLowerCase() === column.toLowerCase());
